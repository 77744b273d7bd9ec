import { type BaileysSocket, listen } from '../../../baileys/socket.ts'
import { read } from '../../../errors/error-chain.ts'
import { type SentMessages, withoutDevice } from './sent-messages.ts'

/** Knows which messages are on their way out over one socket. */
export interface SendWatch {
  /**
   * Resolves when what was being sent to a chat when it was asked for is sent, or could not be; or when the time is
   * over.
   */
  settled(chat: string, withinMs: number): Promise<void>
  stop(): void
}

/** `WebMessageInfo.Status.PENDING`, which a message has that was made here and not by another device of the account. */
const pending = 1

/**
 * Keeps what is sent over a socket: what its `sendMessage` and `relayMessage` are called with, and what the account's
 * own events tell, for whoever took hold of those methods before. The owner's calls get what they got before, as soon
 * as they got it. `stop` leaves everything as it was.
 */
export function watchSends(socket: BaileysSocket, sent: SentMessages): SendWatch {
  const underWay = new Map<string, Set<Promise<unknown>>>()
  const { sendMessage, relayMessage } = socket

  const follow = (chat: unknown, work: unknown): void => {
    const to = typeof chat === 'string' ? withoutDevice(chat) : undefined
    if (to === undefined || !(work instanceof Promise)) return
    const done = work.then(ignore, ignore)
    const others = underWay.get(to) ?? new Set()
    underWay.set(to, others.add(done))
    void done.then(() => {
      others.delete(done)
      if (others.size === 0) underWay.delete(to)
    })
  }
  const offs = [
    wrap(socket, 'sendMessage', sendMessage, (args, result) => {
      follow(args[0], result)
      after(result, (message) => keep(sent, message))
    }),
    wrap(socket, 'relayMessage', relayMessage, ([chat, message, options], result) => {
      // To one device: it is sent again, and is kept already if it can be.
      if (typeof chat !== 'string' || read(options, 'participant') !== undefined) return
      follow(chat, result)
      const id = read(options, 'messageId')
      if (typeof id === 'string') sent.add(id, chat, message)
      else after(result, (given) => sent.add(String(given), chat, message))
    }),
    listen(socket.ev, 'messages.upsert', (upsert) => {
      const messages: unknown = read(upsert, 'messages')
      if (!Array.isArray(messages)) return
      for (const message of messages)
        if (read(read(message, 'key'), 'fromMe') === true && read(message, 'status') === pending) keep(sent, message)
    }),
  ]
  return {
    async settled(chat, withinMs) {
      const waiting = underWay.get(withoutDevice(chat) ?? '')
      if (!waiting) return
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs)
      })
      await Promise.race([Promise.all(waiting), late])
      clearTimeout(timer)
    },
    stop() {
      for (const off of offs) off()
    },
  }
}

const ignore = (): void => undefined

/** A message as Baileys hands it out. */
function keep(sent: SentMessages, info: unknown): void {
  const id = read(read(info, 'key'), 'id')
  const chat = read(read(info, 'key'), 'remoteJid')
  const message = read(info, 'message')
  if (typeof id === 'string' && typeof chat === 'string' && message) sent.add(id, chat, message)
}

function after(result: unknown, told: (value: unknown) => void): void {
  if (result instanceof Promise) result.then(told).catch(ignore)
}

type Look = (args: readonly unknown[], result: unknown) => void

/**
 * Looks at the calls of a method from the side: what it is called with, what it returns and what it throws stay as they
 * are.
 */
function wrap(socket: object, name: string, method: unknown, look: Look): () => void {
  if (typeof method !== 'function') return ignore
  const looked = function (this: unknown, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(method, this, args)
    try {
      look(args, result)
    } catch {
      // Whatever it is called with, the send goes its way.
    }
    return result
  }
  if (!Reflect.set(socket, name, looked)) return ignore
  return () => {
    if (read(socket, name) === looked) Reflect.set(socket, name, method)
  }
}
