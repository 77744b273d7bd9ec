import { randomBytes } from 'node:crypto'
import { LockedError } from '../../errors/errors.ts'
import type { OwnerLock } from '../ownership.ts'
import type { Processes } from '../process-identity.ts'
import { answeredTooLate, within } from './connection.ts'
import type { PostgresDatabase } from './database.ts'
import { databaseError } from './failure.ts'
import type { Claimed, ClaimedLease, Contender, Lease } from './lease.ts'
import type { LossReason } from './lease-keeper.ts'

/** How long giving a lease back may take, in milliseconds: with a database that does not answer it ends by itself. */
const releaseMs = 1_500

export interface LeaseLockParts {
  readonly database: PostgresDatabase
  readonly account: string
  readonly location: string
  readonly processes: Processes
}

/** An account's lease in the place of a folder's lock. */
export class LeaseLock implements OwnerLock {
  readonly #parts: LeaseLockParts
  readonly #contender: Contender
  readonly #listeners = new Set<(reason: LossReason) => void>()
  #lease: ClaimedLease | undefined
  #lose: (reason: LossReason) => void = () => undefined
  #heir: string | null = null

  constructor(parts: LeaseLockParts) {
    this.#parts = parts
    const token = randomBytes(12).toString('hex')
    this.#contender = { token, host: parts.database.host, identity: parts.processes.self() }
  }

  get held(): boolean {
    return this.#lease !== undefined
  }

  get lease(): ClaimedLease | undefined {
    return this.#lease
  }

  /** Told at once when the lease is lost; not when it is given back. */
  onLost(listener: (reason: LossReason) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async acquire(onLost: () => void): Promise<void> {
    const { account, database } = this.#parts
    const goodFrom = database.clock.now()
    const claimed = await this.#claim()
    if (claimed.kind === 'held') throw this.#refusal(claimed.by)
    const { lease } = claimed
    this.#lease = lease
    this.#heir = null
    this.#lose = (reason) => {
      if (this.#lease !== lease) return
      this.#lease = undefined
      onLost()
      for (const listener of [...this.#listeners]) listener(reason)
    }
    database.keeper.keep({ ...lease, onLost: this.#lose }, goodFrom)
    if (database.keeper.leftMs(account) > 0) return
    await this.release()
    throw databaseError(this.#parts.location, 'claiming the account', answeredTooLate())
  }

  async owned(): Promise<boolean> {
    const lease = this.#lease
    if (!lease) return false
    const found = await this.#parts.database.leases.look(lease)
    return found === 'ours' && this.#lease === lease
  }

  async release(): Promise<void> {
    const lease = this.#lease
    if (!lease) return
    const { account, database } = this.#parts
    this.#lease = undefined
    database.keeper.drop(account)
    await within(releaseMs, () => database.leases.release(lease, this.#heir)).catch(() => undefined)
  }

  /** The next release keeps the account for that host. */
  handTo(host: string): void {
    this.#heir = host
  }

  /** The database refused a write: whatever is open is shut at once. */
  lost(reason: LossReason): void {
    const { account, database } = this.#parts
    if (!this.#lease) return
    database.keeper.drop(account)
    this.#lose(reason)
  }

  /** An owner whose process is known to be gone is not waited for. */
  async #claim(): Promise<Claimed> {
    const { account, database, processes } = this.#parts
    const claimed = await database.leases.claim(account, this.#contender)
    if (claimed.kind === 'claimed') return claimed
    const { owner, epoch } = claimed.by
    const gone = owner?.identity !== undefined && processes.stateOf(owner.identity) === 'gone'
    return gone ? database.leases.claim(account, this.#contender, epoch) : claimed
  }

  #refusal({ owner, expiresInMs, heir }: Lease): LockedError {
    const freeInMs = owner ? expiresInMs : (heir?.keptForMs ?? 0)
    const seconds = Math.max(1, Math.ceil(freeInMs / 1000))
    const identity = owner?.identity
    const lives = identity !== undefined && this.#parts.processes.stateOf(identity) === 'alive'
    return new LockedError(
      this.#parts.location,
      { pid: identity?.pid, host: owner?.host ?? heir?.host },
      lives ? undefined : Date.now() + freeInMs,
      owner
        ? `Stop that process. If it is gone already, the account is free in ${seconds} s.`
        : `The account was handed to host ${heir?.host ?? '(unknown)'}; if that one does not take it, it is free in ${seconds} s.`,
    )
  }
}
