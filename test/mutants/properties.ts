import * as fc from 'fast-check'
import { test as plain } from './suite.ts'

/** As much of @fast-check/vitest as the test files use: they find it in place of that, which asks vitest's runner. */

type Body = (...values: readonly unknown[]) => unknown
type Arbitraries = readonly fc.Arbitrary<unknown>[] | Readonly<Record<string, fc.Arbitrary<unknown>>>

const one = (arbitraries: Arbitraries): fc.Arbitrary<unknown> =>
  Array.isArray(arbitraries)
    ? fc.tuple(...arbitraries)
    : fc.record(arbitraries as Record<string, fc.Arbitrary<unknown>>)

const prop =
  (arbitraries: Arbitraries, parameters: fc.Parameters<[unknown]> = {}) =>
  (title: string, body: Body): void => {
    const holds = async (value: unknown): Promise<boolean> =>
      (await (Array.isArray(arbitraries) ? body(...(value as readonly unknown[])) : body(value))) !== false
    plain(title, () => fc.assert(fc.asyncProperty(one(arbitraries), holds), parameters))
  }

export const test = Object.assign((...given: Parameters<typeof plain>) => plain(...given), plain, { prop })
export { fc }
