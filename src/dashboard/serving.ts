import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { getRequestListener } from '@hono/node-server'
import { LifelineError } from '../errors/errors.ts'
import { wrongOption } from '../errors/wrong-option.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import type { FetchEnv } from './peer.ts'

type Fetch = (request: Request, env?: FetchEnv) => Promise<Response>

/** Node's own request and response, for Express, Fastify and plain `node:http`. */
export type NodeListener = ReturnType<typeof getRequestListener>

/**
 * The listener for hosts that speak Node's own requests. A host that cuts its own path off the address keeps the whole
 * one aside, as Express does in `originalUrl`: links and cookies need it.
 */
export function nodeListener(fetch: Fetch, basePath: string): NodeListener {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false })
  return (incoming, outgoing) => {
    const original: unknown = Reflect.get(incoming, 'originalUrl')
    if (basePath !== '' && typeof original === 'string' && original.startsWith(basePath)) incoming.url = original
    // A body parser that came first, such as express.json(), has taken the body off the connection and left what it
    // read.
    const body: unknown = Reflect.get(incoming, 'body')
    if (incoming.readableEnded && typeof body === 'object' && body !== null)
      Object.assign(incoming, { rawBody: Buffer.from(JSON.stringify(body)) })
    return listener(incoming, outgoing)
  }
}

export interface Listening {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Listens, or rejects with a `LifelineError` that says what stands against it. */
export async function listen(
  listener: NodeListener,
  port: number,
  host: string,
  limits: ConnectionLimits,
): Promise<Listening> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw wrongOption('serve.port', port, 'a whole number from 0 to 65535')
  const answers = new Set<ServerResponse>()
  const deadlines = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    // Without it Node looks every half a minute.
    connectionsCheckingInterval: limits.lookMs,
  }
  const server = createServer(deadlines, (request, response) => {
    answers.add(response)
    response.once('close', () => answers.delete(response))
    return listener(request, response)
  })
  server.maxConnections = limits.most
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(unable(error, port, host)))
    server.listen(port, host, resolve)
  })
  // Later errors are of single connections that could not be taken; the next one may be.
  server.on('error', () => undefined)
  return { port: (server.address() as AddressInfo).port, close: () => closed(server, answers) }
}

function unable(error: NodeJS.ErrnoException, port: number, host: string): LifelineError {
  const taken = error.code === 'EADDRINUSE'
  return new LifelineError(
    'DASHBOARD_PORT',
    taken ? `Port ${port} of ${host} is in use.` : `The dashboard cannot listen on ${host}:${port} (${error.code}).`,
    taken
      ? 'Give another port, or 0 for any free port.'
      : 'Give a host of this machine, and a port that this user may use.',
    error,
  )
}

/** How long answers that have been begun may take to reach whoever asked, once the server closes. */
const lastWordsMs = 1_000

async function closed(server: Server, answers: Iterable<ServerResponse>): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const answer of answers) {
    const hangUp = () => answer.req.socket.end()
    if (answer.writableFinished) hangUp()
    else answer.once('finish', hangUp)
  }
  const patience = setTimeout(() => server.closeAllConnections(), lastWordsMs)
  await ended
  clearTimeout(patience)
}

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::', ''])

/** The host as others on the network may call it: a server that listens everywhere has no address of its own. */
export function reachableHost(host: string): string {
  if (wildcards.has(host)) return outerAddress(networkInterfaces()) ?? '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** The first IPv4 address at which other machines reach this one, if there is any. */
export const outerAddress = (interfaces: ReturnType<typeof networkInterfaces>): string | undefined =>
  Object.values(interfaces)
    .flat()
    .find((address) => address?.internal === false && address.family === 'IPv4')?.address

/** The host as this machine calls it. */
export const localHost = (host: string): string => (wildcards.has(host) ? '127.0.0.1' : reachableHost(host))
