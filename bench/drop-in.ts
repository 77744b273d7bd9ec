import { Child } from './processes/child.ts'
import { type Line, lines, people, perRound, type Runner, runner } from './runner.ts'
import { median, type Row } from './table.ts'

/**
 * `supervised-again` is a plain line once more: how far two equal arms come out is the noise of the figure.
 */
const arms = ['supervised', 'drop-in', 'supervised-again'] as const
type Arm = (typeof arms)[number]

/** Two processes that run the same differ for as long as they live, so there are several of each arm. */
const crews = Number(process.env.LIFELINE_BENCH_CREWS ?? 2)
/** `LIFELINE_BENCH_ROUNDS=2 LIFELINE_BENCH_CREWS=1` for less. */
const rounds = Number(process.env.LIFELINE_BENCH_ROUNDS ?? 8)
/** V8 has compiled what is hot after some 1,600 messages, four rounds of an arm. */
const warmUp = 4
/**
 * On a busy machine there are fewer rounds, before those that count, too: within five minutes there is a figure. The
 * noise tells how far it can be trusted.
 */
const withinMs = 280_000
const fewest = 2

/** What a virtual socket adds to a message that comes in and to its answer, beside a plain line on the same store. */
export async function dropIn(): Promise<Row[]> {
  const rows: Row[] = []
  for (const line of lines) rows.push(...(await ofLine(line)))
  return rows
}

async function ofLine(line: Line): Promise<Row[]> {
  const cpu = new Map<Arm, number[]>(arms.map((arm) => [arm, []]))
  let [stalled, played] = [0, 0]
  for (let crew = 0; crew < crews; crew += 1) {
    const shareMs = withinMs / lines.length / crews
    const until = performance.now() + shareMs
    const contacts = new Child('../two-way/contacts-process.js', [])
    const runners = new Map<Arm, Runner>()
    // Another order in each crew: who was started first has its own small cost.
    for (let at = 0; at < arms.length; at += 1) {
      const arm = arms[(at + crew) % arms.length] ?? 'supervised'
      runners.set(arm, await runner(contacts, line, arm, at))
    }
    for (let round = -warmUp; round < rounds; round += 1) {
      if (round >= fewest && performance.now() > until) break
      if (round < -1 && performance.now() > until - shareMs / 2) continue
      if (round >= 0) played += 1
      const order = arms.map((_, at) => arms[(at + round + warmUp) % arms.length] ?? 'supervised')
      for (const arm of round % 2 === 0 ? order : order.reverse()) await runners.get(arm)?.fast(round)
    }
    for (const [arm, one] of runners) {
      cpu.get(arm)?.push(...one.cpu)
      stalled += one.stalled
      await one.child.ask('stop')
      await one.child.end()
    }
    await contacts.end()
  }
  const of = (arm: Arm) => cpu.get(arm) ?? []
  // Paired by round: what all arms suffer from in a round cancels out.
  const ratio = (arm: Arm) => median(of(arm).map((value, at) => value / (of('supervised')[at] ?? value)))
  const beside = `a plain line: ${median(of('supervised')).toFixed(0)} µs`
  return [
    {
      what: `a message in or out through a virtual socket, processor time, Baileys ${line} (${crews} crews, ${played} × ${2 * people * perRound})`,
      ours: `${median(of('drop-in')).toFixed(0)} µs${stalled > 0 ? `; ${stalled} times a contact waited 5 s in vain` : ''}`,
      beside,
      ratio: ratio('drop-in'),
      target: '≤ 1.02',
    },
    {
      what: 'the noise of that: the plain line twice',
      ours: `${median(of('supervised-again')).toFixed(0)} µs`,
      beside,
      ratio: ratio('supervised-again'),
      target: '',
    },
  ]
}
