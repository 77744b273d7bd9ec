import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type * as v7 from '@whiskeysockets/baileys'
import { isBaileysSocket } from '../../src/baileys/socket.ts'
import {
  type AuthStore,
  createLifeline,
  type Lifeline,
  type LifelineOptions,
  type Notice,
  type StateName,
  type Status,
} from '../../src/index.ts'
import { createLifelineWith } from '../../src/line/create-lifeline.ts'
import type { Internals } from '../../src/line/line.ts'
import { fast } from './fast-policy.ts'
import { transitionsTaken } from './transitions-taken.ts'

/** Stands for the content of a file that may hold keys. */
export const digest = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

export type Socket = ReturnType<typeof v7.makeWASocket>

export interface GatewayOptions extends Partial<Omit<LifelineOptions<Socket>, 'auth'>> {
  readonly store?: AuthStore
  readonly internals?: Internals
}

/** A bot host with its supervised line, everything that it was told, and a way to wait for more. */
export class Gateway {
  readonly folder: string
  readonly number: string
  readonly line: Lifeline<Socket>
  readonly statuses: Status[] = []
  readonly notices: Notice[] = []
  readonly codes: NonNullable<Status['qr']>[] = []
  /** What was read, as the line's own emitter told it. */
  readonly texts: string[] = []
  /** Every socket that `connect` gave, and whether its end was seen. */
  readonly sockets: Socket[] = []
  /** How often a socket was asked for while an earlier one was still open. */
  overlaps = 0
  /** The backlog of the present connection is through. */
  drained = false
  #waiting: { holds(): boolean; resolve(): void }[] = []

  constructor(folder: string, number: string, makeSocket: LifelineOptions<Socket>['connect'], options: GatewayOptions) {
    const { store, internals, policy, connect = makeSocket, inspect, ...rest } = options
    const inspected = transitionsTaken(inspect)
    this.folder = folder
    this.number = number
    const all: LifelineOptions<Socket> = {
      ...rest,
      ...(inspected === undefined ? {} : { inspect: inspected }),
      auth: store ?? folder,
      policy: fast(policy),
      connect: async (given) => {
        if (this.sockets.some(({ ws }) => ws.isOpen)) this.overlaps += 1
        const socket = await connect(given)
        if (isBaileysSocket(socket)) this.sockets.push(socket)
        return socket
      },
    }
    this.line = internals ? createLifelineWith(all, internals) : createLifeline(all)
    const keep = <T>(list: T[]) => {
      return (item: T) => {
        list.push(item)
        this.look()
      }
    }
    this.line.on('status', keep(this.statuses))
    this.line.on('notice', keep(this.notices))
    this.line.on('qr', keep(this.codes))
    this.line.on('socket', () => this.look())
    this.line.ev.on('connection.update', ({ connection, receivedPendingNotifications }) => {
      this.drained = connection === undefined && (receivedPendingNotifications === true || this.drained)
      this.look()
    })
    this.line.ev.on('messages.upsert', ({ messages }) => {
      for (const { key, message } of messages) {
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (text && !key.fromMe) this.texts.push(text)
      }
      this.look()
    })
  }

  get state(): StateName {
    return this.line.status.state
  }

  /** The states that were passed, each named once per stay. */
  get path(): StateName[] {
    return this.statuses.map(({ state }) => state).filter((state, at, all) => state !== all[at - 1])
  }

  get told(): string[] {
    return this.notices.map(({ kind }) => kind)
  }

  async start(): Promise<this> {
    await this.line.start()
    return this
  }

  /** Starts and waits until messages flow. */
  async up(): Promise<this> {
    await this.start()
    await this.until(() => this.state === 'healthy' && this.drained)
    return this
  }

  /** Resolves as soon as an event has made it true; rejects, with what happened so far, when that takes too long. */
  async until(what: StateName | (() => boolean), withinMs = 25_000): Promise<Status> {
    const holds = typeof what === 'string' ? () => this.state === what : what
    if (!holds()) {
      const come = new Promise<void>((resolve) => {
        this.#waiting.push({ holds, resolve })
      })
      await this.soon(come, String(what), withinMs)
    }
    return this.line.status
  }

  /** The promise, or what happened so far as an error when it takes too long. */
  async soon<T>(promise: Promise<T>, what: string, withinMs = 25_000): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} did not come.\n${this.story()}`)), withinMs)
    })
    return Promise.race([promise, late]).finally(() => clearTimeout(timer))
  }

  /** The next time that a state is entered; the present stay does not count. */
  next(state: StateName): Promise<Status> {
    const seen = this.statuses.length
    return this.until(() => {
      const later = this.statuses.slice(Math.max(0, seen - 1)).map((status) => status.state)
      return this.state === state && later.some((one, at) => one === state && at > 0 && later[at - 1] !== state)
    })
  }

  /** Looks again whether what is waited for has come. */
  look(): void {
    const due = this.#waiting.filter((one) => one.holds())
    this.#waiting = this.#waiting.filter((one) => !due.includes(one))
    for (const { resolve } of due) resolve()
  }

  /** The history on a few lines, for the message of a failed test. */
  story(): string {
    const entries = this.line.history().map((entry) => {
      if (entry.type === 'transition') return `${entry.from} → ${entry.to} (${entry.event}) ${entry.why ?? ''}`
      if (entry.type === 'notice') return `notice ${entry.kind}: ${entry.message}`
      return entry.type === 'trouble' ? `trouble ${entry.doing}: ${entry.message}` : JSON.stringify(entry)
    })
    return [`now: ${JSON.stringify({ ...this.line.status, qr: undefined })}`, ...entries.slice(-60)].join('\n')
  }

  /** Of what makes the account this one: it outlasts every save. */
  async identity(): Promise<string> {
    const { signedIdentityKey, noiseKey, registrationId, advSecretKey } = JSON.parse(await this.creds())
    return digest(JSON.stringify([signedIdentityKey, noiseKey, registrationId, advSecretKey]))
  }

  /** Of creds.json: a failed comparison must not print keys. */
  async fingerprint(): Promise<string> {
    return fingerprintOf(await this.creds())
  }

  creds(): Promise<string> {
    return readFile(join(this.folder, 'creds.json'), 'utf8')
  }

  async say(jid: string, text: string): Promise<void> {
    const socket = this.line.socket
    if (!socket) throw new Error('There is no socket to send with.')
    await socket.sendMessage(jid, { text })
  }
}

/** Of the content of a creds.json, but for the number of the last synchronisation, which Baileys 7 counts on by itself 20 s after it was linked. */
export function fingerprintOf(creds: string): string {
  return digest(JSON.stringify({ ...JSON.parse(creds), accountSyncCounter: undefined }))
}
