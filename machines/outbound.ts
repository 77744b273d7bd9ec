import { mostAddresses, mostIds, nextLook, without, withRoom } from './bounded-map.ts'
import type { Policy } from './policy.ts'

/** A device asked for a message of ours again: it could not read it. */
export interface RetryAsked {
  /** Signal address of the device, in the form of `DecryptFailure.address`. */
  readonly address: string
  /** The jid under which it asked. */
  readonly jid: string
  /** Id of the message. */
  readonly id: string
  /** A device of the account itself: its phone, or another one that is linked to it. */
  readonly own: boolean
  /** When the message was sent, epoch milliseconds; undefined if that is not known. */
  readonly sentAt?: number
}

/** How often messages were asked for again since the process began. */
export interface RetriesAsked {
  /** How often contacts have asked for a message again. */
  readonly contacts: number
  /** The account's own phone, and other devices that are linked to it. */
  readonly own: number
}

/** A device could read a message of ours. */
export interface Reached {
  /** The device that could read it, by its Signal address. */
  readonly address: string
  /** Id of the message. */
  readonly id: string
  /** As in {@link RetryAsked}. */
  readonly sentAt?: number
}

/** One message that a device could not read. */
interface Missed {
  readonly askedAt: number
  /** Where that is not known: when it was asked for, the latest that it can be. */
  readonly sentAt: number
  /** From when the resend has its time; undefined while there is no connection to send it over. */
  readonly graceFrom?: number
}

interface Unheard {
  readonly jid: string
  readonly own: boolean
  /** By message id. */
  readonly ids: ReadonlyMap<string, Missed>
  /** When the newest of them was asked for. */
  readonly lastAt: number
  /** It was found to fail: until it has read what it missed it goes on failing, however few others do. */
  readonly failing: boolean
}

/** Who cannot read what the account sends. Immutable; folded over what devices say in receipts. */
export interface Outbound {
  /** By device address. */
  readonly unheard: ReadonlyMap<string, Unheard>
  /** Whether a connection is open: time counts only then. */
  readonly connected: boolean
}

/** Evidence of an account of which nobody asked for a message again. */
export const noOutbound: Outbound = { unheard: new Map(), connected: false }

/** Changes every message of every device. */
const each = (outbound: Outbound, change: (missed: Missed) => Missed): Outbound['unheard'] =>
  new Map(
    [...outbound.unheard].map(([address, one]) => [
      address,
      { ...one, ids: new Map([...one.ids].map(([id, missed]) => [id, change(missed)])) },
    ]),
  )

/** A device asked for a message again. Asked for once more it counts from the first time. */
export function asked(outbound: Outbound, { address, jid, id, own, sentAt }: RetryAsked, at: number): Outbound {
  const before = outbound.unheard.get(address)
  if (before?.ids.has(id)) return outbound
  const unheard = before ? new Map(outbound.unheard) : withRoom(outbound.unheard, mostAddresses, ({ lastAt }) => lastAt)
  const ids = withRoom(before?.ids ?? new Map<string, Missed>(), mostIds, ({ askedAt }) => askedAt)
  const missed = { askedAt: at, sentAt: Math.min(sentAt ?? at, at), ...(outbound.connected ? { graceFrom: at } : {}) }
  unheard.set(address, { jid, own, ids: ids.set(id, missed), lastAt: at, failing: before?.failing === true })
  return { ...outbound, unheard }
}

/**
 * A device read a message: that one is settled, and so are those that were sent before it, for whatever was wrong with
 * its session then is over. A word about an older message, as comes when a person scrolls up, says nothing of what was
 * sent since.
 */
export function reached(outbound: Outbound, { address, id, sentAt }: Reached): Outbound {
  const before = outbound.unheard.get(address)
  if (!before) return outbound
  const isBefore = (missed: Missed): boolean => sentAt !== undefined && missed.sentAt < sentAt
  const left = new Map([...before.ids].filter(([one, missed]) => one !== id && !isBefore(missed)))
  if (left.size === before.ids.size) return outbound
  if (left.size === 0) return { ...outbound, unheard: without(outbound.unheard, [address]) }
  return { ...outbound, unheard: new Map(outbound.unheard).set(address, { ...before, ids: left }) }
}

/** Whether the resend of a message has had its time. */
const isDue = ({ graceFrom }: Missed, graceMs: number, now: number): boolean =>
  graceFrom !== undefined && now - graceFrom >= graceMs

/**
 * The connection opened: what was not sent again before has its time from now. What is known to fail goes on failing,
 * or a link that flaps would hide it.
 */
export function linkUp(outbound: Outbound, at: number): Outbound {
  if (outbound.connected) return outbound
  const unheard = each(outbound, (missed) => (missed.graceFrom === undefined ? { ...missed, graceFrom: at } : missed))
  return { unheard, connected: true }
}

