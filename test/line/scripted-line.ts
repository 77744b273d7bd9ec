import { EventEmitter } from 'node:events'
import { onTestFinished, vi } from 'vitest'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import type { Lifeline, LifelineOptions, Notice, StateName, Status } from '../../src/index.ts'
import { type Internals, Line } from '../../src/line/line.ts'
import { checkOptions } from '../../src/line/options.ts'
import type { ConnectOptions } from '../../src/line/services/connect-options.ts'
import { rowAuthStore } from '../../src/stores/rows/index.ts'
import type { AuthStore } from '../../src/stores/store.ts'
import { Memory, MemoryRows } from '../memory-rows.ts'
import { link } from '../stores/account.ts'

/** A socket on which happens what the test says. */
export class ScriptedSocket {
  readonly given: ConnectOptions
  readonly ev: EventEmitter & { process?: unknown }
  readonly ws = Object.assign(new EventEmitter(), { isOpen: true, isClosed: false })
  readonly authState: ConnectOptions['auth']
  readonly user = undefined
  /** What it was asked to do. */
  readonly asked: unknown[] = []
  /** Whether it closes when it is told to end. */
  ends = true
  answer: () => Promise<unknown> = async () => undefined

  constructor(given: ConnectOptions) {
    this.given = given
    this.authState = given.auth
    const handlers = new Set<(events: object) => void>()
    const ev = new EventEmitter()
    const emit = ev.emit.bind(ev)
    this.ev = Object.assign(ev, {
      emit: (event: string, data: unknown) => {
        const heard = emit(event, data)
        for (const handler of handlers) handler({ [event]: data })
        return heard
      },
      process: (handler: (events: object) => void) => {
        handlers.add(handler)
        return () => handlers.delete(handler)
      },
    })
  }

  update(update: object): void {
    this.ev.emit('connection.update', update)
  }

  open(): void {
    this.update({ connection: 'open' })
    this.update({ receivedPendingNotifications: true })
  }

  /** As Baileys tells the end of a connection. */
  close(statusCode = 428, message = 'Connection Closed'): void {
    if (this.ws.isClosed) return
    Object.assign(this.ws, { isOpen: false, isClosed: true })
    const error = Object.assign(new Error(message), { output: { statusCode }, data: {} })
    this.update({ connection: 'close', lastDisconnect: { error, date: new Date() } })
    this.ws.emit('close')
  }

  end = (): void => {
    this.asked.push('end')
    if (this.ends) this.close()
  }

  /** It answers pings. */
  sendNode = async ({ attrs }: { readonly attrs: { readonly id?: string } }): Promise<void> => {
    this.ws.emit(`TAG:${attrs.id}`, {})
  }
  query = (): Promise<unknown> => this.answer()
  generateMessageTag = (): string => 'tag'
  requestPairingCode = async (phone: string, custom?: string): Promise<string> => {
    this.asked.push(['pairing code', phone, custom])
    return custom ?? 'ABCD1234'
  }
  logout = async (): Promise<void> => {
    this.asked.push('logout')
    this.close(401, 'Intentional Logout')
  }
}

interface LineOptions extends Partial<Omit<LifelineOptions, 'auth' | 'connect'>> {
  readonly linked?: boolean
  readonly internals?: Internals
  readonly store?: (store: AuthStore) => AuthStore
  readonly connect?: (given: ConnectOptions) => BaileysSocket | Promise<BaileysSocket>
}

/** A line with scripted sockets on an account that is kept in memory, and what it told. */
export class ScriptedLine {
  readonly line: Lifeline
  readonly store: AuthStore
  readonly sockets: ScriptedSocket[] = []
  readonly statuses: Status[] = []
  readonly notices: Notice[] = []
  readonly codes: unknown[] = []
  readonly live: unknown[] = []

  constructor(store: AuthStore, { internals = {}, linked: _, store: _store, connect, ...options }: LineOptions) {
    this.store = store
    const made = (given: ConnectOptions) => {
      const socket = new ScriptedSocket(given)
      this.sockets.push(socket)
      return socket as unknown as BaileysSocket
    }
    this.line = new Line(checkOptions({ ...options, auth: store, connect: connect ?? made }), {
      guard: () => () => undefined,
      ...internals,
    })
    this.line.on('status', (status) => this.statuses.push(status))
    this.line.on('notice', (notice) => this.notices.push(notice))
    this.line.on('qr', (code) => this.codes.push(code))
    this.line.on('socket', (socket) => this.live.push(socket))
  }

  get state(): StateName {
    return this.line.status.state
  }

  get socket(): ScriptedSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('There is no socket yet.')
    return socket
  }

  /** The states that were passed, each named once per stay. */
  get path(): StateName[] {
    return this.statuses.map(({ state }) => state).filter((state, at, all) => state !== all[at - 1])
  }

  /** The troubles that were written down. */
  get allTroubles(): string[] {
    return this.line
      .history()
      .flatMap((entry) => (entry.type === 'trouble' ? [`${entry.doing}: ${entry.message}`] : []))
  }

  /** Those that are not of what its sockets lack. */
  get troubles(): string[] {
    return this.allTroubles.filter((said) => !said.startsWith('looking at its'))
  }

  /** Everything that needs no time has happened. */
  settled(): Promise<unknown> {
    return vi.advanceTimersByTimeAsync(0)
  }

  /** Connected. */
  async up(): Promise<this> {
    const before = this.sockets.length
    await this.line.start()
    return this.reconnected(before)
  }

  /** The next socket after so many, by default after those that there are, is there. */
  async dialled(before = this.sockets.length): Promise<void> {
    for (let step = 0; step < 200 && this.sockets.length <= before; step += 1) await vi.advanceTimersByTimeAsync(500)
  }

  /** It is there and opens. */
  async reconnected(before = this.sockets.length): Promise<this> {
    await this.dialled(before)
    this.socket.open()
    await this.settled()
    return this
  }
}

/** On a clock of its own, which is the test's to advance; stopped when the test ends. */
export async function scriptedLine(options: LineOptions = {}): Promise<ScriptedLine> {
  const memory = new Memory()
  const store = rowAuthStore({ rows: new MemoryRows(memory), location: 'the rows' })
  if (options.linked !== false) {
    await store.acquire()
    const opening = await store.open({ mint: true })
    link(opening.state.creds)
    await opening.saveCreds()
    await opening.fence()
    await store.release()
  }
  vi.useFakeTimers()
  const made = new ScriptedLine(options.store?.(store) ?? store, options)
  onTestFinished(async () => {
    const stopping = made.line.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    await stopping
    vi.useRealTimers()
  })
  return made
}
