import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { SignalBundle } from './libsignal.ts'
import { KEY_BUNDLE_TYPE } from './protocol.ts'
import { bigEndian, bytes, child, children, node, number } from './stanza.ts'

interface PublicPreKey {
  keyId: number
  /** 32 bytes, without a type byte. */
  publicKey: Buffer
}

/** What somebody needs to begin a session with a device. */
export interface KeyBundle {
  registrationId: number
  identityKey: Buffer
  signedPreKey: PublicPreKey & { signature: Buffer }
  /** Used once. Absent when the device has none left on the server. */
  preKey?: PublicPreKey
}

/** The children of `<user>` in an answer to a key query, or of `<keys>` in a retry receipt. */
export function bundleNodes(bundle: KeyBundle): BinaryNode[] {
  const { signedPreKey, preKey } = bundle
  return [
    node('registration', {}, bigEndian(bundle.registrationId, 4)),
    node('type', {}, KEY_BUNDLE_TYPE),
    node('identity', {}, bundle.identityKey),
    node('skey', {}, [...preKeyNodes(signedPreKey), node('signature', {}, signedPreKey.signature)]),
    ...(preKey ? [node('key', {}, preKeyNodes(preKey))] : []),
  ]
}

function preKeyNodes({ keyId, publicKey }: PublicPreKey): BinaryNode[] {
  return [node('id', {}, bigEndian(keyId, 3)), node('value', {}, publicKey)]
}

export function readPreKey(key: BinaryNode | undefined): PublicPreKey {
  return { keyId: number(key, 'id'), publicKey: bytes(key, 'value') }
}

export function readSignedPreKey(key: BinaryNode | undefined): KeyBundle['signedPreKey'] {
  return { ...readPreKey(key), signature: bytes(key, 'signature') }
}

/** The bundle in a retry receipt; undefined if the client sent none, as it does the first time. */
export function bundleInRetry(receipt: BinaryNode): KeyBundle | undefined {
  const keys = child(receipt, 'keys')
  if (!keys) return undefined
  return {
    registrationId: number(receipt, 'registration'),
    identityKey: bytes(keys, 'identity'),
    signedPreKey: readSignedPreKey(child(keys, 'skey')),
    ...oneTimeKey(children(keys, 'key')[0]),
  }
}

function oneTimeKey(key: BinaryNode | undefined): { preKey?: PublicPreKey } {
  return key ? { preKey: readPreKey(key) } : {}
}

/** libsignal wants a type byte before each public key. */
export function signalBundle(bundle: KeyBundle): SignalBundle {
  const typed = (key: Buffer) => Buffer.concat([KEY_BUNDLE_TYPE, key])
  const { signedPreKey, preKey } = bundle
  return {
    registrationId: bundle.registrationId,
    identityKey: typed(bundle.identityKey),
    signedPreKey: { ...signedPreKey, publicKey: typed(signedPreKey.publicKey) },
    ...(preKey ? { preKey: { keyId: preKey.keyId, publicKey: typed(preKey.publicKey) } } : {}),
  }
}
