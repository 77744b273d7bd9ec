import type { Lifeline } from './lifeline.ts'

/**
 * Resolves once so many connections in a row went deaf, dead although they looked open, and no message came on any of
 * them. There are processes in which every new socket stays deaf, and only a new process helps.
 */
export function deafInARow(line: Pick<Lifeline, 'on' | 'ev'>, count: number): Promise<void> {
  return new Promise((resolve) => {
    let inARow = 0
    let lastAt: number | undefined
    line.ev.on('messages.upsert', () => {
      inARow = 0
    })
    line.on('status', ({ lastClose }) => {
      if (lastClose === undefined || lastClose.at === lastAt) return
      lastAt = lastClose.at
      inARow = lastClose.cause.kind === 'deaf' ? inARow + 1 : 0
      if (inARow === count) resolve()
    })
  })
}
