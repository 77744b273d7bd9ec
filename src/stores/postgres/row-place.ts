/** Where a row stands. It is bound into the encryption, so that a row moved elsewhere does not open. */
export interface RowPlace {
  readonly account: string
  readonly kind: string
  readonly name: string
  /** What else is bound, such as columns beside the content that must not be changed. */
  readonly bound?: readonly (string | number)[]
}
