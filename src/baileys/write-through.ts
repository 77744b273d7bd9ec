import { read } from '../errors/error-chain.ts'
import type { BaileysSocket, KeyData, SocketKeys } from './socket.ts'
import { isOpen } from './transport-state.ts'

/** As often, and after as long a pause, as Baileys tries its commits by default (`transactionOpts`). */
const mostTries = 10
const pauseMs = 3_000

type Values = Readonly<Record<string, unknown>>

/**
 * Takes the transactions of Baileys 6 out of the way of its writes. All transactions of a socket of version 6 share one
 * list of changes: what is set while the list is being stored is thrown away when that has ended, although the write
 * has resolved. Here a write resolves when the store has it, and a transaction only remembers what was read and written
 * in it, so that nothing is read twice. It holds no lock, so transactions may nest.
 *
 * A write that fails is tried again as Baileys tries its commits, until the connection ends.
 */
export function writeThrough({ authState, ws }: Pick<BaileysSocket, 'authState' | 'ws'>): void {
  const { keys } = authState
  const store: Pick<SocketKeys, 'get' | 'set'> = { get: keys.get.bind(keys), set: keys.set.bind(keys) }
  const seen = new SeenKeys()
  let running = 0

  const write = async (data: KeyData): Promise<void> => {
    for (let triesLeft = mostTries - 1; ; triesLeft -= 1) {
      try {
        await store.set(data)
        return
      } catch (error) {
        if (triesLeft === 0 || isOpen(ws) === false || !(await pause(ws))) throw error
      }
    }
  }
  Object.assign(keys, {
    get: async (type: string, ids: string[]) => {
      if (running === 0) return store.get(type, ids)
      const known = seen.values(type, ids)
      const unseen = ids.filter((id) => !seen.has(type, id))
      if (unseen.length === 0) return known
      const { turn } = seen
      const found = Object(await store.get(type, unseen)) as Values
      seen.found(type, unseen, found, turn)
      return { ...known, ...found }
    },
    set: async (data: KeyData) => {
      reserve(read(authState, 'creds'), data['pre-key'])
      if (running > 0) seen.wrote(data)
      try {
        await write(data)
      } catch (error) {
        seen.forget(data)
        throw error
      }
    },
    isInTransaction: () => running > 0,
    transaction: async <T>(work: () => Promise<T>): Promise<T> => {
      running += 1
      try {
        return await work()
      } finally {
        running -= 1
        if (running === 0) seen.clear()
      }
    },
  })
}

/**
 * A pre-key for one contact is made, or is one that is not uploaded yet. Baileys counts it as given away after it was
 * stored: whoever asks for one meanwhile is given the same id. So it counts from the moment when its write begins. More
 * at once are for the server, and count when that has taken them.
 */
function reserve(creds: unknown, preKeys: Values | undefined): void {
  if (preKeys === undefined || typeof creds !== 'object' || creds === null) return
  const [made, ...more] = Object.entries(preKeys)
  if (more.length > 0 || made?.[1] === null) return
  const [next, first] = [read(creds, 'nextPreKeyId'), read(creds, 'firstUnuploadedPreKeyId')]
  if (typeof next !== 'number' || typeof first !== 'number') return
  const given = made === undefined ? first : Number(made[0])
  if (given !== first || given > next) return
  Object.assign(creds, { nextPreKeyId: Math.max(next, given + 1), firstUnuploadedPreKeyId: given + 1 })
}

/** What was read and written while transactions run. */
class SeenKeys {
  readonly #values = new Map<string, unknown>()
  /** Values of ids that were asked for when nothing is remembered any more. */
  #turn = 0

  get turn(): number {
    return this.#turn
  }

  has(type: string, id: string): boolean {
    return this.#values.has(`${type} ${id}`)
  }

  /** What a read found that was begun at that turn. What was written meanwhile is newer. */
  found(type: string, ids: readonly string[], found: Values, turn: number): void {
    if (turn !== this.#turn) return
    for (const id of ids) if (!this.has(type, id)) this.#values.set(`${type} ${id}`, found[id])
  }

  values(type: string, ids: readonly string[]): Record<string, unknown> {
    const values: Record<string, unknown> = {}
    for (const id of ids) {
      const value = this.#values.get(`${type} ${id}`)
      if (value) values[id] = value
    }
    return values
  }

  wrote(data: KeyData): void {
    for (const [type, values] of Object.entries(data))
      for (const [id, value] of Object.entries(values ?? {})) this.#values.set(`${type} ${id}`, value)
  }

  forget(data: KeyData): void {
    for (const [type, values] of Object.entries(data))
      for (const id of Object.keys(values ?? {})) this.#values.delete(`${type} ${id}`)
  }

  clear(): void {
    this.#turn += 1
    this.#values.clear()
  }
}

/** Whether the connection was still there after the pause; one that ends, ends it. */
function pause(ws: BaileysSocket['ws']): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (open: boolean) => {
      clearTimeout(timer)
      ws.off('close', closed)
      resolve(open)
    }
    const closed = () => end(false)
    const timer = setTimeout(() => end(isOpen(ws) !== false), pauseMs)
    ws.on('close', closed)
  })
}
