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
type Crew = ReadonlyMap<Arm, Runner>

/**
 * Two processes that run the same differ in cost for as long as they live, so those on the same store are compared in
 * several pairs. Only the first crew has all arms, and rests between messages afterwards.
 */
const crews = Number(process.env.LIFELINE_BENCH_CREWS ?? 5)
/** `LIFELINE_BENCH_ROUNDS=2 LIFELINE_BENCH_CREWS=1` for less. */
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
  const results = new Map<Arm, Judgement[]>(arms.map((arm) => [arm, []]))
  const all: Crew[] = []
  for (let at = 0; at < crews; at += 1) {
    const crew = await crewOf(contacts, line, at)
    all.push(crew)
    await playFast(crew)
    if (at === 0) await playPaced(contacts, crew)
    for (const [arm, one] of crew) {
      results.get(arm)?.push(await one.judge())
      await one.child.ask('stop')
      await one.child.end()
    }
  }
  await contacts.end()
  return rowsOf(line, all, results)
}

async function crewOf(contacts: Child, line: Line, at: number): Promise<Crew> {
  const members = arms.filter((arm) => at === 0 || arm !== 'alone')
  const crew = new Map<Arm, Runner>()
  // Who is started first has its own small cost.
  for (const arm of at % 2 === 0 ? members : members.toReversed())
    crew.set(arm, await runner(contacts, line, arm, at * arms.length + crew.size))
  return crew
}

async function playFast(crew: Crew): Promise<void> {
  const members = [...crew.values()]
  for (let round = -warmUp; round < rounds; round += 1) {
    // Each round begins with another arm, and every second one goes backwards: a drift of the machine falls on all
    // alike.
    const order = members.map((_, at) => members[(at + round + warmUp) % members.length])
    for (const one of round % 2 === 0 ? order : order.reverse()) await one?.fast(round)
  }
}

async function playPaced(contacts: Child, crew: Crew): Promise<void> {
  // All arms at once, since each of them rests most of the time.
  for (const at of paces.keys())
    for (let round = 0; round < Math.ceil(rounds / 2); round += 1) {
      await contacts.ask('rest')
      await Promise.all([...crew.values()].map((one) => one.paced(at, 1_000 * (at + 1) + round)))
    }
}

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Paired by round: what both arms suffer from in a round cancels out. */
const ratio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((value, at) => value / (theirs[at] ?? value)))

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

function rowsOf(line: Line, all: readonly Crew[], results: ReadonlyMap<Arm, readonly Judgement[]>): Row[] {
  const every = (arm: Arm) => all.flatMap((crew) => crew.get(arm) ?? [])
  const of = (arm: Arm) => every(arm)[0] as Runner
  const [ours, alone, durable] = [of('supervised'), of('alone'), of('alone-durable')]
  const unread = (arm: Arm): string => {
    const words = (to: keyof Judgement) => {
      const figures: readonly Figures[] = (results.get(arm) ?? []).map((one) => one[to])
      const total = (what: keyof Figures) => sum(figures.map((one) => one[what]))
      const again = total('askedAgain')
      return `${total('sent') - total('read')} of ${total('sent')}${again > 0 ? ` (${again} asked again)` : ''}`
    }
    const stalled = sum(every(arm).map((one) => one.stalled))
    const waited = stalled > 0 ? `; ${stalled} times a contact waited 5 s in vain` : ''
    return `unreadable: in ${words('toAccount')}, out ${words('toContacts')}${waited}`
  }
  const each = (arm: Arm) => `${(median(of(arm).rates) / 2).toFixed(0)} in and as many out a second; ${unread(arm)}`
  const p99 = (arm: Arm, at: number) => percentile(of(arm).latencies[at] ?? [], 0.99)
  const inMs = (arm: Arm, at: number) =>
    Number.isNaN(p99(arm, at)) ? 'none was told' : `${p99(arm, at).toFixed(1)} ms`
  // Whoever collects garbage in a round pays for several, so it is a crew's rounds together that are compared.
  const spent = (arm: Arm) => every(arm).map(({ cpu }) => sum(cpu) / cpu.length)
  const pairs = spent('supervised').map((value, at) => value / (spent('alone-durable')[at] ?? value))
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
      what: `two-way message, processor time, Baileys ${line}, same store (${pairs.length} pairs of processes)`,
      ours: `${median(spent('supervised')).toFixed(0)} µs; pairs from ${Math.min(...pairs).toFixed(3)} to ${Math.max(...pairs).toFixed(3)}`,
      beside: `Baileys on our file store: ${median(spent('alone-durable')).toFixed(0)} µs`,
      ratio: median(pairs),
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
