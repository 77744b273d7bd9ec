import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import type { OwnersLogger } from '../baileys/logger-tap.ts'
import { wrap } from '../baileys/signal-repository.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import { LifelineError, LockedError } from '../errors/errors.ts'
import { wordsOf } from '../errors/thrown.ts'
import { createLifelineWith } from '../line/create-lifeline.ts'
import type { Lifeline } from '../line/lifeline.ts'
import type { LifelineOptions } from '../line/options.ts'
import type { ConnectOptions } from '../line/services/connect-options.ts'
import { needsPerson } from '../line/waits.ts'
import { codecOf } from '../stores/codec.ts'
import { fileAuthStore } from '../stores/folder/file-store.ts'
import { storedKeys } from '../stores/folder/stored-keys.ts'
import type { AuthStore, OpenAuth } from '../stores/store.ts'
import { CallsInFlight } from './calls.ts'
import { callLost, loggedOut, replaced } from './closes.ts'
import { endOrderOf } from './end-order.ts'
import { FolderKeys } from './folder-keys.ts'
import { followingLogger, silentLogger } from './folder-logger.ts'
import type { CheckedSuperviseOptions } from './line-options.ts'
import { liveView } from './live-view.ts'
import { LiveWaits } from './live-waits.ts'
import { type Baileys, lineOf, type SocketConfig } from './namespace.ts'
import { Presence } from './presence.ts'
import { atExit } from './process-end.ts'
import { storedCreds } from './stored-creds.ts'
import { type FolderSide, VirtualSocket } from './virtual-socket.ts'
import { OwnListeners } from './virtual-transport.ts'

/** Marks the creds of a folder, also in a copy that a gateway made of them. */
export const folderMark: unique symbol = Symbol.for('baileys-lifeline.folder')

export interface AuthFolderParts {
  readonly path: string
  /** A name for logs, notices and the dashboard. */
  readonly account: string
  readonly baileys: Baileys
  readonly options: CheckedSuperviseOptions
  /** Words for whoever runs the gateway, once. */
  readonly say: (words: string) => void
}

/**
 * One folder of a gateway: one line, counted by the virtual sockets on it. The first one starts it, the last one that
 * is let go stops it, in one chain.
 */
export class AuthFolder implements FolderSide {
  readonly path: string
  readonly line: Lifeline
  readonly creds: AuthenticationCreds
  readonly keys: FolderKeys
  readonly presence = new Presence()
  readonly #parts: AuthFolderParts
  readonly #store: AuthStore
  readonly #sockets = new Set<VirtualSocket>()
  readonly #waits: LiveWaits
  #baileys: Baileys
  #known: AuthenticationCreds | undefined
  #opening: OpenAuth | undefined
  /** The gateway itself has changed the creds since they were saved. */
  #changed = false
  #saving: Promise<void> = Promise.resolve()
  #newest: BaileysSocket | undefined
  #own: OwnListeners | undefined
  #purpose: ConnectOptions['purpose'] = 'account'
  #calls = new CallsInFlight()
  /** Starts and stops, one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #ending: Promise<void> = Promise.resolve()
  #wake: () => void = () => undefined
  #alive: NodeJS.Timeout | undefined
  /** Whose logger was used last: the end of the last one is logged, too. */
  #spoke: VirtualSocket | undefined

