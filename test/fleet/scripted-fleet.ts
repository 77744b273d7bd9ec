import { BufferJSON } from '@whiskeysockets/baileys'
import { LockedError } from '../../src/errors/errors.ts'
import type {
  Coordination,
  Desired,
  Holder,
  HostCard,
  KnownAccount,
  ReceivedCommand,
  Seat,
  SeenHost,
  Survey,
  ToldStatus,
  Wake,
} from '../../src/fleet/coordination.ts'
import { FleetHost, type HostParts } from '../../src/fleet/host.ts'
import { checkFleetOptions, type FleetOptions } from '../../src/fleet/options.ts'
import { rowAuthStore } from '../../src/stores/rows/index.ts'
import { fast } from '../line/fast-policy.ts'
import { socketLike } from '../line/services/bench.ts'
import { linkedCreds } from '../stores/linked-creds.ts'
import { Memory, MemoryRows } from '../stores/memory-rows.ts'

type Socket = ReturnType<typeof socketLike>

interface Seated {
  readonly memory: Memory
  readonly lost: Set<(reason: 'taken' | 'ended') => void>
  claims: number
  held: boolean
  heir: string | undefined
  /** How often the store was asked whose it is. */
  asked: number
}

/** The place through which hosts agree, as the test says: other hosts, locks and what they tell are no processes. */
export class ScriptedFleet implements Coordination {
  readonly host = 'a'
  readonly location = 'the test'
  others: SeenHost[] = []
  readonly seats = new Map<string, Seated>()
  readonly desired = new Map<string, Desired>()
  /** What was said of each, in its order. */
  readonly desires: string[] = []
  readonly handed = new Set<string>()
  /** Accounts that another program has. */
  readonly locked = new Set<string>()
  readonly told: { readonly account: string; readonly content: unknown }[] = []
  readonly cards: HostCard[] = []
  /** Whether the store can say whose an account is. */
  reachable = true
  /** What an answer of whose an account is waits for. */
  answering: Promise<void> | undefined
  surveys = 0
  quietMs: number | undefined
  /** Runs in the middle of a survey, once. */
  meanwhile: (() => void) | undefined

  constructor(accounts: readonly string[]) {
    for (const account of accounts) this.desired.set(account, 'running')
  }

  get claims(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.seats].map(([account, { claims }]) => [account, claims]))
  }

  seat(account: string): Seat {
    const known = this.#seated(account)
    const lock = {
      get held() {
        return known.held
      },
      acquire: async () => {
        known.claims += 1
        if (this.locked.has(account)) throw new LockedError(account, { pid: 1, host: 'elsewhere' })
        known.held = true
      },
      owned: async () => {
        known.asked += 1
        await this.answering
        if (!this.reachable) throw new Error('no route')
        return known.held && !this.locked.has(account)
      },
      release: async () => {
        known.held = false
      },
    }
    return {
      auth: rowAuthStore({ rows: new MemoryRows(known.memory), lock, location: account }),
      get epoch() {
        return known.held ? known.claims : undefined
      },
      handTo: (host) => {
        known.heir = host
      },
      onLost: (listener) => {
        known.lost.add(listener)
        return () => known.lost.delete(listener)
      },
    }
  }

  #seated(account: string): Seated {
    const known = this.seats.get(account)
    if (known) return known
    const memory = new Memory()
    memory.rows.set('account/creds.json', Buffer.from(JSON.stringify(linkedCreds(), BufferJSON.replacer)))
    const made: Seated = { memory, lost: new Set(), claims: 0, held: false, heir: undefined, asked: 0 }
    this.seats.set(account, made)
    return made
  }

  async listen(_onWake: (wake: Wake) => void): Promise<() => void> {
    return () => undefined
  }

  async announce(card: HostCard): Promise<void> {
    this.cards.push(card)
  }

  async hosts(): Promise<readonly SeenHost[]> {
    return [{ host: this.host, seenAgoMs: 0, ...this.cards.at(-1) }, ...this.others]
  }

  async leave(): Promise<void> {
    // Nobody else is told.
  }

  async survey(most: number): Promise<Survey> {
    this.surveys += 1
    const running = [...this.desired].filter(([, desired]) => desired === 'running').map(([account]) => account)
    const free = running.filter((account) => this.seats.get(account)?.held !== true)
    const survey: Survey = {
      wanted: running.length,
      owned: new Map([
        [this.host, running.length - free.length],
        ...this.others.map(({ host, has = 0 }) => [host, has] as const),
      ]),
      free: free.slice(0, most).map((account) => ({ account, handedOver: this.handed.has(account) })),
      stopped: new Set([...this.desired].filter(([, desired]) => desired === 'stopped').map(([account]) => account)),
      ...(this.quietMs === undefined ? {} : { quietMs: this.quietMs }),
    }
    const meanwhile = this.meanwhile
    this.meanwhile = undefined
    meanwhile?.()
    return survey
  }

  async add(accounts: readonly string[]): Promise<void> {
    for (const account of accounts) this.desired.set(account, 'running')
  }

  async accounts(): Promise<readonly KnownAccount[]> {
    return [...this.desired].map(([account, desired]) => ({ account, desired, details: null }))
  }

  async desire(account: string, desired: Desired): Promise<void> {
    this.desires.push(`${account} ${desired}`)
    this.desired.set(account, desired)
  }

  async holders(account?: string): Promise<readonly Holder[]> {
    return [...this.seats]
      .filter(([name, { held }]) => held && (account === undefined || account === name))
      .map(([name]) => ({ account: name, host: this.host }))
  }

  async tell(account: string, _epoch: number, content: unknown): Promise<void> {
    this.told.push({ account, content })
  }

  async statuses(): Promise<readonly ToldStatus[]> {
    return []
  }

  async send(): Promise<string> {
    return 'nobody answers'
  }

  async take(): Promise<readonly ReceivedCommand[]> {
    return []
  }

  async answer(): Promise<void> {
    // Nobody asked.
  }

  async answerTo(): Promise<undefined> {
    return undefined
  }

  async sweep(): Promise<void> {
    // Nothing gathers.
  }

  async end(): Promise<void> {
    // Nothing was made.
  }
}

