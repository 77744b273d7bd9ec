import { noCure } from '../../machines/context.ts'
import {
  allFine,
  allHeard,
  type Context,
  defaultPolicy,
  type Env,
  type Input,
  type Policy,
  type PolicyOptions,
} from '../../machines/index.ts'
import { type Known, keptEvent, sealedEvidence, sealedOutbound } from './recorded-event.ts'
import { type Checkpoint, type RunRecord, type StepRecord, stateName } from './recording.ts'
import {
  newSeal,
  type Seal,
  sealedAddresses,
  sealedBudget,
  sealedCause,
  sealedExpected,
  sealedFacts,
} from './sealed.ts'

interface RecorderParts {
  readonly env: Env
  /** Milliseconds on a clock that nobody sets. */
  readonly monotonic: () => number
  readonly write: (record: RunRecord | StepRecord) => void
  readonly seal?: Seal
}

interface Snapshot {
  readonly value: unknown
  readonly context: Context
}

/**
 * After so many steps the next quiet moment is kept whole, so that a replay need not begin years before the incident.
 */
const stepsBetweenCheckpoints = 40

const nothingKnown: Known = { evidence: allFine, outbound: allHeard }

/**
 * Keeps what a statechart meets, compactly, so that it can be walked through again: events and facts, no secrets,
 * nothing personal.
 */
export class MachineRecorder {
  /** For the statechart's input: what chance gives is kept too. */
  readonly env: Env
  readonly #parts: RecorderParts
  readonly #seal: Seal
  #draws: number[] = []
  #input: Omit<Input, 'env' | 'account'> | undefined
  #known = nothingKnown
  #state = ''
  #steps = 0

  constructor(parts: RecorderParts) {
    this.#parts = parts
    this.#seal = parts.seal ?? newSeal()
    this.env = {
      now: parts.env.now,
      random: () => {
        const drawn = parts.env.random()
        this.#draws.push(drawn)
        return drawn
      },
    }
  }

  /** A statechart was made of this input. */
  began(input: Omit<Input, 'env' | 'account'>): void {
    this.#input = input
    this.#known = nothingKnown
    this.#state = 'stopped.idle'
    const { facts } = input
    this.#write(this.#run(input, facts === undefined ? {} : { facts: sealedFacts(facts, this.#seal) }))
  }

  /** The statechart met an event and stands so now. */
  stepped(event: { readonly type: string }, { value, context }: Snapshot): void {
    if (event.type === 'xstate.init') return
    const { env, monotonic } = this.#parts
    const expected = this.#input?.expectedNumber
    const kept = keptEvent(event, { ...this.#known, seal: this.#seal, expected })
    this.#known = { evidence: kept.evidence, outbound: kept.outbound }
    const state = stateName(value)
    const draws = this.#draws
    this.#draws = []
    this.#write({
      at: env.now(),
      t: Math.round(monotonic()),
      event: kept.event,
      ...(draws.length === 0 ? {} : { draws }),
      ...(state === this.#state ? {} : { state }),
    })
    this.#state = state
    this.#steps += 1
    if (this.#steps >= stepsBetweenCheckpoints && isQuiet(state, context)) this.#checkpoint(value, context)
  }

  #checkpoint(value: unknown, context: Context): void {
    const input = this.#input
    if (!input) return
    const { env: _e, account: _a, mode: _m, policy: _p, expectedNumber: _n, self: _s, disk: _d, ...rest } = context
    const { reason: _r, afterUnclean: _u, firstLook: _l, ...known } = rest
    const kept: Checkpoint = {
      ...known,
      evidence: sealedEvidence(known.evidence, this.#seal),
      outbound: sealedOutbound(known.outbound, this.#seal),
      renewed: sealedAddresses(known.renewed, this.#seal),
      told: sealedAddresses(known.told, this.#seal),
      cure: noCure,
      budget: sealedBudget(known.budget, this.#seal),
      closes: known.closes.map(({ at, cause }) => ({ at, cause: sealedCause(cause) })),
      pair: {
        reason: known.pair.reason,
        windows: known.pair.windows,
        codes: known.pair.codes,
        resume: known.pair.resume,
      },
    }
    this.#known = { evidence: kept.evidence, outbound: kept.outbound }
    this.#write(this.#run(input, { from: { value, context: kept } }))
  }

  #run(
    { mode = 'heal', policy, expectedNumber, generation = 0 }: Omit<Input, 'env' | 'account'>,
    where: Pick<RunRecord, 'facts' | 'from'>,
  ): RunRecord {
    const expected = sealedExpected(expectedNumber)
    return {
      type: 'run',
      at: this.#parts.env.now(),
      t: Math.round(this.#parts.monotonic()),
      v: 1,
      mode,
      policy: differing(policy),
      ...(expected === undefined ? {} : { expectedNumber: expected }),
      generation,
      ...where,
    }
  }

  #write(record: RunRecord | StepRecord): void {
    if (!('event' in record)) this.#steps = 0
    this.#parts.write(record)
  }
}

/** Connected, nothing failing, nothing watched: what is not kept of such a moment decides nothing later. */
const isQuiet = (state: string, { evidence, outbound, verifying, prune, disk }: Context): boolean =>
  state === 'online.open.healthy' &&
  evidence.level === 'fine' &&
  outbound.level === 'fine' &&
  verifying === undefined &&
  prune === undefined &&
  disk === undefined

/** The thresholds that are not the default's. */
function differing(policy: Policy): PolicyOptions {
  const groups = Object.entries(policy).flatMap(([group, values]) => {
    const usual = new Map(Object.entries(defaultPolicy[group as keyof Policy]))
    const other = Object.entries(values).filter(([name, value]) => usual.get(name) !== value)
    return other.length === 0 ? [] : [[group, Object.fromEntries(other)]]
  })
  return Object.fromEntries(groups)
}
