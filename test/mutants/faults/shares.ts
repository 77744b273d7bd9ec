import { leastNoticed } from './folders.ts'

export interface Tried {
  readonly folder: string
  readonly fault: { readonly id: string }
  /** By a fast test. */
  readonly noticed: boolean
  /** By a slower one, where these were asked. */
  readonly slower?: boolean
  /** How many fast cases run what it changes. */
  readonly shown: number
}
export interface Share {
  readonly folder: string
  readonly tried: number
  /** By fast tests. */
  readonly noticed: number
  /** By slower ones alone. */
  readonly slower: number
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

/** Rounded down: all but one are not all. */
export const percent = (part: number, whole: number): string => `${Math.floor((100 * part) / Math.max(1, whole))} %`
const sum = (shares: readonly Share[], key: 'tried' | 'noticed' | 'slower' | 'reasoned' | 'unreached'): number =>
  shares.reduce((all, share) => all + share[key], 0)

/** What is known of each by now; one that is not there any more went with the code that it changed. */
export function since(first: readonly Tried[], again: readonly Tried[]): readonly Tried[] {
  const anew = new Map(again.map((one) => [one.fault.id, one]))
  return first.map((one) => {
    const now = anew.get(one.fault.id)
    if (one.noticed || (one.slower && !now?.noticed)) return one
    return now ?? { ...one, noticed: true }
  })
}

const bySlower = ({ noticed, slower }: Tried): boolean => !noticed && slower === true
/** Whatever was asked. */
export const survives = ({ noticed, slower }: Tried): boolean => !noticed && slower !== true

/** The share of each folder, by its name; `all` is the last one. */
export function sharesOf(tried: readonly Tried[], known: Readonly<Record<string, string>>): readonly Share[] {
  const shares = [...grouped(tried, ({ folder }) => folder)].map(([folder, faults]) => {
    const [slower, survivors] = [faults.filter(bySlower), faults.filter(survives)]
    const bare = survivors.filter(({ fault }) => !Object.hasOwn(known, fault.id))
    return {
      folder,
      tried: faults.length,
      noticed: faults.length - slower.length - survivors.length,
      slower: slower.length,
      reasoned: survivors.length - bare.length,
      unreached: bare.filter(({ shown }) => shown === 0).length,
    }
  })
  const all = {
    folder: 'all',
    tried: sum(shares, 'tried'),
    noticed: sum(shares, 'noticed'),
    slower: sum(shares, 'slower'),
    reasoned: sum(shares, 'reasoned'),
    unreached: sum(shares, 'unreached'),
  }
  return [...shares.toSorted((a, b) => (a.folder < b.folder ? -1 : 1)), all]
}

const saidOf = ({ folder, tried, noticed, slower, reasoned, unreached }: Share): string =>
  `${folder}: ${noticed} of ${tried} noticed (${percent(noticed, tried)}), ` +
  (slower > 0 ? `${slower} by slower tests alone, ` : '') +
  `${reasoned} more have a reason` +
  (unreached > 0 ? `, ${unreached} are run by no fast test` : '')

/**
 * The survivors without a reason, each reason without a survivor, and the shares. A folder holds if enough of its
 * faults are noticed or have a reason; one alone may be neither, however few were tried.
 */
export function judged(
  tried: readonly Tried[],
  known: Readonly<Record<string, string>>,
): { readonly lines: readonly string[]; readonly holds: boolean } {
  const [noticed, survivors] = [tried.filter((one) => !survives(one)), tried.filter(survives)]
  const bare = survivors.filter(({ fault }) => !Object.hasOwn(known, fault.id))
  const needless = noticed.filter(({ fault }) => Object.hasOwn(known, fault.id))
  const shares = sharesOf(tried, known)
  const low = shares.filter((share) => {
    const { folder, tried: count } = share
    const missing = count - share.noticed - share.slower - share.reasoned
    return folder !== 'all' && missing > 1 && 100 * missing > count * (100 - leastNoticed(folder))
  })
  return {
    lines: [
      ...bare.map(({ fault }) => `no test that was asked notices, and no reason is given: ${fault.id}`),
      ...needless.map(({ fault }) => `is noticed now, so it leaves the list: ${fault.id}`),
      ...shares.map(saidOf),
      ...low.map(({ folder }) => `too few are noticed in ${folder}: ${leastNoticed(folder)} % are asked for`),
    ],
    holds: low.length + needless.length === 0,
  }
}
