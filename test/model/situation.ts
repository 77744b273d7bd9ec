import type { createActor } from 'xstate'
import type { connectionMachine } from '../../machines/index.ts'
import type { Occurrence } from './occurrences.ts'

export type Snapshot = ReturnType<ReturnType<typeof createActor<typeof connectionMachine>>['getSnapshot']>

/**
 * A situation of the model: the abstract state, and whether the newest socket is shut off, which the machine cannot
 * know but has to see to.
 */
export interface Situation {
  readonly key: string
  readonly state: string
  readonly snapshot: Snapshot
  readonly at: number
  /** The newest socket can write no more. */
  readonly shut: boolean
}

/** What one occurrence led to, where it changed anything. */
export interface Step {
  readonly from: Situation
  readonly by: Occurrence
  /** What the machine made of it, in full. */
  readonly after: Snapshot
  readonly to: Situation
}
