import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

interface Question {
  readonly id: number
  readonly what: string
  readonly with: unknown
}

interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** A process that is asked things by name, one answer for each question. */
export class Child {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  #asked = 0

  /** `onTold` hears what the process says unasked. */
  constructor(script: string, args: readonly string[], onTold: (told: unknown) => void = () => undefined) {
    const path = fileURLToPath(new URL(script, import.meta.url))
    this.#child = fork(path, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child.on('message', (message: Partial<Answer> & { readonly told?: unknown }) => {
      if (message.id === undefined) return onTold(message.told)
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if (message.error === undefined) waiting?.resolve(message.answer)
      else waiting?.reject(new Error(message.error))
    })
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${script} has ended with ${code}.`))
    })
  }

  ask<T>(what: string, about?: unknown): Promise<T> {
    this.#asked += 1
    const question: Question = { id: this.#asked, what, with: about }
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve: (answer) => resolve(answer as T), reject })
      this.#child.send(question)
    })
  }

  async end(): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}

/** What the process itself does: answers by name, until its parent lets go of it. */
export function answer(answers: Readonly<Record<string, (about: never) => unknown>>): void {
  process.on('message', ({ id, what, with: about }: Question) => {
    const reply = (more: Omit<Answer, 'id'>) => process.send?.({ id, ...more })
    Promise.resolve()
      .then(() => answers[what]?.(about as never))
      .then(
        (result) => reply({ answer: result }),
        (error: unknown) => reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
  })
  process.on('disconnect', () => process.exit(0))
}

/** Says something to the parent that it has not asked for. */
export const tell = (told: unknown): void => void process.send?.({ told })
