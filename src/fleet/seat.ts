import type { AuthStore } from '../stores/store.ts'

/** The same store, some of whose steps are taken in another way. */
export const withSteps = (store: AuthStore, steps: Partial<Pick<AuthStore, 'acquire' | 'release'>>): AuthStore =>
  new Proxy(store, {
    get: (target, name) => {
      if (Object.hasOwn(steps, name)) return Reflect.get(steps, name)
      const value: unknown = Reflect.get(target, name)
      // Private fields are the target's own.
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
