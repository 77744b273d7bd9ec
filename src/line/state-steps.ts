import type { StateName, Status } from '../../machines/index.ts'
import type { HistoryEntry } from '../history/entry.ts'
import type { Lifeline } from './lifeline.ts'

type Transition = Extract<HistoryEntry, { type: 'transition' }>

/** A change of state with its reason. */
export interface StateStep {
  readonly at: number
  readonly state: StateName
  readonly message: string
  /** Why the state was entered, as the history has it. */
  readonly why?: string
  readonly status: Status
}

/** Tells each change of state once, with the reason that the history gives for it. Returns the unsubscribe function. */
export function stateSteps(line: Pick<Lifeline, 'on' | 'history'>, onStep: (step: StateStep) => void): () => void {
  let last: StateName | undefined
  return line.on('status', (status) => {
    const { state, since: at, message } = status
    if (state === last) return
    last = state
    const entered = (one: HistoryEntry): one is Transition =>
      one.type === 'transition' && one.to === state && one.from !== state
    const why = line.history().findLast(entered)?.why
    onStep({ at, state, message, ...(why === undefined ? {} : { why }), status })
  })
}
