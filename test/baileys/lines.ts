import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import type { BaileysLogger } from '../../src/baileys/logger-tap.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import { restTransactionStorage } from '../../src/baileys/transaction-storage.ts'

/** Both lines of Baileys, for `describe.each`. */
export const lines = [
  { line: 'v7', connect: (options: ConnectOptions) => open(v7, options) },
  { line: 'v6', connect: (options: ConnectOptions) => open(v6 as unknown as typeof v7, options) },
] as const

export interface ConnectOptions {
  url: string
  me?: string
  logger?: BaileysLogger
  config?: Record<string, unknown>
}

export const silent: BaileysLogger = {
  level: 'silent',
  child: () => silent,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** A real socket on fresh credentials in memory. */
function open(baileys: typeof v7, { url, me, logger = silent, config = {} }: ConnectOptions) {
  const creds = baileys.initAuthCreds()
  if (me !== undefined) creds.me = { id: me }
  const data = new Map<string, unknown>()
  const keys: v7.SignalKeyStore = {
    get: async (type, ids) => Object.fromEntries(ids.map((id) => [id, data.get(`${type}/${id}`)])) as never,
    set: async (sets) => {
      for (const [type, values] of Object.entries(sets)) {
        for (const [id, value] of Object.entries(values ?? {})) {
          if (value === null) data.delete(`${type}/${id}`)
          else data.set(`${type}/${id}`, value)
        }
      }
    },
  }
  const sock = baileys.makeWASocket({
    auth: { creds, keys },
    logger,
    waWebSocketUrl: url,
    fireInitQueries: false,
    connectTimeoutMs: 2_000,
    ...config,
  })
  const socket: BaileysSocket = sock
  const closed = new Promise<unknown>((resolve) => {
    sock.ev.on('connection.update', (update) => {
      if (update.connection !== 'close') return
      // Else it would slow every test that comes after in this process.
      restTransactionStorage(socket)
      resolve(update.lastDisconnect?.error)
    })
  })
  return { sock: socket, baileys, creds, data, closed }
}

/** A server on loopback and where to find it; `close` ends its connections too. */
export async function listening(server: Server, scheme = 'ws') {
  const sockets = new Set<import('node:net').Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}/ws/chat`,
    sockets,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<string> {
  const { url, close } = await listening(createServer())
  close()
  return url
}
