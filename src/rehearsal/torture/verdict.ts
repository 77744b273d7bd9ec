import { LifelineError } from '../../errors/errors.ts'
import type { Broken } from './rules.ts'
import type { SubjectKind } from './subject.ts'
import type { Answer } from './victim.ts'

/** What is to be told of a run that came to no result. */
export function cutShort(answer: Answer, withinMs: number): Broken {
  if (answer.type === 'ended')
    return {
      rule: 'survives',
      found: `its process ended (${answer.how}) in the middle of the run: ${lastLine(answer.stderr)}`,
      remedy: 'connect and what it begins must not throw outside its promise, and must not end the process.',
    }
  if (answer.type === 'silent')
    return {
      rule: 'survives',
      found: `its process did not answer for ${withinMs / 1000} s`,
      remedy: 'Something in connect blocks the event loop.',
    }
  return {
    rule: 'survives',
    found: `the run broke off: ${'error' in answer ? answer.error : answer.type}`,
    remedy: 'Run it again; if it stays, report it with the seed.',
  }
}

const examples: Readonly<Record<SubjectKind, string>> = {
  connect: 'export const connect = ({ auth, logger, caches }) => makeWASocket({ auth, logger, ...caches })',
  loop: 'export const loop = ({ auth, onSocket }) => { …; return () => socket.end() }',
}

/** Why no run can begin. */
export function cannotBegin(
  answer: Answer,
  module: string,
  kind: SubjectKind,
  baileys: readonly string[],
): LifelineError {
  const why = answer.type === 'refused' ? answer.why : answer.type
  if (why === 'no-connect')
    return new LifelineError(
      'NO_CONNECT',
      `${module} exports no function.`,
      `Export it as \`${kind}\` or as the default: ${examples[kind]}.`,
    )
  if (why === 'no-baileys')
    return new LifelineError(
      'BAILEYS_MISSING',
      `No Baileys was found from ${module} under the name ${baileys.join(' or ')}.`,
      'Give the name that it is imported by: --baileys <name>.',
    )
  const words =
    'error' in answer ? answer.error : 'stderr' in answer ? lastLine(answer.stderr) : 'it did not finish loading'
  return new LifelineError(
    'CONNECT_NOT_LOADED',
    `${module} could not be loaded: ${words}`,
    'Make sure that `node` can import it.',
  )
}

/** How much the heap grew from run to run; the first run warms everything up and counts for nothing. */
export function growth(heapBytes: readonly number[]): number | undefined {
  const [first, ...others] = heapBytes.slice(1)
  const last = others.at(-1)
  return first === undefined || last === undefined ? undefined : (last - first) / others.length
}

/** The error in what a dying process printed: not the stack, and no more than a line. */
function lastLine(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  return (
    lines.findLast((line) => /^(?:\w*Error|Uncaught)\b/.test(line)) ??
    lines.findLast((line) => line !== '') ??
    'it printed nothing'
  )
}
