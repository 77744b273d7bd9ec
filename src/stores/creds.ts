import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import type { Codec } from './codec.ts'
import { type FileSystem, isAbsent } from './disk/file-system.ts'
import { noFileWords } from './disk/no-file.ts'
import { maxPreKeyId } from './pre-keys.ts'
import type { Read } from './store.ts'
import { refusedWords } from './unsealed.ts'

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

const isBytes = (value: unknown, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length

// PKCS #8 for a raw X25519 private key is this fixed head and the 32 bytes.
const pkcs8Head = Buffer.from('302e020100300506032b656e04220420', 'hex')

const publicOf = (secret: Uint8Array): Buffer => {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, secret]), format: 'der', type: 'pkcs8' })
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
}

// Key pairs stay the same over thousands of saves, and the arithmetic is what a check costs. Digests only, no keys.
const matching = new Set<string>()
const rememberedPairs = 256

const belongTogether = (secret: Uint8Array, open: Uint8Array): boolean => {
  const pair = hash('sha256', Buffer.concat([secret, open]))
  if (matching.has(pair)) return true
  if (!publicOf(secret).equals(open)) return false
  if (matching.size >= rememberedPairs) matching.clear()
  matching.add(pair)
  return true
}

/** A key pair whose halves belong together: one flipped bit in either is found. */
const isKeyPair = (value: unknown): boolean =>
  isFields(value) &&
  isBytes(value.private, 32) &&
  isBytes(value.public, 32) &&
  belongTogether(value.private, value.public)

const isKeyId = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxPreKeyId

/** With the number of the device: without one WhatsApp answers 401, as if the phone had unlinked it. */
const deviceJid = /^\d+:\d+@[a-z.]+$/

/**
 * What WhatsApp signed when the device was linked, as each first message to somebody carries it: bytes, or their base64
 * as Baileys stores them.
 */
const isSignedIdentity = (value: unknown): boolean =>
  isFields(value) &&
  ['details', 'accountSignature', 'deviceSignature'].every((field) => {
    const bytes = value[field]
    return (bytes instanceof Uint8Array || typeof bytes === 'string') && bytes.length > 0
  })

/** What credentials need, and nothing can make up for; each row names what is missing. */
const required: readonly (readonly [field: string, holds: (creds: Fields) => boolean])[] = [
  ['noiseKey', (creds) => isKeyPair(creds.noiseKey)],
  ['signedIdentityKey', (creds) => isKeyPair(creds.signedIdentityKey)],
  [
    'signedPreKey',
    ({ signedPreKey: key }) =>
      isFields(key) && isKeyPair(key.keyPair) && isBytes(key.signature, 64) && isKeyId(key.keyId),
  ],
  [
    'registrationId',
    ({ registrationId: id }) => typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= 0xff_ff_ff_ff,
  ],
  ['advSecretKey', (creds) => typeof creds.advSecretKey === 'string' && creds.advSecretKey.length > 0],
  ['me', (creds) => !creds.account || (isFields(creds.me) && deviceJid.test(String(creds.me.id)))],
  ['account', ({ account }) => account === undefined || account === null || isSignedIdentity(account)],
]

const isComplete = (value: unknown): value is AuthenticationCreds =>
  isFields(value) && required.every(([, holds]) => holds(value))

/** What says that it is bytes and holds none is read as an object, and breaks every save from then on. */
function canBeSaved(creds: AuthenticationCreds, codec: Codec): boolean {
  try {
    codec.encode(creds)
    return true
  } catch {
    return false
  }
}

/** Credentials out of the bytes of a creds.json, or why they cannot be used. Never quotes the bytes. */
export const parseCreds = (bytes: Uint8Array, codec: Codec): Read<AuthenticationCreds> => {
  const unreadable = (why: string) => ({ kind: 'unreadable', why }) as const
  if (bytes.length === 0) return unreadable('creds.json is empty')
  if (bytes.every((byte) => byte === 0)) return unreadable('creds.json is filled with NUL bytes')
  const refused = refusedWords(bytes)
  if (refused !== undefined) return unreadable(`creds.json ${refused}`)
  let value: unknown
  try {
    value = codec.decode(bytes)
  } catch {
    return unreadable('creds.json is no complete JSON')
  }
  if (isComplete(value))
    return canBeSaved(value, codec)
      ? { kind: 'present', value }
      : unreadable('creds.json holds a value that cannot be saved again')
  if (!isFields(value)) return unreadable('creds.json holds no credentials')
  const missing = required.filter(([, holds]) => !holds(value)).map(([field]) => field)
  return unreadable(`creds.json lacks a valid ${missing.join(', ')}`)
}

/** Reads a creds.json; rejects only if the disk fails. */
export const readCreds = async (fs: FileSystem, path: string, codec: Codec): Promise<Read<AuthenticationCreds>> => {
  let bytes: Buffer
  try {
    bytes = await fs.readFile(path)
  } catch (error) {
    if (isAbsent(error)) return { kind: 'absent' }
    const why = noFileWords(error)
    if (why !== undefined) return { kind: 'unreadable', why: `creds.json ${why}` }
    throw error
  }
  return parseCreds(bytes, codec)
}

/** Linked once: WhatsApp signed this device. Before that, `me` alone may stand there (a pairing code was asked for). */
export const isPaired = (creds: AuthenticationCreds): boolean => Boolean(creds.me?.id && creds.account)

/** The user of a paired account, without its device number. */
const userOf = (creds: AuthenticationCreds): string | undefined => creds.me?.id.split(/[:@]/)[0]

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
const hasSameKey = (a: AuthenticationCreds, b: AuthenticationCreds): boolean =>
  same(a.signedIdentityKey.public, b.signedIdentityKey.public)

/**
 * Why credentials cannot be what the account had when `good` was saved, or undefined if they can. A fresh pairing of
 * the same user elsewhere is fine; an unpaired identity in the place of a paired one is what Baileys' own store leaves
 * when it could not read creds.json.
 */
export const contradiction = (creds: AuthenticationCreds, good: AuthenticationCreds): string | undefined => {
  if (!isPaired(good)) return undefined
  if (!isPaired(creds)) {
    return hasSameKey(creds, good)
      ? 'creds.json has lost its link to the account (me, account)'
      : 'creds.json holds a new identity that was never linked'
  }
  if (userOf(creds) !== userOf(good)) return 'creds.json belongs to another account'
  if (!hasSameKey(creds, good)) return undefined
  if (creds.registrationId !== good.registrationId) return 'creds.json has another registrationId than before'
  if (!same(creds.noiseKey.public, good.noiseKey.public)) return 'creds.json has another noiseKey than before'
  return undefined
}

/** Fields that change often and that the account can lose: they alone make no new generation. */
const volatile: ReadonlySet<string> = new Set([
  'nextPreKeyId',
  'firstUnuploadedPreKeyId',
  'lastAccountSyncTimestamp',
  'accountSyncCounter',
  'processedHistoryMessages',
  'routingInfo',
  'lastPropHash',
])

/** A digest of what matters in credentials; equal digests, same generation. */
export const materialOf = (creds: AuthenticationCreds): string => {
  const kept = Object.entries(creds).filter(([field]) => !volatile.has(field))
  return hash('sha256', JSON.stringify(kept))
}
