import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { open } from 'lmdb'
import { type AuthStore, fileAuthStore } from '../../../src/index.ts'
import type { BaileysParts } from '../../../src/stores/codec.ts'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { outlookOn } from '../../../src/stores/folder/journal/outlook.ts'
import { Lock, nodeTimers } from '../../../src/stores/folder/lock.ts'
import { layoutOf } from '../../../src/stores/layout.ts'
import { lmdbAuthStore } from '../../../src/stores/lmdb/index.ts'
import { LmdbRows } from '../../../src/stores/lmdb/lmdb-rows.ts'
import type { OwnerLock } from '../../../src/stores/ownership.ts'
import { postgresAuthStore } from '../../../src/stores/postgres/index.ts'
import { PostgresRows } from '../../../src/stores/postgres/postgres-rows.ts'
import { type Processes, systemProcesses } from '../../../src/stores/process-identity.ts'
import { type Rows, rowAuthStore, type Table } from '../../../src/stores/rows/index.ts'
import { Memory, MemoryRows } from '../../memory-rows.ts'
import { filesBelow } from '../account.ts'
import type { testDatabase } from '../postgres/databases.ts'

export interface KindOptions {
  readonly baileys?: () => Promise<BaileysParts>
  readonly processes?: Processes
  readonly now?: () => number
  /** For files alone. */
  readonly fileSystem?: FileSystem
}

/** A kind of store, and the way behind its back: to damage what it stored, and to see it as it lies there. */
export interface StoreKind {
  readonly kind: 'file' | 'lmdb' | 'rows' | 'postgres'
  readonly create: (folder: string, options?: KindOptions) => AuthStore
  /** The methods of its rows; files have none. */
  readonly rows?: Rows
  /** Null takes away what is there. */
  readonly plant: (folder: string, name: string, content: string | Uint8Array | null, table?: Table) => Promise<void>
  /** The account's own, by name. */
  readonly stored: (folder: string) => Promise<ReadonlyMap<string, string>>
  /** All that there is of it, by `<table>/<name>`. */
  readonly everything: (folder: string) => Promise<ReadonlyMap<string, string>>
}

/** Files in the words of rows. */
const ownPlaces: readonly (readonly [table: Table, below: string])[] = [
  ['generation', '.lifeline/creds/'],
  ['staging', '.lifeline/staging/'],
  ['quarantine', '.lifeline/quarantine/'],
  ['own', '.lifeline/'],
  ['account', ''],
]
const manifestOf = (id: string) => `.lifeline/quarantine/${id}/manifest.json`
function placeOf(path: string): string {
  const entry = /^\.lifeline\/quarantine\/([^/]+)\/manifest\.json$/.exec(path)?.[1]
  const [table, below] = ownPlaces.find((place) => path.startsWith(place[1])) ?? ['account', '']
  return entry === undefined ? `${table}/${path.slice(below.length)}` : `entry/${entry}`
}
const pathOf = (table: Table, name: string) =>
  table === 'entry' ? manifestOf(name) : `${ownPlaces.find((place) => place[0] === table)?.[1]}${name}`

const base64 = (content: Uint8Array): string => Buffer.from(content).toString('base64')

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
    plant: (folder, name, content, table = 'account') => {
      const path = join(folder, pathOf(table, name))
      return content === null ? rm(path, { recursive: true }) : writeFile(path, content)
    },
    everything: async (folder) => {
      const files = new Map([...(await filesBelow(folder))].map(([path, content]) => [placeOf(path), content]))
      const { allAhead } = await outlookOn(nodeFileSystem, folder, layoutOf(folder).own)
      for (const [name, content] of allAhead()) {
        if (content === null) files.delete(`account/${name}`)
        else files.set(`account/${name}`, base64(content))
      }
      return files
    },
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
    rows: LmdbRows.prototype,
    plant: async (folder, name, content, table = 'account') => {
      const db = database(folder)
      if (content === null) await db.remove(`${table}/${name}`)
      else await db.put(`${table}/${name}`, Buffer.from(content), 1)
      await db.close()
    },
    everything: async (folder) => {
      const db = database(folder)
      const rows = [...db.getRange({})].filter(({ key }) => key !== 'own/owner')
      await db.close()
      return new Map(rows.map(({ key, value }) => [key, base64(value)]))
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
    rows: MemoryRows.prototype,
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
    plant: async (folder, name, content, table = 'account') => {
      if (content === null) memoryOf(folder).rows.delete(`${table}/${name}`)
      else memoryOf(folder).rows.set(`${table}/${name}`, Buffer.from(content))
    },
    everything: async (folder) => new Map([...memoryOf(folder).rows].map(([key, content]) => [key, base64(content)])),
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
  rows: PostgresRows.prototype,
  plant: async (account, name, content, table = 'account') => {
    const place = [account, table, name]
    if (content === null)
      await at.pool.query('DELETE FROM lifeline.item WHERE account = $1 AND kind = $2 AND name = $3', place)
    else
      await at.pool.query(
        `INSERT INTO lifeline.item (account, kind, name, content) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, kind, name) DO UPDATE SET content = excluded.content`,
        [...place, Buffer.from(content)],
      )
  },
  everything: async (account) => {
    const { rows } = await at.pool.query('SELECT kind, name, content FROM lifeline.item WHERE account = $1', [account])
    return new Map(rows.map(({ kind, name, content }) => [`${kind}/${name}`, base64(content)]))
  },
  stored: async (account) => {
    const { rows } = await at.pool.query(
      `SELECT name, content FROM lifeline.item WHERE account = $1 AND kind = 'account'`,
      [account],
    )
    return new Map(rows.map(({ name, content }) => [name, content.toString('base64')]))
  },
})
