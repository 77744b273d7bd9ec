import { createHmac } from 'node:crypto'
import type { SignalKeyStoreWithTransaction } from '../../baileys/baileys-types.ts'
import { protocol } from './protocol.ts'

/** As its JSON has it. */
interface ChainState {
  readonly senderChainKey: { iteration: number; readonly seed: { data: number[] } }
}

const nextSeed = Buffer.from([2])

const nothing = () => undefined
const silent = {
  level: 'silent',
  child: () => silent,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}

/**
 * The keys with which one device writes in groups, and those with which others do, in memory. The arithmetic is that of
 * the very Baileys that is installed: its repository of keys is the one part of it that is exported and knows groups.
 */
export class SenderKeys {
  readonly #stored = new Map<string, unknown>()
  readonly #repository = protocol().DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
    // Of the credentials nothing is asked for groups.
    { creds: {} as never, keys: this.#keys() },
    silent,
  )

  /** Seals a message for all of a group; `distribution` is what others need to read it and those after it. */
  async encrypt(group: string, own: string, plain: Uint8Array): Promise<{ body: Buffer; distribution: Uint8Array }> {
    const sealed = await this.#repository.encryptGroupMessage({ group, meId: own, data: plain })
    return { body: Buffer.from(sealed.ciphertext), distribution: sealed.senderKeyDistributionMessage }
  }

  /** Throws if the author's key is not known, or does not fit. */
  async decrypt(group: string, author: string, body: Uint8Array): Promise<Buffer> {
    return Buffer.from(await this.#repository.decryptGroupMessage({ group, authorJid: author, msg: body }))
  }

  /** Learns with which key an author writes. */
  learn(group: string, author: string, distribution: Uint8Array): Promise<void> {
    const item = protocol().proto.Message.SenderKeyDistributionMessage.create({
      groupId: group,
      axolotlSenderKeyDistributionMessage: distribution,
    })
    return this.#repository.processSenderKeyDistributionMessage({ item, authorJid: author })
  }

  /** Goes on in its own chain, as after messages that somebody did not hear: Baileys takes two steps for each. */
  advance(group: string, steps: number): void {
    for (const [name, stored] of this.#stored) {
      if (!name.startsWith(`sender-key ${group}::`)) continue
      const states: ChainState[] = JSON.parse(Buffer.from(stored as Uint8Array).toString('utf8'))
      for (const { senderChainKey: chain } of states) {
        let seed: Buffer = Buffer.from(chain.seed.data)
        for (let step = 0; step < steps; step += 1) seed = createHmac('sha256', seed).update(nextSeed).digest()
        chain.seed.data = [...seed]
        chain.iteration += steps
      }
      this.#stored.set(name, Buffer.from(JSON.stringify(states)))
    }
  }

  /** What is stored now; `restore` puts it back, as a member does who restores an old file. */
  snapshot(): ReadonlyMap<string, unknown> {
    return new Map(this.#stored)
  }

  restore(stored: ReadonlyMap<string, unknown>): void {
    this.#stored.clear()
    for (const [name, value] of stored) this.#stored.set(name, value)
  }

  /** Forgets every key of that group, the own one too. */
  forget(group: string): void {
    for (const name of this.#stored.keys()) if (name.startsWith(`sender-key ${group}::`)) this.#stored.delete(name)
  }

  #keys(): SignalKeyStoreWithTransaction {
    return {
      get: async (type, ids) => Object.fromEntries(ids.map((id) => [id, this.#stored.get(`${type} ${id}`)])) as never,
      set: async (data) => {
        for (const [type, values] of Object.entries(data))
          for (const [id, value] of Object.entries(values ?? {})) this.#stored.set(`${type} ${id}`, value)
      },
      isInTransaction: () => false,
      transaction: (work) => work(),
    }
  }
}
