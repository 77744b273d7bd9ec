interface Tried {
  readonly folder: string
  readonly fault: { readonly id: string }
  readonly noticed: boolean
}

/** In the order in which the groups are met. */
export function grouped<One>(all: readonly One[], keyOf: (one: One) => string): ReadonlyMap<string, readonly One[]> {
  const groups = new Map<string, One[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(0)} %`

/**
 * Of each folder, how many faults the fast tests noticed; then those that none noticed and that have no reason on the
 * list, and what is on the list though it was noticed.
 */
export function sharesOf(
  tried: readonly Tried[],
  known: Readonly<Record<string, string>>,
): { readonly lines: readonly string[]; readonly holds: boolean } {
  const unexplained = tried.filter(({ fault, noticed }) => !noticed && !Object.hasOwn(known, fault.id))
  const needless = tried.filter(({ fault, noticed }) => noticed && Object.hasOwn(known, fault.id))
  const folders = [...grouped(tried, ({ folder }) => folder), ['all', tried] as const]
  return {
    lines: [
      ...unexplained.map(({ fault }) => `no fast test notices, and no reason is given: ${fault.id}`),
      ...needless.map(({ fault }) => `is noticed now, so it leaves the list: ${fault.id}`),
      ...folders.map(([folder, faults]) => {
        const noticed = faults.filter((one) => one.noticed).length
        const reasoned = faults.filter(({ fault, noticed }) => !noticed && Object.hasOwn(known, fault.id)).length
        const share = `${noticed} of ${faults.length} noticed (${percent(noticed, faults.length)})`
        return `${folder}: ${share}, ${reasoned} more have a reason`
      }),
    ],
    holds: unexplained.length + needless.length === 0,
  }
}
