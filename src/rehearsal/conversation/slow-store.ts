import type { AuthenticationState } from '../../baileys/baileys-types.ts'
import type { AuthStore, OpenAuth } from '../../stores/store.ts'

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/**
 * The same state on a medium that takes that many milliseconds more for each write of keys; what is written can be read
 * at once, as from any disk's cache.
 */
export function slowState({ creds, keys }: AuthenticationState, writeMs: number): AuthenticationState {
  if (writeMs === 0) return { creds, keys }
  return {
    creds,
    keys: {
      ...keys,
      get: (type, ids) => keys.get(type, ids),
      set: async (data) => {
        await keys.set(data)
        await pause(writeMs)
      },
    },
  }
}

/** The same store on such a medium. */
export function slowStore(store: AuthStore, writeMs: number): AuthStore {
  const slowed = (opened: OpenAuth): OpenAuth => ({ ...opened, state: slowState(opened.state, writeMs) })
  const openings: Partial<AuthStore> = {
    open: async (options) => slowed(await store.open(options)),
    openStaging: async () => slowed(await store.openStaging()),
    resumeStaging: async () => slowed(await store.resumeStaging()),
  }
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(openings, name) ?? Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
