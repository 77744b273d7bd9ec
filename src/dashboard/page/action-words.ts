import type { Abilities, ActionName } from '../wire.ts'

export interface ActionWords {
  readonly action: Exclude<ActionName, 'restore' | 'pairing-code'>
  readonly can: keyof Abilities
  readonly title: string
  readonly hint: string
  readonly question: string
  /** What will happen, each true whatever the state is. */
  readonly happens: readonly string[]
  readonly confirm: string
  readonly done: string
  readonly grave?: true
}

/** What a person may ask for, and what will happen then. */
export const actionWords: readonly ActionWords[] = [
  {
    action: 'reconnect',
    can: 'reconnect',
    title: 'Reconnect',
    hint: 'Close the connection and dial anew',
    question: 'Reconnect this account?',
    happens: [
      'The connection is closed and opened again, with the same credentials.',
      'No session is set aside. Messages sent meanwhile arrive afterwards.',
    ],
    confirm: 'Reconnect',
    done: 'A reconnect was asked for.',
  },
  {
    action: 'prune-failing',
    can: 'pruneFailing',
    title: 'Set failing sessions aside',
    hint: 'Only those of contacts that cannot be read',
    question: 'Set the failing sessions aside?',
    happens: [
      'The connection is closed, and the session files of contacts whose messages cannot be read go into the quarantine, from where they can be restored.',
      'It then reconnects with the same credentials; new sessions are made with the next messages.',
    ],
    confirm: 'Set failing aside',
    done: 'The failing sessions are being set aside.',
  },
  {
    action: 'prune-all',
    can: 'pruneAll',
    title: 'Set all sessions aside',
    hint: 'Every contact makes a new session',
    question: 'Set all sessions aside?',
    happens: [
      'The connection is closed, and every session file goes into the quarantine, from where it can be restored.',
      'It then reconnects with the same credentials. Each contact makes a new session with its next message; the first one may come late.',
      'The credentials are not touched: nobody has to scan a code.',
    ],
    confirm: 'Set all aside',
    done: 'All sessions are being set aside.',
    grave: true,
  },
  {
    action: 'relink',
    can: 'relink',
    title: 'Show a code',
    hint: 'Link this account anew with the phone',
    question: 'Link this account anew?',
    happens: [
      'The account goes offline, and a code is shown here for somebody with the phone to scan.',
      'The old credentials stay where they are until the new pairing has opened; then they go into the quarantine.',
    ],
    confirm: 'Show a code',
    done: 'A code was asked for; it appears on this page.',
    grave: true,
  },
]
