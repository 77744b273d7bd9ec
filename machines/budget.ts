import type { Policy } from './policy.ts'

/** When what was pruned, as epoch milliseconds; kept across restarts, so that a crash loop cannot prune without end. */
export interface Budget {
  /** When sessions of each address were set aside, epoch milliseconds. */
  readonly addresses: Readonly<Record<string, readonly number[]>>
  /** When all sessions were set aside, epoch milliseconds. */
  readonly all: readonly number[]
}

/** A budget of which nothing is spent. */
export const emptyBudget: Budget = { addresses: {}, all: [] }

/** The span of `addressPerDay` and `allPerDay`. */
export const dayMs = 86_400_000

/** A clock set back leaves times in the future: they count as just now, so a budget never grows by it. */
const within = (times: readonly number[], now: number, spanMs: number): readonly number[] =>
  times.filter((time) => now - time < spanMs)

/** Those of the addresses whose cool-down is over and that have a prune left today. */
export function affordable(
  budget: Budget,
  addresses: readonly string[],
  policy: Policy['prune'],
  now: number,
): readonly string[] {
  return addresses.filter((address) => {
    const times = (Object.hasOwn(budget.addresses, address) ? budget.addresses[address] : undefined) ?? []
    return (
      within(times, now, policy.addressCooldownMs).length === 0 &&
      within(times, now, dayMs).length < policy.addressPerDay
    )
  })
}

/** Whether all sessions may be pruned once more today. */
export function affordsAll(budget: Budget, policy: Policy['prune'], now: number): boolean {
  return within(budget.all, now, dayMs).length < policy.allPerDay
}

/** The budget after a prune; entries that no rule looks at any more are dropped. */
export function spend(
  budget: Budget,
  scope: 'failing' | 'all',
  addresses: readonly string[],
  policy: Policy['prune'],
  now: number,
): Budget {
  const keepMs = Math.max(dayMs, policy.addressCooldownMs)
  const kept = new Map<string, readonly number[]>()
  for (const [address, times] of Object.entries(budget.addresses)) {
    const recent = within(times, now, keepMs)
    if (recent.length > 0) kept.set(address, recent)
  }
  if (scope === 'failing') for (const address of addresses) kept.set(address, [...(kept.get(address) ?? []), now])
  return {
    addresses: Object.fromEntries(kept),
    all: scope === 'all' ? [...within(budget.all, now, dayMs), now] : within(budget.all, now, dayMs),
  }
}
