import { inputClasses, type Tried, tryOut } from '../../test/access/odd-input.ts'
import type { Part } from './part.ts'

const atOnce = 2_000

/**
 * Requests, rows, journals and files of somebody without token and key, by class: how many, and that none was taken.
 */
export function oddInputPart(firstSeed: number): Part {
  const failures: string[] = []
  let seed = firstSeed
  const counts = new Map(inputClasses.map((kind) => [kind, { tried: 0, refused: 0, taken: [] } as Tried]))
  return {
    failures,
    work: async (until) => {
      do {
        for (const [kind, found] of counts) {
          const before = found.taken.length
          await tryOut(kind, seed, atOnce, found)
          for (const taken of found.taken.slice(before)) failures.push(`odd ${kind}, seed ${seed}: ${taken}`)
        }
        seed += 1
      } while (performance.now() < until)
    },
    said: () =>
      `odd input: ${[...counts].map(([kind, { tried, refused, taken }]) => `${tried} ${kind} (${refused} refused, ${taken.length} wrongly taken)`).join(', ')}`,
  }
}
