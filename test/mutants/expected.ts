import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { expect as vitestsOwn } from 'vitest'

/** What test files expect is judged by vitest's `expect`, but for what that asks its own runner. */

interface Patience {
  readonly interval?: number
  readonly timeout?: number
}

/** As vitest's own, which asks its runner what test is under way. */
const poll = (ask: () => unknown, { interval = 50, timeout = 1_000 }: Patience = {}): object => {
  const until = performance.now() + timeout
  const asked = (matchers: (value: unknown) => object, matcher: string | symbol) => {
    return async (...args: readonly unknown[]): Promise<void> => {
      for (;;) {
        try {
          const about = matchers(await ask())
          await (Reflect.get(about, matcher) as (...args: readonly unknown[]) => unknown).apply(about, [...args])
          return
        } catch (error) {
          if (performance.now() >= until) throw error
          await pause(interval)
        }
      }
    }
  }
  const not = new Proxy({}, { get: (_, matcher) => asked((value) => vitestsOwn(value).not, matcher) })
  return new Proxy(
    {},
    { get: (_, matcher) => (matcher === 'not' ? not : asked((value) => vitestsOwn(value), matcher)) },
  )
}
/** As vitest's own, but for writing the file when it is asked to. */
const matchesFile = (value: unknown) => async (path: string) => vitestsOwn(value).toBe(await readFile(path, 'utf8'))

const expected = (value: unknown, message?: string) =>
  Object.defineProperty(vitestsOwn(value, message), 'toMatchFileSnapshot', { value: matchesFile(value) })
export const expect = Object.assign(expected, vitestsOwn, { poll })
