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
export type Checkpoint = Omit<Context, 'env' | 'account' | 'mode' | 'policy' | 'expectedNumber' | 'self' | 'disk'>

/** One event that the statechart met. */
export interface StepRecord {
  readonly type: 'step'
  readonly at: number
  readonly t: number
  readonly event: RecordedEvent
  /** What chance gave in it. */
  readonly draws?: readonly number[]
  /** The state after it, if it is another one than before. */
  readonly state?: string
}

/** The dotted name of a state value: `online.open.degraded.watching`. */
export function stateName(value: unknown): string {
  if (typeof value === 'string') return value
  return Object.entries(Object(value) as Record<string, unknown>)
    .map(([name, inner]) =>
      typeof inner === 'object' && Object.keys(inner ?? {}).length === 0 ? name : `${name}.${stateName(inner)}`,
    )
    .join('+')
}
