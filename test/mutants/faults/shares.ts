import { leastNoticed } from './folders.ts'

export interface Tried {
  readonly folder: string
  readonly fault: { readonly id: string }
  readonly noticed: boolean
  /** How many fast cases run what it changes. */
  readonly shown: number
}
export interface Share {
  readonly folder: string
  readonly tried: number
  readonly noticed: number
  /** Not noticed, and on the list of those that change nothing. */
  readonly reasoned: number
  /** Of those that are left: no fast case runs what they change. */
  readonly unreached: number
}

/** In the order in which the groups are met. */
export function grouped<One>(all: readonly One[], keyOf: (one: One) => string): ReadonlyMap<string, readonly One[]> {
  const groups = new Map<string, One[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}

export const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(0)} %`
const sum = (shares: readonly Share[], key: 'tried' | 'noticed' | 'reasoned' | 'unreached'): number =>
  shares.reduce((all, share) => all + share[key], 0)

/** What is known of each by now; one that is not there any more went with the code that it changed. */
export function since(first: readonly Tried[], again: readonly Tried[]): readonly Tried[] {
  const anew = new Map(again.map((one) => [one.fault.id, one]))
  return first.map((one) => (one.noticed ? one : (anew.get(one.fault.id) ?? { ...one, noticed: true })))
}

/** The share of each folder, by its name; `all` is the last one. */
export function sharesOf(tried: readonly Tried[], known: Readonly<Record<string, string>>): readonly Share[] {
  const shares = [...grouped(tried, ({ folder }) => folder)].map(([folder, faults]) => {
    const survivors = faults.filter(({ noticed }) => !noticed)
    const bare = survivors.filter(({ fault }) => !Object.hasOwn(known, fault.id))
    return {
      folder,
      tried: faults.length,
      noticed: faults.length - survivors.length,
      reasoned: survivors.length - bare.length,
      unreached: bare.filter(({ shown }) => shown === 0).length,
    }
  })
  const all = {
    folder: 'all',
    tried: sum(shares, 'tried'),
    noticed: sum(shares, 'noticed'),
    reasoned: sum(shares, 'reasoned'),
    unreached: sum(shares, 'unreached'),
  }
  return [...shares.toSorted((a, b) => (a.folder < b.folder ? -1 : 1)), all]
}

const saidOf = ({ folder, tried, noticed, reasoned, unreached }: Share): string =>
  `${folder}: ${noticed} of ${tried} noticed (${percent(noticed, tried)}), ${reasoned} more have a reason` +
  (unreached > 0 ? `, ${unreached} are run by no fast test` : '')

/**
 * The survivors without a reason, each reason without a survivor, and the shares. A folder holds if enough of its
 * faults are noticed or have a reason; one alone may be neither, however few were tried.
 */
export function judged(
  tried: readonly Tried[],
  known: Readonly<Record<string, string>>,
): { readonly lines: readonly string[]; readonly holds: boolean } {
  const bare = tried.filter(({ fault, noticed }) => !noticed && !Object.hasOwn(known, fault.id))
  const needless = tried.filter(({ fault, noticed }) => noticed && Object.hasOwn(known, fault.id))
  const shares = sharesOf(tried, known)
  const low = shares.filter(({ folder, tried: count, noticed, reasoned }) => {
    const missing = count - noticed - reasoned
    return folder !== 'all' && missing > 1 && 100 * missing > count * (100 - leastNoticed(folder))
  })
  return {
    lines: [
      ...bare.map(({ fault }) => `no fast test notices, and no reason is given: ${fault.id}`),
      ...needless.map(({ fault }) => `is noticed now, so it leaves the list: ${fault.id}`),
      ...shares.map(saidOf),
      ...low.map(({ folder }) => `too few are noticed in ${folder}: ${leastNoticed(folder)} % are asked for`),
    ],
    holds: low.length + needless.length === 0,
  }
}
