import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cli as program } from '../shipped.ts'
import type { Ended } from './command.ts'

/** The built command as a process of its own. */
export class Running {
  stdout = ''
  stderr = ''
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown[]>
  #waiting: (() => void)[] = []

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#closed = once(this.#child, 'close')
    this.#child.stdout?.on('data', (chunk) => this.#heard('stdout', String(chunk)))
    this.#child.stderr?.on('data', (chunk) => this.#heard('stderr', String(chunk)))
  }

  /** Resolves with what the pattern found on stdout, as soon as it is there; rejects if the process ends without it. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.stdout)
      if (found) return found[1] ?? found[0]
      const ended = this.#child.exitCode !== null || this.#child.signalCode !== null
      if (ended) throw new Error(`It ended without saying ${pattern}:\n${this.stdout}\n${this.stderr}`)
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), this.#closed])
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async ended(): Promise<Ended> {
    await this.#closed
    return { code: this.#child.exitCode, stdout: this.stdout, stderr: this.stderr }
  }

  #heard(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** The built command as a process, to its end. */
export const lifelineProcess = (...args: string[]): Promise<Ended> => new Running(args).ended()