  constructor(parts: AuthFolderParts) {
    const { path, account, baileys, options } = parts
    this.path = path
    this.#parts = parts
    this.#baileys = baileys
    this.#store = fileAuthStore(path, { baileys: async () => this.#baileys })
    wrap(this.#store, 'open', (inner) => async (how) => this.#opened(await inner(how)))
    this.creds = liveView(
      () => this.#opening?.state.creds ?? this.#stored,
      { [folderMark]: path },
      () => {
        this.#changed = true
      },
    )
    this.keys = new FolderKeys({
      open: () => this.#opening?.state.keys,
      stored: () => storedKeys(path, codecOf(this.#baileys)),
      owned: (step) => this.#inTurn(() => this.#asOwner((opening) => step(opening.state.keys))),
    })
    const given: LifelineOptions = {
      ...options.line,
      account,
      auth: this.#store,
      logger: options.line.logger ?? followingLogger(() => this.#logger()),
      connect: (given) => this.#connect(given),
    }
    this.line = createLifelineWith(given, { atExit })
    this.#waits = new LiveWaits(options.waitMs)
    this.line.ev.process((events) => this.#deliver(events))
    this.line.on('socket', (socket) => this.#socketIs(socket))
    this.line.on('status', () => this.#statusIs())
  }

  get live(): BaileysSocket | undefined {
    return this.line.socket
  }
  get newest(): BaileysSocket | undefined {
    return this.#newest
  }
  get running(): boolean {
    return this.#sockets.size > 0
  }

  /** Until the folder was read, an identity that is written nowhere: to make one takes longer than all else here. */
  get #stored(): AuthenticationCreds {
    this.#known ??= this.#baileys.initAuthCreds()
    return this.#known
  }

  /** For `useMultiFileAuthState`: a supervision that is ending has ended, and the creds are those of now. */
  async read(): Promise<void> {
    await this.#ending
    if (this.#opening) return
    this.#known = await storedCreds(this.#store, this.path, this.#baileys)
    this.#changed = false
  }

  readonly saveCreds = async (): Promise<void> => {
    if (!this.#changed) return this.#saving
    if (this.#opening) return this.#opening.saveCreds()
    // Nobody supervises it: a program that only puts credentials there.
    if (this.running) return
    const values = { ...this.#stored }
    await this.#inTurn(() =>
      this.#asOwner((opening) => {
        Object.assign(opening.state.creds, values)
        return opening.saveCreds()
      }),
    )
  }

  /** A socket for the gateway, at once. Throws while the other line of Baileys is at work on the folder. */
  socket(baileys: Baileys, config: SocketConfig): VirtualSocket {
    this.use(baileys)
    const socket = new VirtualSocket(baileys, config, this)
    const first = !this.running
    this.#sockets.add(socket)
    this.transportChanged()
    if (first) {
      // Between two dials no handle may be open, and the gateway counts on a connection that keeps its process.
      this.#alive = setInterval(() => undefined, 2 ** 30)
      void this.#inTurn(() => this.#start())
    }
    return socket
  }

  /** From now on the folder is this Baileys'. */
  use(baileys: Baileys): void {
    if (this.running && lineOf(baileys) !== lineOf(this.#baileys))
      throw new LifelineError(
        'BAILEYS_MIXED',
        `${this.path} is in use by Baileys ${lineOf(this.#baileys) === 'v6' ? 6 : 7} in this process, and now by the other line, too. Nothing was changed.`,
        'Use one version of Baileys for an account: each stores sessions under names of its own.',
      )
    this.#baileys = baileys
  }

  /** The gateway deleted the folder while it was open, and now begins with an empty one. */
  begunAnew(): void {
    if (this.line.status.state !== 'blocked' || !this.running) return
    void this.#inTurn(async () => {
      await this.line.stop()
      await this.#start()
    })
  }

  untilLive(): Promise<BaileysSocket> {
    const { live, line } = this
    if (live) return Promise.resolve(live)
    return needsPerson(line.status) ? Promise.reject(callLost(line.status)) : this.#waits.wait()
  }

  inFlight(result: PromiseLike<unknown>): Promise<unknown> {
    return this.#calls.take(result)
  }

  letGo(socket: VirtualSocket): Promise<void> {
    if (!this.#sockets.delete(socket)) return Promise.resolve()
    this.transportChanged()
    if (this.running) return Promise.resolve()
    this.#waits.reject(callLost())
    clearInterval(this.#alive)
    this.#wake()
    this.#ending = this.#inTurn(() => this.#stop())
    return this.#ending
  }

  async logout(message: string | undefined): Promise<void> {
    await this.#turn
    const { state } = this.line.status
    if (state !== 'awaitingQr' && state !== 'stopped') await this.untilLive()
    await this.line.logout()
    for (const socket of [...this.#sockets]) void socket.end(loggedOut(message))
    await this.#ending
  }

  async requestPairingCode(phone: string, custom: string | undefined): Promise<string> {
    await this.#turn
    return this.line.requestPairingCode(phone, custom)
  }

  /** What Baileys itself does with an event is off only while nobody on this folder wants it. */
  transportChanged(): void {
    const [first, ...others] = [...this.#sockets].map(({ transport }) => transport.removed)
    const off = [...(first ?? [])].filter((event) => others.every((removed) => removed.has(event)))
    this.#own?.keepOff(new Set(off))
  }

  #logger(): OwnersLogger {
    this.#spoke = this.#holder() ?? this.#spoke
    return this.#spoke?.logger ?? this.#baileys.DEFAULT_CONNECTION_CONFIG?.logger ?? silentLogger
  }

  /** Whose config counts: the newest that was not let go. */
  #holder(): VirtualSocket | undefined {
    return [...this.#sockets].at(-1)
  }

  #connect({ auth, logger, caches, purpose }: ConnectOptions): BaileysSocket {
    const holder = this.#holder()
    if (!holder) throw new Error('the gateway has let go of its socket')
    const { baileys, config } = holder
    const socket = baileys.makeWASocket({
      ...caches,
      ...config,
      auth: { creds: auth.creds, keys: this.keys.forSocket(baileys, config.auth?.keys, auth.keys, logger) },
      logger,
    })
    endOrderOf(baileys).follow(socket)
    this.#calls.end()
    this.#calls = new CallsInFlight()
    this.#purpose = purpose
    this.#newest = socket
    this.#own = new OwnListeners(socket.ws)
    this.transportChanged()
    for (const one of this.#sockets) one.transport.attach(socket.ws)
    return socket
  }

  #deliver(events: Record<string, unknown>): void {
    let told = events
    const update = events['connection.update']
    if (update !== undefined || this.#purpose === 'pairing') {
      const { 'connection.update': _, 'creds.update': creds, ...rest } = events
      told = rest
      const news = this.presence.take(Object(update), this.#purpose)
      if (news) told['connection.update'] = news
      // Until a pairing has opened the account's creds are the old ones, or none.
      if (creds !== undefined && this.#purpose === 'account') told['creds.update'] = creds
    }
    for (const _ in told) {
      for (const socket of this.#sockets) socket.deliver(told)
      return
    }
  }

  #socketIs(socket: BaileysSocket | undefined): void {
    if (socket) this.#waits.resolve(socket)
    else {
      this.presence.lost()
      this.#calls.endIn(this.#parts.options.lockedMs)
    }
  }

  #statusIs(): void {
    const { status } = this.line
    this.presence.codeIs(status.qr?.code)
    if (needsPerson(status)) this.#waits.reject(callLost(status))
    if (status.state === 'blocked' && status.userAction === 'check-other-client') this.#taken(status.message)
  }

  /** Another process has the folder: the one thing beside its own word that a gateway is told as a close. */
  #taken(message: string): void {
    for (const socket of [...this.#sockets]) void socket.end(replaced(message))
  }

  async #start(): Promise<void> {
    const until = performance.now() + this.#parts.options.lockedMs
    while (this.running) {
      try {
        await this.line.start()
        return
      } catch (error) {
        const locked = error instanceof LockedError
        if (locked && performance.now() >= until) {
          this.#parts.say(`${error.message} ${error.remediation}`)
          this.#taken(error.message)
          return
        }
        if (!locked) {
          this.#parts.say(
            `${this.path} cannot be supervised: ${wordsOf(error)} ${error instanceof LifelineError ? error.remediation : ''}`,
          )
          this.#waits.reject(callLost())
        }
        await this.#pause(locked ? this.#parts.options.lockedMs / 10 : this.#parts.options.retryMs)
      }
    }
  }

  async #stop(): Promise<void> {
    await this.line.stop()
    this.#calls.end()
    this.#opening = undefined
    this.#newest = undefined
    this.#own = undefined
    this.presence.lost()
  }

  #opened(auth: OpenAuth): OpenAuth {
    const saveCreds = () => {
      this.#changed = false
      const saving = auth.saveCreds()
      this.#saving = saving
      saving.catch(() => undefined)
      return saving
    }
    this.#opening = { ...auth, saveCreds }
    return this.#opening
  }

  /** A step on the account while nobody supervises it. */
  async #asOwner(step: (opening: OpenAuth) => Promise<void>): Promise<void> {
    await this.#store.acquire()
    try {
      const opening = await this.#store.open({ mint: true })
      await step(opening)
    } finally {
      this.#opening = undefined
      await this.#store.release()
    }
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step)
    this.#turn = done.catch(() => undefined)
    return done
  }

  /** Ends early when the last socket is let go. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
