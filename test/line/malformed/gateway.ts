import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inProject } from '../../root.ts'

const program = fileURLToPath(inProject('dist/test/line/malformed/gateway-process.js'))

/** What an app may do wrong by itself, as soon as a message comes. */
export const appFaults = [
  'a listener of the transport that throws',
  'a stanza of its own that fails deep in Baileys',
  "a listener of Baileys' events that rejects",
] as const

export interface GatewaySettings {
  /** Under which name Baileys is installed. */
  readonly module: string
  /** By a line, or by the reconnect loop of Baileys' own example. */
  readonly supervised: boolean
  readonly url: string
  readonly rootKey: string
  readonly folder: string
  /** What the app itself does wrong. */
  readonly fault?: (typeof appFaults)[number]
  readonly qrTimeout?: number
}

/**
 * What the process says: a state, a message that was read, a warning of Node's, or all troubles that its history tells
 * of.
 */
export type Heard =
  | { readonly state: string; readonly cause?: string }
  | { readonly warning: string }
  | { readonly text: string }
  | { readonly troubles: readonly { readonly doing: string; readonly message: string }[] }

export interface Ended {
  readonly code: number | null
  readonly err: string
}

/** A gateway in a process of its own, and everything that it said. */
export class GatewayProcess {
  readonly heard: Heard[] = []
  readonly ended: Promise<Ended>
  #over = false
  #err = ''
  readonly #child: ChildProcess
  #waiting: (() => void)[] = []

  constructor(settings: GatewaySettings, nodeOptions: readonly string[] = []) {
    const args = [...nodeOptions, program, JSON.stringify(settings)]
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child.stderr?.on('data', (chunk) => {
      this.#err += String(chunk)
    })
    this.#child.on('message', (heard) => {
      this.heard.push(heard as Heard)
      this.#wake()
    })
    this.ended = once(this.#child, 'close').then(([code]) => {
      this.#over = true
      this.#wake()
      return { code, err: this.#err }
    })
  }

  states(since = 0): readonly string[] {
    return this.heard.slice(since).flatMap((one) => ('state' in one ? [one.state] : []))
  }

  /** Under `--unhandled-rejections=warn`: what would have ended it. */
  wouldEnd(since = 0): readonly string[] {
    return this.heard.slice(since).flatMap((one) => ('warning' in one ? [one.warning] : []))
  }

  /** The next thing it says that fits, counted from `since`; rejects, with what it said, if it ends before. */
  async says<T>(find: (heard: Heard) => T | undefined, since = 0): Promise<T> {
    for (;;) {
      for (const one of this.heard.slice(since)) {
        const found = find(one)
        if (found !== undefined) return found
      }
      await this.#more()
    }
  }

  async reaches(state: string, since = 0): Promise<void> {
    await this.says((one) => ('state' in one && one.state === state) || undefined, since)
  }

  async reads(text: string): Promise<void> {
    await this.says((one) => ('text' in one && one.text === text) || undefined)
  }

  async warns(since = 0): Promise<void> {
    await this.says((one) => ('warning' in one ? one : undefined), since)
  }

  async troubles(): Promise<readonly { readonly doing: string; readonly message: string }[]> {
    const since = this.heard.length
    this.#child.send('troubles')
    return this.says((one) => ('troubles' in one ? one.troubles : undefined), since)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  async #more(): Promise<void> {
    if (this.#over) throw new Error(`It ended: ${JSON.stringify(await this.ended)}\n${JSON.stringify(this.heard)}`)
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
