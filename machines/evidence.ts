import { mostAddresses, mostIds, nextLook, without, withRoom } from './bounded-map.ts'
import type { DecryptFailure, DecryptReason } from './decrypt.ts'
import type { Policy } from './policy.ts'

/** What is known of one device address whose messages do not decrypt. */
interface Failing {
  /** Message id → when it failed. A distinct id counts once, however many log lines it made. */
  readonly ids: ReadonlyMap<string, number>
  readonly reasons: readonly DecryptReason[]
  readonly peer: boolean
  /** When the newest of them failed. */
  readonly lastAt: number
}

/** Everything that speaks for or against damaged sessions. Immutable; folded over what the connection reports. */
export interface Evidence {
  /** What cannot be read, by the address of the device that sent it. */
  readonly failing: ReadonlyMap<string, Failing>
  /** Since when failures go on without a single success; undefined while there are none. */
  readonly unbrokenSince?: number
  /** When Baileys' own retries have had their time; undefined until the backlog is drained. */
  readonly graceEndsAt?: number
}

/** Evidence of an account of which no message failed. */
export const noEvidence: Evidence = { failing: new Map() }

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

/** A message could not be read. */
export function failed(evidence: Evidence, failure: DecryptFailure, at: number): Evidence {
  if (harmless.has(failure.reason)) return evidence
  const before = evidence.failing.get(failure.address)
  const known = before?.ids.has(failure.id) === true
  const reasons = before?.reasons ?? []
  const failing = before ? new Map(evidence.failing) : withRoom(evidence.failing, mostAddresses, ({ lastAt }) => lastAt)
  failing.set(failure.address, {
    ids: known ? before.ids : withRoom(before?.ids ?? new Map(), mostIds, (failedAt) => failedAt).set(failure.id, at),
    reasons: reasons.includes(failure.reason) ? reasons : [...reasons, failure.reason],
    peer: failure.peer || before?.peer === true,
    lastAt: known ? before.lastAt : at,
  })
  return { ...evidence, unbrokenSince: evidence.unbrokenSince ?? at, failing }
}

/** A message was read: it clears its address, and proves that not everything is broken. */
export function succeeded(evidence: Evidence, address: string): Evidence {
  const failing = evidence.failing.has(address)
  if (!failing && evidence.unbrokenSince === undefined) return evidence
  const { unbrokenSince: _, ...rest } = evidence
  return failing ? { ...rest, failing: without(evidence.failing, [address]) } : rest
}

/** Sessions were set aside: what was held against their addresses is settled, and the new sessions get their time. */
export function pruned(evidence: Evidence, addresses: readonly string[] | 'all', graceEndsAt: number): Evidence {
  const failing = addresses === 'all' ? noEvidence.failing : without(evidence.failing, addresses)
  return { failing, graceEndsAt }
}

/**
 * The backlog is drained: from now on Baileys' own retries have `graceMs`. Later drains change nothing, or a flapping
 * link would never be judged.
 */
export function drained(evidence: Evidence, at: number, graceMs: number): Evidence {
  return evidence.graceEndsAt === undefined ? { ...evidence, graceEndsAt: at + graceMs } : evidence
}

/**
 * The clock was set back: what lies ahead of it by now is taken to have happened now, and the grace is no longer than
 * it ever is. Else failures of before would count for hours, and nothing be judged for as long.
 */
export function caughtUp(evidence: Evidence, policy: Policy['decrypt'], now: number): Evidence {
  const { failing, unbrokenSince, graceEndsAt } = evidence
  const latestGrace = now + Math.max(policy.graceMs, policy.graceAfterUncleanMs)
  const ahead = [...failing.values()].some(
    ({ ids, lastAt }) => lastAt > now || [...ids.values()].some((at) => at > now),
  )
  if (!ahead && !((unbrokenSince ?? now) > now) && !((graceEndsAt ?? now) > latestGrace)) return evidence
  const past = (ids: ReadonlyMap<string, number>) => new Map([...ids].map(([id, at]) => [id, Math.min(at, now)]))
  const caught = [...failing].map(([address, one]): [string, Failing] => [
    address,
    { ...one, ids: past(one.ids), lastAt: Math.min(one.lastAt, now) },
  ])
  return {
    failing: new Map(caught),
    ...(unbrokenSince === undefined ? {} : { unbrokenSince: Math.min(unbrokenSince, now) }),
    ...(graceEndsAt === undefined ? {} : { graceEndsAt: Math.min(graceEndsAt, latestGrace) }),
  }
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
  /** Of all these messages it is the group's key that failed; left out where it is not. */
  readonly groupsOnly?: boolean
}

/** The judgement while every message is read. */
export const allFine: Assessment = { level: 'fine', suspected: false, addresses: [], curable: [], messages: 0 }

/**
 * Since when so many devices have been failing at once, without a success in between; undefined if they are not. A
 * failure of yesterday does not make today's first minute a storm.
 */
function stormSince(evidence: Evidence, policy: Policy['decrypt'], now: number): number | undefined {
  const began: number[] = []
  for (const { ids } of evidence.failing.values()) {
    const first = Math.min(...[...ids.values()].filter((at) => now - at < policy.windowMs))
    if (first <= now) began.push(first)
  }
  const last = began.sort((a, b) => a - b)[policy.stormAddresses - 1]
  return last === undefined || evidence.unbrokenSince === undefined ? undefined : Math.max(last, evidence.unbrokenSince)
}

/** Judges the evidence at a moment. */
export function assess(evidence: Evidence, policy: Policy['decrypt'], now: number): Assessment {
  const counted = [...evidence.failing]
    .map(([address, { ids, reasons, peer }]) => ({
      address,
      peer,
      recent: [...ids.values()].filter((at) => now - at < policy.windowMs).length,
      curable: reasons.some((reason) => curedByPruning[reason]),
      group: reasons.every((reason) => reason === 'sender-key'),
    }))
    .filter(({ recent }) => recent > 0)
  const many = counted.length >= policy.failingAddresses
  const since = stormSince(evidence, policy, now)
  const stormy = since !== undefined
  const over = many || stormy ? counted : counted.filter(({ recent }) => recent >= policy.failingIds)
  if (over.length === 0) return allFine

  const graceOver = evidence.graceEndsAt !== undefined && now >= evidence.graceEndsAt
  const peer = over.some((one) => one.peer)
  const suspected = many || over.some(({ recent }) => recent >= policy.failingIds)
  const level =
    since !== undefined && now - since >= policy.stormMs
      ? 'storm'
      : suspected && (graceOver || peer)
        ? 'failing'
        : 'fine'
  return {
    level,
    suspected,
    addresses: over.map(({ address }) => address).sort(),
    curable: over
      .filter(({ curable }) => curable)
      .map(({ address }) => address)
      .sort(),
    messages: over.reduce((sum, { recent }) => sum + recent, 0),
    ...(over.every(({ group }) => group) ? { groupsOnly: true } : {}),
  }
}

/** When time alone may change the assessment next, at most a day ahead; undefined if it cannot. */
export function reassessAt(evidence: Evidence, policy: Policy['decrypt'], now: number): number | undefined {
  const since = stormSince(evidence, policy, now)
  const moments = [evidence.graceEndsAt, since === undefined ? undefined : since + policy.stormMs]
  for (const { ids } of evidence.failing.values()) for (const at of ids.values()) moments.push(at + policy.windowMs)
  return evidence.failing.size === 0 ? undefined : nextLook(moments, now)
}
