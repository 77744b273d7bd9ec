import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { targets } from './targets.ts'
import type { Answer, Request } from './trial.ts'

/**
 * A mutant that does not come to an end in this time is noticed too, by everybody who waits for it; unless what is
 * unchanged took a third of it.
 */
const patienceMs = 120_000
const timesUnchanged = 3
/** What is as it should be has to come to one, on a busy machine too. */
const patienceUnchangedMs = 600_000
export const endless = 'does not come to an end'
const script = fileURLToPath(import.meta.resolve('./trial.js'))

/** Some processes that try mutants, each one at a time; one that hangs is replaced. */
export class Trials {
  readonly #idle: (ChildProcess | undefined)[]
  readonly #unchangedMs = new Map<number, number>()
  readonly #waiting: ((child: ChildProcess | undefined) => void)[] = []

  constructor(jobs: number) {
    this.#idle = Array.from({ length: jobs }, () => undefined)
  }

  /**
   * Which test notices the mutant; undefined if none does. How long a mutant is waited for follows from how long its
   * target took unchanged.
   */
  async run(request: Request): Promise<string | undefined> {
    const place =
      this.#idle.length > 0
        ? this.#idle.pop()
        : await new Promise<ChildProcess | undefined>((resolve) => this.#waiting.push(resolve))
    const child = place ?? (await born(script))
    const begun = performance.now()
    const { mutant, target } = request
    const patience = Math.max(patienceMs, timesUnchanged * (this.#unchangedMs.get(target) ?? 0))
    const caughtBy = await tried(child, request, mutant === undefined ? patienceUnchangedMs : patience)
    if (mutant === undefined) this.#unchangedMs.set(target, performance.now() - begun)
    const reusable = child.connected && !targets[target]?.untidy
    if (!reusable) gone(child)
    const next = this.#waiting.shift()
    const free = reusable ? child : undefined
    if (next) next(free)
    else this.#idle.push(free)
    return caughtBy
  }

  end(): void {
    for (const child of this.#idle) if (child) gone(child)
  }
}

/** It leads its own group, so that what its tests have started goes with it. */
export const born = (script: string): Promise<ChildProcess> => {
  const env = { ...process.env, PROPERTY_RUNS: '8', NODE_ENV: 'test', VITEST: 'true' }
  const child = fork(script, {
    detached: true,
    env,
    stdio: ['ignore', 'ignore', process.env.DEBUG ? 'inherit' : 'ignore', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child))
    child.once('exit', (code) => reject(new Error(`a trial ended with ${code} before it began`)))
  })
}

export function gone(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

function tried(child: ChildProcess, request: Request, patience: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = (caughtBy: string | undefined): void => {
      clearTimeout(timer)
      child.removeAllListeners('message').removeAllListeners('exit')
      resolve(caughtBy)
    }
    const timer = setTimeout(() => {
      gone(child)
      child.disconnect()
      end(endless)
    }, patience)
    child.once('message', ({ caughtBy }: Answer) => end(caughtBy))
    child.once('exit', (code) => end(`ends the process with ${code}`))
    child.send(request)
  })
}
