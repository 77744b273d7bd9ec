import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import type { Delivery, FakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'

/** Contacts that never stop writing, and what became of every message. */
export class Traffic {
  readonly #server: FakeWhatsApp
  readonly #numbers: readonly string[]
  readonly #sent: { readonly text: string; readonly delivery: Delivery }[] = []
  /** Where hosts write down what they read. */
  readonly #readings: string
  #going: Promise<void> | undefined
  #ended = false

  constructor(server: FakeWhatsApp, numbers: readonly string[], readings: string) {
    this.#readings = readings
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
   * Messages that came a second time, and whose key had been used: a client had decrypted them, was killed before it
   * acknowledged them, and had not told anybody either. What was going on in a process at a SIGKILL nobody can know.
   */
  get cutShort(): readonly string[] {
    return this.#unreceipted.filter(({ delivery }) => delivery.nacks.length > 0).map(({ text }) => text)
  }

  /** Messages that gateways were told of more than once. */
  get twice(): readonly string[] {
    return [...this.#read()].filter(([, times]) => times > 1).map(([text]) => text)
  }

  /** Retry receipts: a client that had a message and could not read it. */
  get retries(): number {
    return this.#sent.reduce((sum, { delivery }) => sum + delivery.retries.length, 0)
  }

  begin(everyMs: number): void {
    this.#going ??= this.#go(everyMs)
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#going
  }

  get #unreceipted() {
    const unreceipted = this.#sent.filter(({ delivery }) => delivery.receipts.length === 0)
    if (unreceipted.length === 0) return []
    const read = this.#read()
    return unreceipted.filter(({ text }) => !read.has(text))
  }

  #read(): ReadonlyMap<string, number> {
    const times = new Map<string, number>()
    for (const name of readdirSync(this.#readings))
      for (const text of readFileSync(join(this.#readings, name), 'utf8').split('\n').slice(0, -1))
        times.set(text, (times.get(text) ?? 0) + 1)
    return times
  }

  /** Messages that no gateway was told of, whatever the server was. */
  get untold(): readonly string[] {
    const read = this.#read()
    return this.#sent.filter(({ text }) => !read.has(text)).map(({ text }) => text)
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
