import type { AuthenticationCreds } from '../baileys/baileys-types.ts'

/** Pre-key ids are sent in 3 bytes; 0 is no id. */
export const maxPreKeyId = 0xff_ff_ff
/** How far past every known id numbering goes on, so that ids issued after the last save are passed too. */
const margin = 1000

const pattern = /^pre-key-(\d+)\.json$/

/** The ids of stored pre-keys, ascending. */
export const preKeyIds = (names: readonly string[]): readonly number[] =>
  names
    .map((name) => Number(pattern.exec(name)?.[1]))
    .filter((id) => id >= 1 && id <= maxPreKeyId)
    .sort((a, b) => a - b)

/** How far `id` lies ahead of `from` on the ring of ids; more than half the ring is behind. */
const ahead = (from: number, id: number): number => (((id - from) % maxPreKeyId) + maxPreKeyId) % maxPreKeyId
const onRing = (id: number): number => ((((id - 1) % maxPreKeyId) + maxPreKeyId) % maxPreKeyId) + 1

/** Whether it is a number that a pre-key can have. */
export const isPreKeyId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxPreKeyId

/** True if the next pre-key to be made would get an id that was issued before, or one that does not fit. */
export const hasRegressed = (next: unknown, ids: readonly number[]): boolean =>
  !isPreKeyId(next) || ids.some((id) => ahead(next, id) < maxPreKeyId / 2)

/** Past the furthest id that lies ahead of `from`, by the margin. */
const past = (from: number, ids: readonly number[]): number => {
  const reach = ids.reduce((far, id) => {
    const distance = ahead(from, id)
    return distance < maxPreKeyId / 2 ? Math.max(far, distance) : far
  }, -1)
  return onRing(from + reach + 1 + margin)
}

/**
 * Where numbering goes on safely: past the furthest stored id and past `next`, by a margin; past 16,777,215 it starts
 * again at 1.
 */
export const repairedNext = (next: unknown, ids: readonly number[]): number => {
  let repaired = past(isPreKeyId(next) ? next : (ids.at(-1) ?? 1), ids)
  // What was half the ring behind may be ahead now; whatever is stored, each round passes some of it.
  for (let round = 0; round < ids.length && hasRegressed(repaired, ids); round += 1) repaired = past(repaired, ids)
  return repaired
}

/**
 * Creds with numbering past every stored pre-key. `firstUnuploadedPreKeyId` follows: the ids between have no keys to
 * upload.
 */
export const withRepairedPreKeys = (creds: AuthenticationCreds, ids: readonly number[]): AuthenticationCreds => {
  const next = repairedNext(creds.nextPreKeyId, ids)
  return { ...creds, nextPreKeyId: next, firstUnuploadedPreKeyId: next }
}
