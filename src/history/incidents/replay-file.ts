import { LifelineError } from '../../errors/errors.ts'
import { type RecordedRun, runsIn } from '../recording.ts'
import type { Incident } from './incident.ts'

/**
 * An incident to look at elsewhere: what the statechart met and knew. No secret, no number, no address, no message of
 * anybody.
 */
export interface ReplayFile {
  readonly format: 'baileys-lifeline-replay'
  readonly version: 1
  readonly incident: Pick<Incident, 'id' | 'beganAt' | 'endedAt' | 'outcome' | 'cause' | 'sentence' | 'wouldHave'>
  /**
   * One for each run of the statechart that the incident touches, oldest first, each from a moment before the incident.
   */
  readonly runs: readonly RecordedRun[]
}

/** After the end of an incident, so that the replay shows how it settled. */
const afterMs = 5_000

/**
 * What of a history belongs to the incident. `kept` is everything that the history file holds. Throws a `LifelineError`
 * if its beginning is no longer there.
 */
export function replayFile(incident: Incident, kept: readonly unknown[]): ReplayFile {
  const { id, beganAt, endedAt, outcome, cause, sentence, wouldHave } = incident
  const until = (endedAt ?? Number.POSITIVE_INFINITY) + afterMs
  const runs = runsIn(kept)
  const first = runs.findLastIndex(({ at }) => at <= beganAt)
  const touched = runs
    .slice(Math.max(0, first))
    .filter(({ at }) => at <= until)
    .map((run) => ({ ...run, steps: run.steps.filter(({ at }) => at <= until) }))
  if (first < 0 && !touched.some(({ from }) => from === undefined))
    throw new LifelineError(
      'REPLAY_INCOMPLETE',
      `The history no longer holds what the statechart met in the incident ${id}.`,
      'Export a later incident; inputs are kept for as long as the history has room.',
    )
  return {
    format: 'baileys-lifeline-replay',
    version: 1,
    incident: { id, beganAt, ...(endedAt === undefined ? {} : { endedAt }), outcome, cause, sentence, wouldHave },
    runs: touched,
  }
}

const isRun = (value: unknown): value is RecordedRun => {
  const { type, v, at, t, mode, generation, steps } = Object(value)
  const numbers = [at, t, generation].every((number) => typeof number === 'number')
  const stepped = Array.isArray(steps) && steps.every((step) => typeof Object(Object(step).event).type === 'string')
  return type === 'run' && v === 1 && numbers && stepped && (mode === 'heal' || mode === 'observe')
}

/** Reads a replay file's text. Throws a `LifelineError` that says what it is not. */
export function parseReplay(text: string): ReplayFile {
  const wrong = (what: string) =>
    new LifelineError('REPLAY_INVALID', `This ${what}.`, 'Give a file that `lifeline explain --export` wrote.')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw wrong('is no JSON')
  }
  const { format, version, incident, runs } = Object(value)
  if (format !== 'baileys-lifeline-replay') throw wrong('is no replay file')
  if (version !== 1) throw wrong(`is a replay file of version ${String(version)}, and this version reads version 1`)
  if (!Array.isArray(runs) || !runs.every(isRun) || typeof Object(incident).id !== 'string')
    throw wrong('is a damaged replay file')
  return value as ReplayFile
}
