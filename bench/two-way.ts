import { Child } from './processes/child.ts'
import {
  type Figures,
  type Judgement,
  type Line,
  lines,
  paces,
  people,
  perRound,
  type Runner,
  runner,
} from './runner.ts'
import { median, type Row } from './table.ts'

/** `alone-durable` is Baileys' own loop on our file store: what it costs to be durable, without supervision. */
const arms = ['alone', 'alone-durable', 'supervised'] as const
type Arm = (typeof arms)[number]

/** `LIFELINE_BENCH_ROUNDS=2` for less. */
const rounds = Number(process.env.LIFELINE_BENCH_ROUNDS ?? 8)
/**
 * As many before them, which do not count: V8 goes on compiling for some 1,600 messages each way, and whoever has more
 * code has more to compile. A gateway runs for weeks.
 */
const warmUp = rounds

/**
 * Two-way traffic, beside Baileys alone: how much goes through, what a message costs, and how long it takes to be told.
 */
export async function twoWay(): Promise<Row[]> {
  const rows: Row[] = []
  // Line after line: what runs beside a client takes its time.
  for (const line of lines) rows.push(...(await ofLine(line)))
  return rows
}

async function ofLine(line: Line): Promise<Row[]> {
  const contacts = new Child('../two-way/contacts-process.js', [])
  const runners = new Map<Arm, Runner>()
  for (const [at, arm] of arms.entries()) runners.set(arm, await runner(contacts, line, arm, at))
  for (let round = -warmUp; round < rounds; round += 1) {
    // Each round begins with another arm, and every second one goes backwards: a drift of the machine falls on all
    // alike.
    const order = arms.map((_, at) => arms[(at + round + warmUp) % arms.length] ?? 'alone')
    for (const arm of round % 2 === 0 ? order : order.reverse()) await runners.get(arm)?.fast(round)
  }
  // All arms at once, since each of them rests most of the time.
  for (const at of paces.keys())
    for (let round = 0; round < Math.ceil(rounds / 2); round += 1) {
      await contacts.ask('rest')
      await Promise.all(arms.map((arm) => runners.get(arm)?.paced(at, 1_000 * (at + 1) + round)))
    }
  const results = new Map<Arm, Judgement>()
  for (const [arm, one] of runners) {
    results.set(arm, await one.judge())
    await one.child.ask('stop')
    await one.child.end()
  }
  await contacts.end()
  return rowsOf(line, runners, results)
}

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Paired by round: what both arms suffer from in a round cancels out. */
const ratio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((value, at) => value / (theirs[at] ?? value)))

function rowsOf(line: Line, runners: ReadonlyMap<Arm, Runner>, results: ReadonlyMap<Arm, Judgement>): Row[] {
  const of = (arm: Arm) => runners.get(arm) as Runner
  const [ours, alone, durable] = [of('supervised'), of('alone'), of('alone-durable')]
  const unread = (arm: Arm): string => {
    const { toAccount, toContacts } = results.get(arm) as Judgement
    const words = ({ sent, read, askedAgain }: Figures) =>
      `${sent - read} of ${sent}${askedAgain > 0 ? ` (${askedAgain} asked again)` : ''}`
    const waited = of(arm).stalled > 0 ? `; ${of(arm).stalled} times a contact waited 5 s in vain` : ''
    return `unreadable: in ${words(toAccount)}, out ${words(toContacts)}${waited}`
  }
  const each = (arm: Arm) => `${(median(of(arm).rates) / 2).toFixed(0)} in and as many out a second; ${unread(arm)}`
  const p99 = (arm: Arm, at: number) => percentile(of(arm).latencies[at] ?? [], 0.99)
  const inMs = (arm: Arm, at: number) =>
    Number.isNaN(p99(arm, at)) ? 'none was told' : `${p99(arm, at).toFixed(1)} ms`
  return [
    {
      what: `two-way throughput, Baileys ${line}: ${people} contacts, each writes again when it is answered (${rounds} × ${people * perRound})`,
      ours: `${each('supervised')} (durable)`,
      beside: `Baileys on useMultiFileAuthState: ${each('alone')}`,
      ratio: ratio(ours.rates, alone.rates),
      target: '≥ 1.0, 0 unreadable',
    },
    {
      what: `the same beside Baileys' own loop on our store`,
      ours: each('supervised'),
      beside: `Baileys on our file store: ${each('alone-durable')}`,
      ratio: ratio(ours.rates, durable.rates),
      target: '',
    },
    {
      what: `two-way message, processor time, Baileys ${line}, same store`,
      ours: `${median(ours.cpu).toFixed(0)} µs`,
      beside: `Baileys on our file store: ${median(durable.cpu).toFixed(0)} µs`,
      ratio: ratio(ours.cpu, durable.cpu),
      target: '≤ 1.03',
    },
    ...paces.map(({ contacts }, at) => ({
      what: `from a message's arrival to its event, Baileys ${line}, ${contacts} contact${contacts === 1 ? '' : 's'}, 99th percentile of ${of('supervised').latencies[at]?.length}`,
      ours: inMs('supervised', at),
      beside: `Baileys on useMultiFileAuthState: ${inMs('alone', at)}; on our file store: ${inMs('alone-durable', at)}`,
      ratio: p99('supervised', at) / p99('alone', at),
      target: '≤ 1.2',
    })),
  ]
}
