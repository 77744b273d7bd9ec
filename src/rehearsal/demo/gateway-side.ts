import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Contact, type FakeWhatsApp, type Phone, startFakeWhatsApp } from '../fake-whatsapp/index.ts'
import { answerTo } from './bot.ts'
import { owner } from './cast.ts'
import type { SideName, Verdict } from './gateway-events.ts'
import { until } from './until.ts'

const led = new URL('./led.js', import.meta.url)
const reconnectLoop = new URL('./reconnect-loop.js', import.meta.url)
const lifeline = new URL('../../cli/lifeline.js', import.meta.url)
const writeAgainMs = 1_500

interface Said {
  readonly type: 'code' | 'open' | 'close' | 'given-up' | 'read'
  readonly code?: string | number
}

export interface SideParts {
  readonly side: SideName
  /** A folder of its own. */
  readonly place: string
  readonly policy: string
  readonly tell: (text: string) => void
}

/** One of the two: the loop in a process, its account's folder, and a server of its own. */
export class GatewaySide {
  readonly server: FakeWhatsApp
  readonly phone: Phone
  readonly folder: string
  readonly #parts: SideParts
  readonly #contact: Contact
  #child: ChildProcess | undefined
  /** The newest code that was shown since the process began. */
  #code: string | undefined
  #givenUp = false
  #texts = 0

  private constructor(server: FakeWhatsApp, parts: SideParts) {
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
    const { side, policy, place } = this.#parts
    const loop = ['--import', led.href, fileURLToPath(reconnectLoop), this.folder]
    const exec = [fileURLToPath(lifeline), 'exec', '--policy', policy, '--', process.execPath]
    const { url, rootKey } = this.server
    const child = spawn(process.execPath, side === 'exec' ? [...exec, ...loop] : loop, {
      // What libsignal prints may hold keys, so it goes nowhere. A group of its own ends with whatever it has started.
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: process.platform !== 'win32',
      env: {
        ...process.env,
        LIFELINE_DEMO_URL: url,
        LIFELINE_DEMO_ROOT: rootKey,
        XDG_STATE_HOME: join(place, 'state'),
      },
    })
    this.#child = child
    this.#code = undefined
    this.#givenUp = false
    createInterface(child.stdout).on('line', (line) => line.startsWith('{"type"') && this.#said(JSON.parse(line)))
    child.once('exit', (code) => {
      if (this.#child === child && code !== null) this.#parts.tell(`ends with exit code ${code}`)
    })
  }

  /** Nothing more comes of this process. */
  get ended(): boolean {
    return (
      this.#givenUp || this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
    )
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-(child.pid ?? 0), 'SIGKILL')
    await gone
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

  #said({ type, code }: Said): void {
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
    }
  }
}
