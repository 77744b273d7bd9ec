import { read } from '../errors/error-chain.ts'
import { endingWith, KeyedLock } from './keyed-lock.ts'
import { SessionWork, senderKeyRecord, sessionRecord } from './session-work.ts'
import { isMappable, parseJid, signalAddress } from './signal-address.ts'
import { type LidMapping, type SignalRepository, signalRepositoryOf, wrap } from './signal-repository.ts'
import type { BaileysSocket, KeyData, SocketKeys } from './socket.ts'
import { outside, type TransactionContext, transactionContextOf } from './transaction-context.ts'
import { writeThrough } from './write-through.ts'

/**
 * libsignal runs the work on one address one after the other, for all accounts of the process, and each job in the
 * async context of the one that began the row. Whoever enters here finds the row empty, so each job runs in the context
 * of its own account and its own transaction.
 */
const libsignalRows = new KeyedLock()

/**
 * More new pre-keys at once are a supply, which is uploaded after its transaction; fewer are told to somebody within
 * it.
 */
const mostToldAtOnce = 64

/**
 * Gives every operation on a session, or on a sender key, that record to itself, from reading it until the store has
 * what the operation changed. By itself Baileys lets a send to a contact run while a message of the same contact is
 * read: both begin with the same state of the session, and what the one stores the other overwrites. Then the contact
 * cannot read what comes next (Baileys 6 and 7).
 *
 * Only records are waited for, never a network: what an operation asks of the server (`assertSessions`, group metadata,
 * device lists) is asked outside of it. Undefined, with nothing changed, for a socket that has no transactions or
 * another kind of repository, as forks may. `work` knows from now on what is at work.
 */
export function giveSessionsTurns(socket: BaileysSocket, work = new SessionWork()): SessionTurns | undefined {
  const repository = signalRepositoryOf(socket)
  const { keys } = socket.authState
  if (!repository || typeof keys.transaction !== 'function') return undefined
  const context = transactionContextOf(keys)
  if (!context) writeThrough(socket)
  const renew = async (jid: string) => socket.assertSessions?.([jid], true)
  work.over(socket.ws)
  return new SessionTurns(repository, keys, context, work, renew)
}

export class SessionTurns {
  readonly #repository: SignalRepository
  readonly #keys: SocketKeys
  readonly #store: SocketKeys['set']
  readonly #context: TransactionContext | undefined
  readonly #work: SessionWork
  readonly #records = new KeyedLock()
  /** Whether a session was ever taken away here, from under whoever had looked for it. */
  #forgot = false
  readonly #lids: PinnedLids | undefined

  /** Takes the turns from now on, for everybody who holds these objects. */
  constructor(
    repository: SignalRepository,
    keys: SocketKeys,
    context: TransactionContext | undefined,
    work: SessionWork,
    renew: (jid: string) => Promise<unknown>,
  ) {
    this.#work = work
    this.#repository = repository
    this.#keys = keys
    this.#store = keys.set.bind(keys)
    this.#context = context
    const { lidMapping } = repository
    if (typeof lidMapping?.getLIDForPN === 'function') this.#lids = new PinnedLids(lidMapping)
    wrap(repository, 'encryptMessage', (inner) => (args) => {
      const encrypt = () => this.#onSession(args.jid, () => inner(args))
      return encrypt().catch(async (error: unknown) => {
        if (!this.#tookAway(error)) throw error
        // Baileys had looked whether there is one before it was forgotten.
        await renew(args.jid)
        return encrypt()
      })
    })
    wrap(repository, 'injectE2ESession', (inner) => (args) => this.#onSession(args.jid, () => inner(args)))
    wrap(repository, 'decryptMessage', (inner) => (args) => this.#onSession(args.jid, () => inner(args)))
    for (const name of ['encryptGroupMessage', 'getSenderKeyDistributionMessage'] as const)
      wrap(repository, name, (inner) => (args) => this.#onSenderKey(args.group, args.meId, () => inner(args)))
    wrap(repository, 'decryptGroupMessage', (inner) => (args) => {
      return this.#onSenderKey(args.group, args.authorJid, () => inner(args))
    })
    wrap(repository, 'processSenderKeyDistributionMessage', (inner) => (args) => {
      return this.#onSenderKey(args.item.groupId ?? '', args.authorJid, () => inner(args))
    })
    // They only look. Within a transaction they would leave in it what an operation, which has one of its own, is about
    // to change.
    for (const name of ['validateSession', 'getSessionInfo'] as const)
      wrap(repository, name, (inner) => (jid) => this.#alone(() => inner(jid)))
    wrap(repository, 'deleteSession', (inner) => (jids) => {
      const records = jids.map((jid) => sessionRecord(repository.jidToSignalProtocolAddress(jid)))
      return this.#changing(records, () => inner(jids))
    })
    wrap(repository, 'migrateSession', (inner) => (fromJid, toJid) => this.#migrating(fromJid, toJid, inner))
    keys.set = (data) => this.#set(data)
  }

  /**
   * Waits until nobody is at work on these sessions, runs `first`, and forgets them if that says so. Resolves with what
   * it said.
   */
  forget(addresses: readonly string[], first: () => Promise<boolean>): Promise<boolean> {
    return this.#records.runAll(addresses.map(sessionRecord), async () => {
      const goOn = await first()
      if (goOn && addresses.length > 0) {
        this.#forgot = true
        await this.#store(forgotten(addresses))
      }
      return goOn
    })
  }

  /** By libsignal's words for a session that is not there. */
  #tookAway(error: unknown): boolean {
    return this.#forgot && read(error, 'message') === 'No sessions'
  }

  /**
   * Waits until nobody is at work on these sessions and sender keys, runs `change`, and stores what it resolves with.
   * Resolves with whether there was anything to store.
   */
  exchange(records: readonly string[], change: () => Promise<KeyData | undefined>): Promise<boolean> {
    return this.#records.runAll(records, () =>
      this.#alone(async () => {
        const data = await change()
        if (data) await this.#store(data)
        return data !== undefined
      }),
    )
  }

