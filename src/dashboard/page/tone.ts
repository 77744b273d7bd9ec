import type { AccountView } from '../wire.ts'

/** What a state means to the one who looks; the same meanings have the same colours in the drawing. */
export type Tone = 'rest' | 'working' | 'open' | 'healing' | 'waiting' | 'person'

type State = AccountView['status']['state']

const tones: Readonly<Record<State, Tone>> = {
  stopped: 'rest',
  preparing: 'working',
  connecting: 'working',
  healthy: 'open',
  degraded: 'healing',
  pruningSessions: 'healing',
  reconnecting: 'waiting',
  awaitingQr: 'person',
  conflicted: 'person',
  blocked: 'person',
}

export const toneOf = ({ status }: AccountView): Tone => tones[status.state]

export const needsPerson = ({ status }: AccountView): boolean =>
  status.userAction !== 'none' && status.userAction !== 'wait'

/** Who comes first in a list: those who wait for a person, then those in trouble, the well ones last. */
const ranks: Readonly<Record<Tone, number>> = { person: 1, healing: 2, waiting: 3, working: 4, rest: 5, open: 6 }

export const rankOf = (view: AccountView): number => (needsPerson(view) ? 0 : ranks[toneOf(view)])

const collator = new Intl.Collator(undefined, { numeric: true })

export const inOrder = (one: AccountView, other: AccountView): number =>
  rankOf(one) - rankOf(other) || collator.compare(one.account, other.account)
