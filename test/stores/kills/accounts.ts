import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuthenticationCreds, AuthenticationState } from '@whiskeysockets/baileys'
import { initAuthCreds } from '@whiskeysockets/baileys/lib/Utils/auth-utils.js'
import { BufferJSON } from '@whiskeysockets/baileys/lib/Utils/generics.js'
import { useMultiFileAuthState } from '@whiskeysockets/baileys/lib/Utils/use-multi-file-auth-state.js'
import { proto } from '@whiskeysockets/baileys/WAProto/index.js'
import { fileAuthStore } from '../../../src/stores/folder/file-store.ts'
import { lmdbAuthStore } from '../../../src/stores/lmdb/index.ts'
import type { AuthStore } from '../../../src/stores/store.ts'

// From Baileys' own files rather than its index: a process that lives for a tenth of a second has no use for the rest.

export const kinds = ['file', 'lmdb', 'baileys'] as const
export type Kind = (typeof kinds)[number]

/** What the writer uses of an opened account. */
export interface OpenAccount {
  readonly state: AuthenticationState
  readonly saveCreds: () => Promise<void>
  readonly close: () => Promise<void>
}

const baileys = async () => ({ initAuthCreds, BufferJSON, proto })

/** Half of the processes have a journal that is emptied after every few sets. */
const journalStepBytes = process.pid % 2 === 0 ? 8_192 : 524_288

const storeFor = (kind: Exclude<Kind, 'baileys'>, folder: string): AuthStore =>
  kind === 'file' ? fileAuthStore(folder, { baileys, journalStepBytes }) : lmdbAuthStore(folder, { baileys })

/** Opens an account that is there, as its owner; Baileys' own store knows no owners. Rejects if its creds are lost. */
export async function openAccount(kind: Kind, folder: string): Promise<OpenAccount> {
  if (kind === 'baileys') return { ...(await useMultiFileAuthState(folder)), close: async () => undefined }
  const store = storeFor(kind, folder)
  await store.acquire()
  try {
    const opening = await store.open()
    return { state: opening.state, saveCreds: opening.saveCreds, close: () => store.release() }
  } catch (error) {
    await store.release()
    throw error
  }
}

/** Puts a linked account into an empty place. */
export async function createAccount(kind: Kind, folder: string, creds: AuthenticationCreds): Promise<void> {
  if (kind === 'baileys') return putPlainCreds(folder, creds)
  const store = storeFor(kind, folder)
  await store.acquire()
  const opening = await store.open({ mint: true })
  Object.assign(opening.state.creds, creds)
  await opening.saveCreds()
  await store.release()
}

/** Baileys' own store loses creds in these loops; the next round begins with good ones. */
export async function putPlainCreds(folder: string, creds: AuthenticationCreds): Promise<void> {
  await useMultiFileAuthState(folder)
  await writeFile(join(folder, 'creds.json'), JSON.stringify(creds, BufferJSON.replacer))
}

export const linkedCreds = (): AuthenticationCreds => ({
  ...initAuthCreds(),
  me: { id: '491700000001:7@s.whatsapp.net', name: 'Gateway' },
  account: proto.ADVSignedDeviceIdentity.fromObject({
    details: Buffer.from('details'),
    accountSignatureKey: Buffer.alloc(32, 1),
    accountSignature: Buffer.alloc(64, 2),
    deviceSignature: Buffer.alloc(64, 3),
  }),
})

/** Files of a folder that are no complete JSON. */
export async function tornFiles(folder: string): Promise<readonly string[]> {
  const torn: string[] = []
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.json')) continue
    try {
      JSON.parse(await readFile(join(folder, name), 'utf8'))
    } catch {
      torn.push(name)
    }
  }
  return torn
}
