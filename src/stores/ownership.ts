import { AuthStoreError } from '../errors/errors.ts'
import { onDisk } from './disk/disk-error.ts'
import type { OpenAuth } from './store.ts'

/** What is open: it may still write while it is live. */
export interface LiveOpening extends OpenAuth {
  readonly live: boolean
}

/** One owner of an account across processes and hosts: a lock in its folder, or a lease in its database. */
export interface OwnerLock {
  readonly held: boolean
  /** Rejects with `LockedError` while another has it. `onLost` is called once if it turns out to be another's. */
  acquire(onLost: () => void): Promise<void>
  /** Looks at the medium: is it still ours? */
  owned(): Promise<boolean>
  release(): Promise<void>
}

/** Who may do what, and when: the lock of the account, what is open in it, and one step at a time. */
export class Ownership {
  readonly #location: string
  readonly #lock: OwnerLock
  readonly #losers = new Set<() => void>()
  #openings: readonly LiveOpening[] = []
  #turn: Promise<unknown> = Promise.resolve()

  constructor(location: string, lock: OwnerLock) {
    this.#location = location
    this.#lock = lock
  }

  /** `before` makes the place for the lock; `after` has to succeed, or the lock is given back. */
  acquire(before: () => Promise<void>, after: () => Promise<void>): Promise<void> {
    return this.#alone('taking the lock', async () => {
      if (this.#lock.held) {
        if (await this.#lock.owned()) return
        // Another owner took it since the last heartbeat: what is open is shut, and the lock is asked for like
        // anybody's.
        this.#lost()
        await this.#lock.release()
      }
      await before()
      await this.#lock.acquire(() => this.#lost())
      try {
        await after()
      } catch (error) {
        await this.#lock.release().catch(() => undefined)
        throw error
      }
    })
  }

  /** Asks the medium whether the lock is still ours. */
  confirmed(): Promise<boolean> {
    return onDisk(this.#location, 'looking at the lock', () => this.#lock.owned())
  }

  /**
   * Told when the account turns out to be another's, once everything that was open is being fenced. Returns the
   * unsubscribe function.
   */
  onLost(listener: () => void): () => void {
    this.#losers.add(listener)
    return () => this.#losers.delete(listener)
  }

  /** `last` is done when nothing is open any more. */
  release(last: () => Promise<void> = async () => undefined): Promise<void> {
    return this.#alone('releasing the lock', async () => {
      await Promise.all(this.#openings.map((opening) => opening.close()))
      await last()
      await this.#lock.release()
    })
  }

  track(opening: LiveOpening): OpenAuth {
    this.#openings = [...this.#openings.filter((other) => other.live), opening]
    return opening
  }

  /** A step for the owner alone. */
  step<T>(doing: string, step: () => Promise<T>): Promise<T> {
    return this.#alone(doing, () => (this.#lock.held ? step() : Promise.reject(notOwned(this.#location))))
  }

  /**
   * A step that moves files under the feet of whatever is open, so nothing may be; the lock is looked at on the medium
   * first.
   */
  closedStep<T>(doing: string, step: () => Promise<T>): Promise<T> {
    return this.step(doing, async () => {
      this.#openings = this.#openings.filter((opening) => opening.live)
      if (this.#openings.length > 0) throw stillOpen(this.#location, doing)
      if (!(await this.#lock.owned())) throw notOwned(this.#location)
      return step()
    })
  }

  /** None sees the folder in the middle of another's step. */
  #alone<T>(doing: string, step: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(() => onDisk(this.#location, doing, step))
    this.#turn = done.catch(() => undefined)
    return done
  }

  #lost(): void {
    for (const opening of this.#openings) void opening.fence()
    for (const listener of [...this.#losers]) listener()
  }
}

const notOwned = (location: string) =>
  new AuthStoreError(
    'AUTH_STORE_NOT_OWNED',
    `${location} is not owned by this store. Nothing was changed.`,
    'Call acquire() first; if it was called, another owner has taken the account over.',
  )

const stillOpen = (location: string, doing: string) =>
  new AuthStoreError(
    'AUTH_STORE_OPEN',
    `An opening of ${location} may still write, so ${doing} was refused. Nothing was changed.`,
    'Fence or close the opening first.',
  )
