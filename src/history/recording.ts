import type { Context, Facts, PolicyOptions } from '../../machines/index.ts'
import type { RecordedEvent } from './recorded-event.ts'

/** A statechart began, or stood so at a quiet moment: where a replay can begin. */
export interface RunRecord {
  readonly type: 'run'
  /** Epoch milliseconds. */
  readonly at: number
  /** Milliseconds on a clock that nobody sets: timers go by it. */
  readonly t: number
  readonly v: 1
  readonly mode: 'heal' | 'observe'
  /** The thresholds that differ from the default. */
  readonly policy: PolicyOptions
  /** A stand-in, where a number was expected. */
  readonly expectedNumber?: string
  readonly generation: number
  readonly facts?: Facts
  /** In the course of a run: the state as it was. */
  readonly from?: { readonly value: unknown; readonly context: Checkpoint }
}

/** What a statechart knows at a quiet moment. */
export type Checkpoint = Omit<
  Context,
  'env' | 'account' | 'mode' | 'policy' | 'expectedNumber' | 'self' | 'disk' | 'reason' | 'afterUnclean' | 'firstLook'
>

/** One event that the statechart met. */
export interface StepRecord {
  readonly at: number
  readonly t: number
  readonly event: RecordedEvent
  /** What chance gave in it. */
  readonly draws?: readonly number[]
  /** The state after it, if it is another one than before. */
  readonly state?: string
}

/** Steps as the file keeps them: those of a moment in one line. */
export interface StepsRecord {
  readonly type: 'steps'
  readonly at: number
  readonly steps: readonly StepRecord[]
}

/** One run of a statechart: its beginning, and every event that it met. */
export interface RecordedRun extends RunRecord {
  readonly steps: readonly StepRecord[]
}

const isRecord = (value: unknown): value is RunRecord | StepsRecord => {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('at' in value)) return false
  return value.type === 'run' || (value.type === 'steps' && 'steps' in value && Array.isArray(value.steps))
}

/**
 * The runs in what a file keeps, each with its steps; what belongs to none, because its run's beginning is gone, is
 * left out.
 */
export function runsIn(kept: readonly unknown[]): readonly RecordedRun[] {
  const runs: (RunRecord & { steps: StepRecord[] })[] = []
  for (const record of kept.filter(isRecord))
    if (record.type === 'run') runs.push({ ...record, steps: [] })
    else runs.at(-1)?.steps.push(...record.steps)
  return runs
}

/** The dotted name of a state value: `online.open.degraded.watching`. */
export function stateName(value: unknown): string {
  if (typeof value === 'string') return value
  return Object.entries(Object(value) as Record<string, unknown>)
    .map(([name, inner]) => (Object.keys(Object(inner)).length === 0 ? name : `${name}.${stateName(inner)}`))
    .join('+')
}
