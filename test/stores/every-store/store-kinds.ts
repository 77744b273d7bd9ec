import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { open } from 'lmdb'
import { nodeFileSystem } from '../../../src/disk/file-system.ts'
import { type AuthStore, fileAuthStore } from '../../../src/index.ts'
import type { BaileysParts } from '../../../src/stores/codec.ts'
import { outlookOn } from '../../../src/stores/folder/journal/outlook.ts'
import { Lock, nodeTimers } from '../../../src/stores/folder/lock.ts'
import { layoutOf } from '../../../src/stores/layout.ts'
import { lmdbAuthStore } from '../../../src/stores/lmdb/index.ts'
import type { OwnerLock } from '../../../src/stores/ownership.ts'
import { postgresAuthStore } from '../../../src/stores/postgres/index.ts'
import { type Processes, systemProcesses } from '../../../src/stores/process-identity.ts'
import { rowAuthStore } from '../../../src/stores/rows/index.ts'
import type { testDatabase } from '../postgres/databases.ts'
import { Memory, MemoryRows } from '../rows/memory-rows.ts'

export interface KindOptions {
  readonly baileys?: () => Promise<BaileysParts>
  readonly processes?: Processes
  readonly now?: () => number
}

/** A kind of store, and the way behind its back: to damage what it stored, and to see it as it lies there. */
export interface StoreKind {
  readonly kind: 'file' | 'lmdb' | 'rows' | 'postgres'
  readonly create: (folder: string, options?: KindOptions) => AuthStore
  readonly plant: (folder: string, name: string, content: string | Uint8Array) => Promise<void>
  readonly stored: (folder: string) => Promise<ReadonlyMap<string, string>>
}

const database = (folder: string) =>
  open<Buffer, string>({
    path: join(folder, 'account.mdb'),
    encoding: 'binary',
    useVersions: true,
    overlappingSync: false,
  })

export const storeKinds: readonly StoreKind[] = [
  {
    kind: 'file',
    create: fileAuthStore,
    plant: (folder, name, content) => writeFile(join(folder, name), content),
    stored: async (folder) => {
      const files = new Map<string, string>()
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
        if (entry.isFile()) files.set(entry.name, (await readFile(join(folder, entry.name))).toString('base64'))
      // What its owner has written and not put in place yet.
      const { allAhead } = await outlookOn(nodeFileSystem, folder, layoutOf(folder).own)
      for (const [name, content] of allAhead()) {
        if (content === null) files.delete(name)
        else files.set(name, Buffer.from(content).toString('base64'))
      }
      return files
    },
  },
  {
    kind: 'lmdb',
    create: lmdbAuthStore,
    plant: async (folder, name, content) => {
      const db = database(folder)
      await db.put(`account/${name}`, Buffer.from(content), 1)
      await db.close()
    },
    stored: async (folder) => {
      if (!(await stat(join(folder, 'account.mdb')).catch(() => undefined))) return new Map()
      const db = database(folder)
      const rows = [...db.getRange({ start: 'account/', end: 'account0' })]
      await db.close()
      return new Map(rows.map(({ key, value }) => [key.slice('account/'.length), value.toString('base64')]))
    },
  },
  {
    kind: 'rows',
    create: (folder, { baileys, now, processes = systemProcesses } = {}) => {
      const lock = new Lock(nodeFileSystem, `${folder}.lock`, folder, processes, nodeTimers)
      const made: OwnerLock = {
        get held() {
          return lock.held
        },
        acquire: async (onLost) => {
          await mkdir(`${folder}.lock`, { recursive: true })
          await lock.acquire(onLost)
        },
        owned: () => lock.owned(),
        release: () => lock.release(),
      }
      const rows = new MemoryRows(memoryOf(folder))
      return rowAuthStore({ rows, lock: made, location: folder, ...(baileys && { baileys }), ...(now && { now }) })
    },
    plant: async (folder, name, content) => {
      memoryOf(folder).rows.set(`account/${name}`, Buffer.from(content))
    },
    stored: async (folder) =>
      new Map(
        [...memoryOf(folder).rows].flatMap(([key, content]) => {
          const [table, name = ''] = key.split(/\/(.*)/)
          return table === 'account' ? [[name, Buffer.from(content).toString('base64')]] : []
        }),
      ),
  },
]

/** Rows in memory, by the folder that the other kinds would use: two stores of one folder have a handle each. */
const memories = new Map<string, Memory>()
function memoryOf(folder: string): Memory {
  const memory = memories.get(folder) ?? new Memory()
  memories.set(folder, memory)
  return memory
}

/** Accounts are named by the folder that the other kinds would use. */
export const postgresKind = (at: ReturnType<typeof testDatabase>): StoreKind => ({
  kind: 'postgres',
  create: (account, options) => postgresAuthStore({ pool: at.pool, account, ...options }),
  plant: async (account, name, content) => {
    await at.pool.query(
      `INSERT INTO lifeline.item (account, kind, name, content) VALUES ($1, 'account', $2, $3)
       ON CONFLICT (account, kind, name) DO UPDATE SET content = excluded.content`,
      [account, name, Buffer.from(content)],
    )
  },
  stored: async (account) => {
    const { rows } = await at.pool.query(
      `SELECT name, content FROM lifeline.item WHERE account = $1 AND kind = 'account'`,
      [account],
    )
    return new Map(rows.map(({ name, content }) => [name, content.toString('base64')]))
  },
})
