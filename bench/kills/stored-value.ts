import { hash } from 'node:crypto'

/** How many keys one set of pre-keys has. */
export const setSize = 20
export const addresses = ['491.0', '491.1', '492.0', '493.12'] as const
export const preKeyIds = Array.from({ length: setSize }, (_, at) => String(at + 1))

/** A value of about a session's size that tells which write it is of, and whether it is whole. */
export interface StoredValue {
  readonly n: number
  readonly check: string
  readonly fill: string
}

const fillOf = (n: number) => hash('sha256', `fill ${n}`).repeat(24 + (n % 64))

export const valueOfWrite = (n: number): StoredValue => {
  const fill = fillOf(n)
  return { n, check: hash('sha256', `${n} ${fill}`), fill }
}

/** The number of the write a value is of; undefined if it is not whole. */
export const numberOf = (value: unknown): number | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { n, check, fill } = value as Record<string, unknown>
  return typeof n === 'number' && check === hash('sha256', `${n} ${String(fill)}`) ? n : undefined
}
