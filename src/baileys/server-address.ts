import { read } from '../errors/error-chain.ts'
import type { BaileysSocket } from './socket.ts'

/** Where a socket's server answers. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/**
 * Of the last socket, also one that is closed. Undefined where its transport does not say it, and behind a proxy: what
 * can be reached without it says nothing.
 */
export function serverOf(socket: Pick<BaileysSocket, 'ws'> | undefined): ServerAddress | undefined {
  const url: unknown = read(socket?.ws, 'url')
  if (read(read(socket?.ws, 'config'), 'agent')) return undefined
  try {
    const { protocol, hostname, port } = new URL(String(url))
    if (protocol !== 'ws:' && protocol !== 'wss:') return undefined
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    return { host, port: Number(port) || (protocol === 'ws:' ? 80 : 443) }
  } catch {
    return undefined
  }
}
