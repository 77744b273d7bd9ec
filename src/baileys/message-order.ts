import { read } from '../errors/error-chain.ts'
import { ciphertextsOf } from './arrived-messages.ts'
import { KeyedLock } from './keyed-lock.ts'
import { isQueue } from './message-gate.ts'
import { signalRepositoryOf, wrapDecrypts } from './signal-repository.ts'
import type { BaileysSocket } from './socket.ts'
import { hasListenerLists, type Listener } from './transport-listeners.ts'

const event = 'CB:message'

/**
 * How long a message waits for the backlog of its chat while nothing of the backlog is taken in: Baileys may have
 * dropped it.
 */
const patienceMs = 30_000

/**
 * Has Baileys take in the messages of each sender in a chat in the order in which they came, also where its store is
 * slow. Otherwise one overtakes another in two ways, and a message to a group cannot be read before the first of its
 * sender, in which the key lies:
 *
 * - Both lines work off the backlog beside what comes live.
 * - Baileys 7 writes down which number belongs to a sender's LID, and only then queues the message. The next one has
 *   nothing to write down.
 *
 * For a socket that has just been made: what listens by now is Baileys'. The function that it returns is to be called
 * when the socket's repository is complete: some decrypts are answered in its place.
 */
export function keepOrder(socket: BaileysSocket): () => void {
  const { ws } = socket
  if (!hasListenerLists(ws)) return () => undefined
  const senders = new KeyedLock()
  const backlog = watchBacklog(socket)
  const listeners = ws.rawListeners(event)
  ws.removeAllListeners(event)
  for (const listener of listeners) {
    const inOrder: Listener = (node) => {
      const take = () => Reflect.apply(listener, ws, [node])
      if (read(read(node, 'attrs'), 'offline') !== undefined) {
        backlog?.add(node)
        return take()
      }
      return senders.run(senderOf(node), async () => {
        await backlog?.takenIn(senderOf(node))
        await take()
      })
    }
    // So that Baileys' own can be taken off as before.
    ws.on(event, Object.assign(inOrder, { listener: read(listener, 'listener') ?? listener }))
  }
  return () => backlog?.follow()
}

/** What has come of the backlog and is not taken in yet, oldest first. */
interface Backlog {
  /** From now on it sees what is decrypted. */
  follow(): void
  add(node: unknown): void
  /** Resolves when nothing of that sender is left of what has come by now. */
  takenIn(sender: string): Promise<void>
}

interface Waiting {
  readonly sender: string
  readonly over: Promise<void>
  readonly end: () => void
}

/** Knows which message is under way by what is being decrypted; Baileys works the backlog off in its order. */
function watchBacklog(socket: BaileysSocket): Backlog | undefined {
  const repository = signalRepositoryOf(socket)
  const queue: unknown = socket.messageMutex ?? socket.processingMutex
  if (!repository || !isQueue(queue)) return undefined
  const byCiphertext = new WeakMap<Uint8Array, Waiting>()
  let waiting: Waiting[] = []
  let underWay: Waiting | undefined
  const endAll = (ended: readonly Waiting[]) => {
    waiting = waiting.filter((one) => !ended.includes(one))
    for (const { end } of ended) end()
  }
  const begins = (ciphertext: Uint8Array) => {
    underWay = byCiphertext.get(ciphertext) ?? underWay
  }
  const inTurn = queue.mutex.bind(queue)
  queue.mutex = (work) =>
    inTurn(async () => {
      underWay = undefined
      try {
        return await work()
      } finally {
        // What came before it and was not decrypted has been passed over.
        if (underWay) endAll(waiting.slice(0, waiting.indexOf(underWay) + 1))
      }
    })
  socket.ws.on('close', () => endAll(waiting))
  return {
    follow() {
      wrapDecrypts(repository, (ciphertext, decrypt) => {
        begins(ciphertext)
        return decrypt()
      })
    },
    add(node) {
      const ciphertexts = ciphertextsOf(node)
      if (ciphertexts.length === 0) return
      const one = { sender: senderOf(node), ...ending() }
      for (const ciphertext of ciphertexts) byCiphertext.set(ciphertext, one)
      waiting.push(one)
    },
    async takenIn(sender) {
      const last = waiting.findLast((one) => one.sender === sender)
      if (!last) return
      for (let left = waiting.length; ; left = waiting.length) {
        if ((await isOverWithin(patienceMs, last.over)) || waiting.length === left) return
      }
    },
  }
}

function ending(): Pick<Waiting, 'over' | 'end'> {
  let end: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  return { over, end }
}

async function isOverWithin(ms: number, over: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false).unref()
  })
  return Promise.race([over.then(() => true), late]).finally(() => clearTimeout(timer))
}

/** By chat too: what comes from a chat that the owner ignores is never taken in. */
function senderOf(node: unknown): string {
  const attrs = read(node, 'attrs')
  return `${read(attrs, 'from')} ${read(attrs, 'participant')}`
}
