/** Of a hundred mutants so many have to be noticed by a test. */
export const leastCaught = 95

/**
 * Whether the tests are good enough, and why not. Every survivor has its reason on a list; what is on the list and is
 * caught, or is no mutant any more, has no place there.
 */
export function judge(
  mutants: readonly string[],
  survivors: readonly string[],
  known: Readonly<Record<string, string>>,
  whole: boolean,
): { readonly lines: readonly string[]; readonly holds: boolean } {
  const survived = new Set(survivors)
  const there = new Set(mutants)
  const unexplained = survivors.filter((id) => !Object.hasOwn(known, id))
  const listed = Object.keys(known)
  const caught = listed.filter((id) => there.has(id) && !survived.has(id))
  const gone = whole ? listed.filter((id) => !there.has(id)) : []
  const share = mutants.length === 0 ? 100 : (100 * (mutants.length - survivors.length)) / mutants.length
  const lines = [
    ...unexplained.map((id) => `no test notices, and no reason is given: ${id}`),
    ...caught.map((id) => `is noticed now, so it leaves the list: ${id}`),
    ...gone.map((id) => `is no mutant any more, so it leaves the list: ${id}`),
    `${mutants.length} mutants, ${mutants.length - survivors.length} noticed (${share.toFixed(1)} %), ${survivors.length} survive`,
  ]
  return { lines, holds: unexplained.length + caught.length + gone.length === 0 && share >= leastCaught }
}
