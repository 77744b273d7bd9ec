/** One kind of trouble that a soak deals out in turns. */
export interface Part {
  /** What did not hold, and how to see it again. */
  readonly failures: readonly string[]
  /** Works until that moment of `performance.now()`, and a little longer where something has to be finished. */
  work(until: number): Promise<void>
  /** Whether nothing is left to do. Default: there always is. */
  readonly over?: () => boolean
  /** All that was done so far, on a line. */
  said(): string
}
