import { causeSaid } from '../../../machines/index.ts'
import { span } from '../../languages/span.ts'
import type { Incident } from './incident.ts'
import { counted, sessionsSaid } from './spoken.ts'

export type Facts = Omit<Incident, 'sentence' | 'events'>

const credentialsSaid = {
  untouched: 'credentials untouched',
  repaired: 'pre-key ids in the credentials repaired',
  restored: 'credentials restored from their last good copy',
  linked: 'linked for the first time',
  replaced: 'linked anew, the old credentials kept in the quarantine',
} as const

const endSaid: Readonly<Record<Incident['outcome'], (facts: Facts) => string>> = {
  healed: ({ healMs }) => `healed in ${span(healMs ?? 0)}`,
  stopped: () => 'stopped before it was over',
  open: () => 'not over yet',
}

const total = (closes: Readonly<Record<string, number>>): number =>
  Object.values(closes).reduce((sum, one) => sum + one, 0)

/** WhatsApp keeps messages for a linked device about this long; after that nobody knows what it has thrown away. */
const keptMs = 14 * 86_400_000

/** What became of the messages that were written meanwhile. */
export function messagesSaid({ downMs, tally, outcome }: Pick<Facts, 'downMs' | 'tally' | 'outcome'>): string {
  const { late, unread, reread, contacts } = tally
  const lost = outcome === 'healed' && downMs <= keptMs && unread + contacts === 0 ? ', none lost' : ''
  return [
    late > 0 ? `${counted(late, 'message')} arrived late${lost}` : '',
    unread > 0 ? `${unread} could not be read: asked for again${reread >= unread ? ', and read' : ''}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ')
}

/** What happened beside being down: only what did, in the order in which an owner asks for it. */
export function factsSaid(facts: Facts): readonly string[] {
  const { tally, wouldHave } = facts
  const { contacts, unheard, setAside, renewed, wouldSetAside, wouldRenew, credentials, wouldRestore, code } = tally
  const { unstable, closes } = tally
  const would = wouldSetAside === 'all' ? sessionsSaid(undefined) : wouldSetAside > 0 ? sessionsSaid(wouldSetAside) : ''
  const parts = [
    unstable === undefined ? '' : `unstable: ${counted(total(closes), 'close')}, mostly: ${causeSaid[unstable]}`,
    messagesSaid(facts),
    contacts > 0 ? `${counted(contacts, 'contact')} unreadable` : '',
    unheard > 0 ? `${unheard} could not read what was sent` : '',
    renewed > 0 ? `${counted(renewed, 'session')} made anew` : '',
    setAside > 0 ? `${counted(setAside, 'session')} set aside` : '',
    wouldRenew > 0 && would === '' ? `would have made ${counted(wouldRenew, 'session')} anew` : '',
    would === '' ? '' : `would have set ${would} aside`,
    wouldRestore ? 'would have put the last good credentials back' : '',
    code ? 'a code was needed' : '',
    credentials !== 'untouched' || setAside + renewed > 0 || code || contacts + unheard > 0
      ? credentialsSaid[credentials]
      : '',
    wouldHave ? 'observing only' : '',
  ]
  return parts.filter((part) => part !== '')
}

/** The sentence of an incident. */
export function sentenceOf(facts: Facts): string {
  const { downMs, outcome } = facts
  const observing = facts.wouldHave ? ['observing only'] : []
  const said = factsSaid({ ...facts, wouldHave: false })
  return [
    downMs > 0 ? `down ${span(downMs)}` : 'connected throughout',
    ...said,
    endSaid[outcome](facts),
    ...observing,
  ].join('; ')
}
