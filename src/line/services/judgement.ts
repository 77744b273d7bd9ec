/** How evidence is judged at a moment, and when time alone may change that. */
interface Law<Evidence, Verdict> {
  readonly none: Evidence
  readonly fine: Verdict
  /** The evidence as it counts at this moment, e.g. after the clock was set back. */
  readonly asOf: (evidence: Evidence, now: number) => Evidence
  readonly judge: (evidence: Evidence, now: number) => Verdict
  readonly judgeAgainAt: (evidence: Evidence, now: number) => number | undefined
  /** Whether one says no more than the other. */
  readonly same: (a: Verdict, b: Verdict) => boolean
}

/**
 * Evidence that grows, and what it amounts to: judged anew when it changes and when time alone may change the
 * judgement.
 */
export class Judgement<Evidence, Verdict> {
  #evidence: Evidence
  #verdict: Verdict
  #timer: NodeJS.Timeout | undefined
  readonly #law: Law<Evidence, Verdict>
  readonly #changed: (verdict: Verdict) => void
  readonly #now: () => number

  constructor(law: Law<Evidence, Verdict>, changed: (verdict: Verdict) => void, now: () => number) {
    this.#law = law
    this.#evidence = law.none
    this.#verdict = law.fine
    this.#changed = changed
    this.#now = now
  }

  get evidence(): Evidence {
    return this.#evidence
  }

  get verdict(): Verdict {
    return this.#verdict
  }

  /** The evidence has become this one. Pure folds give the same one back where nothing changed. */
  fold(evidence: Evidence): void {
    if (evidence === this.#evidence) return
    this.#evidence = evidence
    this.#judge()
  }

  /** A new run: nothing is held against anybody. */
  reset(): void {
    this.stop()
    this.#evidence = this.#law.none
    this.#verdict = this.#law.fine
  }

  /** No timer is left. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #judge(): void {
    const { asOf, judge, judgeAgainAt, same } = this.#law
    const now = this.#now()
    this.#evidence = asOf(this.#evidence, now)
    const verdict = judge(this.#evidence, now)
    this.stop()
    const at = judgeAgainAt(this.#evidence, now)
    // One millisecond late rather than early: a timer may fire just before its moment.
    if (at !== undefined) this.#timer = setTimeout(() => this.#judge(), at - now + 1).unref()
    const before = this.#verdict
    this.#verdict = verdict
    if (!same(verdict, before)) this.#changed(verdict)
  }
}
