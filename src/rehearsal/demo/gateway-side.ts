import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Contact, type FakeWhatsApp, type Phone, startFakeWhatsApp } from '../fake-whatsapp/index.ts'
import { answerTo } from './bot.ts'
import { owner } from './cast.ts'
import type { SideName, Verdict } from './gateway-events.ts'
import { LoopProcess, type LoopSaid } from './loop-process.ts'
import { until } from './until.ts'

const writeAgainMs = 1_500

export interface SideParts {
  readonly side: SideName
  /** A folder of its own. */
  readonly place: string
  readonly policy: string
  readonly tell: (text: string) => void
  /** Begins its process; default: one in which the loop runs. */
  readonly begin?: (...of: Parameters<typeof LoopProcess.begin>) => Pick<LoopProcess, 'ended' | 'kill'>
}

/** One of the two: the loop in a process, its account's folder, and a server of its own. */
export class GatewaySide {
  readonly server: FakeWhatsApp
  readonly phone: Phone
  readonly folder: string
  readonly #parts: SideParts
  readonly #contact: Contact
  #loop: Pick<LoopProcess, 'ended' | 'kill'> | undefined
  /** The newest code that was shown since the process began. */
  #code: string | undefined
  #givenUp = false
  #texts = 0

  constructor(server: FakeWhatsApp, parts: SideParts) {
    this.server = server
    this.#parts = parts
    this.folder = join(parts.place, 'auth')
    this.phone = server.phone(owner)
    this.#contact = server.contact('Ada')
  }

  static async open(parts: SideParts): Promise<GatewaySide> {
    return new GatewaySide(await startFakeWhatsApp({ seed: parts.side, claimedPreKeys: 1 }), parts)
  }

  start(): void {
    const { side, policy, place, begin = LoopProcess.begin } = this.#parts
    this.#code = undefined
    this.#givenUp = false
    const { url, rootKey } = this.server
    const loop = begin({ side, policy, place, folder: this.folder, url, rootKey }, (said) => {
      if (this.#loop === loop) this.#said(said)
    })
    this.#loop = loop
  }

  /** Nothing more comes of this process. */
  get ended(): boolean {
    return this.#givenUp || this.#loop === undefined || this.#loop.ended
  }

  async kill(): Promise<void> {
    const loop = this.#loop
    this.#loop = undefined
    await loop?.kill()
  }

  /** As a power cut leaves it. */
  async tearCreds(): Promise<void> {
    const creds = join(this.folder, 'creds.json')
    await copyFile(creds, join(this.#parts.place, 'creds.backup'))
    const bytes = await readFile(creds)
    await writeFile(creds, bytes.subarray(0, Math.floor(bytes.length / 2)))
  }

  /**
   * What somebody has to do by hand, so that the next scene can begin: what was torn is put back, and the process
   * started anew.
   */
  async byHand(): Promise<void> {
    await this.kill()
    this.server.clear()
    await copyFile(join(this.#parts.place, 'creds.backup'), join(this.folder, 'creds.json')).catch(() => undefined)
    this.start()
  }

  /** Scans what it shows, once it shows something. */
  async link(isOver: () => boolean): Promise<void> {
    while (this.#code === undefined && !this.ended && !isOver()) await until(() => this.#code !== undefined, 100)
    if (this.#code === undefined) return
    await this.phone.scan(this.#code)
    this.#parts.tell('the phone scans its code')
  }

  /** Somebody writes, again and again, until the answer can be read, or it is clear that none comes. */
  async answers(isOver: () => boolean, wantsCode = false): Promise<Verdict> {
    const since = performance.now()
    const ms = () => Math.round(performance.now() - since)
    const before = this.#texts
    let writtenAt = Number.NEGATIVE_INFINITY
    const isAnswered = () => {
      const asked = Array.from({ length: this.#texts - before }, (_, at) => answerTo(this.#textOf(before + at + 1)))
      return asked.some((answer) => this.#contact.received.includes(answer))
    }
    while (!isAnswered()) {
      if (this.ended) return { back: false, end: this.#givenUp ? 'dials no more' : 'has ended', ms: ms() }
      if (this.#code !== undefined && !wantsCode) return { back: false, end: 'asks to be linked anew', ms: ms() }
      if (isOver()) return { back: false, end: 'is silent', ms: ms() }
      if (this.phone.devices().length > 0 && performance.now() - writtenAt > writeAgainMs) {
        writtenAt = performance.now()
        this.#texts += 1
        await this.#contact.send(this.phone, this.#textOf(this.#texts))
      }
      await until(isAnswered, 100)
    }
    return { back: true, end: 'answers', ms: ms() }
  }

  async close(): Promise<void> {
    await this.kill()
    await this.server.stop()
  }

  #textOf(number: number): string {
    return `Are you there? ${number}`
  }

  #said({ type, code }: LoopSaid): void {
    const { tell } = this.#parts
    if (type === 'code') {
      if (this.#code === undefined) tell('shows a code to scan')
      this.#code = String(code)
    } else if (type === 'open') {
      this.#code = undefined
      tell('is connected')
    } else if (type === 'close') tell(`is told a close, ${code ?? 'without a code'}`)
    else if (type === 'given-up') {
      this.#givenUp = true
      tell('dials no more')
    } else if (type === 'exit') tell(`ends with exit code ${code}`)
  }
}
