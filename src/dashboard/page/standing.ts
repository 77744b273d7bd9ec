import type { AccountView } from '../wire.ts'
import { minuteOfDay } from './duration.ts'
import type { Known } from './knowledge.ts'

/** What a state means to the one who looks; the same meanings have the same colours in the drawing. */
export type Tone = 'rest' | 'working' | 'open' | 'healing' | 'waiting' | 'person' | 'unknown'

type State = AccountView['status']['state']

/** While nobody is needed. */
const tones: Readonly<Record<State, Tone>> = {
  stopped: 'rest',
  preparing: 'working',
  connecting: 'working',
  healthy: 'open',
  degraded: 'healing',
  pruningSessions: 'healing',
  reconnecting: 'waiting',
  awaitingQr: 'working',
  conflicted: 'waiting',
  blocked: 'waiting',
}

/**
 * How an account stands: its state, whether a person is needed, and how old the knowledge is, as one value. Colour,
 * word, icon, title and counts all come from it, so that none of them can say what another does not.
 */
export interface Standing {
  /** Of the lamp, the card and the icon. */
  readonly tone: Tone
  /** The state, large. */
  readonly word: string
  /** What the title of the page begins with. */
  readonly title: string
  /** Counts among those who need somebody. */
  readonly calls: boolean
  /** Counts among those who are connected. */
  readonly open: boolean
}

/** An account, and what is to be thought of it. */
export interface Shown {
  readonly view: AccountView
  readonly standing: Standing
  readonly known: Known
}

/** Old knowledge says nothing about now, whatever it was. */
export function standingOf({ status, label }: AccountView, known: Known): Standing {
  if (known.stale)
    return {
      tone: 'unknown',
      word: `Last known: ${label}, ${minuteOfDay(known.heardAt)}`,
      title: 'Offline',
      calls: false,
      open: false,
    }
  const calls = status.userAction !== 'none' && status.userAction !== 'wait'
  const tone = calls ? 'person' : tones[status.state]
  return { tone, word: label, title: label, calls, open: tone === 'open' }
}

/** Who comes first in a list: those who wait for a person, then those of whom nothing is known, the well ones last. */
const ranks: Readonly<Record<Tone, number>> = {
  ...{ person: 0, unknown: 1, healing: 2, waiting: 3, working: 4, rest: 5, open: 6 },
}

export const rankOf = ({ tone }: Standing): number => ranks[tone]
