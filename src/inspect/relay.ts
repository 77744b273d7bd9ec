import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { LifelineError } from '../errors/errors.ts'
import { pageFile } from './page-file.ts'
import type { Message } from './wire.ts'

interface RelayParts {
  readonly port: number
  readonly host: string
  /** What a viewer that comes now has missed. */
  readonly missed: () => Iterable<Message>
}

export interface Relay {
  readonly url: string
  readonly viewers: number
  tell(message: Message): void
  close(): Promise<void>
}

const mostViewers = 16
/**
 * What a viewer has not read yet, in bytes. One that is further behind is dropped: it may come again and gets the
 * present state.
 */
const mostUnread = 1024 * 1024
/** A viewer that has not answered from one ping to the next is gone. */
const pingMs = 30_000

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** Serves the page and hands each message to every viewer. Bound to this machine, for pages of its own only. */
export async function openRelay({ port, host, missed }: RelayParts): Promise<Relay> {
  const server = createServer()
  await listening(server, port, host)
  server.on('error', ignore)
  server.unref()
  const { port: bound } = server.address() as AddressInfo
  const names = new Set(['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${bound}`))
  const origins = new Set([...names].map((name) => `http://${name}`))
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false })
  const answering = new Set<WebSocket>()

  server.on('connection', (socket: Socket) => socket.unref())
  server.on('clientError', (_error, socket: Duplex) => socket.destroy())
  // A name of somebody else's that points here is refused, and so is a page of another origin.
  const isTrusted = ({ headers: { host: name, origin } }: IncomingMessage, needsOrigin: boolean) =>
    names.has(String(name)) && (origin === undefined ? !needsOrigin : origins.has(origin))
  server.on('request', (request, response) => serve(request, response, isTrusted(request, false)))
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', ignore)
    if (!isTrusted(request, true) || request.url !== '/events') return refuse(socket, '403 Forbidden')
    if (sockets.clients.size >= mostViewers) return refuse(socket, '503 Service Unavailable')
    sockets.handleUpgrade(request, socket, head, (viewer) => {
      viewer.on('error', ignore)
      answering.add(viewer)
      viewer.on('pong', () => answering.add(viewer))
      send(viewer, [...missed()].map((message) => JSON.stringify(message)).join('\n'))
    })
  })
  const pings = setInterval(() => {
    for (const viewer of sockets.clients) {
      if (answering.delete(viewer)) viewer.ping()
      else viewer.terminate()
    }
  }, pingMs).unref()

  // What one turn of the event loop brings goes out in one frame: a write to a socket costs more than the message.
  let due: string[] = []
  const flush = () => {
    const text = due.join('\n')
    due = []
    for (const viewer of sockets.clients) send(viewer, text)
  }
  let closing: Promise<void> | undefined
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    get viewers() {
      return sockets.clients.size
    },
    tell: (message) => {
      if (due.length === 0) setImmediate(flush)
      due.push(JSON.stringify(message))
    },
    close: () => {
      closing ??= new Promise((resolve) => {
        clearInterval(pings)
        for (const viewer of sockets.clients) viewer.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      })
      return closing
    },
  }
}

const ignore = (): void => undefined

function send(viewer: WebSocket, text: string): void {
  if (viewer.readyState !== viewer.OPEN || text === '') return
  if (viewer.bufferedAmount > mostUnread) viewer.terminate()
  else viewer.send(text, ignore)
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function serve({ method, url = '/' }: IncomingMessage, response: ServerResponse, isTrusted: boolean): void {
  const file = isTrusted && (method === 'GET' || method === 'HEAD') ? pageFile(url) : undefined
  response.writeHead(file ? 200 : isTrusted ? 404 : 403, { ...headers, ...(file ? { 'content-type': file.type } : {}) })
  // Of a HEAD Node leaves the content out by itself.
  response.end(file?.content)
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new LifelineError(
          'INSPECTOR_PORT',
          `The inspector cannot listen on ${host}, port ${port}: ${error.message}.`,
          'Give another port, or 0 for any free port.',
          error,
        ),
      )
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}
