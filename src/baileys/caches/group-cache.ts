import { LRUCache } from 'lru-cache'
import type { GroupMetadata } from '../baileys-types.ts'
import type { Backlog } from './backlog.ts'

/**
 * How old what is known of a group may be, should the word of a change get lost. As long as in the example of Baileys'
 * own README.
 */
const ageMs = 300_000
/** Members of all groups together; about 10 MB. */
const mostMembers = 50_000

interface Kept {
  readonly metadata: GroupMetadata
  /** The connection over which it came. */
  readonly connection: number
}

type AskGroup = (jid: string) => Promise<GroupMetadata | undefined>

/**
 * What the server said of groups, for sending to them without asking again. Whoever is missing in it goes without the
 * key for the group, so what is known of a group is dropped with the first word of a change; and what came over an
 * earlier connection counts again only when the backlog has arrived, which is waited for a moment.
 */
export class GroupCache {
  #kept: LRUCache<string, Kept> | undefined
  readonly #asking = new Map<string, Promise<GroupMetadata | undefined>>()
  readonly #backlog: Backlog
  #ask: AskGroup | undefined

  constructor(backlog: Backlog) {
    this.#backlog = backlog
  }

  /** A new connection: from now on it is asked. */
  connected(ask: AskGroup): void {
    this.#ask = ask
    this.#asking.clear()
  }

  disconnected(): void {
    this.#ask = undefined
    this.#asking.clear()
  }

  /** Undefined if it is not known and the server does not tell: whoever wants it asks by itself then, and hears why. */
  async get(jid: string): Promise<GroupMetadata | undefined> {
    if (this.#kept?.has(jid) && !this.#known(jid)) await this.#backlog.arrival()
    return this.#known(jid) ?? this.#asking.get(jid) ?? this.#asked(jid)
  }

  /** Its members' names as they are known; undefined if they are not. */
  membersOf(jid: string): readonly string[] | undefined {
    return this.#kept?.peek(jid)?.metadata.participants.map(({ id }) => id)
  }

  /** Something about it has changed, or may have. */
  drop(jid: string): void {
    this.#kept?.delete(jid)
    this.#asking.delete(jid)
  }

  clear(): void {
    this.#kept?.clear()
    this.#asking.clear()
  }

  #known(jid: string): GroupMetadata | undefined {
    const kept = this.#kept?.get(jid)
    return kept && (this.#backlog.isIn || kept.connection === this.#backlog.connection) ? kept.metadata : undefined
  }

  #asked(jid: string): Promise<GroupMetadata | undefined> {
    const [ask, { connection }] = [this.#ask, this.#backlog]
    if (!ask) return Promise.resolve(undefined)
    const asking: Promise<GroupMetadata | undefined> = ask(jid).then(
      (metadata) => {
        if (!metadata || !Array.isArray(metadata.participants)) return undefined
        // Dropped meanwhile: it may have been said before the change.
        if (this.#asking.get(jid) === asking) this.#keep(jid, { metadata, connection })
        return metadata
      },
      () => undefined,
    )
    this.#asking.set(jid, asking)
    void asking.then(() => {
      if (this.#asking.get(jid) === asking) this.#asking.delete(jid)
    })
    return asking
  }

  #keep(jid: string, kept: Kept): void {
    this.#kept ??= new LRUCache({
      maxSize: mostMembers,
      sizeCalculation: ({ metadata }) => metadata.participants.length + 1,
      ttl: ageMs,
      ttlResolution: 0,
      // As it is at the moment: the cache's own took hold of the clock when it was loaded.
      perf: { now: () => performance.now() },
    })
    this.#kept.set(jid, kept)
  }
}
