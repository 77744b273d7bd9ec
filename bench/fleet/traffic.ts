import { setTimeout as later } from 'node:timers/promises'
import type { Delivery, FakeWhatsApp } from '../../src/fake-whatsapp/index.ts'

/** Contacts that never stop writing, and what became of every message. */
export class Traffic {
  readonly #server: FakeWhatsApp
  readonly #numbers: readonly string[]
  readonly #sent: { readonly text: string; readonly delivery: Delivery }[] = []
  readonly #read = new Map<string, number>()
  #going: Promise<void> | undefined
  #ended = false

  constructor(server: FakeWhatsApp, numbers: readonly string[]) {
    this.#server = server
    this.#numbers = numbers
  }

  get sent(): number {
    return this.#sent.length
  }

  /** Messages of which nothing shows that a client has decrypted them. */
  get unread(): readonly string[] {
    return this.#unreceipted.filter(({ delivery }) => delivery.nacks.length === 0).map(({ text }) => text)
  }

  /**
   * Messages that came a second time, and whose key had been used: a client had decrypted them, was killed before it acknowledged them, and had not told its parent either.
   * What was going on in a process at a SIGKILL nobody can know.
   */
  get cutShort(): readonly string[] {
    return this.#unreceipted.filter(({ delivery }) => delivery.nacks.length > 0).map(({ text }) => text)
  }

  /** Messages that gateways were told of more than once. */
  get twice(): readonly string[] {
    return [...this.#read].filter(([, times]) => times > 1).map(([text]) => text)
  }

  /** Retry receipts: a client that had a message and could not read it. */
  get retries(): number {
    return this.#sent.reduce((sum, { delivery }) => sum + delivery.retries.length, 0)
  }

  read(text: string): void {
    this.#read.set(text, (this.#read.get(text) ?? 0) + 1)
  }

  begin(everyMs: number): void {
    this.#going ??= this.#go(everyMs)
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#going
  }

  get #unreceipted() {
    return this.#sent.filter(({ text, delivery }) => delivery.receipts.length === 0 && !this.#read.has(text))
  }

  async #go(everyMs: number): Promise<void> {
    for (let at = 0; !this.#ended; at += 1) {
      const number = this.#numbers[at % this.#numbers.length] ?? ''
      const text = `message ${at} to ${number}`
      const contact = this.#server.contact(`friend of ${number}`)
      this.#sent.push({ text, delivery: await contact.send(number, text) })
      await later(everyMs)
    }
  }
}
