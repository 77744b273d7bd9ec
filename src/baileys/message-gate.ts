import type { BaileysSocket } from './socket.ts'
import { isOpen } from './transport-state.ts'

/**
 * The queue in which a socket takes in one message after the other: v7 has one for messages, v6 one for receipts and
 * notifications too.
 */
interface MessageQueue {
  mutex<T>(work: () => Promise<T> | T): Promise<T>
}

/** Stands between the messages that have arrived on a socket and their decryption. */
export interface MessageGate {
  /**
   * From now on no message is taken up. Resolves when the one that is under way has been decrypted, acknowledged and
   * told.
   */
  shut(): Promise<void>
  /** For how long the message that is under way has been; 0 if none is. */
  readonly busyMs: number
  /** How many have arrived and are not taken in yet; on Baileys 6 receipts and notifications are among them. */
  readonly waiting: number
  /** The connection is gone; whoever waits at the gate learns so. */
  release(): void
}

/** What a message meets that was not begun. Baileys waits for some of them and not for others. */
export class ConnectionGone extends Error {
  override readonly name = 'ConnectionGone'
}

/**
 * Decrypting uses a message's key up, and Baileys tells of a message only after it has acknowledged it: one that is
 * decrypted while its connection ends is told to nobody, and when it comes again it cannot be read. So none is begun on
 * a connection that is closed or about to be; what was not begun was not acknowledged, and comes again after the next
 * login. A socket that has no such queue is left as it is.
 *
 * Both lines put what they read of a backlog, and have acknowledged, into their event buffer. v6 empties it only when
 * something comes live, which on a quiet account is never; either may wait half a minute for a history, or for a word
 * of the server that never comes (WhiskeySockets/Baileys issue 2810). `onTaken` is called after each piece of the
 * queue, so that it can be told at once, as Baileys itself tells what comes live.
 */
export function gateMessages(
  socket: Pick<BaileysSocket, 'ws' | 'messageMutex' | 'processingMutex'>,
  onTaken: () => void = () => undefined,
): MessageGate {
  const queue: unknown = socket.messageMutex ?? socket.processingMutex
  let isShut = false
  let busySince: number | undefined
  let waiting = 0
  let underWay: Promise<unknown> = Promise.resolve()
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  if (isQueue(queue)) {
    const inTurn = queue.mutex.bind(queue)
    queue.mutex = (work) => {
      waiting += 1
      return inTurn(async () => {
        // An error at once would be answered to the server as a message that is unreadable for ever.
        if (isShut) await released
        if (isShut || isOpen(socket.ws) === false) throw new ConnectionGone('Connection Closed')
        busySince = performance.now()
        const result = Promise.resolve(work()).finally(() => {
          busySince = undefined
        })
        underWay = result.catch(() => undefined).then(onTaken)
        return result
      }).finally(() => {
        waiting -= 1
      })
    }
  }
  return {
    get busyMs() {
      return busySince === undefined ? 0 : performance.now() - busySince
    },
    get waiting() {
      return waiting
    },
    async shut() {
      isShut = true
      await underWay
    },
    release: () => release(),
  }
}

export const isQueue = (value: unknown): value is MessageQueue =>
  typeof value === 'object' && value !== null && 'mutex' in value && typeof value.mutex === 'function'
