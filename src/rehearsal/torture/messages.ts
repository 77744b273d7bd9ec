import type { RunResult } from './run.ts'

/** To the process that runs a stranger's `connect`: play this schedule, as `written` writes it. */
export interface ToChild {
  readonly schedule: string
}

export type FromChild =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly why: 'no-baileys' | 'no-connect' }
  | { readonly type: 'refused'; readonly why: 'broken'; readonly error: string }
  /** `heapBytes`: after a collection. */
  | { readonly type: 'result'; readonly result: RunResult; readonly heapBytes: number }
