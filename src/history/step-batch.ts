import type { RunRecord, StepRecord, StepsRecord } from './recording.ts'

/** So long a step may wait for others before it is written: each line of the history is synced to the disk. */
const waitMs = 250
const most = 64

/** Gathers steps, so that a burst of them costs one write. A run's beginning is written at once. */
export class StepBatch {
  readonly #write: (record: RunRecord | StepsRecord) => void
  #steps: StepRecord[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(write: (record: RunRecord | StepsRecord) => void) {
    this.#write = write
  }

  add(record: RunRecord | StepRecord): void {
    if (!('event' in record)) {
      this.flush()
      this.#write(record)
      return
    }
    this.#steps.push(record)
    if (this.#steps.length >= most) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), waitMs).unref()
  }

  /** Writes what has gathered. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const [first] = this.#steps
    if (first === undefined) return
    const steps = this.#steps
    this.#steps = []
    this.#write({ type: 'steps', at: first.at, steps })
  }
}
