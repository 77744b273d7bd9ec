import { AsyncLocalStorage } from 'node:async_hooks'
import { vi } from 'vitest'

/** By which file of tests something was begun, however much later it runs. */
const begunBy = new AsyncLocalStorage<string>()
let current: string | undefined

/** What is begun from here on is begun by this file of tests. */
export function beginFile(path: string): void {
  current = path
  begunBy.enterWith(path)
}
const isOfAnother = (): boolean => (begunBy.getStore() ?? current) !== current

type Timer = (...given: readonly unknown[]) => unknown
/** The faked `clearTimeout` and its like clear real ones, too. */
const timers = ['setTimeout', 'setInterval', 'setImmediate'] as const
const clock = globalThis as unknown as Record<(typeof timers)[number], Timer>
const real = Object.fromEntries(timers.map((name) => [name, clock[name]])) as typeof clock

/**
 * A file that fakes the clock may count its timers. What an earlier file of the same process left behind, which is
 * Baileys' own waiting mostly, goes on by the real clock.
 */
const done = Symbol.for('lifeline.fakedClock')
if (!(done in vi)) {
  const fake = vi.useFakeTimers.bind(vi)
  const useFakeTimers: typeof vi.useFakeTimers = (config) => {
    fake(config)
    for (const name of timers) {
      const [faked, own] = [clock[name], real[name]]
      if (faked === own) continue
      clock[name] = Object.assign((...given: unknown[]) => (isOfAnother() ? own : faked)(...given), faked)
    }
    return vi
  }
  Object.assign(vi, { useFakeTimers, [done]: true })
}
