import { resolvePolicy } from '../../machines/index.ts'
import { knownOptions, millisecondsOption } from '../errors/wrong-option.ts'
import { checkOptions, type LifelineOptions } from '../line/options.ts'

/** The options of `createLifeline` but for those that the gateway answers itself by how it calls Baileys. */
export interface SuperviseOptions extends Omit<LifelineOptions, 'auth' | 'connect' | 'account'> {
  /**
   * How long a call waits for a connection before it is rejected as Baileys rejects it without one
   * (`Connection Closed`, 428), ms. Default 60000.
   */
  readonly waitMs?: number
}

export interface CheckedSuperviseOptions {
  readonly line: Omit<LifelineOptions, 'auth' | 'connect' | 'account'>
  readonly waitMs: number
  /** How long another process may take to give a folder back, ms. */
  readonly lockedMs: number
  /** The pause before a folder that could not be opened is looked at again, ms. */
  readonly retryMs: number
}

const known = ['logger', 'policy', 'notify', 'language', 'mode', 'expectedNumber', 'waitForLock', 'inspect', 'waitMs']

/** A gateway has been started by somebody, so codes are shown for as long as it runs, as its own loop would. */
const pairing = { windows: 1_000_000 }

/** Throws `OptionsError` with the path of the option, before anything is touched. */
export function checkSuperviseOptions(options: SuperviseOptions = {}): CheckedSuperviseOptions {
  knownOptions('options', options, known)
  const { waitMs = 60_000, policy, ...rest } = options
  millisecondsOption('waitMs', waitMs, 0, 2_147_483_647)
  const line = { ...rest, policy: { ...policy, pairing: { ...pairing, ...policy?.pairing } } }
  // A folder is known with the first socket only; what is wrong beside it is said now.
  checkOptions({ ...rest, ...(policy === undefined ? {} : { policy }), auth: '.', connect: unused })
  const { reconnect } = resolvePolicy(line.policy).policy
  return { line, waitMs, lockedMs: reconnect.closeTimeoutMs, retryMs: reconnect.maxMs }
}

const unused = (): never => {
  throw new Error('these options are looked at and not used')
}
