import { AsyncLocalStorage } from 'node:async_hooks'
import { read } from '../errors/error-chain.ts'
import type { BinaryNode } from './baileys-types.ts'
import type { BaileysSocket } from './socket.ts'

/** What Baileys has made of one retry receipt. */
export interface RetryTurn {
  /** It has sealed something in answer to it: with the owner's `getMessage`, or from its own memory. */
  readonly answered: boolean
  /** The sessions that it has begun for it, by the jid of the device. */
  readonly begun: ReadonlyMap<string, unknown>
}

interface Turn {
  answered: boolean
  readonly begun: Map<string, unknown>
}

type Work = () => Promise<unknown> | unknown

/**
 * Tells when Baileys is through with a retry receipt and what it has made of it, so that nobody answers what Baileys
 * has answered. `onThrough` is called in Baileys' own turn, before the receipt is acknowledged and the next one is
 * taken up; what it rejects with ends here. Not called for one that was never begun, nor by a socket that takes
 * receipts in by a way that is not known.
 *
 * Both lines take a receipt in by one function, which reads its content and in the same breath puts the rest of the
 * work into a queue; what came while the account was away waits in another queue before that. The content that is read
 * tells which receipt the work is for; what is sealed in the course of that work, and of no other that goes on beside
 * it, is the answer. The returned function leaves everything as it was.
 */
export function watchRetryTurns(
  socket: BaileysSocket,
  onThrough: (receipt: BinaryNode, turn: RetryTurn) => Promise<void>,
): () => void {
  const queue = queueOf(socket)
  if (!queue || !socket.ws.prependListener) return () => undefined
  const storage = new AsyncLocalStorage<Turn>()
  let running = 0
  /** The receipt whose content was read just now. */
  let taken: BinaryNode | undefined
  let stopped = false

  const arrived = (node: unknown): void => {
    const receipt = node as BinaryNode
    if (read(read(receipt, 'attrs'), 'type') !== 'retry') return
    const { content } = receipt
    Object.defineProperty(receipt, 'content', {
      ...shown,
      get() {
        taken = receipt
        // Whoever reads it without beginning with it, as a listener of the owner may, is over by then.
        queueMicrotask(() => {
          if (taken === receipt) taken = undefined
        })
        return content
      },
    })
  }
  const took = (): BinaryNode | undefined => {
    const receipt = taken
    if (receipt) Object.defineProperty(receipt, 'content', { ...shown, writable: true, value: receipt.content })
    taken = undefined
    return receipt
  }
  const turnOf = async (receipt: BinaryNode, work: Work): Promise<unknown> => {
    const turn: Turn = { answered: false, begun: new Map() }
    running += 1
    try {
      return await storage.run(turn, async () => {
        const result = await work()
        await onThrough(receipt, turn).catch(() => undefined)
        return result
      })
    } finally {
      running -= 1
      // Up to Node 22 every promise of the process is charged for a storage that is enabled.
      if (running === 0) storage.disable()
    }
  }

  const offs = [
    replace(queue, 'mutex', (inTurn) => (work: Work, ...rest: unknown[]) => {
      const receipt = took()
      return inTurn(receipt === undefined || stopped ? work : () => turnOf(receipt, work), ...rest)
    }),
    ...sealing.map((name) =>
      replace(socket.signalRepository, name, (seal) => (...args: unknown[]) => {
        const turn = storage.getStore()
        if (turn) turn.answered = true
        return seal(...args)
      }),
    ),
    replace(socket.signalRepository, 'injectE2ESession', (begin) => (...args: unknown[]) => {
      const [given] = args
      storage.getStore()?.begun.set(String(read(given, 'jid')), read(given, 'session'))
      return begin(...args)
    }),
  ]
  socket.ws.prependListener('CB:receipt', arrived)
  return () => {
    stopped = true
    socket.ws.off('CB:receipt', arrived)
    for (const off of offs) off()
  }
}

const shown = { configurable: true, enumerable: true } as const

/** Both lines seal a message by one of these. */
const sealing = ['encryptMessage', 'encryptGroupMessage'] as const

/** Version 7 has a queue for receipts, 6 one for all that comes in. */
function queueOf({ receiptMutex, processingMutex }: BaileysSocket): object | undefined {
  const queue: unknown = receiptMutex ?? processingMutex
  return typeof queue === 'object' && queue !== null ? queue : undefined
}

type Method = (...args: never[]) => unknown
type AnyMethod = (...args: unknown[]) => unknown

/**
 * Puts another method in the place of one, if it is there; the returned function puts it back, unless somebody has
 * replaced it again.
 */
function replace(owner: object | undefined, name: string, by: (before: AnyMethod) => Method): () => void {
  const before: unknown = read(owner, name)
  if (owner === undefined || typeof before !== 'function') return () => undefined
  const after = by((...args) => Reflect.apply(before, owner, args))
  Reflect.set(owner, name, after)
  return () => {
    if (read(owner, name) === after) Reflect.set(owner, name, before)
  }
}
