import pico from 'picocolors'
import type { StateName } from '../../machines/index.ts'

/** What a terminal shows: colour only where there is one, and NO_COLOR wins. */
export interface Paint {
  readonly colour: boolean
  readonly width: number
  /** Undefined where there is no terminal; follows its size. */
  readonly rows: number | undefined
  /** Whether the terminal is likely to have the characters of U+1FB00 and on. */
  readonly sextants: boolean
  dim(text: string): string
  bold(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  state(state: StateName, text: string): string
  /** Dark on light, whatever the terminal's own colours are. */
  onPaper(text: string): string
}

/** Text is set for 80 columns, and for fewer where the terminal is narrower. */
const widest = 80
const narrowest = 40

const tones: Readonly<Record<StateName, 'green' | 'yellow' | 'cyan' | 'magenta' | 'red' | 'gray'>> = {
  stopped: 'gray',
  preparing: 'cyan',
  connecting: 'cyan',
  healthy: 'green',
  degraded: 'yellow',
  pruningSessions: 'yellow',
  reconnecting: 'cyan',
  awaitingQr: 'magenta',
  conflicted: 'red',
  blocked: 'red',
}

/** The consoles of Linux and the BSDs have fonts of 256 or 512 characters. */
const withoutSextants: ReadonlySet<string> = new Set(['linux', 'dumb', 'vt100', 'vt220', 'cons25', 'wsvt25'])

/** For that stream; `NO_COLOR` (any value but the empty one) switches colour off even on a terminal. */
export function paintFor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): Paint {
  const colour = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  const c = pico.createColors(colour)
  return {
    colour,
    width: Math.max(narrowest, Math.min(widest, stream.columns ?? widest)),
    get rows() {
      return stream.isTTY === true ? stream.rows : undefined
    },
    sextants: stream.isTTY === true && !withoutSextants.has(env.TERM ?? 'dumb'),
    dim: c.dim,
    bold: c.bold,
    good: c.green,
    bad: c.red,
    warn: c.yellow,
    state: (state, text) => c[tones[state]](text),
    onPaper: (text) => c.bgWhiteBright(c.black(text)),
  }
}
