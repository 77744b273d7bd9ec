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
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString('utf8'), BufferJSON.reviver),
  revive: (type, value) =>
    type === 'app-state-sync-key' && typeof value === 'object' && value !== null
      ? proto.Message.AppStateSyncKeyData.fromObject({ ...value })
      : value,
  mint: initAuthCreds,
})

/** Baileys is loaded when the first store opens, so that importing this library costs nothing. */
export const loadBaileys = (): Promise<BaileysParts> => import('@whiskeysockets/baileys')
