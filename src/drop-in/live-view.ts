import { inspect } from 'node:util'

/**
 * An object that always is what `current` gives at the moment: keys, values, descriptors, JSON and writes. For what a
 * gateway keeps a reference to while the thing itself is replaced. `more` are symbols that it has beside.
 */
export function liveView<T extends object>(
  current: () => T,
  more: Readonly<Record<symbol, unknown>> = {},
  onWrite: () => void = () => undefined,
): T {
  // Node shows the target of a proxy, and not what the proxy answers.
  const target = { [inspect.custom]: () => current() }
  const written = (done: boolean): boolean => {
    if (done) onWrite()
    return done
  }
  const isMore = (name: string | symbol): name is symbol => typeof name === 'symbol' && name in more
  return new Proxy(target as object, {
    get: (_, name) => (isMore(name) ? more[name] : Reflect.get(current(), name)),
    has: (_, name) => isMore(name) || Reflect.has(current(), name),
    set: (_, name, value) => written(Reflect.set(current(), name, value)),
    deleteProperty: (_, name) => written(Reflect.deleteProperty(current(), name)),
    defineProperty: (_, name, how) => written(Reflect.defineProperty(current(), name, { ...how, configurable: true })),
    ownKeys: () => [...Reflect.ownKeys(current()), ...Object.getOwnPropertySymbols(more)],
    getOwnPropertyDescriptor: (_, name) => {
      const own = isMore(name)
        ? { value: more[name], writable: false, enumerable: true }
        : Reflect.getOwnPropertyDescriptor(current(), name)
      // The target has none of them, so each has to count as configurable.
      return own && { ...own, configurable: true }
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(current()),
  }) as T
}

/**
 * An object whose methods are those of what `current` gives when they are called. Where there is nothing yet, the
 * methods that are named in `awaited` are there all the same, and wait. `nested` are members that are followed in the
 * same way.
 */
export function following<T extends object>(
  current: () => T | undefined,
  awaited: readonly string[],
  wait: () => Promise<T>,
  nested: Readonly<Record<string, object>> = {},
): T {
  const methods = new Map<string | symbol, (...args: unknown[]) => unknown>()
  const methodOf = (name: string | symbol) => {
    let method = methods.get(name)
    if (method === undefined) {
      const call = (on: object, args: unknown[]): unknown => Reflect.apply(Reflect.get(on, name), on, args)
      method = (...args) => {
        const on = current()
        return on === undefined ? wait().then((later) => call(later, args)) : call(on, args)
      }
      methods.set(name, method)
    }
    return method
  }
  const isAwaited = new Set<string | symbol>(awaited)
  return new Proxy({} as T, {
    get: (_, name) => {
      const on = current()
      if (on === undefined) {
        if (typeof name === 'string' && Object.hasOwn(nested, name)) return nested[name]
        return isAwaited.has(name) ? methodOf(name) : undefined
      }
      const value: unknown = Reflect.get(on, name)
      if (typeof value === 'function') return methodOf(name)
      return typeof name === 'string' && value !== undefined && Object.hasOwn(nested, name) ? nested[name] : value
    },
    has: (_, name) => {
      const on = current()
      return on === undefined ? isAwaited.has(name) || name in nested : Reflect.has(on, name)
    },
    set: (_, name, value) => {
      const on = current()
      return on !== undefined && Reflect.set(on, name, value)
    },
    ownKeys: () => Reflect.ownKeys(current() ?? {}),
    getOwnPropertyDescriptor: (_, name) => {
      const own = Reflect.getOwnPropertyDescriptor(current() ?? {}, name)
      return own && { ...own, configurable: true }
    },
  })
}