/** What a socket of an account does once it is made. */
export type Opens = 'opens' | 'waits' | 'fails'

/** A host whose sockets do as the test says. */
export function scriptedHost(
  fleet: ScriptedFleet,
  options: Partial<FleetOptions<Socket>> = {},
  opens: (account: string) => Opens = () => 'opens',
) {
  const sockets = new Map<string, Socket[]>()
  /** What comes in over the newest socket of an account. */
  const heard = new Map<string, (events: object) => void>()
  const released: string[] = []
  const failures: unknown[] = []
  const checked = checkFleetOptions<Socket>({
    store: '/nowhere',
    policy: fast(),
    drainOn: [],
    connect: ({ account }) => {
      const what = opens(account)
      if (what === 'fails') throw new Error('no network')
      const socket = socketLike({ user: { id: '491700000001:7@s.whatsapp.net' } })
      const handlers = new Set<(events: object) => void>()
      Object.assign(socket.ev, {
        process: (handler: (events: object) => void) => {
          handlers.add(handler)
          return () => handlers.delete(handler)
        },
      })
      heard.set(account, (events) => {
        for (const handler of handlers) handler(events)
      })
      sockets.set(account, [...(sockets.get(account) ?? []), socket])
      if (what === 'opens') setImmediate(() => socket.ev.emit('connection.update', { connection: 'open' }))
      return socket
    },
    ...options,
    pace: { spacingMs: 0, ...options.pace },
  })
  const parts: HostParts<Socket> = {
    options: { ...checked, coordination: fleet },
    onClaimed: () => undefined,
    onReleased: (account, why) => released.push(`${account} ${why}`),
    onStatus: () => undefined,
    onReach: (error) => {
      if (error !== undefined) failures.push(error)
    },
    report: (error) => failures.push(error),
  }
  const host = new FleetHost<Socket>(parts)
  const close = (account: string, message: string, statusCode: number) => {
    const error = Object.assign(new Error(message), { output: { statusCode }, data: {} })
    sockets
      .get(account)
      ?.at(-1)
      ?.ev.emit('connection.update', { connection: 'close', lastDisconnect: { error, date: new Date() } })
  }
  const states = () => [...host.tenancies.values()].map(({ line }) => line.status.state)
  return { host, options: parts.options, heard, released, failures, close, states }
}
