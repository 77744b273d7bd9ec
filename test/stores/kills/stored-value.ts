import { hash } from 'node:crypto'

/** How many keys one set of pre-keys has. */
export const setSize = 8
export const addresses = ['491.0', '491.1', '492.0', '493.12'] as const
export const preKeyIds = Array.from({ length: setSize }, (_, at) => String(at + 1))

/** A serialised session of libsignal's, or any other JSON. */
export type Material = Readonly<Record<string, unknown>>

/** What a key holds: its material, the number of the write it is of, and what tells whether it is whole. */
type StoredValue = Material & { readonly n: number; readonly fill: string; readonly check: string }

/** Real sessions grow and shrink with the messages that were skipped. */
const fillOf = (n: number) => hash('sha256', `fill ${n}`).repeat(n % 64)

const checkOf = (n: number, fill: string, material: Material) =>
  hash('sha256', `${n} ${fill} ${JSON.stringify(material)}`)

/** libsignal reads the fields that it knows and leaves the three others alone. */
export const valueOfWrite = (n: number, material: Material): StoredValue => {
  const fill = fillOf(n)
  return { ...material, n, fill, check: checkOf(n, fill, material) }
}

/** The number of the write a value is of; undefined if it is not whole. */
export const numberOf = (value: unknown): number | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { n, fill, check, ...material } = value as Record<string, unknown>
  return typeof n === 'number' && check === checkOf(n, String(fill), material) ? n : undefined
}
