import type { Abilities, AccountView, ActionName } from '../wire.ts'
import { timeOfDay } from './duration.ts'

export interface ActionWords {
  readonly action: Exclude<ActionName, 'restore' | 'pairing-code'>
  readonly can: keyof Abilities
  readonly title: string
  readonly hint: string
  readonly question: string
  /** What will happen, as the account stands now. */
  readonly happens: (view: AccountView) => readonly string[]
  /** Why it is not taken, where it is not. */
  readonly whyNot: (view: AccountView) => string
  readonly confirm: string
  readonly done: string
  readonly grave?: true
}

type Status = AccountView['status']
const isOpen = ({ state }: Status): boolean => state === 'healthy' || state === 'degraded'
const isBan = ({ state, lastClose }: Status): boolean =>
  state === 'blocked' && lastClose?.cause.kind === 'temporary-ban'

/** What a reconnect does depends on whether there is a connection, and on who closed it. */
function reconnectHappens({ status }: AccountView): readonly string[] {
  if (isBan(status))
    return [
      'WhatsApp has banned this account for a time. A try before the ban is over does not end it, and may make it longer.',
      'If you can, wait: the account is tried by itself when the ban is over.',
    ]
  if (isOpen(status))
    return [
      'The connection is closed and opened again, with the same credentials.',
      'No session is set aside. Messages sent meanwhile arrive afterwards.',
    ]
  const { nextAttemptAt: at } = status
  return [
    at === undefined
      ? 'The account is offline. It is tried now, with the same credentials.'
      : `The account is offline. It is tried now in place of at ${timeOfDay(at)}, with the same credentials.`,
    'If the try fails, the next one comes by itself.',
  ]
}

/** The first sentence of what happens to the connection. */
const closes = ({ status }: AccountView, rest: string): string =>
  isOpen(status) ? `The connection is closed, and ${rest}` : `${rest.charAt(0).toUpperCase()}${rest.slice(1)}`

const sessionsWhyNot =
  (otherwise: string) =>
  ({ status, mode }: AccountView): string => {
    if (mode === 'observe') return 'Only observing: nothing is set aside'
    return isOpen(status) ? otherwise : 'Only while the account is connected'
  }

/** What a person may ask for, and what will happen then. */
export const actionWords: readonly ActionWords[] = [
  {
    action: 'reconnect',
    can: 'reconnect',
    title: 'Reconnect',
    hint: 'Connect anew, with the same credentials',
    question: 'Reconnect this account?',
    happens: reconnectHappens,
    whyNot: ({ status }) => (status.state === 'stopped' ? 'Supervision is stopped' : 'It connects already'),
    confirm: 'Reconnect',
    done: 'A reconnect was asked for.',
  },
  {
    action: 'prune-failing',
    can: 'pruneFailing',
    title: 'Set failing sessions aside',
    hint: 'Only those of contacts that cannot be read',
    question: 'Set the failing sessions aside?',
    happens: (view) => [
      closes(
        view,
        'the session files of contacts whose messages cannot be read go into the quarantine, from where they can be restored.',
      ),
      'It then reconnects with the same credentials; new sessions are made with the next messages.',
    ],
    whyNot: sessionsWhyNot('No contact is failing at the moment'),
    confirm: 'Set failing aside',
    done: 'The failing sessions are being set aside.',
  },
  {
    action: 'prune-all',
    can: 'pruneAll',
    title: 'Set all sessions aside',
    hint: 'Every contact makes a new session',
    question: 'Set all sessions aside?',
    happens: (view) => [
      closes(view, 'every session file goes into the quarantine, from where it can be restored.'),
      'It then reconnects with the same credentials. Each contact makes a new session with its next message; the first one may come late.',
      'The credentials are not touched: nobody has to scan a code.',
    ],
    whyNot: sessionsWhyNot('Not possible at the moment'),
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
    happens: ({ status }) =>
      status.state === 'awaitingQr'
        ? ['A new series of codes is shown here, for somebody with the phone to scan.']
        : [
            `${isOpen(status) ? 'The account goes offline' : 'The account stays offline'}, and a code is shown here for somebody with the phone to scan.`,
            'The old credentials stay where they are until the new pairing has opened; then they go into the quarantine.',
            ...(isBan(status) ? ['This does not end the ban, and may make it longer.'] : []),
          ],
    whyNot: ({ status }) => (status.state === 'stopped' ? 'Supervision is stopped' : 'A pairing is being completed'),
    confirm: 'Show a code',
    done: 'A code was asked for; it appears on this page.',
    grave: true,
  },
]

export const wordsOf = (action: ActionWords['action']): ActionWords => {
  const words = actionWords.find((one) => one.action === action)
  if (!words) throw new Error(`There is no action ${action}.`)
  return words
}

/** After a code was asked for by mistake. */
export const keepLink: ActionWords = {
  ...wordsOf('reconnect'),
  question: 'Keep the old link?',
  happens: () => ['No further code is shown, and the account is connected again with the credentials that it had.'],
  confirm: 'Keep the old link',
  done: 'The old credentials are tried again.',
}
