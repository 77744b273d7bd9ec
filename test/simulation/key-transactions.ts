import type { SocketKeys } from '../../src/baileys/socket.ts'
import type { ConnectOptions } from '../../src/index.ts'
import { readSessions, type StoredSession, sessionFile } from './account.ts'
import type { KeyData, Keys } from './socket-world.ts'
import type { Contact, Message } from './whatsapp.ts'

/** Baileys' own: a failed commit is tried ten times, three seconds apart. */
const commitTries = 10
const commitPauseMs = 3_000

interface TransactionParts {
  readonly keys: Keys
  readonly logger: ConnectOptions['logger']
  readonly line: 'v6' | 'v7'
  /** Whether the socket is over and the library has moved on. */
  readonly isLate: () => boolean
  /** A late write was taken. */
  readonly onLate: () => void
  readonly pause: (ms: number) => Promise<void>
}

/**
 * How Baileys reads and writes keys: one transaction after the other, each written when it is through, and again when
 * that fails.
 */
export class KeyTransactions {
  readonly #keys: Keys
  readonly #logger: ConnectOptions['logger']
  readonly #line: 'v6' | 'v7'
  readonly #isLate: () => boolean
  readonly #onLate: () => void
  readonly #pause: (ms: number) => Promise<void>
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ keys, logger, line, isLate, onLate, pause }: TransactionParts) {
    this.#keys = keys
    this.#logger = logger
    this.#line = line
    this.#isLate = isLate
    this.#onLate = onLate
    this.#pause = pause
  }

  /** What libsignal makes of a message and the files that are there: nothing, or the words in which it fails. */
  async decrypt(message: Message): Promise<string | undefined> {
    const { address } = message.contact
    const found = (await this.#keys.get('session', [address]))[address]
    const stored = readSessions(found)
    const poisoned = stored === 'poison' && this.#line === 'v6'
    if (poisoned) return "Cannot read properties of undefined (reading 'registrationId')"
    const sessions = stored === 'poison' ? [] : stored
    const removed: Record<string, null> = {}
    if (message.begins) {
      const { preKey: id } = message.begins
      if (id !== undefined) {
        if (!(await this.#keys.get('pre-key', [String(id)]))[String(id)]) return 'Invalid PreKey ID'
        removed[String(id)] = null
      }
    } else {
      if (sessions.length === 0) return 'No session record'
      const known = sessions.find(({ id }) => id === message.session)
      // Within some ratchet steps a session follows; one that was set back further cannot.
      if (!known || known.turn < message.turn - 8) return 'No matching sessions found for message'
    }
    const now = { id: message.session, turn: message.turn }
    await this.commit({
      session: { [address]: sessionFile([now, ...sessions.filter(({ id }) => id !== now.id)]) },
      'pre-key': removed,
    } as unknown as KeyData)
    return undefined
  }

  /** The store as the library reaches it through the socket. */
  get socketKeys(): SocketKeys {
    return {
      get: (type, ids) => this.#keys.get(type as 'session', ids),
      set: (data) => this.#keys.set(data as KeyData),
      transaction: (work) => this.alone(work),
    }
  }

  storePreKeys(ids: readonly number[]): Promise<void> {
    return this.alone(() => this.commit({ 'pre-key': Object.fromEntries(ids.map((id) => [id, preKey(id)])) }))
  }

  /** Begins a new session with each of them; what was there is archived in the record. */
  async begin(
    contacts: readonly Contact[],
    newId: () => number,
  ): Promise<readonly (readonly [Contact, StoredSession])[]> {
    const begun = contacts.map((contact) => [contact, { id: newId(), turn: 0 }] as const)
    const session: Record<string, object> = {}
    for (const [{ address }, first] of begun) {
      const stored = readSessions((await this.#keys.get('session', [address]))[address])
      session[address] = sessionFile([first, ...(stored === 'poison' ? [] : stored)])
    }
    await this.commit({ session } as unknown as KeyData)
    return begun
  }

  async commit(data: KeyData): Promise<void> {
    for (let tries = commitTries; ; ) {
      const late = this.#isLate()
      try {
        await this.#keys.set(data)
        if (late) this.#onLate()
        return
      } catch (error) {
        if (--tries <= 0) throw error
        this.#logger.warn(`failed to commit mutations, retries left=${tries}`)
        await this.#pause(commitPauseMs)
      }
    }
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

const preKey = (id: number) => ({ private: Buffer.alloc(32, id & 255), public: Buffer.alloc(32, (id >> 8) & 255) })
