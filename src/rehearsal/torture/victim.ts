import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromChild, ToChild } from './messages.ts'
import type { SubjectKind } from './subject.ts'

/** What came of a message: the child's answer, its end, or its silence. */
export type Answer =
  | FromChild
  | { readonly type: 'ended'; readonly how: string; readonly stderr: string }
  | { readonly type: 'silent' }

const lastWordsBytes = 2_000

/** The process in which a stranger's `connect` is tortured, as its parent sees it. */
export class Victim {
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown[]>
  #stderr = ''

  constructor(child: ChildProcess) {
    this.#child = child
    this.#exit = once(this.#child, 'exit')
    this.#child.stderr?.on('data', (data) => {
      this.#stderr = `${this.#stderr}${data}`.slice(-lastWordsBytes)
    })
  }

  static begin(module: string, kind: SubjectKind, baileys: readonly string[]): Victim {
    const program = fileURLToPath(new URL('./child.js', import.meta.url))
    return new Victim(fork(program, [module, kind, ...baileys], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }))
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Sends, if there is something to send, and resolves with what comes of it within that time. */
  async answer(withinMs: number, message?: ToChild): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined
    let heard: (message: unknown) => void = () => undefined
    try {
      const answered = new Promise<Answer>((resolve) => {
        heard = (answer) => resolve(answer as FromChild)
        this.#child.on('message', heard)
      })
      const ended = this.#exit.then(([code, signal]): Answer => {
        const how = typeof signal === 'string' ? signal : `exit code ${String(code)}`
        return { type: 'ended', how, stderr: this.#stderr }
      })
      const late = new Promise<Answer>((resolve) => {
        timer = setTimeout(() => resolve({ type: 'silent' }), withinMs)
      })
      // What does not reach it any more is no error of its own: it has ended, and that is the answer.
      if (message && this.alive) this.#child.send(message, () => undefined)
      return await Promise.race([answered, ended, late])
    } finally {
      clearTimeout(timer)
      this.#child.off('message', heard)
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }
}
