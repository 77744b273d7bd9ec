import { read } from '../errors/error-chain.ts'
import { isQueue } from './message-gate.ts'
import { signalRepositoryOf } from './signal-repository.ts'
import type { BaileysSocket } from './socket.ts'
import { hasListenerLists } from './transport-listeners.ts'
import { isOpen } from './transport-state.ts'

/** A part that both lines of Baileys have and a fork may lack. */
interface PartRow {
  /** What it is called in a log. */
  readonly part: string
  readonly isThere: (socket: BaileysSocket) => boolean
  /** What is switched off without it; the rest of a sentence. */
  readonly off: string
}

const has =
  (...names: string[]) =>
  (value: unknown): boolean =>
    names.every((name) => typeof read(value, name) === 'function')

/**
 * Asked of each socket by what it can do, whatever it calls itself and its version. None of these is needed for
 * messages to come in and go out.
 */
export const partRows: readonly PartRow[] = [
  {
    part: 'state of its transport',
    isThere: ({ ws }) => isOpen(ws) !== undefined,
    off: 'a message that is read while the connection ends may be lost',
  },
  {
    part: 'queue of messages',
    isThere: ({ messageMutex, processingMutex }) => isQueue(messageMutex ?? processingMutex),
    off: 'a message that is read while the connection ends may be lost, and a backlog is told when Baileys tells it',
  },
  {
    part: 'Signal repository of a known kind',
    isThere: (socket) => signalRepositoryOf(socket) !== undefined,
    off: 'what is sent to a contact while its message is read may break that session, and a message that comes again may be told twice',
  },
  {
    part: 'transactions of its keys',
    isThere: ({ authState }) => has('transaction')(authState.keys),
    off: 'what is sent to a contact while its message is read may break that session',
  },
  {
    part: 'list of listeners on its transport',
    isThere: ({ ws }) => hasListenerLists(ws),
    off: 'what Baileys itself stumbles over may end the process',
  },
  {
    part: 'assertSessions',
    isThere: has('assertSessions'),
    off: 'a contact whose session is forgotten gets a new one when it is next written to',
  },
  {
    part: 'sendRetryRequest',
    isThere: has('sendRetryRequest'),
    off: 'a message that could not be read is not asked for once more when its session is renewed',
  },
  {
    part: 'relayMessage',
    isThere: has('relayMessage'),
    off: 'what a contact could not read is not sent to it again',
  },
]

/** What a socket cannot do, and what is switched off for it. Nothing for both lines of Baileys. */
export function socketLacks(socket: BaileysSocket): readonly Pick<PartRow, 'part' | 'off'>[] {
  return partRows.filter(({ isThere }) => !isThere(socket))
}
