import { type CauseKind, causeKinds } from '../../../machines/index.ts'
import type { HistoryEntry } from '../entry.ts'

/** What an incident did to the account, in numbers. */
export interface Tally {
  /** Contacts whose messages could not be read, at the worst moment. */
  readonly contacts: number
  /** Contacts, and devices of the account itself, who could not read what was sent, at the worst moment. */
  readonly unheard: number
  /** Messages that were written while the account was away, and came after it was connected again. */
  readonly late: number
  /** Those that could not be read when they came, and how many of them could be after they were asked for again. */
  readonly unread: number
  readonly reread: number
  /** Session files that were moved into the quarantine. */
  readonly setAside: number
  /** Sessions that were made anew while connected. */
  readonly renewed: number
  /** Observe mode: sessions that would have been moved; `all` where they were not counted. */
  readonly wouldSetAside: number | 'all'
  readonly wouldRenew: number
  readonly credentials: 'untouched' | 'repaired' | 'restored' | 'linked' | 'replaced'
  readonly wouldRestore: boolean
  /** A code was needed. */
  readonly code: boolean
  /** A person was told that the connection comes and goes: what most of its closes were. */
  readonly unstable?: CauseKind
  /** Closes in it, by cause and code, in the order of their first coming. */
  readonly closes: Readonly<Record<string, number>>
}

export const noTally: Tally = {
  contacts: 0,
  unheard: 0,
  late: 0,
  unread: 0,
  reread: 0,
  setAside: 0,
  renewed: 0,
  wouldSetAside: 0,
  wouldRenew: 0,
  credentials: 'untouched',
  wouldRestore: false,
  code: false,
  closes: {},
}

const worse = ['untouched', 'repaired', 'restored', 'linked', 'replaced'] as const
const worst = (a: Tally['credentials'], b: Tally['credentials']): Tally['credentials'] =>
  worse.indexOf(a) > worse.indexOf(b) ? a : b

const files = (details: Readonly<Record<string, unknown>>): number => {
  const { sessions, addresses } = details
  return typeof sessions === 'number' ? sessions : Array.isArray(addresses) ? addresses.length : 0
}

/** Adds one entry. */
export function tallied(tally: Tally, entry: HistoryEntry): Tally {
  switch (entry.type) {
    case 'unreadable':
      return { ...tally, contacts: Math.max(tally.contacts, entry.contacts) }
    case 'unheard':
      return { ...tally, unheard: Math.max(tally.unheard, entry.contacts + entry.own) }
    case 'arrived':
      return {
        ...tally,
        late: tally.late + entry.late,
        unread: tally.unread + entry.unread,
        reread: tally.reread + entry.reread,
      }
    case 'notice':
      if (entry.kind === 'sessions-pruned') return { ...tally, setAside: tally.setAside + files(entry.details) }
      if (entry.kind === 'credentials-restored') return { ...tally, credentials: worst(tally.credentials, 'restored') }
      if (entry.kind === 'relinked')
        return { ...tally, credentials: entry.details.first === true ? 'linked' : 'replaced' }
      if (entry.kind === 'unstable') return { ...tally, ...mostlyOf(entry.details.cause) }
      return tally
    case 'act':
      if (entry.act === 'sessions-renewed') return { ...tally, renewed: tally.renewed + (entry.sessions ?? 0) }
      if (entry.act === 'pre-keys-raised' || entry.act === 'credentials-mended')
        return { ...tally, credentials: worst(tally.credentials, 'repaired') }
      return tally
    case 'would':
      if (entry.act === 'sessions-renewed')
        return { ...tally, wouldRenew: Math.max(tally.wouldRenew, entry.sessions ?? 0) }
      if (entry.act === 'sessions-set-aside')
        return { ...tally, wouldSetAside: most(tally.wouldSetAside, entry.sessions) }
      if (entry.act === 'credentials-restored') return { ...tally, wouldRestore: true }
      return tally
    case 'transition': {
      const code = tally.code || entry.to === 'awaitingQr'
      if (entry.cause === undefined) return code === tally.code ? tally : { ...tally, code }
      const key = entry.cause.code === undefined ? entry.cause.kind : String(entry.cause.code)
      return { ...tally, code, closes: { ...tally.closes, [key]: (tally.closes[key] ?? 0) + 1 } }
    }
    default:
      return tally
  }
}

const mostlyOf = (cause: unknown): Pick<Tally, 'unstable'> => {
  const unstable = causeKinds.find((one) => one === cause)
  return unstable === undefined ? {} : { unstable }
}

/** Nothing was moved, so the same sessions are named again and again: the greatest number is the true one. */
const most = (known: number | 'all', sessions: number | undefined): number | 'all' =>
  known === 'all' || sessions === undefined ? 'all' : Math.max(known, sessions)
