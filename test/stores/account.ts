import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthenticationCreds, BufferJSON, Curve } from '@whiskeysockets/baileys'
import { afterEach } from 'vitest'
import { fileAuthStore } from '../../src/stores/folder/file-store.ts'
import type { FileAuthStoreOptions } from '../../src/stores/folder/file-store-options.ts'
import { isJournal } from '../../src/stores/folder/journal/journal-file.ts'
import type { AuthStore } from '../../src/stores/store.ts'
import { link, linkedCreds } from './linked-creds.ts'

export { link, linkedCreds }

const stores: AuthStore[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.release().catch(() => undefined)
})

/** A path for an account's folder that does not exist yet, below one that does. */
export const freshFolder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'lifeline-auth-')), 'account')

/** A store that lets go of its lock when the test ends. */
export const storeOf = (folder: string, options?: FileAuthStoreOptions): AuthStore => {
  const store = fileAuthStore(folder, options)
  stores.push(store)
  return store
}

export const ownedStore = async (folder: string, options?: FileAuthStoreOptions): Promise<AuthStore> => {
  const store = storeOf(folder, options)
  await store.acquire()
  return store
}

/** A folder with a linked account and some keys, and its fenced store. */
export const linkedAccount = async (user?: string, options?: FileAuthStoreOptions) => {
  const folder = await freshFolder()
  const store = await ownedStore(folder, options)
  const opening = await store.open({ mint: true })
  link(opening.state.creds, user)
  await opening.saveCreds()
  await opening.state.keys.set({
    session: { '491.0': session('a'), '492.0': session('b'), '493.12': session('c') },
    'pre-key': { '1': Curve.generateKeyPair(), '2': Curve.generateKeyPair() },
    'sender-key-memory': { '1-2@g.us': { '491.0': true } },
  })
  await opening.fence()
  // As a reader of the file sees them: without the fields that are undefined.
  const creds: AuthenticationCreds = JSON.parse(
    JSON.stringify(opening.state.creds, BufferJSON.replacer),
    BufferJSON.reviver,
  )
  return { folder, store, creds }
}

/** A session as Baileys hands it to the store: what libsignal's record serialises to. Baileys' types say bytes. */
export const session = (mark: string): Uint8Array => {
  const bytes = Buffer.alloc(33, mark).toString('base64')
  const entry = {
    registrationId: 1,
    currentRatchet: {
      ephemeralKeyPair: { pubKey: bytes, privKey: bytes },
      lastRemoteEphemeralKey: bytes,
      previousCounter: 0,
      rootKey: bytes,
    },
    indexInfo: { baseKey: bytes, baseKeyType: 1, closed: -1, used: 1, created: 1, remoteIdentityKey: bytes },
    _chains: { [bytes]: { chainKey: { counter: 0, key: bytes }, chainType: 1, messageKeys: {} } },
  }
  return { _sessions: { [bytes]: entry }, version: 'v1' } as unknown as Uint8Array
}

/**
 * Every file below a folder with its content, but for the lock and the journal, which are there while the folder has an
 * owner.
 */
export const filesBelow = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const files = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !path.includes('/lock/') && !isJournal(entry.name))
      files.set(path.slice(folder.length + 1), (await readFile(path)).toString('base64'))
  }
  return files
}
