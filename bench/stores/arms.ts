import { join } from 'node:path'
import { type AuthenticationState, type SignalDataSet, useMultiFileAuthState } from '@whiskeysockets/baileys'
import { type AuthStore, fileAuthStore } from '../../src/index.ts'
import { lmdbAuthStore } from '../../src/stores/lmdb/index.ts'

export const arms = ['baileys', 'file', 'lmdb'] as const
export type Arm = (typeof arms)[number]

/** An account in one kind of store, under a root that all kinds share. */
export interface Account {
  readonly folder: string
  readonly keys: AuthenticationState['keys']
  /**
   * Resolves when nothing is left to do for what was written: our files follow their journal, and would do so in the
   * time of whoever is measured next.
   */
  readonly settle: () => Promise<void>
  readonly close: () => Promise<void>
}

export const folderOf = (root: string, arm: Arm): string => join(root, arm)

export const storeOf = (root: string, arm: Exclude<Arm, 'baileys'>): AuthStore =>
  arm === 'file' ? fileAuthStore(folderOf(root, arm)) : lmdbAuthStore(folderOf(root, arm))

/** Opens an account as a gateway does; a new one is saved once, so that it can be opened again. */
export async function openAccount(root: string, arm: Arm): Promise<Account> {
  const folder = folderOf(root, arm)
  if (arm === 'baileys') {
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    await saveCreds()
    return { folder, keys: state.keys, settle: async () => undefined, close: async () => undefined }
  }
  const store = storeOf(root, arm)
  await store.acquire()
  let opening = await store.open({ mint: true })
  await opening.saveCreds()
  return {
    folder,
    get keys() {
      return opening.state.keys
    },
    settle: async () => {
      await opening.fence()
      opening = await store.open()
    },
    close: () => store.release(),
  }
}

const text = (length: number, seed: number) => Buffer.alloc(length, seed % 251).toString('base64')

/**
 * A session of the size that a chat both ways leaves: one open session with two chains, some 1.6 KB. Baileys' types say
 * bytes.
 */
export const sessionOf = (seed: number): Uint8Array =>
  ({
    _sessions: {
      [text(33, seed)]: {
        registrationId: seed,
        currentRatchet: {
          ephemeralKeyPair: { pubKey: text(33, seed), privKey: text(32, seed + 1) },
          lastRemoteEphemeralKey: text(33, seed + 2),
          previousCounter: 0,
          rootKey: text(32, seed + 3),
        },
        indexInfo: {
          baseKey: text(33, seed),
          baseKeyType: 1,
          closed: -1,
          used: 1,
          created: 1,
          remoteIdentityKey: text(33, 4),
        },
        _chains: Object.fromEntries(
          [5, 6].map((chain) => [
            text(33, seed + chain),
            {
              chainKey: { counter: 9, key: text(32, seed + chain) },
              chainType: 2,
              messageKeys: { 1: text(32, 7), 2: text(32, 8) },
            },
          ]),
        ),
      },
    },
    version: 'v1',
  }) as unknown as Uint8Array

export const preKeys = (count: number, firstId = 1): SignalDataSet => {
  const pair = (at: number) => ({ public: Buffer.alloc(32, at % 251), private: Buffer.alloc(32, (at + 1) % 251) })
  return { 'pre-key': Object.fromEntries(Array.from({ length: count }, (_, at) => [String(firstId + at), pair(at)])) }
}

export const addressOf = (at: number): string => `4917${String(at).padStart(8, '0')}.0`

/** Sessions in sets of a thousand. */
export async function putSessions(keys: AuthenticationState['keys'], count: number): Promise<void> {
  for (let first = 0; first < count; first += 1000) {
    const seeds = Array.from({ length: Math.min(1000, count - first) }, (_, at) => first + at)
    await keys.set({ session: Object.fromEntries(seeds.map((seed) => [addressOf(seed), sessionOf(seed)])) })
  }
}
