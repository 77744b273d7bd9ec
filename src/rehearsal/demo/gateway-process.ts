import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StateStep } from '../../line/state-steps.ts'
import type { Read, ServerAddress } from './bot.ts'

/** What the gateway tells its parent. */
export type GatewayMessage =
  | ({ readonly type: 'state' } & Pick<StateStep, 'state' | 'message' | 'why'>)
  | { readonly type: 'code'; readonly code: string; readonly number: number }
  | ({ readonly type: 'read' } & Read)

/** The gateway's process, as its parent sees it. */
export class GatewayProcess {
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown[]>

  constructor(child: ChildProcess, onMessage: (message: GatewayMessage) => void) {
    this.#child = child
    this.#exit = once(child, 'exit')
    child.on('message', (message) => onMessage(message as GatewayMessage))
  }

  static begin(folder: string, { url, rootKey }: ServerAddress, onMessage: (message: GatewayMessage) => void) {
    const program = fileURLToPath(new URL('./gateway.js', import.meta.url))
    // What libsignal prints may hold keys, so the child's own output goes nowhere.
    const child = fork(program, [folder, url, rootKey], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    return new GatewayProcess(child, onMessage)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** `kill -9`. Resolves with what the process died of. */
  async kill(): Promise<string> {
    this.#child.kill('SIGKILL')
    const [code, signal] = await this.#exit
    return typeof signal === 'string' ? signal : `exit code ${String(code)}`
  }
}
