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

  /** Messages that no client has said it could read. */
  get unread(): readonly string[] {
    return this.#sent.filter(({ delivery }) => delivery.receipts.length === 0).map(({ text }) => text)
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
