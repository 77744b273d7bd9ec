import type { DecryptFailure, DecryptReason } from './decrypt.ts'
import type { Policy } from './policy.ts'

/** What is known of one device address whose messages do not decrypt. */
interface Failing {
  /** Message id → when it failed. A distinct id counts once, however many log lines it made. */
  readonly ids: Readonly<Record<string, number>>
  readonly reasons: readonly DecryptReason[]
  readonly peer: boolean
}

/** Everything that speaks for or against damaged sessions. Immutable; folded over what the connection reports. */
export interface Evidence {
  readonly failing: Readonly<Record<string, Failing>>
  /** Since when failures go on without a single success; undefined while there are none. */
  readonly unbrokenSince?: number
  /** When Baileys' own retries have had their time; undefined until the backlog is drained. */
  readonly graceEndsAt?: number
}

export const noEvidence: Evidence = { failing: {} }

/** Whether pruning the session of the address cures it: failures.md's third column, as data. */
const curedByPruning: Readonly<Record<DecryptReason, boolean>> = {
  'bad-session': true,
  poison: true,
  'no-session': false, // nothing there to prune; Baileys' retry builds a new one
  'pre-key': false, // another file is at fault
  'sender-key': false, // the group's key, not the session
  duplicate: false,
  absent: false,
  unknown: false,
}

/** Reasons that say nothing about damage: a redelivery, or no ciphertext at all. */
const harmless: ReadonlySet<DecryptReason> = new Set(['duplicate', 'absent'])

/** A bound for what a flood can make us remember: addresses, and ids of one address. Far above every threshold. */
const mostAddresses = 5_000
const mostIds = 200

const without = <T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> => {
  const { [key]: _dropped, ...rest } = record
  return rest
}

/** A message could not be read. */
export function failed(evidence: Evidence, failure: DecryptFailure, at: number): Evidence {
  if (harmless.has(failure.reason)) return evidence
  const before = Object.hasOwn(evidence.failing, failure.address) ? evidence.failing[failure.address] : undefined
  if (!before && Object.keys(evidence.failing).length >= mostAddresses) return evidence
  const known = before !== undefined && Object.hasOwn(before.ids, failure.id)
  if (before && !known && Object.keys(before.ids).length >= mostIds) return evidence
  const reasons = before?.reasons ?? []
  return {
    ...evidence,
    unbrokenSince: evidence.unbrokenSince ?? at,
    failing: {
      ...evidence.failing,
      [failure.address]: {
        ids: known ? before.ids : { ...before?.ids, [failure.id]: at },
        reasons: reasons.includes(failure.reason) ? reasons : [...reasons, failure.reason],
        peer: failure.peer || before?.peer === true,
      },
    },
  }
}

/** A message was read: it clears its address, and proves that not everything is broken. */
export function succeeded(evidence: Evidence, address: string): Evidence {
  const { unbrokenSince, ...rest } = evidence
  if (!Object.hasOwn(evidence.failing, address)) return unbrokenSince === undefined ? evidence : rest
  return { ...rest, failing: without(evidence.failing, address) }
}

/** Sessions were set aside: what was held against their addresses is settled, and the new sessions get their time. */
export function pruned(evidence: Evidence, addresses: readonly string[] | 'all', graceEndsAt: number): Evidence {
  if (addresses === 'all') return { failing: {}, graceEndsAt }
  let failing = evidence.failing
  for (const address of addresses) if (Object.hasOwn(failing, address)) failing = without(failing, address)
  return { failing, graceEndsAt }
}

/** The backlog is drained: from now on Baileys' own retries have `graceMs`. Later drains change nothing, or a flapping link would never be judged. */
export function drained(evidence: Evidence, at: number, graceMs: number): Evidence {
  return evidence.graceEndsAt === undefined ? { ...evidence, graceEndsAt: at + graceMs } : evidence
}

/** What the evidence amounts to. Plain data, so it can travel in an event. */
export interface Assessment {
  /** `failing`: enough distinct unread messages, after the grace. `storm`: many devices fail and none succeeds. */
  readonly level: 'fine' | 'failing' | 'storm'
  /** The thresholds without the grace: what a 440 is judged by, since it cut Baileys' own retries short. */
  readonly suspected: boolean
  /** Device addresses over the thresholds, sorted. */
  readonly addresses: readonly string[]
  /** Those of them that pruning the session can cure. */
  readonly curable: readonly string[]
  /** Distinct messages that could not be read, over all addresses. */
  readonly messages: number
}

export const allFine: Assessment = { level: 'fine', suspected: false, addresses: [], curable: [], messages: 0 }

/** Judges the evidence at a moment. */
export function assess(evidence: Evidence, policy: Policy['decrypt'], now: number): Assessment {
  const counted = Object.entries(evidence.failing)
    .map(([address, { ids, reasons, peer }]) => ({
      address,
      peer,
      fresh: Object.values(ids).filter((at) => now - at < policy.windowMs).length,
      curable: reasons.some((reason) => curedByPruning[reason]),
    }))
    .filter(({ fresh }) => fresh > 0)
  const many = counted.length >= policy.failingAddresses
  const stormy = counted.length >= policy.stormAddresses
  const over = many || stormy ? counted : counted.filter(({ fresh }) => fresh >= policy.failingIds)
  if (over.length === 0) return allFine

  const graceOver = evidence.graceEndsAt !== undefined && now >= evidence.graceEndsAt
  const unbroken = evidence.unbrokenSince === undefined ? 0 : now - evidence.unbrokenSince
  const peer = over.some((one) => one.peer)
  const suspected = many || over.some(({ fresh }) => fresh >= policy.failingIds)
  const level = stormy && unbroken >= policy.stormMs ? 'storm' : suspected && (graceOver || peer) ? 'failing' : 'fine'
  return {
    level,
    suspected,
    addresses: over.map(({ address }) => address).sort(),
    curable: over
      .filter(({ curable }) => curable)
      .map(({ address }) => address)
      .sort(),
    messages: over.reduce((sum, { fresh }) => sum + fresh, 0),
  }
}

/** When time alone may change the assessment next; undefined if it cannot. */
export function reassessAt(evidence: Evidence, policy: Policy['decrypt'], now: number): number | undefined {
  const moments = [evidence.graceEndsAt]
  if (evidence.unbrokenSince !== undefined) moments.push(evidence.unbrokenSince + policy.stormMs)
  for (const { ids } of Object.values(evidence.failing))
    for (const at of Object.values(ids)) moments.push(at + policy.windowMs)
  const later = moments.filter((moment): moment is number => moment !== undefined && moment > now)
  return later.length === 0 || Object.keys(evidence.failing).length === 0 ? undefined : Math.min(...later)
}
