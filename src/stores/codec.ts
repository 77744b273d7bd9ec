import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import { installedBaileys } from '../baileys/installed.ts'

/** The parts of Baileys that the store needs; both lines have them. */
export interface BaileysParts {
  readonly initAuthCreds: () => AuthenticationCreds
  readonly BufferJSON: {
    readonly replacer: (key: string, value: unknown) => unknown
    readonly reviver: (key: string, value: unknown) => unknown
  }
  readonly proto: {
    readonly Message: {
      readonly AppStateSyncKeyData: { readonly fromObject: (value: { [key: string]: unknown }) => object }
    }
  }
}

/** Between values and the bytes that Baileys' own store would write for them. */
export interface Codec {
  encode(value: unknown): Buffer
  /** Reads what any Baileys, or an editor, has left; see `isOlderForm`. Throws on anything that is no JSON. */
  decode(bytes: Uint8Array): unknown
  /** The value as Baileys' own store hands it out for its type. */
  revive(type: string, value: unknown): unknown
  mint(): AuthenticationCreds
}

export const codecOf = ({ BufferJSON, initAuthCreds, proto }: BaileysParts): Codec => ({
  encode: (value) => Buffer.from(jsonOf(value, BufferJSON.replacer)),
  decode: (bytes) => {
    const text = textOf(bytes)
    const value = parsed(text)
    return revivable.test(text) ? (bytesOf(value) ?? revived(value, '', BufferJSON.reviver)) : value
  },
  revive: (type, value) =>
    type === 'app-state-sync-key' && typeof value === 'object' && value !== null
      ? proto.Message.AppStateSyncKeyData.fromObject({ ...value })
      : value,
  mint: initAuthCreds,
})

type Replacer = BaileysParts['BufferJSON']['replacer']

/**
 * `JSON.stringify(value, replacer)`, with the replacer asked about objects only, as Baileys' replacers leave all else
 * as it is, and before a buffer has been spelt out number by number. Takes about half the time, which is a third of
 * what a set of pre-keys costs in LMDB.
 */
function jsonOf(value: unknown, replacer: Replacer): string {
  const simple = replaced(value, '', replacer)
  return simple === unforeseen ? JSON.stringify(value, replacer) : JSON.stringify(simple)
}

/** Some object has its own idea of what it is as JSON. */
const unforeseen = Symbol('unforeseen')

function replaced(value: unknown, key: string, replacer: Replacer): unknown {
  if (typeof value !== 'object' || value === null) return value
  const outcome = replacer(key, value)
  if (outcome !== value) return outcome
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item, at) => replaced(item, String(at), replacer))
    return items.includes(unforeseen) ? unforeseen : items
  }
  const holder = value as Record<string, unknown>
  if (holder.toJSON !== undefined || Object.getPrototypeOf(value) !== Object.prototype) return unforeseen
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(holder)) {
    const inner = replaced(holder[name], name, replacer)
    // An own `__proto__` would become the prototype of the copy.
    if (inner === unforeseen || name === '__proto__') return unforeseen
    copy[name] = inner
  }
  return copy
}

const textOf = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('utf8')

/**
 * Whether a text can hold what a reviver of Baileys changes: an object that says it is a buffer, or one whose names and
 * values are numbers. Sessions hold neither, and to go through them takes as long as to parse them.
 */
const revivable = /"(?:type|buffer|\$binary)"\s*:|\\u|"[\s+\-\\\d](?:[^"\\]|\\.)*"\s*:\s*-?\d/

/** JSON, and what editors make of it: a byte order mark before it, a comma behind the last item. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const plain = text.replace(/^\uFEFF/, '').replace(commaAtEnd, '$1')
    if (plain === text) throw error
    return JSON.parse(plain)
  }
}

/** A string, which is kept, or a comma that nothing follows. */
const commaAtEnd = /("(?:[^"\\]|\\.)*")|,(?=\s*(?:[}\]]|$))/g

/** Bytes as JSON columns and MongoDB's exports spell them. Baileys 6 reads the first, Baileys 7 neither. */
function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if ('type' in value && value.type === 'Buffer' && 'data' in value && isByteList(value.data))
    return Buffer.from(value.data)
  const binary = '$binary' in value ? value.$binary : undefined
  const base64 = typeof binary === 'object' && binary !== null && 'base64' in binary ? binary.base64 : binary
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
}

const isByteList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)

/** Whether bytes are readable here, but not to the Baileys of today: to be written anew. */
export function isOlderForm(bytes: Uint8Array): boolean {
  const text = textOf(bytes)
  if (text.startsWith('\uFEFF') || olderBytes.test(text)) return true
  try {
    JSON.parse(text)
    return false
  } catch {
    return commaAtEnd.test(text)
  }
}

const olderBytes = /"data"\s*:\s*\[\s*\d|"\$binary"/

type Reviver = BaileysParts['BufferJSON']['reviver']

/**
 * What `JSON.parse(text, reviver)` makes of it, from the leaves up, with the reviver asked about objects only: Baileys'
 * revivers leave all else as it is. Three to eight times as fast, and reads of keys are mostly this.
 */
const revived = (value: unknown, key: string, reviver: Reviver): unknown => {
  if (typeof value !== 'object' || value === null) return value
  const holder = value as Record<string, unknown>
  for (const name of Object.keys(holder)) {
    const inner = holder[name]
    if (typeof inner !== 'object' || inner === null) continue
    const outcome = bytesOf(inner) ?? revived(inner, name, reviver)
    if (outcome !== inner) holder[name] = outcome
  }
  return reviver(key, value)
}

/** Baileys is loaded when the first store opens, so that importing this library costs nothing. */
export const loadBaileys = (): Promise<BaileysParts> => installedBaileys()
