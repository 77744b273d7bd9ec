import type { Boom } from '@hapi/boom'
import type * as v7 from '@whiskeysockets/baileys'
import { Folders } from '../../src/drop-in/folders.ts'
import type { SuperviseOptions } from '../../src/drop-in/index.ts'
import { superviseWith } from '../../src/drop-in/supervise.ts'
import { askedAlready } from '../../src/rehearsal/fake-whatsapp/asked-already.ts'
import { fast } from '../line/fast-policy.ts'
import type { World } from '../line/world.ts'

type Sock = ReturnType<typeof v7.makeWASocket>
type Auth = Awaited<ReturnType<typeof v7.useMultiFileAuthState>>
type Update = Partial<v7.ConnectionState>

/** What a gateway finds: Baileys, and where its server is. */
export interface Surroundings extends Pick<World, 'baileys'> {
  readonly server: Pick<World['server'], 'clientOptions'>
}

/**
 * What a gateway writes that knows nothing of supervision: `useMultiFileAuthState` and `makeWASocket`, and a record of
 * what it was told.
 */
export class Bot {
  readonly world: Surroundings
  readonly baileys: typeof v7
  readonly folders = new Folders()
  readonly said: string[] = []
  readonly held: Held[] = []
  /** How often a real socket was made while an earlier one was still open. */
  overlaps = 0
  readonly #real: Sock[] = []
  #waiting: { holds(): boolean; resolve(): void }[] = []

  /** `plain` is the same gateway without us. */
  constructor(world: Surroundings, options: SuperviseOptions | 'plain' = {}) {
    this.world = world
    this.baileys =
      options === 'plain'
        ? world.baileys
        : superviseWith(
            { ...world.baileys, makeWASocket: (config: v7.UserFacingSocketConfig) => this.#made(config) },
            { ...options, policy: fast(options.policy) },
            { say: (words) => this.said.push(words), folders: this.folders },
          )
  }

  auth(folder: string): Promise<Auth> {
    return this.baileys.useMultiFileAuthState(folder)
  }

  /** A real socket; counted if an earlier one is still open. */
  #made(config: v7.UserFacingSocketConfig): Sock {
    if (this.#real.some(({ ws }) => ws.isOpen)) this.overlaps += 1
    const sock = this.world.baileys.makeWASocket(config)
    this.#real.push(sock)
    return sock
  }

  /** What `makeWASocket` is given beside the auth, so that it finds the fake server. */
  get config() {
    return { ...this.world.server.clientOptions, placeholderResendCache: askedAlready, logger: quiet }
  }

  async open(folder: string, config: Partial<v7.UserFacingSocketConfig> = {}): Promise<Held> {
    return this.hold(await this.auth(folder), config)
  }

  /** A socket on credentials that are there. */
  hold({ state, saveCreds }: Auth, config: Partial<v7.UserFacingSocketConfig> = {}): Held {
    const sock = this.baileys.makeWASocket({ ...this.config, auth: state, ...config })
    const held = new Held(this, sock, state, saveCreds)
    this.held.push(held)
    return held
  }

  /** A socket that is open and has its backlog. */
  async up(folder: string, config: Partial<v7.UserFacingSocketConfig> = {}): Promise<Held> {
    const held = await this.open(folder, config)
    await held.until(() => held.drained)
    return held
  }

  /** Resolves as soon as an event has made it true; rejects, with what happened so far, when that takes too long. */
  async until(holds: () => boolean, story: () => string, withinMs = 25_000): Promise<void> {
    if (holds()) return
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${String(holds)} did not come.\n${story()}`)), withinMs)
    })
    const come = new Promise<void>((resolve) => this.#waiting.push({ holds, resolve }))
    await Promise.race([come, late]).finally(() => clearTimeout(timer))
  }

  look(): void {
    const due = this.#waiting.filter((one) => one.holds())
    this.#waiting = this.#waiting.filter((one) => !due.includes(one))
    for (const { resolve } of due) resolve()
  }
}

/** A socket that a gateway holds. */
export class Held {
  readonly bot: Bot
  readonly sock: Sock
  readonly state: v7.AuthenticationState
  readonly saveCreds: () => Promise<void>
  readonly updates: Update[] = []
  readonly texts: string[] = []
  readonly codes: string[] = []

  constructor(bot: Bot, sock: Sock, state: v7.AuthenticationState, saveCreds: () => Promise<void>) {
    this.bot = bot
    this.sock = sock
    this.state = state
    this.saveCreds = saveCreds
    sock.ev.on('connection.update', (update) => {
      this.updates.push(update)
      if (update.qr) this.codes.push(update.qr)
      bot.look()
    })
    sock.ev.on('creds.update', saveCreds)
    sock.ev.on('messages.upsert', ({ messages }) => {
      for (const { key, message } of messages) {
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (text && !key.fromMe) this.texts.push(text)
      }
      bot.look()
    })
    bot.folders.of({ creds: state.creds })?.line.on('status', () => bot.look())
  }

  /** What was told of the connection: `connecting`, `open`, `close 401`. */
  get connections(): string[] {
    return this.updates.flatMap(({ connection, lastDisconnect }) => {
      if (connection === undefined) return []
      const code = (lastDisconnect?.error as Boom | undefined)?.output?.statusCode
      return [connection === 'close' ? `close ${code ?? 'without an error'}` : connection]
    })
  }

  get opens(): number {
    return this.connections.filter((one) => one === 'open').length
  }

  /** The newest connection is open, and its backlog through; either may come first. */
  get drained(): boolean {
    const begun = this.updates.findLastIndex(({ connection }) => connection === 'connecting')
    const newest = this.updates.slice(begun + 1)
    return (
      newest.some(({ connection }) => connection === 'open') &&
      newest.some(({ receivedPendingNotifications }) => receivedPendingNotifications === true)
    )
  }

  get line() {
    const folder = this.bot.folders.of({ creds: this.state.creds })
    if (!folder) throw new Error('this folder is not supervised')
    return folder.line
  }

  async until(holds: () => boolean, withinMs?: number): Promise<void> {
    const story = () =>
      [JSON.stringify({ ...this.line.status, qr: undefined }), ...this.connections, ...this.bot.said].join('\n')
    await this.bot.until(holds, story, withinMs)
  }

  /** Ended, and nothing of it is left. */
  async letGo(): Promise<void> {
    await this.sock.end(undefined)
  }

  async reads(text: string): Promise<void> {
    await this.until(() => this.texts.includes(text))
  }
}

const quiet = {
  level: 'silent',
  child: () => quiet,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
