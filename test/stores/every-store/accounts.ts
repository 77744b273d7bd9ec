import * as seven from '@whiskeysockets/baileys'
import { afterEach } from 'vitest'
import type { AuthStore } from '../../../src/stores/store.ts'
import { freshFolder, link, session } from '../account.ts'
import { testDatabase } from '../postgres/databases.ts'
import { type KindOptions, postgresKind, type StoreKind, storeKinds } from './store-kinds.ts'

// Key types are open: a newer Baileys may bring more than these types know.
interface AnyKeys {
  get(type: string, ids: string[]): Promise<Record<string, unknown>>
  set(data: Record<string, Record<string, unknown>>): Promise<void>
}
export const anyKeys = (keys: seven.AuthenticationState['keys']): AnyKeys => keys as unknown as AnyKeys

/** All kinds of stores; for the top of a test file, which gets a database of its own. */
export const everyKind = (): readonly StoreKind[] => [...storeKinds, postgresKind(testDatabase())]

/** Accounts in stores of one kind, let go of when a test ends. */
export function accountsIn({ create }: StoreKind) {
  const stores: AuthStore[] = []
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.release().catch(() => undefined)
  })
  const storeOf = (folder: string, options?: KindOptions) => {
    const store = create(folder, options)
    stores.push(store)
    return store
  }
  const ownedStore = async (folder: string, options?: KindOptions) => {
    const store = storeOf(folder, options)
    await store.acquire()
    return store
  }
  const opened = async (options?: KindOptions) => {
    const folder = await freshFolder()
    const store = await ownedStore(folder, options)
    const opening = await store.open({ mint: true })
    return { folder, store, opening, keys: anyKeys(opening.state.keys) }
  }
  const save = async (store: AuthStore, creds: seven.AuthenticationCreds) => {
    const opening = await store.open({ mint: true })
    Object.assign(opening.state.creds, creds)
    await opening.saveCreds()
    await opening.fence()
  }
  /** A linked account at rest. */
  const linked = async (options?: KindOptions) => {
    const { folder, store, opening } = await opened(options)
    link(opening.state.creds)
    await opening.saveCreds()
    await opening.state.keys.set({
      session: { '491.0': session('a'), '492.0': session('b'), '493.12': session('c') },
      'pre-key': { '1': seven.initAuthCreds().noiseKey, '2': seven.initAuthCreds().noiseKey },
      'sender-key-memory': { '1-2@g.us': { '491.0': true } },
    })
    await opening.fence()
    return { folder, store, creds: opening.state.creds }
  }
  const pairStaged = async (store: AuthStore, user: string) => {
    const opening = await store.openStaging()
    link(opening.state.creds, user)
    await opening.saveCreds()
    await opening.state.keys.set({ session: { '888.0': session('n'), '491.0': session('N') } })
    await opening.fence()
    return opening.state.creds
  }
  /** Changes something behind the back of a store while nobody owns it. */
  const behind = async (store: AuthStore, change: () => Promise<void>) => {
    await store.release()
    await change()
    await store.acquire()
  }
  return { storeOf, ownedStore, opened, save, linked, pairStaged, behind }
}
