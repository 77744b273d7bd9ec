import { redact } from '../errors/redact.ts'
import { type LoggerLine, lineReader } from './baileys-lines.ts'

export type { LoggerLine } from './baileys-lines.ts'

/** What Baileys asks of a logger: pino has it, and so has anything with these methods. */
export interface BaileysLogger {
  /** The lowest level that is written. */
  level: string
  /** A logger that adds these fields to each line. */
  child(bindings: Record<string, unknown>): BaileysLogger
  /** Writes a line of level `trace`. */
  trace(fields: unknown, message?: string): void
  /** Writes a line of level `debug`. */
  debug(fields: unknown, message?: string): void
  /** Writes a line of level `info`. */
  info(fields: unknown, message?: string): void
  /** Writes a line of level `warn`. */
  warn(fields: unknown, message?: string): void
  /** Writes a line of level `error`. */
  error(fields: unknown, message?: string): void
}

/** A logger as owners have them: pino's methods, of which `child` and `level` may be missing. */
export type OwnersLogger = Pick<BaileysLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error'> & {
  /** The lowest level that is written. */
  level?: string
  /** A logger that adds these fields to each line. */
  child?(bindings: Record<string, unknown>): OwnersLogger
}

const levels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
type Method = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/**
 * The owner's logger, for `makeWASocket`: passes on what Baileys logs, at the owner's level and without keys, QR codes
 * and raw bytes, which Baileys does write at `info` and below; and tells `onLine` the lines that are signs of trouble,
 * whether the owner's level shows them or not. A line below the level costs a comparison. Neither a throwing logger nor
 * a throwing `onLine` reaches Baileys.
 */
export function tapLogger(logger: OwnersLogger, onLine: (line: LoggerLine) => void): BaileysLogger {
  const shows = thresholdOf(logger)
  const write = (method: Method) => {
    const read = lineReader(method)
    const rank = levels.indexOf(method)
    return (first: unknown, second?: string) => {
      try {
        const line = read?.(first, second)
        if (line !== undefined) onLine(line)
      } catch {
        // Told or not, Baileys goes on.
      }
      if (shows(rank)) pass(logger, method, first, second)
    }
  }
  return {
    get level() {
      return logger.level ?? 'info'
    },
    set level(level) {
      logger.level = level
    },
    child: (bindings) => tapLogger(logger.child?.(bindings) ?? logger, onLine),
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
}

function pass(logger: OwnersLogger, method: Method, first: unknown, second: string | undefined): void {
  try {
    // Called on the logger itself: pino's methods need it as `this`.
    const result: unknown =
      second === undefined ? logger[method](redact(first)) : logger[method](redact(first), String(redact(second)))
    if (result instanceof Promise) result.catch(() => undefined)
  } catch {
    // A log that cannot be written must not end the connection it speaks of.
  }
}

/**
 * Tells whether the owner's logger shows lines of a rank. Its level may change at any time. Unknown levels are custom
 * ones of the owner's: the logger decides.
 */
function thresholdOf(logger: OwnersLogger): (rank: number) => boolean {
  let known: string | undefined
  let threshold = -1
  return (rank) => {
    const { level } = logger
    if (level !== known) {
      known = level
      threshold = levels.indexOf(String(level))
    }
    return rank >= threshold
  }
}
