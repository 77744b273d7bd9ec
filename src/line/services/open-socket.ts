import { fromCallback } from 'xstate'
import type { OpenInput, SocketEvent } from '../../../machines/index.ts'
import { keepsDevices } from '../../baileys/caches/cache-check.ts'
import { classifyClose } from '../../baileys/close-cause.ts'
import { watchDecryption } from '../../baileys/decrypt-watch.ts'
import { type LinkingWatch, watchLinking } from '../../baileys/linking-news.ts'
import { tapLogger } from '../../baileys/logger-tap.ts'
import { newestVersion, noteVersion } from '../../baileys/newest-version.ts'
import { endOnRefusedUpgrade } from '../../baileys/refused-upgrade.ts'
import { serverOf } from '../../baileys/server-address.ts'
import { SessionWork } from '../../baileys/session-work.ts'
import { type BaileysSocket, isBaileysSocket } from '../../baileys/socket.ts'
import { watchTraffic } from '../../baileys/traffic.ts'
import { isClosed } from '../../baileys/transport-state.ts'
import { read } from '../../errors/error-chain.ts'
import { AuthStoreError } from '../../errors/errors.ts'
import { wordsOf } from '../../errors/thrown.ts'
import type { OpenAuth } from '../../stores/store.ts'
import type { ConnectOptions } from './connect-options.ts'
import { lookOn } from './damaged-sessions.ts'
import { guardedAuth } from './guarded-auth.ts'
import { LiveSocket } from './live-socket.ts'
import { followOutbound } from './outbound.ts'
import { problemFrom, problemOfLoss } from './problem.ts'
import { type Resources, resourcesOf } from './resources.ts'
import { answerShare, StoreAnswers } from './store-answers.ts'

/**
 * Baileys shows its first code for 60 s and each further one for 20 s, unless the owner gave it a `qrTimeout`: then
 * each is shown for so long.
 */
const firstQrMs = 60_000
const nextQrMs = 20_000
/** The first code is replaced so near to its end, at most, if no `qrTimeout` was given. */
const qrToleranceMs = 3_000

/**
 * Opens the one socket of a generation and reports it. Leaving the state detaches it; `closeSocket` ends and fences it.
 */
export const openSocket = fromCallback<SocketEvent, OpenInput, SocketEvent>(({ input, sendBack, system }) => {
  const resources = resourcesOf(system)
  const { generation } = input
  let left = false
  let live: LiveSocket | undefined
  const tell = (event: SocketEvent) => {
    if (!left) sendBack(event)
  }
  const leave = () => {
    left = true
    live?.detach()
    resources.outbound.linkDown()
  }
  const open = async () => {
    // The closing step came before; this holds even where an actor was replaced in the middle.
    await shutFormer(resources)
    const opened = left ? undefined : openAuth(resources, input)
    resources.opening = opened?.then(ignore, ignore)
    const auth = await opened
    if (!auth) return
    const lost = async () => tell({ type: 'auth.failed', generation, problem: await problemOfLoss(resources.store) })
    const { disk, mode, policy } = resources
    const trim = mode === 'heal' && policy.trim.keys === 'on' ? policy.trim : undefined
    const work = new SessionWork()
    const answers = new StoreAnswers(policy.liveness.stuckMs * answerShare, (error) => {
      resources.report(error, 'waiting for the store')
      tell({ type: 'liveness.lost', generation, cause: { kind: 'store-silent', message: error.message } })
    })
    live = new LiveSocket(generation, guardedAuth(auth, disk, lost, trim, work, answers), resources, work)
    resources.live = live
    live.keep(resources.store.onLost?.(lost) ?? ignore)
    if (left) live.detach()
    else await dial(resources, live, input, tell)
  }
  open().catch((error: unknown) => {
    if (!(error instanceof AuthStoreError)) resources.report(error, 'calling connect')
    tell(failure(error, generation))
  })
  // After a crash of the statechart nobody calls the function below.
  resources.abort.signal.addEventListener('abort', leave)
  return () => {
    resources.abort.signal.removeEventListener('abort', leave)
    leave()
  }
})

const ignore = (): void => undefined

async function shutFormer({ live, policy }: Resources): Promise<void> {
  await live?.close(policy.reconnect.closeTimeoutMs)
}

