import type { BinaryNode, proto, WAMessageKey } from '../../../baileys/baileys-types.ts'
import { BoundedCache } from '../../../baileys/bounded-cache.ts'
import { isOwn, isSameUser, isShared, type RetryReceipt, readReceipt, type Self } from '../../../baileys/receipt.ts'
import { bundleIn, type RetryBundle } from '../../../baileys/retry-bundle.ts'
import type { RetryTurn } from '../../../baileys/retry-turn.ts'
import { addressLine, isMappable, mappedAddress, signalAddress } from '../../../baileys/signal-address.ts'
import type { BaileysSocket } from '../../../baileys/socket.ts'
import { isOpen } from '../../../baileys/transport-state.ts'
import { read } from '../../../errors/error-chain.ts'
import type { SendWatch } from './send-watch.ts'
import { type SentMessage, type SentMessages, withoutDevice } from './sent-messages.ts'

/** Baileys' own `maxMsgRetryCount`: so often one device gets one message again, whoever sends it. */
const mostAnswers = 5
/** As long as Baileys remembers how often it answered. */
const answersForMs = 3_600_000
const mostRemembered = 4_096
/**
 * A message that is asked for before its own send has ended is waited for so long: Baileys answers a send when what it
 * changed is stored.
 */
const sendTakesMs = 5_000

/** How often each device got each message again. One for an account, across its sockets. */
export class AnswerCount {
  readonly #counts = new BoundedCache({ entries: mostRemembered, ageMs: answersForMs })

  isSpent(id: string, device: string): boolean {
    return (this.#counts.get<number>(`${id} ${device}`) ?? 0) >= mostAnswers
  }

  add(id: string, device: string): void {
    const key = `${id} ${device}`
    this.#counts.set(key, (this.#counts.get<number>(key) ?? 0) + 1)
  }
}

/** Which device asks, and where. */
type Asker = Pick<RetryReceipt, 'device' | 'chat' | 'own' | 'count'>

interface ResenderParts {
  readonly socket: BaileysSocket
  readonly self: () => Self | undefined
  readonly sent: SentMessages
  readonly sends: SendWatch
  readonly answers: AnswerCount
  readonly report: (error: unknown, doing: string) => void
}

/**
 * Sends again over one socket what a device asks for and Baileys does not have: to that device alone, in the session of
 * the keys that it put into its question, or in one with keys of the server. A message goes only to whom it was sent
 * to: who names the id of another's message gets nothing.
 */
export class Resender {
  readonly #parts: ResenderParts
  #stopped = false

  constructor(parts: ResenderParts) {
    this.#parts = parts
  }

  /** Baileys is through with a retry receipt: what it did not answer is answered here. Rejects if that fails. */
  async answer(node: BinaryNode, turn: RetryTurn): Promise<void> {
    const { self, answers } = this.#parts
    const receipt = readReceipt(node, self())
    if (receipt?.type !== 'retry') return
    const { id, device } = receipt
    if (turn.answered) answers.add(id, device)
    else if (!answers.isSpent(id, device)) {
      const message = await this.#messageFor(receipt)
      if (message) await this.#send(message, receipt, bundleIn(node), [...turn.begun.values()])
    }
  }

