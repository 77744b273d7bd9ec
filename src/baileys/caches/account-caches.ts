import { list, read } from '../../errors/error-chain.ts'
import type { AuthenticationCreds, GroupMetadata } from '../baileys-types.ts'
import { BoundedCache } from '../bounded-cache.ts'
import { type BaileysSocket, listen } from '../socket.ts'
import { Backlog } from './backlog.ts'
import { DeviceCache } from './device-cache.ts'
import { deviceNewsIn, usersOf } from './device-news.ts'
import { GroupCache } from './group-cache.ts'

/**
 * What belongs to an account and not to one socket of it, to be spread into Baileys' config:
 * `makeWASocket({ auth, logger, ...caches })`. Without it each reconnect makes Baileys 7 fetch the keys of everybody
 * whom it writes to anew, and their one-time keys are used up.
 */
export interface SocketCaches {
  /**
   * Which devices a contact has: for an hour, and until the server says that they have changed. Baileys alone looks
   * every 5 min, and with each socket.
   */
  readonly userDevicesCache: DeviceCache
  /**
   * How often a message was asked for again, or sent again: for an hour, as with Baileys alone, but over reconnects
   * too.
   */
  readonly msgRetryCounterCache: BoundedCache
  /** Which messages the phone was asked for: for an hour. */
  readonly placeholderResendCache: BoundedCache
  /** Calls that may be taken up: for 5 min. */
  readonly callOfferCache: BoundedCache
  /**
   * Who is in a group, and how it is set: until the server says that something has changed, and for 5 min at most. So a
   * new member can go without the key for a group only while the word of it is on its way, or, should that get lost,
   * for 5 min; it is sent again then when that member asks. Baileys alone asks before each message to a group.
   */
  readonly cachedGroupMetadata: <G = GroupMetadata>(jid: string) => Promise<G | undefined>
}

const minuteMs = 60_000
/** Doubted no more often than Baileys alone looks: a server may say it with each message. */
const doubtEveryMs = 5 * minuteMs
const everybody = 'everybody'

/** One set for each account, across its sockets; emptied when the account becomes another one. */
export class AccountCaches {
  readonly forSocket: SocketCaches
  readonly #backlog = new Backlog()
  readonly #devices = new DeviceCache({ entries: 10_000, ageMs: 60 * minuteMs }, this.#backlog)
  readonly #retries = new BoundedCache({ entries: 10_000, ageMs: 60 * minuteMs })
  readonly #placeholders = new BoundedCache({ entries: 2_000, ageMs: 60 * minuteMs })
  readonly #calls = new BoundedCache({ entries: 500, ageMs: 5 * minuteMs })
  readonly #groups = new GroupCache(this.#backlog)
  readonly #doubted = new BoundedCache({ entries: 10_000, ageMs: doubtEveryMs })
  #identity = ''

  constructor() {
    this.forSocket = {
      userDevicesCache: this.#devices,
      msgRetryCounterCache: this.#retries,
      placeholderResendCache: this.#placeholders,
      callOfferCache: this.#calls,
      // Each line has a type of its own for it.
      cachedGroupMetadata: (jid) => this.#groups.get(jid) as Promise<never>,
    }
  }

  /** For a socket of these credentials. Those of another identity know nothing of what the former has learned. */
  belongTo(creds: AuthenticationCreds): void {
    const key = read(read(creds, 'signedIdentityKey'), 'public')
    const identity = key instanceof Uint8Array ? Buffer.from(key).toString('base64') : ''
    if (identity !== this.#identity) this.clear()
    this.#identity = identity
  }

  clear(): void {
    for (const cache of [this.#devices, this.#retries, this.#placeholders, this.#calls, this.#doubted]) cache.flushAll()
    this.#groups.clear()
  }

  /** Sessions were set aside: what could not be read with them may be asked for afresh. */
  sessionsSetAside(): void {
    this.#retries.flushAll()
  }

  /** Listens for changes of what is kept, from the first word of a socket on; returns the unsubscribe function. */
  follow(socket: BaileysSocket, own: () => readonly (string | undefined)[]): () => void {
    const { ws, ev } = socket
    this.#backlog.begin()
    this.#groups.connected(async (jid) => (await socket.groupMetadata?.(jid)) as GroupMetadata | undefined)
    // Whoever shows the cache that it was given keeps the lists in it up to date by itself: Baileys 7 since one of its
    // later candidates.
    const keepsUp = read(socket, 'userDevicesCache') === this.#devices
    const heard: readonly (readonly [event: string, take: (node: unknown) => void])[] = [
      ['CB:notification', (node) => this.#notified(node, own(), keepsUp)],
      ['CB:ack,class:message', (node) => this.#acknowledged(read(node, 'attrs'), own())],
      ['CB:iq', (node) => this.#answered(node)],
      ['CB:ib,,offline', () => this.#backlog.arrived()],
    ]
    const listeners = heard.map(([event, take]) => [event, guarded(take)] as const)
    for (const [event, take] of listeners) ws.on(event, take)
    const offs = (['groups.upsert', 'groups.update', 'group-participants.update'] as const).map((event) =>
      listen(
        ev,
        event,
        guarded((groups) => {
          for (const group of Array.isArray(groups) ? groups : [groups]) this.#groupMoved(read(group, 'id'))
        }),
      ),
    )
    return () => {
      for (const [event, take] of listeners) ws.off(event, take)
      for (const off of offs) off()
      this.#backlog.end()
      this.#groups.disconnected()
    }
  }

  #notified(node: unknown, own: readonly (string | undefined)[], keepsUp: boolean): void {
    const attrs = read(node, 'attrs')
    if (read(attrs, 'type') === 'w:gp2') this.#groupMoved(read(attrs, 'from'))
    const news = deviceNewsIn(node, own)
    // While a backlog comes, it is long before Baileys gets to it.
    const isLeft = (user: string) => keepsUp && this.#backlog.isIn && news?.named.includes(user)
    for (const user of news?.users ?? []) if (!isLeft(user)) this.#devices.del(user)
  }

  /** Whatever was asked of a group may have changed it; not so the question how it is. */
  #answered(node: unknown): void {
    if (list(read(node, 'content')).every((child) => read(child, 'tag') !== 'group'))
      this.#groupMoved(read(read(node, 'attrs'), 'from'))
  }

  /**
   * A hash of those who have got a message says that they are not all: some device is missing, of theirs or of ours.
   */
  #acknowledged(attrs: unknown, own: readonly (string | undefined)[]): void {
    const from = read(attrs, 'from')
    if (read(attrs, 'phash') === undefined || typeof from !== 'string') return
    const members = from.endsWith('@g.us') ? this.#groups.membersOf(from) : [from]
    this.#groupMoved(from)
    const users = members && usersOf([...members, ...own])
    for (const user of users ?? [everybody]) {
      if (this.#doubted.get(user)) continue
      this.#doubted.set(user, true)
      if (user === everybody) this.#devices.flushAll()
      else this.#devices.del(user)
    }
  }

  #groupMoved(jid: unknown): void {
    if (typeof jid === 'string') this.#groups.drop(jid)
  }
}

/** Runs inside Baileys' own handlers: what it stumbles over must not reach them. */
function guarded(take: (what: unknown) => void): (what: unknown) => void {
  return (what) => {
    try {
      take(what)
    } catch {
      // What cannot be read says nothing.
    }
  }
}
