import {
  allHeard,
  asked,
  assessOutbound,
  linkDown,
  linkUp,
  noOutbound,
  type Outbound,
  type OutboundAssessment,
  outboundAsOf,
  type Policy,
  type Reached,
  type RetriesAsked,
  type RetryAsked,
  reached,
  reassessOutboundAt,
} from '../../../machines/index.ts'
import { Judgement } from './judgement.ts'

const same = (a: OutboundAssessment, b: OutboundAssessment): boolean =>
  a.addresses.join() === b.addresses.join() && a.contacts === b.contacts && a.companions === b.companions

/**
 * Folds what devices say of the messages that they got, and tells when the judgement changes, by a receipt or by time
 * alone. One for an account, across its sockets: who could not read before a reconnect still counts.
 */
export class OutboundMonitor {
  readonly #judgement: Judgement<Outbound, OutboundAssessment>
  #retries: RetriesAsked = { contacts: 0, own: 0 }
  readonly #policy: Policy['outbound']
  readonly #now: () => number

  constructor(policy: Policy['outbound'], changed: (outbound: OutboundAssessment) => void, now = Date.now) {
    this.#policy = policy
    this.#now = now
    const law = {
      none: noOutbound,
      fine: allHeard,
      asOf: (outbound: Outbound, at: number) => outboundAsOf(outbound, policy, at),
      judge: (outbound: Outbound, at: number) => assessOutbound(outbound, policy, at),
      judgeAgainAt: (outbound: Outbound, at: number) => reassessOutboundAt(outbound, policy, at),
      same,
    }
    this.#judgement = new Judgement(law, changed, now)
  }

  asked(retry: RetryAsked): void {
    const whose = retry.own ? 'own' : 'contacts'
    this.#retries = { ...this.#retries, [whose]: this.#retries[whose] + 1 }
    this.#judgement.fold(asked(this.#judgement.evidence, retry, this.#now()))
  }

  /** Whether a message that was read can change anything: while nobody asks for one, it cannot. */
  get awaitsReached(): boolean {
    return this.#judgement.evidence.unheard.size > 0
  }

  reached(message: Reached): void {
    this.#judgement.fold(reached(this.#judgement.evidence, message))
  }

  linkUp(): void {
    this.#judgement.fold(linkUp(this.#judgement.evidence, this.#now()))
  }

  linkDown(): void {
    this.#judgement.fold(linkDown(this.#judgement.evidence, this.#now(), this.#policy))
  }

  /**
   * Ids of the messages that a device asked for and has not read yet, the newest first, and the jid under which it
   * asked; undefined if there are none.
   */
  missedBy(address: string): { readonly jid: string; readonly ids: readonly string[] } | undefined {
    const unheard = this.#judgement.evidence.unheard.get(address)
    return unheard && { jid: unheard.jid, ids: [...unheard.ids.keys()].reverse() }
  }

  /** What it amounts to at the moment. */
  get assessment(): OutboundAssessment {
    return this.#judgement.verdict
  }

  get retries(): RetriesAsked {
    return this.#retries
  }

  /** A new run, or new credentials: nobody is known who cannot read. */
  reset(): void {
    this.#judgement.reset()
  }

  stop(): void {
    this.#judgement.stop()
  }
}
