import { isIP } from 'node:net'

/** Who is at the other end, as far as the host that the dashboard is mounted in tells. */
export interface Peer {
  /** Its IP address. */
  readonly remoteAddress?: string | undefined
}

/** What @hono/node-server hands to a fetch handler; where `c.env` comes from in a Hono app on Node. */
interface NodeEnv {
  readonly incoming: {
    readonly socket?: {
      readonly remoteAddress?: string | undefined
      readonly localAddress?: string | undefined
      readonly localPort?: number | undefined
    }
    readonly httpVersion?: string
  }
  readonly outgoing?: { destroy(): unknown }
}

/** The second argument of `dashboard.fetch`: the peer, or what Hono on Node calls `c.env`. */
export type FetchEnv = Peer | NodeEnv

/** The peer in one form. */
export interface Caller {
  /** Undefined if the host does not tell; then nobody is taken for local. */
  readonly address: string | undefined
  readonly httpVersion: string | undefined
  /** The address and port of this end of the connection, as far as the host tells. */
  readonly own?: { readonly address: string; readonly port: number }
  /** Cuts the connection, also one that takes nothing any more. */
  readonly drop: () => void
}

export function callerOf(env: FetchEnv | undefined): Caller {
  if (env && 'incoming' in env) {
    const { incoming, outgoing } = env
    const { localAddress, localPort } = incoming.socket ?? {}
    return {
      address: incoming.socket?.remoteAddress,
      httpVersion: incoming.httpVersion,
      ...(localAddress === undefined || localPort === undefined
        ? {}
        : { own: { address: localAddress, port: localPort } }),
      drop: () => void outgoing?.destroy(),
    }
  }
  return { address: env?.remoteAddress, httpVersion: undefined, drop: () => undefined }
}

/** Whether an IP address, or the name in a URL, is this machine. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIP(plain) === 4) return plain.startsWith('127.')
  return plain === '::1' || plain.toLowerCase() === 'localhost'
}

/** An address of digits names its machine by itself: no name server can make it point elsewhere. */
export const isAddress = (host: string): boolean => isIP(host.replace(/^\[|\]$/g, '')) !== 0
