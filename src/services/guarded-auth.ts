import type { OpenAuth } from '../auth/store.ts'
import type { DiskWatch } from '../disk-watch.ts'
import { AuthStoreError } from '../errors.ts'

/** Retry of a failed save of creds: first after a second, then doubling up to half a minute. Nobody else would try again. */
const firstRetryMs = 1_000
const lastRetryMs = 30_000

const isDiskError = (error: unknown): boolean => error instanceof AuthStoreError && error.code === 'AUTH_STORE_DISK'

/**
 * The auth that a socket is given: the store's own, with every write watched, so that disk trouble shows in the status.
 * Baileys retries its key transactions itself; a save of creds is retried here until it succeeds or the fence is shut.
 */
export function guardedAuth(auth: OpenAuth, disk: DiskWatch): OpenAuth {
  const { keys } = auth.state
  let shut = false
  let retry: NodeJS.Timeout | undefined

  const watched = async (what: string, write: () => Promise<void>): Promise<void> => {
    try {
      await write()
      disk.well(what)
    } catch (error) {
      if (isDiskError(error)) disk.trouble(what, error)
      throw error
    }
  }
  const saveCreds = (delayMs = firstRetryMs): Promise<void> => {
    clearTimeout(retry)
    return watched('credentials', auth.saveCreds).catch((error: unknown) => {
      if (!shut && isDiskError(error)) {
        clearTimeout(retry)
        retry = setTimeout(() => {
          saveCreds(Math.min(lastRetryMs, delayMs * 2)).catch(() => undefined)
        }, delayMs).unref()
      }
      throw error
    })
  }
  const shutting = <A extends unknown[]>(end: (...args: A) => Promise<void>) => {
    return (...args: A): Promise<void> => {
      shut = true
      clearTimeout(retry)
      return end(...args)
    }
  }
  return {
    state: {
      creds: auth.state.creds,
      keys: { ...keys, set: (data) => watched('keys', async () => keys.set(data)) },
    },
    saveCreds: () => saveCreds(),
    fence: shutting(auth.fence),
    close: shutting(auth.close),
  }
}
