import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { born, endless, gone } from '../trials.ts'
import { ownTime } from './own-time.ts'
import type { Measured, Noticed, Request, Said } from './trial.ts'

const script = fileURLToPath(import.meta.resolve('./trial.js'))
/** To load a test file with all that it needs, or to end what its cases began. */
const aroundMs = 30_000

export interface Answer {
  readonly noticed: Noticed | undefined
  /** How many cases the file has. */
  readonly of: number
  readonly measured: readonly Measured[]
}

/** A process that has loaded everything already; where it was left in a bad way, the next one waits already. */
export class WarmProcess {
  #child: Promise<ChildProcess> | undefined
  #spare: Promise<ChildProcess> | undefined

  /**
   * What comes of it. A case that takes longer than it may does not come to an end, which is noticed, too.
   */
  async ask(request: Request, bound: (test: string, at: number) => number): Promise<Answer> {
    this.#child ??= this.#spare ?? born(script)
    this.#spare = undefined
    const child = await this.#child
    return new Promise((resolve) => {
      let now = { test: request.run[0]?.test ?? '', at: -1, of: 0 }
      const measured: Measured[] = []
      const end = (noticed: Noticed | undefined): void => {
        clearInterval(timer)
        child.removeAllListeners('message').removeAllListeners('exit')
        resolve({ noticed, of: now.of, measured })
      }
      const broken = (title: string): void => {
        this.end()
        this.#spare ??= born(script)
        end({ test: now.test, at: now.at, title })
      }
      let until = 0
      const wait = (): void => {
        until = ownTime(child.pid ?? 0) + (now.at < 0 ? aroundMs : bound(now.test, now.at))
      }
      child.on('message', (said: Said | string) => {
        // A test may say something to whoever started its process, too.
        if (typeof said !== 'object') return
        if ('done' in said) end(said.done === 'passed' ? undefined : said.done)
        else if ('measured' in said) measured.push(said.measured)
        else if ('begins' in said) {
          now = said.begins
          wait()
        }
      })
      child.once('exit', (code) => broken(`ends the process with ${code}`))
      wait()
      const timer = setInterval(() => ownTime(child.pid ?? 0) > until && broken(endless), 200)
      child.send(request)
    })
  }

  /** The next request begins with nothing left behind. */
  end(): void {
    void this.#child?.then(gone)
    this.#child = undefined
  }

  /** Nothing is left. */
  close(): void {
    this.end()
    void this.#spare?.then(gone)
    this.#spare = undefined
  }
}