async function openAuth(resources: Resources, { auth }: OpenInput): Promise<OpenAuth> {
  if (auth === 'account') return resources.store.open()
  // Never the account's own credentials in its place: a pairing must not touch them.
  if (!resources.staging) throw new Error('the staging area is not open')
  return resources.staging
}

/** Trouble with the store goes its own way; everything else is a failed connect. */
function failure(error: unknown, generation: number): SocketEvent {
  if (error instanceof AuthStoreError) return { type: 'auth.failed', generation, problem: problemFrom(error) }
  return { type: 'socket.close', generation, cause: { kind: 'connect-failed', message: wordsOf(error) } }
}

async function dial(
  resources: Resources,
  live: LiveSocket,
  input: OpenInput,
  tell: (event: SocketEvent) => void,
): Promise<void> {
  const { generation } = input
  let onLine: Parameters<typeof tapLogger>[1] = () => undefined
  const logger = tapLogger(resources.logger, (line) => onLine(line))
  const getMessage: ConnectOptions['getMessage'] = async (key) =>
    live.resender?.getMessage(key, resources.mode === 'heal')
  const purpose = input.auth === 'account' ? 'account' : 'pairing'
  resources.caches.belongTo(live.auth.state.creds)
  const given = {
    auth: live.auth.state,
    logger,
    getMessage,
    caches: resources.caches.forSocket,
    generation,
    purpose,
  } as const
  const socket: unknown = await resources.connect(given)
  if (!isBaileysSocket(socket))
    throw new TypeError('connect did not return a Baileys socket; return what makeWASocket() gives')
  if (!live.adopt(socket)) return
  resources.server = serverOf(socket)
  const version = versionOf(socket)
  if (version !== undefined) noteVersion(version)
  if (isClosed(socket.ws)) throw new Error('connect returned a socket that is closed already')

  live.listen('creds.update', () => {
    live.auth.saveCreds().catch(ignore) // told to the disk watch by the guarded auth
  })
  const linking = watchLinking(socket, {
    onRefused: (refusal) => {
      if (input.phone !== undefined) tell({ type: 'socket.codeRefused', generation, ...refusal })
    },
    onScanned: () => tell({ type: 'socket.scanned', generation }),
  })
  live.keep(linking.stop)
  live.listen('connection.update', reporter(resources, live, socket, linking, input, tell))
  live.keep(endOnRefusedUpgrade(socket))
  resources.emitter.attach(socket.ev, generation)
  live.keepToTheEnd(() => resources.emitter.detach(generation))
  live.keep(resources.caches.follow(socket, () => [live.auth.state.creds.me?.id, live.auth.state.creds.me?.lid]))
  void checkDevicesCache(resources, socket)
  if (input.auth === 'account')
    live.keep(
      watchTraffic(socket, (passed) => {
        resources.traffic = { ...resources.traffic, ...passed }
      }),
    )
  // Over the socket of a pairing nobody sends, and what it is asked for is another's.
  if (input.auth === 'account') live.resender = followOutbound(resources, live, socket)
  const decryption = watchDecryption(socket, {
    onFailure: (failed) => resources.evidence.failed(failed),
    awaitsSuccess: () => resources.evidence.awaitsSuccess,
    onSuccess: ({ address, aliases, session }) => {
      if (session) for (const one of [address, ...aliases]) resources.evidence.succeeded(one)
    },
  })
  onLine = decryption.line
  live.unread = decryption.unread
  live.alt = decryption.alt
  live.keep(decryption.stop)
  if (input.auth === 'account') void settleOnce(resources, live)
}

/**
 * Once for each run: what an earlier version of Baileys left under the other address of a contact, and mappings that
 * have lost one half. What comes in meanwhile is looked for by itself.
 */
async function settleOnce(resources: Resources, live: LiveSocket): Promise<void> {
  if (resources.mode === 'observe' || resources.addressesSettled) return
  resources.addressesSettled = true
  try {
    const sessions = await live.settleAddresses()
    if (sessions > 0)
      resources.journal.act('sessions-moved', sessions, 'Baileys 7 keeps them under the LID of their contact')
  } catch (error) {
    resources.addressesSettled = false
    if (!live.detached) resources.report(error, 'bringing sessions under the addresses where Baileys looks')
  }
}