  async #onSession<T>(jid: string, work: () => Promise<T>): Promise<T> {
    const row = this.#repository.jidToSignalProtocolAddress(jid)
    const lids = isMappable(jid) ? this.#lids : undefined
    if (!lids) return this.#operation(sessionRecord(row), row, work)
    const lid = await lids.pin(jid)
    return endingWith(
      () => {
        const record = lid ? this.#repository.jidToSignalProtocolAddress(lid) : row
        return this.#operation(sessionRecord(record), row, work)
      },
      () => lids.unpin(jid),
    )
  }

  #onSenderKey<T>(group: string, author: string, work: () => Promise<T>): Promise<T> {
    const record = senderKeyRecord(group, this.#repository.jidToSignalProtocolAddress(author))
    return this.#operation(record, record, work)
  }

  #operation<T>(record: string, row: string, work: () => Promise<T>): Promise<T> {
    return this.#changing([record], () => libsignalRows.run(row, work))
  }

  /** Version 7 has a transaction for each change; version 6 writes at once. */
  #changing<T>(records: readonly string[], work: () => Promise<T>): Promise<T> {
    const transaction = this.#keys.transaction?.bind(this.#keys)
    const change = !this.#context || !transaction ? work : () => transaction(work, records.join())
    return this.#records.runAll(records, () => {
      this.#work.begin(records)
      return endingWith(
        () => this.#alone(change),
        () => this.#work.end(records),
      )
    })
  }

  #alone<T>(work: () => T): T {
    return this.#context ? outside(this.#context, work) : work()
  }

  async #migrating(
    fromJid: string,
    toJid: string,
    migrate: NonNullable<SignalRepository['migrateSession']>,
  ): Promise<unknown> {
    const from = parseJid(fromJid)
    const to = parseJid(toJid)
    if (!from || !to) return migrate(fromJid, toJid)
    const devices: unknown = read(await this.#keys.get('device-list', [from.user]), from.user)
    // Nothing is moved then.
    if (!Array.isArray(devices)) return migrate(fromJid, toJid)
    const records = [...devices, from.device].flatMap((device) =>
      [from, to].map(({ user, server }) =>
        sessionRecord(this.#repository.jidToSignalProtocolAddress(`${user}:${device}@${server}`)),
      ),
    )
    return this.#changing(records, () => migrate(fromJid, toJid))
  }

  #set(data: KeyData): unknown {
    if (this.#context && this.#keys.isInTransaction?.()) {
      // Its own transaction ends after they were told, and whoever was told may use them sooner.
      return isFewPreKeys(data) ? outside(this.#context, () => this.#store(data)) : this.#store(data)
    }
    // What no operation does, but Baileys between them, and owners: a session is forgotten.
    const addresses = Object.entries(data.session ?? {}).flatMap(([id, value]) => (value === null ? [id] : []))
    // What is written for each message waits for nobody.
    if (addresses.length === 0) return this.#store(data)
    return this.#records.runAll(addresses.map(sessionRecord), async () => this.#store(data))
  }
}

/** What a key store is told to forget sessions. */
export const forgotten = (addresses: readonly string[]): KeyData => ({
  session: Object.fromEntries(addresses.map((address) => [address, null])),
})

function isFewPreKeys({ 'pre-key': preKeys, ...rest }: KeyData): boolean {
  if (preKeys === undefined || Object.keys(rest).length > 0) return false
  const values = Object.values(preKeys)
  return values.length <= mostToldAtOnce && values.every((value) => value !== null)
}

/**
 * Under which address version 7 keeps the session of a phone number must stay the same while an operation reads and
 * stores it, and must not be asked of the server within. So it is asked before, and the answer, also that there is
 * none, holds until the last operation on that number has ended.
 */
class PinnedLids {
  readonly #pinned = new Map<string, { lid: string | null; holders: number }>()
  readonly #ask: LidMapping['getLIDForPN']

  constructor(mapping: LidMapping) {
    this.#ask = mapping.getLIDForPN.bind(mapping)
    wrap(mapping, 'getLIDForPN', (inner) => async (pn) => {
      const pinned = this.#pinned.size === 0 ? undefined : this.#pinned.get(signalAddress(pn, 'v7'))
      return pinned ? pinned.lid : inner(pn)
    })
  }

  async pin(pn: string): Promise<string | null> {
    const row = signalAddress(pn, 'v7')
    // Without an answer the mapping is not known, so nothing can lie under a LID yet.
    const lid = this.#pinned.has(row) ? null : await this.#ask(pn).catch(() => null)
    const pinned = this.#pinned.get(row) ?? { lid, holders: 0 }
    pinned.holders += 1
    this.#pinned.set(row, pinned)
    return pinned.lid
  }

  unpin(pn: string): void {
    const row = signalAddress(pn, 'v7')
    const pinned = this.#pinned.get(row)
    if (!pinned) return
    pinned.holders -= 1
    if (pinned.holders === 0) this.#pinned.delete(row)
  }
}