  /** Sends these messages again to a device that has a new session, as far as they are kept. What fails is reported. */
  async again(device: string, ids: readonly string[]): Promise<void> {
    const { sent, answers, self } = this.#parts
    for (const id of ids) {
      if (answers.isSpent(id, device)) continue
      const message = sent.find(id)
      if (!message) continue
      const own = isOwn(device, self())
      const to = { device, chat: own || isShared(message.to) ? message.to : device, own, count: 1 }
      if (await this.#isFor(message, to)) await this.#relay(message, to)
    }
  }

  /**
   * For `makeWASocket`. A group's message that another member asks for is left to `answer`, which sends it to that
   * member: Baileys would send it to all of them again, for each that asks.
   */
  async getMessage(
    { id, remoteJid, participant }: WAMessageKey,
    answered: boolean,
  ): Promise<proto.IMessage | undefined> {
    const { sent, sends, self } = this.#parts
    if (!id || !remoteJid || this.#stopped) return undefined
    if (answered && participant && isShared(remoteJid) && !isOwn(participant, self())) return undefined
    await sends.settled(remoteJid, sendTakesMs)
    const message = sent.find(id)
    return message && (await this.#isFor(message, { chat: remoteJid, own: false })) ? message.message : undefined
  }

  /**
   * v7 looks into its own memory by the chat that it sent to, which is none of a contact's second device's and none of
   * a LID's; a group's messages it would send to all again.
   */
  inMemoryOf7(): () => void {
    const memory: unknown = this.#parts.socket.messageRetryManager
    const own: unknown = read(memory, 'getRecentMessage')
    if (typeof memory !== 'object' || memory === null || typeof own !== 'function') return () => undefined
    const look = (chat: string, id: string): unknown =>
      Reflect.apply(own, memory, [chat, id]) ?? (this.#stopped ? undefined : this.#recent(chat, id))
    if (!Reflect.set(memory, 'getRecentMessage', look)) return () => undefined
    return () => {
      if (read(memory, 'getRecentMessage') === look) Reflect.set(memory, 'getRecentMessage', own)
    }
  }

  stop(): void {
    this.#stopped = true
  }

  #recent(chat: string, id: string): { readonly message: proto.IMessage; readonly timestamp: number } | undefined {
    if (isShared(chat)) return undefined
    const found = this.#parts.sent.find(id)
    return found && isSameUser(chat, found.to) ? { message: found.message, timestamp: found.at } : undefined
  }

  async #messageFor(receipt: RetryReceipt): Promise<SentMessage | undefined> {
    const { sent, sends } = this.#parts
    if (receipt.chat !== undefined) await sends.settled(receipt.chat, sendTakesMs)
    const message = sent.find(receipt.id)
    return message && (await this.#isFor(message, receipt)) ? message : undefined
  }

  /** Whether a message was sent to whoever asks for it. */
  async #isFor({ to }: SentMessage, { chat, own }: Pick<Asker, 'chat' | 'own'>): Promise<boolean> {
    if (own) return true
    if (chat === undefined || isShared(chat) || isShared(to)) return chat === to
    return isSameUser(chat, to) || this.#isMapped(chat, to)
  }

  /** v7 knows which number is which LID. */
  async #isMapped(chat: string, to: string): Promise<boolean> {
    const { socket } = this.#parts
    const line = addressLine(socket)
    if (line === 'v6' || isMappable(chat) === isMappable(to)) return false
    const [number, lid] = isMappable(chat) ? [chat, to] : [to, chat]
    const user = (address: string) => address.slice(0, address.lastIndexOf('.'))
    return user(await mappedAddress(socket, number)) === user(signalAddress(lid, line))
  }

  async #send(
    message: SentMessage,
    to: RetryReceipt,
    bundle: RetryBundle | undefined,
    begun: readonly unknown[],
  ): Promise<void> {
    const { socket } = this.#parts
    const { device } = to
    if (bundle) {
      // v7 has begun a session with these very keys already; a second one would use the one-time key up twice.
      if (!begun.some((session) => isOf(session, bundle))) await this.#begin(device, bundle)
    } else if (begun.length === 0) await socket.assertSessions?.([device], true)
    await this.#relay(message, to)
  }

  async #begin(jid: string, session: RetryBundle): Promise<void> {
    const { signalRepository } = this.#parts.socket
    const begin: unknown = read(signalRepository, 'injectE2ESession')
    if (typeof begin === 'function') await Reflect.apply(begin, signalRepository, [{ jid, session }])
  }

  async #relay({ id, to, message }: SentMessage, { device, chat = to, count }: Asker): Promise<void> {
    const { socket, answers, report } = this.#parts
    if (this.#stopped || isOpen(socket.ws) === false) return
    answers.add(id, device)
    try {
      const options = { messageId: id, participant: { jid: device, count } }
      await socket.relayMessage?.(withoutDevice(chat) ?? to, message as never, options as never)
    } catch (error) {
      // A connection that has gone is told by itself, and the question for the message comes again over the next one.
      if (!this.#stopped && isOpen(socket.ws) !== false) report(error, 'sending a message again')
    }
  }
}

/** Whether a session was begun with these keys. */
function isOf(session: unknown, { registrationId, preKey, signedPreKey }: RetryBundle): boolean {
  return (
    read(session, 'registrationId') === registrationId &&
    read(read(session, 'signedPreKey'), 'keyId') === signedPreKey.keyId &&
    read(read(session, 'preKey'), 'keyId') === preKey?.keyId
  )
}

/**
 * What an owner hands to `makeWASocket` as `getMessage`: for retries, and for what else Baileys asks it, such as the
 * poll that a vote is for.
 */
export type GetMessage = (key: WAMessageKey) => Promise<proto.IMessage | undefined>
