import type { Policy } from '../../../machines/index.ts'
import { trimKeys } from '../../baileys/key-trim.ts'
import { isPromiseLike } from '../../baileys/promise-like.ts'
import type { SessionWork } from '../../baileys/session-work.ts'
import { markStoreFailure } from '../../baileys/stray.ts'
import { AuthStoreError, FencedError } from '../../errors/errors.ts'
import type { OpenAuth } from '../../stores/store.ts'
import type { DiskWatch } from './disk-watch.ts'
import type { Asked, StoreAnswers } from './store-answers.ts'

/**
 * Retry of a failed save of creds: first after a second, then doubling up to half a minute. Nobody else would try
 * again.
 */
const firstRetryMs = 1_000
const lastRetryMs = 30_000

const isDiskError = (error: unknown): boolean => error instanceof AuthStoreError && error.code === 'AUTH_STORE_DISK'

/**
 * The auth that a socket is given: the store's own, with every write watched, so that disk trouble shows in the status.
 * Baileys retries its key transactions itself; a save of creds is retried here until it succeeds or the fence is shut.
 * `onLost` is called when the store shut the fence by itself: another owner has the account now. With `trim`, keys that
 * no message can need any more are left out of what is written; without it, nothing is. `work` knows what nobody will
 * ever use; `answers` ends what the store never answers.
 */
export function guardedAuth(
  auth: OpenAuth,
  disk: DiskWatch,
  onLost: () => void,
  trim?: Policy['trim'] | undefined,
  work?: Pick<SessionWork, 'isInVain'>,
  answers?: StoreAnswers,
): OpenAuth {
  const { keys } = auth.state
  // What an earlier opening could not write went with it; whether this one can, its own writes will tell.
  for (const what of ['credentials', 'keys', 'stored keys']) disk.forget(what)
  let shut = false
  let retry: NodeJS.Timeout | undefined

  const failed = (what: string, error: unknown) => {
    markStoreFailure(error)
    if (isDiskError(error)) disk.trouble(what, error)
    else if (error instanceof FencedError && !shut) onLost()
  }
  const kind = (what: string, asked: Asked) => ({
    asked,
    well: () => disk.well(what),
    failed: (error: unknown) => failed(what, error),
  })
  const credentials = kind('credentials', 'a save of the credentials')
  const written = kind('keys', 'a write of keys')
  const stored = kind('stored keys', 'a read of keys')
  // Several times for each message: one promise more, where the store did not answer at once.
  const watched = <T>(kind: typeof stored, step: () => T | Promise<T>, data?: object): T | Promise<T> => {
    try {
      const result = step()
      if (!isPromiseLike(result)) kind.well()
      else if (answers) return answers.bound(kind.asked, result, kind, data)
      else result.then(kind.well, kind.failed)
      return result
    } catch (error) {
      kind.failed(error)
      throw error
    }
  }
  const saveCreds = async (delayMs = firstRetryMs): Promise<void> => {
    clearTimeout(retry)
    try {
      await watched(credentials, auth.saveCreds)
    } catch (error) {
      if (!shut && isDiskError(error)) {
        clearTimeout(retry)
        retry = setTimeout(() => {
          saveCreds(Math.min(lastRetryMs, delayMs * 2)).catch(() => undefined)
        }, delayMs).unref()
      }
      throw error
    }
  }
  const shutting = <A extends unknown[]>(end: (...args: A) => Promise<void>) => {
    return (...args: A): Promise<void> => {
      shut = true
      clearTimeout(retry)
      disk.forget('credentials')
      answers?.end()
      return end(...args)
    }
  }
  // A write that never ends must not keep the account from its next connection: Baileys alone has one.
  const fence = () => auth.fence(answers?.over())
  return {
    state: {
      creds: auth.state.creds,
      keys: {
        get: (type, ids) => watched(stored, () => keys.get(type, ids)),
        // Baileys 7 would try ten times in half a minute, and the app's `sendMessage` would wait as long to hear that
        // the connection is closed.
        set: (data) =>
          shut && work?.isInVain(data)
            ? undefined
            : watched(written, () => keys.set(trim ? trimKeys(data, trim) : data), data),
        ...(keys.clear ? { clear: () => watched(written, () => keys.clear?.()) } : {}),
      },
    },
    saveCreds: () => saveCreds(),
    ...(auth.keyNames ? { keyNames: auth.keyNames } : {}),
    fence: shutting(fence),
    close: shutting(auth.close),
  }
}
