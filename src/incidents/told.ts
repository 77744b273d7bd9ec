import { causeSaid } from '../../machines/index.ts'
import { span } from '../notices/words.ts'
import type { Incident } from './incident.ts'
import { counted, sessionsSaid } from './spoken.ts'

type Facts = Omit<Incident, 'sentence' | 'events'>

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

/** The sentence of an incident: only what happened, in the order in which an owner asks for it. */
export function sentenceOf(facts: Facts): string {
  const { downMs, tally, wouldHave } = facts
  const {
    contacts,
    unheard,
    setAside,
    renewed,
    wouldSetAside,
    wouldRenew,
    credentials,
    wouldRestore,
    code,
    unstable,
    closes,
  } = tally
  const would = wouldSetAside === 'all' ? sessionsSaid(undefined) : wouldSetAside > 0 ? sessionsSaid(wouldSetAside) : ''
  const parts = [
    downMs > 0 ? `down ${span(downMs)}` : 'connected throughout',
    unstable === undefined ? '' : `unstable: ${counted(total(closes), 'close')}, mostly: ${causeSaid[unstable]}`,
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
    endSaid[facts.outcome](facts),
    wouldHave ? 'observing only' : '',
  ]
  return parts.filter((part) => part !== '').join('; ')
}
