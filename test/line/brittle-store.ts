import { AuthStoreError, type AuthStoreErrorCode } from '../../src/errors/errors.ts'
import { type AuthStore, fileAuthStore } from '../../src/index.ts'
import { storeWith } from './stores.ts'

type Opening = 'open' | 'openStaging' | 'resumeStaging'

/** A real folder of which one step fails when it is told to. */
export class BrittleStore {
  readonly store: AuthStore
  readonly #failing = new Map<string, AuthStoreErrorCode>()
  #stuck = 0
  #lost: () => void = () => undefined

  constructor(folder: string) {
    const store = fileAuthStore(folder)
    const step = <A extends unknown[], R>(name: string, real: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        const code = this.#failing.get(name)
        this.#failing.delete(name)
        if (code !== undefined) throw new AuthStoreError(code, `${name} was made to fail`, 'Nothing.')
        return real.apply(store, args)
      }
    }
    const opening = (name: Opening) =>
      step(name, async () => {
        const opened = await store[name]()
        return { ...opened, fence: () => this.#fence(opened.fence) }
      })
    this.store = storeWith(store, {
      open: opening('open'),
      openStaging: opening('openStaging'),
      resumeStaging: opening('resumeStaging'),
      inspect: step('inspect', store.inspect),
      quarantine: step('quarantine', store.quarantine),
      copyAside: step('copyAside', store.copyAside),
      promoteStaging: step('promoteStaging', store.promoteStaging),
      ...(store.discardStaging && { discardStaging: step('discardStaging', store.discardStaging) }),
      onLost: (told) => {
        this.#lost = told
        return store.onLost?.(told) ?? (() => undefined)
      },
    })
  }

  /** The next call of that method fails. */
  fails(method: keyof AuthStore, code: AuthStoreErrorCode): void {
    this.#failing.set(method, code)
  }

  /** The next fence cannot be shut. */
  sticks(): void {
    this.#stuck = 1
  }

  /** Another owner has the account, as the heartbeat of the lock would tell. */
  lose(): void {
    this.#lost()
  }

  async #fence(shut: () => Promise<void>): Promise<void> {
    if (this.#stuck === 0) return shut()
    this.#stuck -= 1
    throw new Error('the fence is stuck')
  }
}
