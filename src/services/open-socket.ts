import { fromCallback, type InputFrom } from 'xstate'
import type { SocketEvent } from '../../machines/index.ts'
import type { services } from '../../machines/services.ts'
import { classifyClose } from '../baileys/close-cause.ts'
import { watchDecryption } from '../baileys/decrypt-watch.ts'
import { read } from '../baileys/error-chain.ts'
import { tapLogger } from '../baileys/logger-tap.ts'
import { type BaileysSocket, isBaileysSocket } from '../baileys/socket.ts'
import { AuthStoreError } from '../errors.ts'
import { type Host, hostOf } from '../host.ts'
import { guardedAuth } from './guarded-auth.ts'
import { LiveSocket } from './live-socket.ts'
import { problemFrom } from './problem.ts'

type OpenInput = InputFrom<typeof services.openSocket>

/** Baileys shows its first code for 60 s and each further one for 20 s unless `qrTimeout` says otherwise. */
const firstQrMs = 60_000
const nextQrMs = 20_000

/** Opens the one socket of a generation and reports it. Leaving the state detaches it; `closeSocket` ends and fences it. */
export const openSocket = fromCallback<SocketEvent, OpenInput, SocketEvent>(({ input, sendBack, system }) => {
  const host = hostOf(system)
  let left = false
  let live: LiveSocket | undefined
  const tell = (event: SocketEvent) => {
    if (!left) sendBack(event)
  }
  const open = async () => {
    // The closing step came before; this holds even where an actor was replaced in the middle.
    await host.live?.close(host.policy.reconnect.closeTimeoutMs)
    if (left) return
    const auth = input.auth === 'staging' && host.staging ? host.staging : await host.store.open()
    live = new LiveSocket(input.generation, guardedAuth(auth, host.disk))
    host.live = live
    if (left) return
    await dial(host, live, input, tell)
  }
  open().catch((error: unknown) => tell(failure(error, input.generation)))
  return () => {
    left = true
    live?.detach()
    host.emitter.detach(input.generation)
  }
})

/** Trouble with the store goes its own way; everything else is a failed connect. */
function failure(error: unknown, generation: number): SocketEvent {
  if (error instanceof AuthStoreError) return { type: 'auth.failed', generation, problem: problemFrom(error) }
  const { message } = classifyClose(error)
  return { type: 'socket.close', generation, cause: { kind: 'connect-failed', message: message || 'connect failed' } }
}

async function dial(host: Host, live: LiveSocket, input: OpenInput, tell: (event: SocketEvent) => void): Promise<void> {
  const { generation } = input
  let onLine: Parameters<typeof tapLogger>[1] = () => undefined
  const logger = tapLogger(host.logger, (line) => onLine(line))
  const socket: unknown = await host.connect({ auth: live.auth.state, logger, generation })
  if (!isBaileysSocket(socket))
    throw new TypeError('connect did not return a Baileys socket; return what makeWASocket() gives')
  if (!live.adopt(socket)) return
  if (socket.ws.isClosed) throw new Error('connect returned a socket that is closed already')

  live.listen('creds.update', () => {
    live.auth.saveCreds().catch(() => undefined) // told to the disk watch by the guarded auth
  })
  live.listen('connection.update', reporter(host, live, socket, input, tell))
  host.emitter.attach(socket.ev, generation)
  live.keep(() => host.emitter.detach(generation))
  const decryption = watchDecryption(socket, {
    onFailure: (failed) => host.evidence.failed(failed),
    onSuccess: ({ address, aliases, session }) => {
      if (session) for (const one of [address, ...aliases]) host.evidence.succeeded(one)
    },
  })
  onLine = decryption.line
  live.keep(decryption.stop)
}

/** Translates `connection.update` into the machine's events. */
function reporter(
  host: Host,
  live: LiveSocket,
  socket: BaileysSocket,
  input: OpenInput,
  tell: (event: SocketEvent) => void,
): (update: unknown) => void {
  const { generation, phone } = input
  let codes = 0
  let asked = false
  return (update) => {
    if (read(update, 'receivedPendingNotifications') === true) host.evidence.drained(host.afterUnclean)
    if (read(update, 'isNewLogin') === true) tell({ type: 'socket.paired', generation })
    const qr = read(update, 'qr')
    if (typeof qr === 'string') {
      codes += 1
      tell({ type: 'socket.qr', generation, code: qr, expiresAt: Date.now() + (codes === 1 ? firstQrMs : nextQrMs) })
      if (phone !== undefined && !asked) {
        asked = true
        socket.requestPairingCode(phone).then(
          (code) => tell({ type: 'socket.pairingCode', generation, code }),
          (error: unknown) => host.report(error, 'asking for a pairing code'),
        )
      }
    }
    const connection = read(update, 'connection')
    if (connection === 'open') {
      const { user } = socket
      const self = user && { id: user.id, ...(user.name === undefined ? {} : { name: user.name }) }
      host.onSocket(socket)
      tell({ type: 'socket.open', generation, ...(self === undefined ? {} : { self }) })
    } else if (connection === 'close') {
      live.detach()
      tell({ type: 'socket.close', generation, cause: classifyClose(read(read(update, 'lastDisconnect'), 'error')) })
    }
  }
}
