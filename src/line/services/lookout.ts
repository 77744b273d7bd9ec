import { connect, type Socket } from 'node:net'
import type { ServerAddress } from '../../baileys/server-address.ts'

/** A server that has not answered by then is out of reach. */
const lookTimeoutMs = 5_000
/** Between two accounts that are told: hundreds that come back together would only wait for each other's handshakes. */
const apartMs = 20

interface Follower {
  /** The server was out of reach while this one waited. */
  wasAway: boolean
  readonly tell: () => void
}

/**
 * Looks whether a server that was out of reach answers again, by a TCP connection that says nothing: one for all
 * accounts of the process that wait for the same server.
 */
class Lookout {
  readonly #server: ServerAddress
  readonly #followers = new Set<Follower>()
  readonly #due: Follower[] = []
  #isTelling = false
  #timer: NodeJS.Timeout | undefined
  #look: Socket | undefined
  #everyMs = 0

  constructor(server: ServerAddress) {
    this.#server = server
  }

  get isIdle(): boolean {
    return this.#followers.size === 0
  }

  follow(follower: Follower, everyMs: number): void {
    this.#followers.add(follower)
    this.#everyMs = this.#everyMs === 0 ? everyMs : Math.min(this.#everyMs, everyMs)
    if (this.#timer === undefined && this.#look === undefined) this.#again()
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower)
    if (!this.isIdle) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#look?.destroy()
    this.#look = undefined
  }

  #again(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#connect()
    }, this.#everyMs).unref()
  }

  #connect(): void {
    const look = connect({ ...this.#server, timeout: lookTimeoutMs }).unref()
    this.#look = look
    const over = (isThere: boolean) => {
      look.destroy()
      if (this.#look !== look) return
      this.#look = undefined
      if (isThere) this.#tellAll()
      else for (const follower of this.#followers) follower.wasAway = true
      if (!this.isIdle) this.#again()
    }
    look.on('connect', () => over(true))
    look.on('timeout', () => over(false))
    look.on('error', () => over(false))
  }

  #tellAll(): void {
    for (const follower of this.#followers) {
      if (!follower.wasAway || this.#due.includes(follower)) continue
      this.#due.push(follower)
    }
    if (!this.#isTelling) this.#tellNext()
  }

  #tellNext(): void {
    let next = this.#due.shift()
    while (next && !this.#followers.has(next)) next = this.#due.shift()
    this.#isTelling = next !== undefined
    if (!next) return
    next.wasAway = false
    next.tell()
    setTimeout(() => this.#tellNext(), apartMs).unref()
  }
}

const lookouts = new Map<string, Lookout>()

/**
 * Calls `tell` when the server can be reached again after it was out of reach, which it is now if `isAway`; returns a
 * function that ends the watch. Looks every `everyMs`.
 */
export function watchForServer(
  server: ServerAddress,
  { isAway, everyMs, tell }: { readonly isAway: boolean; readonly everyMs: number; readonly tell: () => void },
): () => void {
  const key = `${server.host} ${server.port}`
  const lookout = lookouts.get(key) ?? new Lookout(server)
  lookouts.set(key, lookout)
  const follower = { wasAway: isAway, tell }
  lookout.follow(follower, everyMs)
  return () => {
    lookout.leave(follower)
    if (lookout.isIdle) lookouts.delete(key)
  }
}