/** Baileys 7 shows which cache it was given for lists of devices; one that keeps nothing is said once. */
async function checkDevicesCache(resources: Resources, socket: BaileysSocket): Promise<void> {
  const given = read(socket, 'userDevicesCache')
  if (typeof given !== 'object' || given === null || given === resources.caches.forSocket.userDevicesCache) return
  if (!(await keepsDevices(given)))
    resources.reportOnce(new Error(keepsNothing), 'looking at the userDevicesCache of connect')
}

const keepsNothing =
  'it keeps nothing of what Baileys hands it as { key, value }, as node-cache does. Leave it out and spread `caches` into the config, or take @cacheable/node-cache.'

/**
 * How long each code of a socket is good for, ms; to be asked when it comes. A `qrTimeout`, which no socket tells,
 * shows in how soon the first code is replaced.
 */
function codeLasts(): () => number {
  let firstAt: number | undefined
  let nextMs: number | undefined
  return () => {
    if (firstAt === undefined) {
      firstAt = performance.now()
      return firstQrMs
    }
    if (nextMs === undefined) {
      const lastedMs = performance.now() - firstAt
      nextMs = Math.abs(lastedMs - firstQrMs) < qrToleranceMs ? nextQrMs : lastedMs
    }
    return nextMs
  }
}

/** The WhatsApp version that a socket reports, such as 2.3000.1027934701; undefined where it does not say. */
function versionOf(socket: BaileysSocket): string | undefined {
  const version = read(read(socket.ws, 'config'), 'version')
  return Array.isArray(version) && version.length === 3 && version.every(Number.isInteger)
    ? version.join('.')
    : undefined
}

/** The version that was refused, and the newest that is known: `2.3000.1, newest known 2.3000.7`. */
function outdatedDetail(socket: BaileysSocket): string | undefined {
  const version = versionOf(socket)
  const newest = newestVersion()
  return version === undefined || newest === undefined ? version : `${version}, newest known ${newest}`
}

/** Translates `connection.update` into the machine's events. */
function reporter(
  resources: Resources,
  live: LiveSocket,
  socket: BaileysSocket,
  linking: LinkingWatch,
  input: OpenInput,
  tell: (event: SocketEvent) => void,
): (update: unknown) => void {
  const { generation, phone } = input
  const lasts = codeLasts()
  let asked = false
  return (update) => {
    if (read(update, 'receivedPendingNotifications') === true) resources.evidence.drained(input.afterUnclean)
    if (read(update, 'isNewLogin') === true) tell({ type: 'socket.paired', generation })
    const qr = read(update, 'qr')
    if (typeof qr === 'string') {
      tell({ type: 'socket.qr', generation, code: qr, expiresAt: Date.now() + lasts() })
      if (phone !== undefined && !asked) {
        asked = true
        const pairingCode = async () => {
          const code = await socket.requestPairingCode(phone, resources.pairingCode)
          await linking.codeAnswered()
          tell({ type: 'socket.pairingCode', generation, code })
        }
        pairingCode().catch((error: unknown) => resources.report(error, 'asking for a pairing code'))
      }
    }
    const connection = read(update, 'connection')
    if (connection === 'open') {
      // v6 keeps in `user` what was known before the login; the creds have what the server said.
      const user = live.auth.state.creds.me ?? socket.user
      const self = user && { id: user.id, ...(user.name === undefined ? {} : { name: user.name }) }
      if (input.auth === 'account') resources.outbound.linkUp()
      // The socket of a pairing ends as soon as it has opened: nobody is to send with it.
      if (input.auth === 'account') resources.onSocket(socket)
      if (input.auth === 'account') lookOn(resources, live)
      tell({ type: 'socket.open', generation, ...(self === undefined ? {} : { self }) })
    } else if (connection === 'close') {
      const closed = classifyClose(read(read(update, 'lastDisconnect'), 'error'))
      const detail = closed.kind === 'outdated' ? outdatedDetail(socket) : undefined
      const cause = detail === undefined ? closed : { ...closed, detail }
      resources.outbound.linkDown()
      // One microtask later, so that this very update still reaches those who listen to the line's own emitter.
      queueMicrotask(() => {
        live.detach()
        tell({ type: 'socket.close', generation, cause })
      })
    }
  }
}
