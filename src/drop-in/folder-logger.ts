import type { OwnersLogger } from '../baileys/logger-tap.ts'

/** One logger for a folder, which is that of whoever holds its newest socket. */
export function followingLogger(current: () => OwnersLogger): OwnersLogger {
  const pass =
    (method: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (...args: [unknown, string?]) =>
      current()[method](...args)
  return {
    get level() {
      return current().level ?? 'info'
    },
    set level(level) {
      current().level = level
    },
    child: (bindings) => current().child?.(bindings) ?? current(),
    trace: pass('trace'),
    debug: pass('debug'),
    info: pass('info'),
    warn: pass('warn'),
    error: pass('error'),
  }
}

export const silentLogger: OwnersLogger = {
  level: 'silent',
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
