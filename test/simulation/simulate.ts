import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { type Fault, faultKinds } from './faults.ts'
import type { LifeOptions, Outcome } from './life.ts'
import { liveAll } from './lives.ts'
import { promises } from './rules.ts'
import { shrink } from './shrink.ts'
import { dayMs } from './world.ts'

// `npm run simulate -- --seed 7 --days 1000`; a life has --life days (30), and life number n has the seed `seed + n`.
// The lives are spread over --jobs processes, as many as there are processors.

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: '1000' },
    life: { type: 'string', default: '30' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
})
const whole = (name: keyof typeof values): number => {
  const number = Number(values[name])
  if (Number.isInteger(number) && number >= 0) return number
  console.error(`--${name} is ${values[name]}; give a whole number.`)
  process.exit(2)
}
const [seed, days, lifeDays] = [whole('seed'), whole('days'), Math.max(1, whole('life'))]
const jobs = Math.max(1, whole('jobs'))
const lives: LifeOptions[] = []
for (let planned = 0; planned < days; planned += lifeDays)
  lives.push({ seed: seed + lives.length, days: Math.min(lifeDays, days - planned) })
const startedAt = performance.now()
const outcomes = await liveAll(lives, jobs)
const seconds = (performance.now() - startedAt) / 1_000

const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0)
const totals = <K extends string>(of: (outcome: Outcome) => Partial<Record<K, number>>): Record<string, number> => {
  const all: Record<string, number> = {}
  for (const outcome of outcomes)
    for (const [key, value] of Object.entries<number | undefined>(of(outcome)))
      all[key] = (all[key] ?? 0) + (value ?? 0)
  return all
}
const byKind = totals(({ byKind }) => byKind)
console.log('Faults by kind')
console.table(Object.fromEntries(faultKinds.map((kind) => [kind, byKind[kind] ?? 0])))
console.log('Days in each state')
console.table(
  Object.fromEntries(
    Object.entries(totals(({ tally }) => tally.states)).map(([state, ms]) => [state, Number((ms / dayMs).toFixed(3))]),
  ),
)
const healed = outcomes.flatMap(({ healed }) => (healed ? [healed] : []))
const worst = healed.reduce((most, { tookMs }) => Math.max(most, tookMs), 0)
const lived = sum((outcome) => outcome.days)
console.table({
  days: lived,
  lives: outcomes.length,
  faults: sum(({ faults }) => faults.length),
  'process starts': sum(({ tally }) => tally.starts),
  'kills and power cuts': sum(({ tally }) => tally.crashes),
  connections: sum(({ tally }) => tally.opens),
  closes: sum(({ tally }) => tally.closes),
  prunes: sum(({ tally }) => tally.prunes),
  'credentials restored': sum(({ tally }) => tally.restores),
  pairings: sum(({ tally }) => tally.pairings),
  'lives that ended healthy': healed.filter(({ state }) => state === 'healthy').length,
  'lives that ended with a person needed': healed.filter(({ state }) => state !== 'healthy').length,
  'worst time to health, minutes': Number((worst / 60_000).toFixed(1)),
  'checks of a promise': sum(({ checked }) => checked),
  processes: jobs,
  'days a minute': Math.round((lived / seconds) * 60),
})

const failing = outcomes.find(({ failure }) => failure)
if (failing) {
  const { promise = '', what = '' } = failing.failure ?? {}
  console.error(`Seed ${failing.seed} breaks a promise (${promise}: ${what}). Leaving out what has no part in it…`)
  const least = await shrink(failing)
  report(least)
  process.exit(1)
}

function report({ seed, days, failure, faults, tail, trace }: Outcome): void {
  if (!failure) return
  const when = (fault: Fault) => `  ${(fault.at / dayMs).toFixed(4)} d  ${fault.kind} #${fault.number}`
  console.error(
    [
      `${promises[failure.promise]}: broken after ${(failure.at / dayMs).toFixed(4)} days.`,
      failure.what,
      `Faults that it takes, trace ${trace}:`,
      ...faults.map(when),
      'What happened last:',
      ...tail.map((line) => `  ${line}`),
      `Replay: npm run simulate -- --seed ${seed} --days ${days} --life ${days}`,
    ].join('\n'),
  )
}
