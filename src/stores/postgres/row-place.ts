/** Where a row stands. It is bound into the encryption, so that a row moved elsewhere does not open. */
export interface RowPlace {
  readonly account: string
  readonly kind: string
  readonly name: string
  /** What else is bound, such as columns beside the content that must not be changed. */
  readonly bound?: readonly (string | number)[]
}

/** A row of an account, bound to the number of the write that it is of; 0: of before writes were counted. */
export const itemPlace = (account: string, kind: string, name: string, stamp: number): RowPlace =>
  stamp === 0 ? { account, kind, name } : { account, kind, name, bound: [stamp] }
