import { createPrivateKey, createPublicKey } from 'node:crypto'
import { type AuthenticationCreds, BufferJSON, proto } from '@whiskeysockets/baileys'
import { read } from '../../src/errors/error-chain.ts'
import type { BaileysParts } from '../../src/stores/codec.ts'

/** The folder of the account, on the one disk. */
export const folder = '/auth'

/** Stands in every secret, so that one that leaks is found by its name. */
export const secretMark = 'c2VjcmV0'

const pkcs8Head = Buffer.from('302e020100300506032b656e04220420', 'hex')

const keyPairs: { readonly private: Uint8Array; readonly public: Uint8Array }[] = []

/**
 * Real key pairs, the same in every life: the arithmetic costs more than the rest of a day. A private half begins with
 * the mark.
 */
function keyPair(number: number): { private: Uint8Array; public: Uint8Array } {
  const known = keyPairs[number]
  if (known) return { ...known }
  const secret = Buffer.from(`secret ${number}`.padEnd(32, '.'))
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, secret]), format: 'der', type: 'pkcs8' })
  const pair = { private: secret, public: createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32) }
  keyPairs[number] = pair
  return pair
}

/** Baileys' parts that the store needs, with numbered identities in place of random ones. */
export function baileysParts(): BaileysParts {
  let minted = 0
  const initAuthCreds = (): AuthenticationCreds => ({
    noiseKey: keyPair(4 * minted),
    pairingEphemeralKeyPair: keyPair(4 * minted + 1),
    signedIdentityKey: keyPair(4 * minted + 2),
    signedPreKey: { keyPair: keyPair(4 * minted + 3), signature: Buffer.alloc(64, 1), keyId: 1 },
    registrationId: 1000 + minted++,
    advSecretKey: `${secretMark}${minted}`,
    processedHistoryMessages: [],
    nextPreKeyId: 1,
    firstUnuploadedPreKeyId: 1,
    accountSyncCounter: 0,
    accountSettings: { unarchiveChats: false },
    registered: false,
    pairingCode: undefined,
    lastPropHash: undefined,
    routingInfo: undefined,
    additionalData: undefined,
  })
  return { initAuthCreds, BufferJSON, proto }
}

/** What a completed pairing adds. */
export function pairedFields(): Partial<AuthenticationCreds> {
  return {
    me: { id: '491700000000:7@s.whatsapp.net', name: 'gateway' },
    account: {
      details: Buffer.alloc(8, 1),
      accountSignature: Buffer.alloc(64, 2),
      deviceSignature: Buffer.alloc(64, 3),
    },
    registered: true,
  }
}

/** Tells identities apart. */
export const identityOf = (creds: Pick<AuthenticationCreds, 'registrationId'>): number => creds.registrationId

/** A stored session, in the shape that libsignal's records serialise to. */
export interface StoredSession {
  readonly id: number
  readonly turn: number
}

const bytes = Buffer.alloc(33, 5).toString('base64')

/** As many as libsignal needs here: it archives what a newer session replaces, and reads with all of them. */
const mostSessions = 5

/** A stored record, the newest session first. */
export const sessionFile = (sessions: readonly StoredSession[]): object => ({
  _sessions: Object.fromEntries(
    sessions.slice(0, mostSessions).map(({ id, turn }, at) => [
      `${bytes}${at}`,
      {
        registrationId: id,
        currentRatchet: {
          ephemeralKeyPair: { pubKey: bytes, privKey: `${secretMark}${bytes.slice(secretMark.length)}` },
          lastRemoteEphemeralKey: bytes,
          previousCounter: turn,
          rootKey: bytes,
        },
        indexInfo: {
          baseKey: bytes,
          baseKeyType: 1,
          closed: at === 0 ? -1 : at,
          used: 1,
          created: 1,
          remoteIdentityKey: bytes,
        },
        _chains: {},
      },
    ]),
  ),
  version: 'v1',
})

/** A stored record as the simulated Baileys reads it; `poison` is JSON that libsignal cannot load. */
export function readSessions(value: unknown): readonly StoredSession[] | 'poison' {
  if (!value) return []
  const sessions = typeof value === 'object' && '_sessions' in value ? value._sessions : undefined
  if (typeof sessions !== 'object' || sessions === null) return 'poison'
  const found: StoredSession[] = []
  for (const entry of Object.values(sessions)) {
    const id: unknown = read(entry, 'registrationId')
    const turn: unknown = read(read(entry, 'currentRatchet'), 'previousCounter')
    if (typeof id !== 'number' || typeof turn !== 'number') return 'poison'
    found.push({ id, turn })
  }
  return found
}
