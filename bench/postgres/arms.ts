import { type AuthenticationState, useMultiFileAuthState } from '@whiskeysockets/baileys'
import pg from 'pg'
import { connectPostgres, importFolder, type PostgresPool, postgresAuthStore } from '../../src/stores/postgres/index.ts'
import { naiveStoreOf } from '../../test/stores/postgres/naive-store.ts'

export const arms = ['ours', 'sealed', 'naive', 'files'] as const
export type Arm = (typeof arms)[number]

export interface OpenArm {
  readonly state: AuthenticationState
  readonly saveCreds: () => Promise<unknown>
  readonly close: () => Promise<void>
}

/** A pool for all accounts of one arm, and what asked it. */
export interface ArmDatabase {
  readonly pool: PostgresPool & Pick<pg.Pool, 'query'>
  readonly queries: () => number
  readonly end: () => Promise<void>
}

export function armDatabase(url: string): ArmDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  // The server ends before the last connections have.
  pool.on('error', () => undefined)
  let queries = 0
  const counted = new Proxy(pool, {
    get(target, name) {
      if (name === 'query') queries += 1
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { pool: counted, queries: () => queries, end: () => pool.end() }
}

/** An account of a folder on one arm's store. */
export async function openArm(arm: Arm, folder: string, account: string, { pool }: ArmDatabase): Promise<OpenArm> {
  if (arm === 'files') {
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    return { state, saveCreds, close: async () => undefined }
  }
  if (arm === 'naive') {
    const { state, saveCreds } = await naiveStoreOf(folder, pool, account)
    return { state, saveCreds, close: async () => undefined }
  }
  const encryptionKeys = arm === 'sealed' ? [{ id: 'bench', key: Buffer.alloc(32, 1) }] : []
  const database = connectPostgres({ pool, encryptionKeys })
  await importFolder(folder, { database, account })
  const store = postgresAuthStore({ database, account })
  await store.acquire()
  const { state, saveCreds } = await store.open()
  return { state, saveCreds, close: () => store.release() }
}
