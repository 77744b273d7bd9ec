import { CommanderError } from 'commander'
import { LifelineError, OptionsError } from '../errors/errors.ts'
import { cleanText } from '../errors/redact.ts'
import { complain } from './output.ts'

/** 0 well · 1 findings or failure · 2 wrong usage · 75 (`EX_TEMPFAIL` of sysexits.h) a new process may do better. */
export const exitCodes = { well: 0, failure: 1, usage: 2, again: 75 } as const

export const exitCodeOf = (well: boolean): number => (well ? exitCodes.well : exitCodes.failure)

/** The command was used wrongly: exit code 2. */
export class UsageError extends LifelineError {
  override readonly name = 'UsageError'

  constructor(message: string, remediation: string) {
    super('USAGE', message, remediation)
  }
}

/** Says what broke and what to do about it, the stack only with `debug`; returns the exit code. */
export function tellFailure(error: unknown, debug: boolean): number {
  // Commander has said it already, help and version included.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.well : exitCodes.usage
  if (error instanceof LifelineError) {
    complain(`lifeline: ${error.message}`)
    complain(error.remediation)
  } else {
    complain(`lifeline: ${cleanText(error instanceof Error ? error.message : String(error))}`)
    complain('This should not happen. Run it again with --debug and report what it prints.')
  }
  if (debug && error instanceof Error) complain(String(error.stack))
  return error instanceof UsageError || error instanceof OptionsError ? exitCodes.usage : exitCodes.failure
}
