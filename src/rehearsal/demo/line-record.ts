import type { Lifeline, OwnersLogger } from '../../index.ts'
import { type StateStep, stateSteps } from '../../line/state-steps.ts'
import type { Counts } from './events.ts'

const nothing = () => undefined

/** What Signal says of a message that it cannot read, in the words of the summary. */
const reasons: readonly { readonly prefix: string; readonly words: string }[] = [
  // What each single session said stands on the console only; for a foreign session it is Bad MAC.
  { prefix: 'No matching sessions found', words: 'Bad MAC' },
  { prefix: 'Bad MAC', words: 'Bad MAC' },
  { prefix: 'No session', words: 'No session record' },
]

/** What was seen of a supervised line: its states, its notices, and the messages that could not be read. */
export class LineRecord {
  readonly steps: StateStep[] = []
  readonly notices: string[] = []
  readonly #unreadable = new Map<string, string>()

  /** A logger that keeps nothing but which messages could not be read, and why. */
  readonly logger: OwnersLogger = {
    level: 'error',
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (fields, message) => {
      if (message?.startsWith('failed to decrypt message')) this.#failed(fields)
    },
  }

  follow(line: Lifeline): void {
    stateSteps(line, (step) => this.steps.push(step))
    line.on('notice', ({ kind }) => this.notices.push(kind))
  }

  /** How many messages could not be read when they first came, by reason. */
  get unreadable(): Counts {
    return tally(this.#unreadable.values())
  }

  times(state: StateStep['state']): number {
    return this.steps.filter((step) => step.state === state).length
  }

  #failed(fields: unknown): void {
    if (typeof fields !== 'object' || fields === null || !('key' in fields) || !('err' in fields)) return
    const { key, err } = fields
    const id = typeof key === 'object' && key !== null && 'id' in key ? key.id : undefined
    const text = typeof err === 'object' && err !== null && 'message' in err ? String(err.message) : ''
    if (typeof id !== 'string' || this.#unreadable.has(id)) return
    this.#unreadable.set(id, reasons.find(({ prefix }) => text.startsWith(prefix))?.words ?? text)
  }
}

/** How often each word comes. */
export function tally(words: Iterable<string>): Counts {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
