import type { AuthenticationCreds } from '@whiskeysockets/baileys'

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
  /** Throws on anything that is no JSON. */
  decode(bytes: Uint8Array): unknown
  /** The value as Baileys' own store hands it out for its type. */
  revive(type: string, value: unknown): unknown
  mint(): AuthenticationCreds
}

export const codecOf = ({ BufferJSON, initAuthCreds, proto }: BaileysParts): Codec => ({
  encode: (value) => Buffer.from(JSON.stringify(value, BufferJSON.replacer)),
  decode: (bytes) => {
    const text = textOf(bytes)
    const value: unknown = JSON.parse(text)
    return revivable.test(text) ? revived(value, '', BufferJSON.reviver) : value
  },
  revive: (type, value) =>
    type === 'app-state-sync-key' && typeof value === 'object' && value !== null
      ? proto.Message.AppStateSyncKeyData.fromObject({ ...value })
      : value,
  mint: initAuthCreds,
})

const textOf = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('utf8')

/**
 * Whether a text can hold what a reviver of Baileys changes: an object that says it is a buffer, or one whose names and values are numbers. Sessions hold
 * neither, and to go through them takes as long as to parse them.
 */
const revivable = /"(?:type|buffer)"\s*:|\\u|"[\s+\-\\\d](?:[^"\\]|\\.)*"\s*:\s*-?\d/

type Reviver = BaileysParts['BufferJSON']['reviver']

/**
 * What `JSON.parse(text, reviver)` makes of it, from the leaves up, with the reviver asked about objects only: Baileys' revivers leave all else as it is.
 * Three to eight times as fast, and reads of keys are mostly this.
 */
const revived = (value: unknown, key: string, reviver: Reviver): unknown => {
  if (typeof value !== 'object' || value === null) return value
  const holder = value as Record<string, unknown>
  for (const name of Object.keys(holder)) {
    const inner = holder[name]
    if (typeof inner !== 'object' || inner === null) continue
    const outcome = revived(inner, name, reviver)
    if (outcome !== inner) holder[name] = outcome
  }
  return reviver(key, value)
}

/** Baileys is loaded when the first store opens, so that importing this library costs nothing. */
export const loadBaileys = (): Promise<BaileysParts> => import('@whiskeysockets/baileys')
