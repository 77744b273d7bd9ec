import { isStepName, meaning } from '../rehearsal/torture/steps.ts'
import type { TorturedRun, TortureResult } from '../rehearsal/torture/torture.ts'
import { duration, hang, plural, size } from './columns.ts'
import type { Paint } from './paint.ts'

const widths = { seed: 8, verdict: 8, time: 8, read: 8, answers: 9 } as const
/** The last ones: `--json` has them all. */
const mostStates = 15
const margin = Object.values(widths).reduce((sum, width) => sum + width, 0)

const row = (cells: Readonly<Record<keyof typeof widths, string>>): string =>
  Object.entries(widths)
    .map(([name, width]) => cells[name as keyof typeof widths].padEnd(width))
    .join('')

export const headLines = (paint: Paint): readonly string[] => [
  paint.dim(`${row({ seed: 'seed', verdict: '', time: 'well in', read: 'read', answers: 'answers' })}steps`),
]

/** One run: a row, and under it what did not hold. */
export function runLines(run: TorturedRun, paint: Paint): readonly string[] {
  const { seed, schedule, broken, healMs, messages, answers, path, shortest } = run
  const ok = broken.length === 0
  const first = row({
    seed: String(seed),
    verdict: ok ? 'ok' : 'BROKEN',
    time: ok ? duration(healMs) : '',
    read: `${messages.read}/${messages.sent}`,
    answers: `${answers.read}/${answers.sent}`,
  })
  const [head = '', ...others] = hang(first, schedule, paint.width, margin)
  const lines = [ok ? head : paint.bad(head), ...others]
  for (const { rule, found, remedy } of broken) {
    lines.push(...hang(`  ${paint.bold(`${rule}: `)}`, found, paint.width, rule.length + 4))
    lines.push(...hang('    ', remedy, paint.width, 4))
  }
  const shown = path.length > mostStates ? ['…', ...path.slice(-mostStates)] : path
  if (!ok && path.length > 0) lines.push(...hang('  states: ', shown.join(' → '), paint.width, 10).map(paint.dim))
  if (shortest !== undefined) {
    lines.push(...hang('  enough: ', shortest === '' ? 'no fault at all' : shortest, paint.width, 10))
    const names = new Set(shortest.split(' ').map((word) => word.replace('+', '')))
    for (const name of names) if (isStepName(name)) lines.push(`    ${name.padEnd(18)}${meaning(name)}`)
  }
  return lines
}

export function summaryLines(
  { ok, runs, heapBytesPerRun, leftOut }: TortureResult,
  subject: string,
  paint: Paint,
): readonly string[] {
  const failed = runs.filter(({ broken }) => broken.length > 0)
  const [first] = failed
  const heap =
    heapBytesPerRun === undefined
      ? ''
      : ` Heap: ${heapBytesPerRun < 0 ? '-' : '+'}${size(Math.round(Math.abs(heapBytesPerRun)))} per run.`
  const lines = [
    '',
    ok
      ? paint.good(`${plural(runs.length, 'run')}, every promise held.${heap}`)
      : paint.bad(`${plural(runs.length, 'run')}, ${failed.length} failed.${heap}`),
  ]
  if (leftOut > 0) lines.push(`${plural(leftOut, 'run')} left out: nothing works before the account can be linked.`)
  if (first) lines.push(`Again: lifeline torture ${subject} --seed ${first.seed} --runs 1`)
  if (first?.shortest) lines.push(`Or:    lifeline torture ${subject} --runs 1 --steps "${first.shortest}"`)
  return lines
}
