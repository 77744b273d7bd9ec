import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { born, endless, gone } from '../trials.ts'
import type { Answer, Noticed, Request } from './trial.ts'

const script = fileURLToPath(import.meta.resolve('./trial.js'))
/** A test file that is more work than this is no fast one. */
const quickMs = 4_000
/** What is changed may take so much longer than what is not, in milliseconds that pass. */
const patience = { times: 4, ms: 30_000, unchangedMs: 60_000 }
/** All fast tests that a fault is shown to take at most this long together. */
const boundMs = 8_000
/** So many of the nearest are looked at; those further away notice little that these do not. */
const nearest = 10

/** A process that has loaded everything already, and a fresh one wherever the last was left unclean. */
export class WarmProcess {
  #child: ChildProcess | undefined
  /** Of each test file, unchanged; undefined if it is no fast one. */
  readonly #took = new Map<string, number | undefined>()
  /** Which tests have noticed faults of a source, the last one first. */
  readonly #noticed = new Map<string, readonly string[]>()

  /** As many of these tests as there is time for. */
  async fast(tests: readonly string[]): Promise<readonly string[]> {
    const chosen: string[] = []
    let sum = 0
    for (const test of tests.slice(0, nearest)) {
      const took = await this.took(test)
      if (took === undefined || sum + took > boundMs) continue
      chosen.push(test)
      sum += took
    }
    return chosen
  }

  /** What a test file takes in milliseconds as things are; undefined if it cannot be run here, or takes long. */
  async took(test: string): Promise<number | undefined> {
    if (!this.#took.has(test)) {
      let answer = await this.#asked({ tests: [test] }, patience.unchangedMs)
      // The first time it loads what it needs.
      if (typeof answer === 'object' && answer.ms > quickMs && !answer.noticed)
        answer = await this.#asked({ tests: [test] }, patience.unchangedMs)
      const ms = typeof answer === 'object' && !answer.noticed ? answer.ms : Number.POSITIVE_INFINITY
      const fast = ms < quickMs
      if (!fast) console.info(`not among the fast tests: ${test} (${saidOf(answer)})`)
      this.#took.set(test, fast ? ms : undefined)
    }
    return this.#took.get(test)
  }

  /** Which test notices the change; undefined if none of them does. */
  async noticedBy(request: Request): Promise<Noticed | undefined> {
    const first = this.#noticed.get(request.fault?.file ?? '') ?? []
    const tests = request.tests.toSorted((a, b) => rank(first, a) - rank(first, b))
    const ms = tests.reduce((sum, test) => sum + (this.#took.get(test) ?? 0), 0)
    const bound = patience.ms + patience.times * ms
    let answer = await this.#asked({ ...request, tests }, bound)
    if (typeof answer === 'object' && answer.unclean) {
      this.end()
      answer = await this.#asked({ ...request, tests }, bound)
      this.end()
    }
    if (typeof answer !== 'object') return { test: tests[0] ?? '', title: answer }
    if (answer.noticed && request.fault)
      this.#noticed.set(request.fault.file, [
        answer.noticed.test,
        ...first.filter((test) => test !== answer.noticed?.test),
      ])
    return answer.noticed
  }

  end(): void {
    if (this.#child) gone(this.#child)
    this.#child = undefined
  }

  async #asked(request: Request, bound: number): Promise<Answer | string> {
    this.#child ??= await born(script)
    const child = this.#child
    const answer = await new Promise<Answer | string>((resolve) => {
      const timer = setTimeout(() => resolve(endless), bound)
      const end = (said: Answer | string): void => {
        clearTimeout(timer)
        resolve(said)
      }
      child.removeAllListeners('message').removeAllListeners('exit')
      child.once('message', end)
      child.once('exit', (code) => end(`ends the process with ${code}`))
      child.send(request)
    })
    if (typeof answer !== 'object') this.end()
    return answer
  }
}

const rank = (first: readonly string[], test: string): number =>
  first.includes(test) ? first.indexOf(test) - first.length : 0
const saidOf = (answer: Answer | string): string =>
  typeof answer === 'string' ? answer : (answer.noticed?.title ?? `${Math.round(answer.ms)} ms`)
