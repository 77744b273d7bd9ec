import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { entryOfBaileys } from '../baileys/installed.ts'
import { list, read } from '../errors/error-chain.ts'

/** Which WhatsApp a socket says it is, and which Baileys made it; each absent where it is not known for sure. */
export interface Versions {
  readonly whatsapp?: string
  readonly baileys?: string
}

/** Never rejects. */
export async function versionsOf(socket: unknown): Promise<Versions> {
  const ws = read(socket, 'ws')
  const parts = list(read(read(ws, 'config'), 'version'))
  const isVersion = parts.length === 3 && parts.every((part) => typeof part === 'number')
  const baileys = await ownBaileys()
  return {
    ...(isVersion ? { whatsapp: parts.join('.') } : {}),
    // A fork, or a second copy, has classes of its own: nothing is said of it.
    ...(baileys !== undefined && typeof ws === 'object' && ws !== null && ws.constructor === baileys.transport
      ? { baileys: baileys.version }
      : {}),
  }
}

let looked: Promise<{ readonly version: string; readonly transport: unknown } | undefined> | undefined

const ownBaileys = (): NonNullable<typeof looked> => {
  looked ??= look().catch(() => undefined)
  return looked
}

/** The Baileys beside this package, and its class of transports. */
async function look(): NonNullable<typeof looked> {
  const entry = entryOfBaileys()
  if (entry === undefined) return undefined
  const { version } = JSON.parse(await readFile(join(dirname(entry), '..', 'package.json'), 'utf8'))
  const file = join(dirname(entry), 'Socket', 'Client', 'websocket.js')
  const transport = (await import(pathToFileURL(file).href)).WebSocketClient
  return { version, transport }
}
