import type { Claim, Span } from './events.ts'

/**
 * What the demo says and has checked. A claim that could not be checked any more does not count as held: it is missing,
 * and so is the exit code 0.
 */
export class Claims {
  readonly list: Claim[] = []
  readonly spans: Span[] = []

  /** Notes a check; returns whether it held. */
  hold(claim: string, held: boolean, detail: string): boolean {
    this.list.push({ claim, held, detail })
    return held
  }

  took(what: string, ms: number): void {
    this.spans.push({ what, ms: Math.round(ms) })
  }

  /** Whether there were at least so many claims, and all held. */
  allOf(expected: number): boolean {
    return this.list.length >= expected && this.list.every(({ held }) => held)
  }
}
