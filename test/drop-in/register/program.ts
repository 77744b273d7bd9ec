import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What a program prints of itself, one JSON line each. */
export interface Said {
  readonly name: string
  readonly type: string
  readonly code?: number
  readonly qr?: string
  readonly text?: string
}

export interface ProgramOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** A process, with what it says. */
export class Program {
  readonly said: Said[] = []
  stdout = ''
  stderr = ''
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown[]>
  #waiting: (() => void)[] = []

  constructor(file: string, args: readonly string[], { cwd, env = {} }: ProgramOptions) {
    this.#child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#closed = once(this.#child, 'close')
    if (this.#child.stdout)
      createInterface(this.#child.stdout).on('line', (line) => {
        this.stdout += `${line}\n`
        if (line.startsWith('{"name"')) this.said.push(JSON.parse(line))
        this.#look()
      })
    this.#child.stderr?.on('data', (chunk) => {
      this.stderr += String(chunk)
      this.#look()
    })
    void this.#closed.then(() => this.#look())
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves as soon as it holds; rejects, with what was printed, if the process ends before. */
  async until(holds: () => boolean, withinMs = 40_000): Promise<void> {
    const late = performance.now() + withinMs
    while (!holds()) {
      if (this.over || performance.now() > late)
        throw new Error(`${holds} did not come${this.over ? ': it has ended' : ''}.\n${this.stdout}\n${this.stderr}`)
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        timer = setTimeout(resolve, 500)
      })
      clearTimeout(timer)
    }
  }

  count(type: string, name?: string): number {
    return this.said.filter((one) => one.type === type && (name === undefined || one.name === name)).length
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async ended(): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    await this.#closed
    return { code: this.#child.exitCode, signal: this.#child.signalCode }
  }

  /** It, and all that it has started. */
  async kill(): Promise<void> {
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // Nobody of them is left.
    }
    await this.#closed
  }

  #look(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
