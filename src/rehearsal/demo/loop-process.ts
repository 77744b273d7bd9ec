import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ServerAddress } from './bot.ts'
import type { SideName } from './gateway-events.ts'

const led = new URL('./led.js', import.meta.url)
const reconnectLoop = new URL('./reconnect-loop.js', import.meta.url)
const lifeline = new URL('../../cli/lifeline.js', import.meta.url)

/** What the loop tells, and the exit of its process. */
export interface LoopSaid {
  readonly type: 'code' | 'open' | 'close' | 'given-up' | 'read' | 'exit'
  readonly code?: string | number
}

interface LoopOf extends ServerAddress {
  readonly side: SideName
  /** Where its own state may lie. */
  readonly place: string
  /** A file that holds the policy. */
  readonly policy: string
  /** Of the account. */
  readonly folder: string
}

/** What Node is called with for the loop of that side. */
export function argumentsOf({ side, policy, folder }: Pick<LoopOf, 'side' | 'policy' | 'folder'>): readonly string[] {
  const loop = ['--import', led.href, fileURLToPath(reconnectLoop), folder]
  return side === 'exec' ? [fileURLToPath(lifeline), 'exec', '--policy', policy, '--', process.execPath, ...loop] : loop
}

/** The loop in a process of its own, as it is or under `lifeline exec`. */
export class LoopProcess {
  readonly #child: ChildProcess

  constructor(child: ChildProcess, onSaid: (said: LoopSaid) => void) {
    this.#child = child
    if (child.stdout)
      createInterface(child.stdout).on('line', (line) => line.startsWith('{"type"') && onSaid(JSON.parse(line)))
    child.once('exit', (code) => {
      if (code !== null) onSaid({ type: 'exit', code })
    })
  }

  static begin(of: LoopOf, onSaid: (said: LoopSaid) => void): LoopProcess {
    const { place, url, rootKey } = of
    const child = spawn(process.execPath, argumentsOf(of), {
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
    return new LoopProcess(child, onSaid)
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async kill(): Promise<void> {
    const { pid } = this.#child
    // One that could not be started has no number, and none would be our own group.
    if (this.ended || pid === undefined) return
    const gone = once(this.#child, 'exit')
    if (process.platform === 'win32') this.#child.kill('SIGKILL')
    else process.kill(-pid, 'SIGKILL')
    await gone
  }
}
