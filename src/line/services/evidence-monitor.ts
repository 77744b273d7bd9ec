import {
  type Assessment,
  allFine,
  assess,
  caughtUp,
  type DecryptFailure,
  drained,
  type Evidence,
  failed,
  noEvidence,
  type Policy,
  pruned,
  reassessAt,
  succeeded,
} from '../../../machines/index.ts'

interface Told {
  readonly changed: (evidence: Assessment) => void
  /** A message from an address was read whose session had been set aside. */
  readonly proven: (address: string) => void
}

const sameJudgement = (a: Assessment, b: Assessment): boolean =>
  a.level === b.level &&
  a.suspected === b.suspected &&
  a.addresses.join() === b.addresses.join() &&
  a.curable.join() === b.curable.join()

/**
 * Folds what the socket reports into evidence, and tells when the judgement changes, by an event or by time alone.
 * One for an account, across its sockets: what could not be read before a reconnect still counts.
 */
export class EvidenceMonitor {
  #evidence: Evidence = noEvidence
  #assessment: Assessment = allFine
  #timer: NodeJS.Timeout | undefined
  #awaited = new Set<string>()
  readonly #policy: Policy['decrypt']
  readonly #told: Told
  readonly #now: () => number

  constructor(policy: Policy['decrypt'], told: Told, now: () => number = Date.now) {
    this.#policy = policy
    this.#told = told
    this.#now = now
  }

  failed(failure: DecryptFailure): void {
    this.#fold(failed(this.#evidence, failure, this.#now()))
  }

  /** Whether a message that was read can change anything: while nothing is held against anybody, it cannot. */
  get awaitsSuccess(): boolean {
    return this.#evidence.failing.size > 0 || this.#awaited.size > 0
  }

  succeeded(address: string): void {
    this.#fold(succeeded(this.#evidence, address))
    if (this.#awaited.delete(address)) this.#told.proven(address)
  }

  /** The backlog is through: Baileys' retries have their grace from now, the shorter one after an unclean end. */
  drained(afterUnclean: boolean): void {
    const { graceMs, graceAfterUncleanMs } = this.#policy
    this.#fold(drained(this.#evidence, this.#now(), afterUnclean ? graceAfterUncleanMs : graceMs))
  }

  /** Sessions were set aside: their record is cleared, and the first message read from one of them proves the cure. */
  pruned(which: readonly string[] | 'all', setAside: readonly string[]): void {
    this.#awaited = new Set(setAside)
    this.#fold(pruned(this.#evidence, which, this.#now() + this.#policy.graceAfterUncleanMs))
  }

  /** What the evidence amounts to at the moment. */
  get assessment(): Assessment {
    return this.#assessment
  }

  /** A new run: nothing is held against anybody. */
  reset(): void {
    this.stop()
    this.#evidence = noEvidence
    this.#assessment = allFine
    this.#awaited.clear()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #fold(evidence: Evidence): void {
    if (evidence === this.#evidence) return
    this.#evidence = evidence
    this.#judge()
  }

  #judge(): void {
    const now = this.#now()
    this.#evidence = caughtUp(this.#evidence, this.#policy, now)
    const assessment = assess(this.#evidence, this.#policy, now)
    this.stop()
    const at = reassessAt(this.#evidence, this.#policy, now)
    // One millisecond late rather than early: a timer may fire just before its moment.
    if (at !== undefined) this.#timer = setTimeout(() => this.#judge(), at - now + 1).unref()
    if (sameJudgement(assessment, this.#assessment)) {
      this.#assessment = assessment
      return
    }
    this.#assessment = assessment
    this.#told.changed(assessment)
  }
}