/** The connection is gone: a resend that has not had its time gets it anew after the next open. */
export function linkDown(outbound: Outbound, at: number, { graceMs }: Policy['outbound']): Outbound {
  if (!outbound.connected) return outbound
  const unheard = each(outbound, (missed) => {
    const { graceFrom: _, ...waiting } = missed
    return isDue(missed, graceMs, at) ? missed : waiting
  })
  return { unheard, connected: false }
}

/**
 * What of it counts at a moment: messages that have left the window are forgotten. Where the clock was set back, what
 * lies ahead of it by now is taken to have happened now, or it would count for as long as the clock was set back. Who
 * is found to fail is marked.
 */
export function outboundAsOf(outbound: Outbound, policy: Policy['outbound'], now: number): Outbound {
  const current = asOf(outbound, policy, now)
  const { addresses } = assessOutbound(current, policy, now)
  const found = addresses.filter((address) => current.unheard.get(address)?.failing === false)
  if (found.length === 0) return current
  const unheard = new Map(current.unheard)
  for (const address of found) {
    const one = unheard.get(address)
    if (one) unheard.set(address, { ...one, failing: true })
  }
  return { ...current, unheard }
}

function asOf(outbound: Outbound, { windowMs }: Policy['outbound'], now: number): Outbound {
  const stays = ({ askedAt, graceFrom }: Missed) =>
    now - askedAt < windowMs && askedAt <= now && (graceFrom ?? now) <= now
  if ([...outbound.unheard.values()].every(({ ids }) => [...ids.values()].every(stays))) return outbound
  const past = each(outbound, ({ askedAt, sentAt, graceFrom }) => ({
    askedAt: Math.min(askedAt, now),
    sentAt: Math.min(sentAt, now),
    ...(graceFrom === undefined ? {} : { graceFrom: Math.min(graceFrom, now) }),
  }))
  const unheard = new Map<string, Unheard>()
  for (const [address, one] of past) {
    const ids = new Map([...one.ids].filter(([, { askedAt }]) => now - askedAt < windowMs))
    if (ids.size > 0) unheard.set(address, { ...one, ids, lastAt: Math.min(one.lastAt, now) })
  }
  return { ...outbound, unheard }
}

/** What is known of who cannot read us. Plain data, so it can travel in an event. */
export interface OutboundAssessment {
  /** `failing`: enough devices, or messages of one of them, and sending again did not help. */
  readonly level: 'fine' | 'failing'
  /** Device addresses over the thresholds, sorted. */
  readonly addresses: readonly string[]
  /** How many people they belong to, the account's own devices aside. */
  readonly contacts: number
  /** The account's own phone is among them. */
  readonly ownPhone: boolean
  /** How many other devices that are linked to the account are among them. */
  readonly companions: number
  /** Distinct messages that they could not read. */
  readonly messages: number
}

/** The judgement while everybody reads what is sent. */
export const allHeard: OutboundAssessment = {
  level: 'fine',
  addresses: [],
  contacts: 0,
  ownPhone: false,
  companions: 0,
  messages: 0,
}

const endOf = (address: string): number => address.lastIndexOf('.')

/** Judges at a moment who cannot read us. */
export function assessOutbound(outbound: Outbound, policy: Policy['outbound'], now: number): OutboundAssessment {
  const counted = [...outbound.unheard]
    .map(([address, { own, ids, failing }]) => ({
      address,
      own,
      failing,
      missed: [...ids.values()].filter((one) => now - one.askedAt < policy.windowMs && isDue(one, policy.graceMs, now))
        .length,
    }))
    .filter(({ missed }) => missed > 0)
  const many = counted.length >= policy.failingAddresses
  const over = many ? counted : counted.filter(({ missed, failing }) => failing || missed >= policy.failingIds)
  if (over.length === 0) return allHeard
  const own = over.filter((one) => one.own)
  const phones = own.filter(({ address }) => address.endsWith('.0'))
  const people = over.filter((one) => !one.own).map(({ address }) => address.slice(0, endOf(address)))
  return {
    level: 'failing',
    addresses: over.map(({ address }) => address).sort(),
    contacts: new Set(people).size,
    ownPhone: phones.length > 0,
    companions: own.length - phones.length,
    messages: over.reduce((sum, { missed }) => sum + missed, 0),
  }
}

/** When time alone may change the assessment next, at most a day ahead; undefined if it cannot. */
export function reassessOutboundAt(outbound: Outbound, policy: Policy['outbound'], now: number): number | undefined {
  const moments: (number | undefined)[] = []
  for (const { ids } of outbound.unheard.values())
    for (const { askedAt, graceFrom } of ids.values())
      moments.push(askedAt + policy.windowMs, graceFrom === undefined ? undefined : graceFrom + policy.graceMs)
  return nextLook(moments, now)
}
