import { span } from '../../languages/span.ts'
import type { HistoryEntry } from '../entry.ts'
import { actWords, closeSaid, counted, enteredWords, sentence, wouldSaid } from './spoken.ts'

/** One thing that happened in an incident, as a person says it. */
export interface IncidentEvent {
  /** Epoch milliseconds. */
  readonly at: number
  readonly words: string
  /** Why it happened, where the words do not say it already. */
  readonly why?: string
}

const event = (at: number, words: string, why?: string): IncidentEvent => ({
  at,
  words,
  ...(why === undefined || words.toLowerCase().includes(why.toLowerCase().replace(/\.$/, ''))
    ? {}
    : { why: sentence(why) }),
})

type Rows = { readonly [T in HistoryEntry['type']]: (entry: Extract<HistoryEntry, { type: T }>) => IncidentEvent[] }

const rows: Rows = {
  transition({ at, from, to, cause, why }) {
    if (from === to) return why === undefined ? [] : [event(at, sentence(why))]
    if (from === 'degraded' && to === 'healthy') return [event(at, 'Messages can be read again.')]
    const closed = cause === undefined ? '' : `Closed: ${closeSaid(cause)}. `
    return [event(at, `${closed}${enteredWords[to]}`, why)]
  },
  notice: ({ at, kind, message }) => [event(at, `Told (${kind}): ${message}`)],
  trouble: ({ at, doing, message }) => [event(at, `Failed while ${doing}: ${sentence(message)}`)],
  start({ at, unclean, lastSeenAt, mode }) {
    const observing = mode === 'observe' ? ' Observing only.' : ''
    if (!unclean) return [event(at, `Supervision started.${observing}`)]
    const ago = lastSeenAt === undefined ? '' : `, last seen ${span(at - lastSeenAt)} before`
    return [event(at, `Started again after a run that ended without a stop${ago}.${observing}`)]
  },
  claim: ({ at }) => [event(at, 'The account was claimed again.')],
  stop: ({ at }) => [event(at, 'Supervision was stopped as asked.')],
  alive: () => [],
  unreadable: ({ at, contacts, messages }) =>
    contacts === 0
      ? [event(at, 'No contact is unreadable any more.')]
      : [event(at, `${counted(contacts, 'contact')} unreadable, ${counted(messages, 'message')}.`)],
  unheard: ({ at, contacts, own, messages }) => {
    if (contacts + own === 0) return [event(at, 'What is sent can be read by all again.')]
    const who = [
      ...(contacts > 0 ? [counted(contacts, 'contact')] : []),
      ...(own > 0 ? [counted(own, 'device of the account itself', 'devices of the account itself')] : []),
    ]
    return [event(at, `${who.join(' and ')} cannot read what is sent, ${counted(messages, 'message')}.`)]
  },
  arrived: ({ at, late, unread, reread }) => [
    ...(late > 0 ? [event(at, `${counted(late, 'message')} arrived late.`)] : []),
    ...(unread > 0 ? [event(at, `${counted(unread, 'message')} could not be read, and asked for again.`)] : []),
    ...(reread > 0 ? [event(at, `${counted(reread, 'message')} could be read after all.`)] : []),
  ],
  act: ({ at, act, sessions, why }) => [event(at, sentence(actWords[act](sessions)), why)],
  would: ({ at, act, sessions, why }) => [event(at, sentence(wouldSaid(act, sessions)), why)],
}

/** An entry in words; none where it says nothing to a person. */
export function eventsOf(entry: HistoryEntry): readonly IncidentEvent[] {
  // The table has a row for each type, each for its own entries.
  return (rows[entry.type] as (one: HistoryEntry) => IncidentEvent[])(entry)
}

const isTry = (entry: HistoryEntry): boolean =>
  entry.type === 'transition' &&
  (entry.to === 'preparing' || entry.to === 'connecting' || entry.to === 'reconnecting') &&
  (entry.from === 'preparing' || entry.from === 'connecting' || entry.from === 'reconnecting')

/** Entries in words. Tries that ended as the one before did are counted rather than told one by one. */
export function toldEvents(entries: readonly HistoryEntry[]): readonly IncidentEvent[] {
  const told: IncidentEvent[] = []
  let failedBefore: string | undefined
  let again: { readonly events: IncidentEvent[]; last: number; tries: number; cause: string } | undefined
  const flush = (): void => {
    if (again === undefined) return
    const { events, tries, last, cause } = again
    if (tries < 2) told.push(...events)
    else
      for (const { at } of events.slice(0, 1))
        told.push({
          at,
          words: `Tried ${tries} more times in ${span(last - at)}; each ended the same way: ${cause}.`,
        })
    again = undefined
  }
  for (const entry of entries) {
    const cause = entry.type === 'transition' ? entry.cause : undefined
    if (failedBefore !== undefined && isTry(entry) && (cause === undefined || cause.kind === failedBefore)) {
      again ??= { events: [], last: entry.at, tries: 0, cause: '' }
      again.events.push(...eventsOf(entry))
      if (cause !== undefined) {
        again.tries += 1
        again.last = entry.at
        again.cause = closeSaid(cause)
      }
      continue
    }
    if (entry.type === 'alive') continue
    flush()
    told.push(...eventsOf(entry))
    failedBefore = cause?.kind
  }
  flush()
  return told
}
