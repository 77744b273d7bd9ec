import { EventEmitter } from 'node:events'
import { rm } from 'node:fs/promises'
import { setTimeout as later } from 'node:timers/promises'
import pg from 'pg'
import type { SocketEvents } from '../src/baileys/socket.ts'
import { createFleet, type Fleet } from '../src/fleet/index.ts'
import type { BaileysSocket } from '../src/index.ts'
import { startFakeWhatsApp } from '../src/rehearsal/fake-whatsapp/index.ts'
import { connectPostgres, importFolder, migrate, type PostgresPool } from '../src/stores/postgres/index.ts'
import { startServer } from '../test/stores/postgres/server.ts'
import { linkedFolder } from './account.ts'
import type { Row } from './table.ts'

const hostIds = ['a', 'b', 'c'] as const
/** At rest, with the default pace and lease, for so long. */
const watchedMs = 20_000

/**
 * What supervision costs as accounts grow: three hosts in this process, accounts that are supervised and have no
 * connection to WhatsApp.
 */
export const fleet = (): Promise<readonly Row[]> => grown([10, 100])

/** As many as a host of a large fleet has; takes minutes. */
export const fleetOfThousand = (): Promise<readonly Row[]> => grown([1_000])

async function grown(sizes: readonly number[]): Promise<readonly Row[]> {
  const server = await startServer({ durable: true }).catch((error: unknown) => {
    console.log(`\nno PostgreSQL could be started, so the fleet's figures are left out: ${String(error)}`)
  })
  if (!server) return []
  const whatsapp = await startFakeWhatsApp({ claimedPreKeys: 1 })
  const folder = await linkedFolder(whatsapp, '491700000001')
  await whatsapp.stop()
  try {
    const rows: Row[] = []
    for (const size of sizes) rows.push(await measured(await server.newDatabase(), folder, size))
    return rows
  } finally {
    await rm(folder, { recursive: true, force: true })
    await server.stop()
  }
}

async function measured(url: string, folder: string, size: number): Promise<Row> {
  const pool = new pg.Pool({ connectionString: url, max: 24 })
  pool.on('error', () => undefined)
  const load = { queries: 0, ms: 0 }
  const counted: PostgresPool = new Proxy(pool, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'query' || typeof value !== 'function')
        return typeof value === 'function' ? value.bind(target) : value
      return async (text: string, values?: unknown[]) => {
        load.queries += 1
        const since = performance.now()
        try {
          return await target.query(text, values)
        } finally {
          load.ms += performance.now() - since
        }
      }
    },
  })
  const first = connectPostgres({ pool })
  await migrate(first)
  await importFolder(folder, { database: first, account: 'template' })
  await pool.query(
    `INSERT INTO lifeline.item (account, kind, name, key_id, content)
     SELECT 'account-' || n, kind, name, key_id, content FROM lifeline.item, generate_series(1, $1::int) AS n
     WHERE account = 'template' AND name = 'creds.json'`,
    [size],
  )
  await pool.query(
    `INSERT INTO lifeline.account (account, desired, key_id, content) SELECT 'account-' || n, 'running', NULL, 'null' FROM generate_series(1, $1::int) AS n`,
    [size],
  )
  const fleets = hostIds.map((host) =>
    createFleet({
      store: connectPostgres({ pool: counted, host }),
      connect: async () => stillSocket(),
      pace: { connecting: 50, spacingMs: 1 },
      drainOn: [],
    }),
  )
  globalThis.gc?.()
  const before = heldBytes()
  const since = performance.now()
  await Promise.all(fleets.map((one) => one.start()))
  while (!isSpread(fleets, size)) await later(50)
  const spreadMs = performance.now() - since
  // What the start itself left behind is told and collected first: a minute after it has connected, each account is
  // found to be stable, which is written.
  await later(65_000)
  globalThis.gc?.()
  const bytes = heldBytes() - before
  const start = { ...load }
  const cpu = process.cpuUsage()
  await later(watchedMs)
  const used = process.cpuUsage(cpu)
  const perSecond = (value: number) => value / (watchedMs / 1_000)
  const text = [
    `spread in ${(spreadMs / 1_000).toFixed(1)} s`,
    `${(bytes / size / 1024).toFixed(0)} KiB an account`,
    `${perSecond(load.queries - start.queries).toFixed(1)} queries and ${perSecond(load.ms - start.ms).toFixed(0)} ms of waiting for them a second`,
    `0.3 renewals a second, of ${size} leases`,
    `${(perSecond(used.user + used.system) / 10_000).toFixed(1)} % of a core`,
  ]
  await Promise.all(fleets.map((one) => one.stop()))
  await pool.end()
  return { what: `Fleet: ${size} accounts, 3 hosts, at rest`, ours: text.join('; '), beside: '', target: '' }
}

const heldBytes = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function isSpread(fleets: readonly Fleet[], size: number): boolean {
  const counts = fleets.map(({ own }) => own.filter(({ status }) => status.state === 'healthy').length)
  return counts.reduce((sum, count) => sum + count, 0) === size && Math.max(...counts) - Math.min(...counts) <= 1
}

/** A connection that opens, and then nothing comes in but the answers to pings. */
function stillSocket(): BaileysSocket {
  const events = new EventEmitter()
  const transport = Object.assign(new EventEmitter(), { isOpen: true, isClosed: false })
  const close = () => {
    if (transport.isClosed) return
    Object.assign(transport, { isOpen: false, isClosed: true })
    transport.emit('close')
  }
  const ev: SocketEvents = {
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
    emit: (event, data) => events.emit(event, data),
    process: (handler: (batch: unknown) => void) => {
      const told = (batch: unknown) => handler(batch)
      events.on('event', told)
      return () => events.off('event', told)
    },
  }
  setImmediate(() => {
    const update = { connection: 'open' }
    events.emit('event', { 'connection.update': update })
    events.emit('connection.update', update)
  })
  return {
    ev,
    ws: transport,
    authState: { keys: { get: () => ({}), set: () => undefined } },
    user: undefined,
    end: close,
    sendNode: async ({ attrs }) => {
      setImmediate(() => {
        transport.emit('message')
        transport.emit(`TAG:${attrs.id}`, {})
      })
    },
    query: async () => ({}),
    generateMessageTag: () => '1',
    requestPairingCode: async () => '',
    uploadPreKeys: async () => undefined,
  }
}
