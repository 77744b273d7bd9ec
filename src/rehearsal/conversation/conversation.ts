import type { Contact, FakeWhatsApp, Group } from '../fake-whatsapp/index.ts'
import { AccountSide, type Said } from './account-side.ts'
import type { ConversationClient } from './client.ts'
import { Happenings } from './happenings.ts'
import { ReadIndex, readersOf, toAccount, toContacts, type Written } from './judge.ts'
import type { ConversationReport, Entry } from './report.ts'
import { Script, type Span, type Voice, voicesOf } from './script.ts'
import { warmUp } from './warm-up.ts'

export interface ConversationOptions {
  readonly server: FakeWhatsApp
  /** Of the account, which is linked and connected. */
  readonly number: string
  readonly client: Pick<ConversationClient, 'send' | 'onHeard'>
  /** Who writes to the account alone. */
  readonly contacts: readonly Contact[]
  /** Groups that the account is in; the contacts in them write there. Default: none. */
  readonly groups?: readonly Group[]
  readonly seed: number | string
  /** How many messages each device of a contact writes, to the account and in each group. */
  readonly messages: number
  /** Between two messages of one writer in one chat. */
  readonly gapMs: Span
  /** From a message that is told to its answer. Absent: the account answers nothing. */
  readonly answerMs?: Span
  /** How many messages the account writes unasked in each chat. Default 0. */
  readonly unasked?: number
  /**
   * Whether each chat begins with a message each way, one chat after the other, which count for nothing. Default true.
   */
  readonly warmUp?: boolean
  /** What else happens meanwhile, such as faults; the conversation is not over before it has resolved. */
  readonly meanwhile?: () => Promise<void>
  /**
   * When everything is written, what is not read yet is given up after nothing has happened for that long. Default 3 s.
   */
  readonly quietMs?: number
  /** And after that long in any case. Default 60 s. */
  readonly endsWithinMs?: number
}

const defaultQuietMs = 3_000
const defaultEndsMs = 60_000

/**
 * Contacts and an account write to each other at random gaps. Resolves with what became of it, once all is read or
 * nothing happens any more. Never rejects for what was lost.
 */
export function converse(options: ConversationOptions): Promise<ConversationReport> {
  return new Conversation(options).run()
}

let conversations = 0

class Conversation {
  readonly #options: ConversationOptions
  /** At the beginning of each text, so that no text of another conversation is taken for one of this. */
  readonly #name = `c${++conversations}`
  readonly #script: Script
  readonly #happenings = new Happenings()
  readonly #index = new ReadIndex()
  readonly #voices: readonly Voice[]
  readonly #groups: readonly Group[]
  readonly #written: Written[] = []
  readonly #events: (Entry | (Omit<Entry, 'text'> & { readonly id: string }))[] = []
  readonly #textOf = new Map<string, string>()
  #startedAt = 0

  constructor(options: ConversationOptions) {
    const { contacts, groups = [], seed } = options
    this.#options = options
    this.#script = new Script(seed)
    this.#groups = groups
    this.#voices = voicesOf(contacts, groups)
  }

  async run(): Promise<ConversationReport> {
    const { server, client, answerMs, meanwhile } = this.#options
    const { quietMs = defaultQuietMs, endsWithinMs = defaultEndsMs } = this.#options
    const cold =
      this.#options.warmUp === false ? [] : await warmUp({ ...this.#options, voices: this.#voices, name: this.#name })
    this.#startedAt = performance.now()
    const account = new AccountSide({
      client,
      script: this.#script,
      ...(answerMs && { answerMs }),
      onHeard: ({ text }) => this.#note('told to the account', text),
      onSaid: (said) => this.#said(said),
    })
    const off = server.onEvent(({ kind, detail: id, contact }) => {
      const what = contact === undefined ? kind : `${kind}: ${contact}`
      if (id !== undefined) this.#events.push({ ms: this.#ms, what, id })
      this.#happenings.happened()
    })
    try {
      await Promise.all([
        ...this.#voices.map((voice) => this.#speak(voice)),
        ...this.#chats.map((chat) => this.#sayUnasked(account, chat)),
        meanwhile?.(),
      ])
      const complete = await this.#happenings.untilQuiet(() => this.#complete(account), quietMs, endsWithinMs)
      return this.#report(account, cold, complete)
    } finally {
      off()
      account.end()
    }
  }

  get #ms(): number {
    return performance.now() - this.#startedAt
  }

  get #chats(): string[] {
    return [...this.#options.contacts.map(({ from }) => from), ...this.#groups.map(({ jid }) => jid)]
  }

  async #speak(voice: Voice): Promise<void> {
    const { number, messages, gapMs } = this.#options
    const { name, contact, device, group } = voice
    for (let count = 1; count <= messages; count += 1) {
      const text = `${this.#name} ${name} ${count}`
      await pause(this.#script.ms(`${name} ${count}`, gapMs))
      const delivery = await contact.sendFrom(device, group ?? number, text)
      this.#textOf.set(delivery.id, text)
      this.#written.push({ text, voice, delivery })
      this.#note('written', text)
    }
  }

  async #sayUnasked(account: AccountSide, chat: string): Promise<void> {
    const { unasked = 0, gapMs } = this.#options
    const said: Promise<void>[] = []
    for (let count = 1; count <= unasked; count += 1) {
      await pause(this.#script.ms(`to ${chat} ${count}`, gapMs))
      said.push(account.say(chat, `${this.#name} to ${chat} ${count}`))
    }
    await Promise.all(said)
  }

  #said({ text, id, refused }: Said): void {
    if (id !== undefined) this.#textOf.set(id, text)
    this.#note(refused === undefined ? 'sent by the account' : `refused: ${refused}`, text)
  }

  #note(what: string, text: string): void {
    this.#events.push({ ms: this.#ms, what, text })
    this.#happenings.happened()
  }

  #complete(account: AccountSide): boolean {
    if (!account.idle) return false
    const told = new Set(account.heard.map(({ text }) => text))
    return (
      this.#written.every(({ text, delivery }) => told.has(text) && delivery.receipts.length > 0) &&
      account.said.every(
        ({ text, chat, refused }) =>
          refused !== undefined || this.#readers(chat).every(({ device }) => this.#index.times(device, text) > 0),
      )
    )
  }

  #readers(chat: string) {
    return readersOf(chat, { contacts: this.#options.contacts, groups: this.#groups })
  }

  #report(account: AccountSide, cold: readonly string[], complete: boolean): ConversationReport {
    const { server, seed, contacts } = this.#options
    const { said } = account
    const sent = said.filter(({ id }) => id !== undefined)
    return {
      seed,
      toAccount: toAccount(this.#written, account.heard),
      toContacts: toContacts(said, this.#index, server, { contacts, groups: this.#groups }),
      refused: said.flatMap(({ text, refused }) => (refused === undefined ? [] : [`${text}: ${refused}`])),
      lostOnTheWay: sent.flatMap(({ text, id = '' }) => (server.sentMessage(id) ? [] : [text])),
      cold,
      complete,
      tookMs: this.#ms,
      order: this.#events.flatMap((event) => {
        if ('text' in event) return [event]
        const text = this.#textOf.get(event.id)
        return text === undefined ? [] : [{ ms: event.ms, what: event.what, text }]
      }),
    }
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
