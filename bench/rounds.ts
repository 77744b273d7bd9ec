import { median } from './table.ts'

/** Times of each arm, one a round. */
export type Times<A extends string> = Readonly<Record<A, readonly number[]>>

/**
 * Runs every arm once a round, each round beginning with another arm, so that drifts of the machine fall on all alike.
 * In milliseconds.
 */
export async function rounds<A extends string>(
  count: number,
  arms: readonly A[],
  step: (arm: A, round: number) => Promise<number>,
): Promise<Times<A>> {
  const times = new Map<A, number[]>(arms.map((arm) => [arm, []]))
  for (let round = 0; round < count; round += 1) {
    for (let at = 0; at < arms.length; at += 1) {
      const arm = arms[(at + round) % arms.length]
      if (arm !== undefined) times.get(arm)?.push(await step(arm, round))
    }
  }
  return Object.fromEntries(times) as Record<A, number[]>
}

export async function timed(step: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await step()
  return performance.now() - startedAt
}

/** Paired by round: what both arms suffer from in a round cancels out. */
export const ratioOf = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((value, round) => value / (theirs[round] ?? value)))

export const ms = (values: readonly number[]): string => {
  const value = median(values)
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`
}
