import { healthyWithinMs } from './bound.ts'
import { type Fault, type FaultKind, strike } from './faults.ts'
import { Random } from './random.ts'
import { type Promised, personIsNeeded } from './rules.ts'
import { drawFaults } from './schedule.ts'
import { dayMs, SimulatedWorld, type Tally } from './world.ts'

/** What a life came to. */
export interface Outcome {
  readonly seed: number
  readonly days: number
  readonly faults: readonly Fault[]
  /** Of the order and time of everything that was seen: equal for equal lives. */
  readonly trace: string
  readonly failure: { readonly promise: Promised; readonly what: string; readonly at: number } | undefined
  readonly tally: Tally
  readonly byKind: Partial<Record<FaultKind, number>>
  readonly steps: number
  readonly checked: number
  /** From the end of the faults to health, and what was allowed. */
  readonly healed: { readonly tookMs: number; readonly boundMs: number; readonly state: string } | undefined
  /** What happened last, if it was asked for. */
  readonly tail: readonly string[]
}

export interface LifeOptions {
  readonly seed: number
  readonly days: number
  /** Default: drawn from the seed. */
  readonly faults?: readonly Fault[]
  readonly keepTail?: boolean
}

/**
 * One account over some days, and then calm: everything that goes wrong follows from the seed. At the end the account
 * must be healthy within the bound of its policy, or wait for a person for a reason that holds, and then stop cleanly.
 */
export async function live({
  seed,
  days,
  faults = drawFaults(seed, days),
  keepTail = false,
}: LifeOptions): Promise<Outcome> {
  const world = new SimulatedWorld(seed)
  world.keepTail = keepTail
  world.contentions = faults.flatMap(({ kind, at }) => (kind === 'rivalElsewhere' ? [at] : []))
  const { time, rules, tally } = world
  const byKind: Partial<Record<FaultKind, number>> = {}
  const escaped = (error: unknown) =>
    rules.broken('no throw', error instanceof Error ? (error.stack ?? error.message) : String(error))
  const uninstall = time.install(new Random(seed ^ 0xc0ffee))
  process.on('unhandledRejection', escaped)
  // Thousands of failed calls a day: only a life that is looked at pays for their stacks.
  const { stackTraceLimit } = Error
  if (!keepTail) Error.stackTraceLimit = 0
  let healed: Outcome['healed']
  const failed = () => rules.failure !== undefined
  try {
    world.launch()
    for (const fault of faults)
      time.later(fault.at, () => {
        byKind[fault.kind] = (byKind[fault.kind] ?? 0) + 1
        world.note(0, `fault ${fault.kind}: ${strike(world, fault)}`)
      })
    await time.run(days * dayMs, failed)
    if (!failed()) healed = await heal(world)
    if (!failed()) await end(world)
  } catch (error) {
    escaped(error)
  } finally {
    for (const each of world.processes) if (each.alive) each.bury()
    await time.run(time.now, () => false)
    process.off('unhandledRejection', escaped)
    Error.stackTraceLimit = stackTraceLimit
    uninstall()
  }
  world.inState('stopped')
  const { trace, tail } = world
  const { failure, checked } = rules
  return { seed, days, faults, trace, failure, tally, byKind, steps: time.steps, checked, healed, tail }
}

/** Faults stop; a process runs; everybody answers and writes. */
async function heal(world: SimulatedWorld): Promise<Outcome['healed']> {
  const { time, rules, whatsapp } = world
  calm(world)
  const from = time.now
  const heldMs = Math.max(
    0,
    ...world.processes.map(({ line }) => banLeft(world, line.actor?.getSnapshot().context.block)),
  )
  const boundMs = healthyWithinMs(world.policy) + heldMs
  const told = () => {
    for (const contact of whatsapp.contacts) whatsapp.write(contact)
    time.later(120_000, told)
  }
  time.later(1_000, told)
  let why = ''
  const well = () => {
    const gateway = world.gateway
    if (rules.failure !== undefined) return true
    if (!gateway) return false
    const { state } = gateway
    const context = gateway.line.actor?.getSnapshot().context
    const reason = state === 'awaitingQr' ? context?.pair.reason : context?.block?.reason
    if (personIsNeeded(state, reason, rules.signs)) {
      world.note(0, `a person is needed: ${state} ${reason}`)
      return true
    }
    const unread = whatsapp.contacts.filter(({ address }) => (whatsapp.readLately.get(address) ?? -1) < from).length
    why = `${state} (${gateway.line.status.message}), ${unread} contacts unread`
    return state === 'healthy' && unread === 0
  }
  if (!(await time.run(from + boundMs, well)))
    rules.broken('alive', `after ${Math.round(boundMs / 60_000)} min of calm: ${why}`)
  return { tookMs: time.now - from, boundMs, state: world.gateway?.state ?? 'gone' }
}

/** By the clock, but never longer than it was told, also when the clock was set back. */
function banLeft(
  world: SimulatedWorld,
  block: { readonly reason: string; readonly until?: number; readonly holdMs?: number } | undefined,
): number {
  if (block?.reason !== 'temporary-ban') return 0
  return Math.min(block.holdMs ?? 0, Math.max(0, (block.until ?? 0) - world.time.wall))
}

function calm(world: SimulatedWorld): void {
  const { whatsapp } = world
  world.note(0, 'calm')
  whatsapp.network = 'well'
  whatsapp.standing = undefined
  whatsapp.answers.length = 0
  for (const contact of whatsapp.contacts) contact.helpful = true
  world.setTrouble({ errno: undefined, slowMs: 0 })
  world.attended = false
  for (const each of world.processes) {
    each.throwing = false
    each.gate.callsLeft = Number.POSITIVE_INFINITY
    if (each.host !== 'gateway') world.kill(each, 'killed')
  }
  const [kept, ...others] = world.processes.filter(({ alive, host }) => alive && host === 'gateway')
  for (const other of others) {
    other.wanted = false
    world.kill(other, 'killed')
  }
  if (!kept) world.launch()
  else kept.start()
}

async function end(world: SimulatedWorld): Promise<void> {
  const { time, rules } = world
  const gateway = world.gateway
  if (!gateway) return
  let stopped = false
  gateway.stop(() => {
    stopped = true
  })
  if (!(await time.run(time.now + 10_000, () => stopped))) rules.broken('clean stop', 'stop() has not ended after 10 s')
}
