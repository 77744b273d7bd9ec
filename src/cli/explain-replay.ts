import { readFile } from 'node:fs/promises'
import { parseReplay, type ReplayFile } from '../history/incidents/replay-file.ts'
import { causeWords, sentence } from '../history/incidents/spoken.ts'
import { eventSaid, type Replay, type ReplayStep, replay } from '../history/replay.ts'
import { hang, plural } from './columns.ts'
import { exitCodeOf, UsageError } from './failure.ts'
import { timeOf } from './moment.ts'
import { print } from './output.ts'
import { type Paint, paintFor } from './paint.ts'

/**
 * Walks a replay file through this version of the statechart and shows each state; the exit code says whether it goes
 * the recorded way.
 */
export async function showReplay(path: string, json: boolean): Promise<number> {
  const text = await readFile(path, 'utf8').catch((): never => {
    throw new UsageError(
      `The replay file ${path} cannot be read.`,
      'Give a file that `lifeline explain --export` wrote.',
    )
  })
  const file = parseReplay(text)
  const walked = replay(file.runs)
  const same = walked.differences.length === 0
  if (json) print(JSON.stringify({ incident: file.incident, same, ...walked }))
  else for (const line of replayLines(file, walked, paintFor(process.stdout))) print(line)
  return exitCodeOf(same)
}

/** A replay for a terminal: a state a line, each with what led to it and why. */
export function replayLines({ incident }: ReplayFile, { steps, differences }: Replay, paint: Paint): readonly string[] {
  let last = ''
  const moves = steps.filter(({ state }) => {
    const moved = state !== last
    last = state
    return moved
  })
  return [
    ...hang('', `${incident.id}  ${sentence(causeWords[incident.cause] ?? incident.cause)}`, paint.width, 0),
    ...hang('  ', incident.sentence, paint.width, 2),
    ...moves.flatMap((step) => moveLines(step, paint)),
    '',
    ...(differences.length === 0
      ? hang(
          '',
          paint.good(`The same way as recorded: ${plural(steps.length, 'event')}, ${plural(moves.length, 'state')}.`),
          paint.width,
          0,
        )
      : [
          ...hang('', paint.bad('This version goes another way:'), paint.width, 0),
          ...differences.flatMap(({ at, words }) => hang(`${timeOf(at)}  `, words, paint.width, 10)),
        ]),
  ]
}

function moveLines({ at, event, state, recorded, why }: ReplayStep, paint: Paint): readonly string[] {
  const mark = state === recorded ? '' : ` ${paint.bad(`(recorded: ${recorded})`)}`
  const text = `${eventSaid(event)}${why === undefined ? '' : `: ${why}`}`
  return [`${paint.dim(timeOf(at))}  ${paint.bold(state)}${mark}`, ...hang(' '.repeat(10), text, paint.width, 10)]
}
