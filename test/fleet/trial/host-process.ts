import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StateName } from '../../../src/index.ts'
import { Way } from '../../stores/postgres/way.ts'
import type { FromHost, HostConfig, ToHost } from './host-messages.ts'

interface Ways {
  readonly database: Way
  readonly whatsapp: Way
}

/** The built program, from the sources as well as from their build. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/test/fleet/trial/host.js' : './host.js', import.meta.url),
)

/** A host of the trial as its parent sees it, with ways to database and WhatsApp that can be cut. */
export class HostProcess {
  readonly hostId: string
  /** Its accounts and how they fare, as it told last. */
  readonly states = new Map<string, StateName>()
  readonly ways: Ways
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown[]>

  private constructor(child: ChildProcess, hostId: string, ways: Ways, onMessage: (message: FromHost) => void) {
    this.hostId = hostId
    this.ways = ways
    this.#child = child
    this.#exit = once(child, 'exit')
    child.on('message', (message: FromHost) => {
      if (message.type === 'state') {
        if (message.state === undefined) this.states.delete(message.account)
        else this.states.set(message.account, message.state)
      }
      onMessage(message)
    })
  }

  static async start(config: HostConfig, onMessage: (message: FromHost) => void): Promise<HostProcess> {
    const ways: Ways = {
      database: await new Way(config.database).open(),
      whatsapp: await new Way(config.whatsapp).open(),
    }
    const own: HostConfig = { ...config, database: ways.database.url, whatsapp: ways.whatsapp.url }
    // What libsignal prints may hold keys, so its own output goes nowhere; its errors are for whoever looks for them.
    const stderr = process.env.LIFELINE_FLEET_STDERR ? 'inherit' : 'ignore'
    const child = fork(program, [JSON.stringify(own)], { stdio: ['ignore', 'ignore', stderr, 'ipc'] })
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', ({ type }: FromHost) => type === 'ready' && resolve())
      child.once('exit', (code, signal) => reject(new Error(`host ${config.hostId} ended: ${code ?? signal}`)))
    })
    const host = new HostProcess(child, config.hostId, ways, onMessage)
    await ready
    return host
  }

  get healthy(): readonly string[] {
    return [...this.states].filter(([, state]) => state === 'healthy').map(([account]) => account)
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async ended(): Promise<void> {
    await this.#exit
    this.states.clear()
    this.ways.database.close()
    this.ways.whatsapp.close()
  }

  jump(ms: number): void {
    const message: ToHost = { type: 'jump', ms }
    this.#child.send(message)
  }
}
