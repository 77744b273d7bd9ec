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
import { Judgement } from './judgement.ts'

interface EvidenceListener {
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
  readonly #judgement: Judgement<Evidence, Assessment>
  #awaited = new Set<string>()
  readonly #policy: Policy['decrypt']
  readonly #listener: EvidenceListener
  readonly #now: () => number

  constructor(policy: Policy['decrypt'], listener: EvidenceListener, now: () => number = Date.now) {
    this.#policy = policy
    this.#listener = listener
    this.#now = now
    const law = {
      none: noEvidence,
      fine: allFine,
      asOf: (evidence: Evidence, at: number) => caughtUp(evidence, policy, at),
      judge: (evidence: Evidence, at: number) => assess(evidence, policy, at),
      judgeAgainAt: (evidence: Evidence, at: number) => reassessAt(evidence, policy, at),
      same: sameJudgement,
    }
    this.#judgement = new Judgement(law, listener.changed, now)
  }

  failed(failure: DecryptFailure): void {
    this.#judgement.fold(failed(this.#judgement.evidence, failure, this.#now()))
  }

  /** Whether a message that was read can change anything: while nothing is held against anybody, it cannot. */
  get awaitsSuccess(): boolean {
    return this.#judgement.evidence.failing.size > 0 || this.#awaited.size > 0
  }

  succeeded(address: string): void {
    this.#judgement.fold(succeeded(this.#judgement.evidence, address))
    if (this.#awaited.delete(address)) this.#listener.proven(address)
  }

  /** The backlog is through: Baileys' retries have their grace from now, the shorter one after an unclean end. */
  drained(afterUnclean: boolean): void {
    const { graceMs, graceAfterUncleanMs } = this.#policy
    const grace = afterUnclean ? graceAfterUncleanMs : graceMs
    this.#judgement.fold(drained(this.#judgement.evidence, this.#now(), grace))
  }

  /** Sessions were set aside: their record is cleared, and the first message read from one of them proves the cure. */
  pruned(which: readonly string[] | 'all', setAside: readonly string[]): void {
    this.#awaited = new Set(setAside)
    const { graceAfterUncleanMs } = this.#policy
    this.#judgement.fold(pruned(this.#judgement.evidence, which, this.#now() + graceAfterUncleanMs))
  }

  /** What the evidence amounts to at the moment. */
  get assessment(): Assessment {
    return this.#judgement.verdict
  }

  /** A new run: nothing is held against anybody. */
  reset(): void {
    this.#judgement.reset()
    this.#awaited.clear()
  }

  stop(): void {
    this.#judgement.stop()
  }
}
