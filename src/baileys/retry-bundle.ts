import type { BinaryNode } from './baileys-types.ts'

/** A key as libsignal takes it: 33 bytes, the first of which says of what kind it is. */
interface PublicKey {
  readonly keyId: number
  readonly publicKey: Uint8Array
}

/** What begins a session with a device, as Baileys' `injectE2ESession` takes it. */
export interface RetryBundle {
  readonly registrationId: number
  readonly identityKey: Uint8Array
  readonly signedPreKey: PublicKey & { readonly signature: Uint8Array }
  /** Used once; missing from a device that has none left. */
  readonly preKey?: PublicKey
}

/** The kind of every public key of the protocol. */
const curveKind = 5
const keyBytes = 32

/**
 * The keys that a device puts into its question for a message; undefined if there are none, or none that can be used.
 */
export function bundleIn(receipt: BinaryNode): RetryBundle | undefined {
  const keys = child(receipt, 'keys')
  const kind = bytes(keys, 'type')
  if (kind?.length !== 1 || kind[0] !== curveKind) return undefined
  const identityKey = publicKey(bytes(keys, 'identity'))
  const registrationId = number(bytes(receipt, 'registration'), 4)
  const signed = preKeyIn(child(keys, 'skey'))
  const signature = bytes(child(keys, 'skey'), 'signature')
  if (registrationId === undefined || !identityKey || !signed || !signature) return undefined
  const one = child(keys, 'key')
  const preKey = preKeyIn(one)
  if (one && !preKey) return undefined
  return { registrationId, identityKey, signedPreKey: { ...signed, signature }, ...(preKey ? { preKey } : {}) }
}

function preKeyIn(node: BinaryNode | undefined): PublicKey | undefined {
  const keyId = number(bytes(node, 'id'), 3)
  const key = publicKey(bytes(node, 'value'))
  return keyId === undefined || !key ? undefined : { keyId, publicKey: key }
}

function publicKey(raw: Uint8Array | undefined): Uint8Array | undefined {
  return raw?.length === keyBytes ? Buffer.concat([Buffer.of(curveKind), raw]) : undefined
}

/** A number of so many bytes, the first of them the greatest. */
function number(raw: Uint8Array | undefined, length: number): number | undefined {
  return raw?.length === length ? Buffer.from(raw).readUIntBE(0, length) : undefined
}

function child(node: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  return Array.isArray(node?.content) ? node.content.find((one) => one.tag === tag) : undefined
}

function bytes(node: BinaryNode | undefined, tag: string): Uint8Array | undefined {
  const content = child(node, tag)?.content
  return content instanceof Uint8Array ? content : undefined
}
