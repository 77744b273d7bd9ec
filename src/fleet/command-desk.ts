import { LifelineError } from '../errors/errors.ts'
import { answered, answerValue, commandOf, type FleetCommand } from './command.ts'
import type { Coordination } from './coordination.ts'

interface DeskParts {
  readonly coordination: Coordination
  readonly answerMs: number
  /** Does it with an account of this host. */
  readonly act: (account: string, command: FleetCommand) => Promise<unknown>
  readonly onTrouble: (error: unknown) => void
}

/** Commands to and from other hosts. One that nobody took in time is never done later. */
export class CommandDesk {
  readonly #parts: DeskParts
  readonly #waiting = new Set<() => void>()
  #taking: Promise<void> | undefined
  #again = false

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** Asks the host; its answer's value. Rejects with what it said against it, or with code `FLEET_NO_ANSWER`. */
  async ask(host: string, account: string, command: FleetCommand): Promise<unknown> {
    const { coordination, answerMs } = this.#parts
    const until = performance.now() + answerMs
    const id = await coordination.send(host, account, command)
    for (;;) {
      const wait = this.#wait(until - performance.now())
      try {
        const answer = await coordination.answerTo(id)
        if (answer) return answerValue(answer.content)
        if (!(await wait.woken))
          throw new LifelineError(
            'FLEET_NO_ANSWER',
            `Host ${host}, which runs the account ${account}, has not answered.`,
            'Ask again: if that host is gone, another one takes the account over.',
          )
      } finally {
        wait.end()
      }
    }
  }

  /** There may be answers. */
  look(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** There may be commands for this host. */
  take(): Promise<void> {
    this.#again = true
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined
    })
    return this.#taking
  }

  async #take(): Promise<void> {
    const { coordination, answerMs, act, onTrouble } = this.#parts
    try {
      while (this.#again) {
        this.#again = false
        // Whoever asked so long ago has been told that it was not done.
        await coordination.sweep(2 * answerMs)
        for (const command of await coordination.take())
          void answered(async () => act(command.account, commandOf(command.content)))
            .then((answer) => coordination.answer(command, answer))
            .catch(onTrouble)
      }
    } catch (error) {
      onTrouble(error)
    }
  }

  /** `woken`: whether there was a wake before the time was over. Whoever waits no more says so with `end`. */
  #wait(ms: number): { readonly woken: Promise<boolean>; readonly end: () => void } {
    let settle: (woken: boolean) => void = () => undefined
    const wake = () => settle(true)
    const timer = setTimeout(() => settle(false), Math.max(0, ms))
    this.#waiting.add(wake)
    const woken = new Promise<boolean>((resolve) => {
      settle = resolve
    })
    const end = () => {
      clearTimeout(timer)
      this.#waiting.delete(wake)
    }
    return { woken, end }
  }
}
