import { nameOf } from './entry.ts'
import { say, seen } from './seen.ts'

type Call = (...args: never[]) => unknown

/** What is put in the place of Baileys' own. */
export interface Supervised {
  readonly makeWASocket: Call
  readonly useMultiFileAuthState: Call
  readonly makeCacheableSignalKeyStore: Call
  readonly default: unknown
}

const ours = new WeakSet<Call>()

/**
 * The three functions of a Baileys that is being imported. Nothing of the supervision is loaded before the program
 * opens an auth folder. A Baileys that cannot be supervised is told once, and left as it is.
 */
export function superviseImported(namespace: object, url: string): Supervised {
  const at = (name: string): unknown => Reflect.get(namespace, name)
  const inner: unknown = at('default')
  const make = [at('makeWASocket'), inner, Reflect.get(Object(inner), 'default')].find(isCall)
  const originals = {
    makeWASocket: make as Call,
    useMultiFileAuthState: at('useMultiFileAuthState') as Call,
    makeCacheableSignalKeyStore: at('makeCacheableSignalKeyStore') as Call,
  }
  // What another module hands on of ours.
  if (ours.has(originals.useMultiFileAuthState)) return { ...originals, default: inner }
  const name = nameOf(url)
  const why = missing(originals)
  if (why !== undefined) {
    if (!seen().refused.has(url)) say(`${name} is not supervised: ${why}.`)
    seen().refused.set(url, why)
    return { ...originals, default: inner }
  }
  seen().hooked.add(url)

  let loaded: Record<keyof typeof originals, Call> | undefined
  let loading: Promise<Record<keyof typeof originals, Call>> | undefined
  const load = () => {
    loading ??= import('./runtime.ts').then(async ({ superviseHere }) => {
      loaded = (await superviseHere({ ...namespace, makeWASocket: make }, url)) as typeof loaded & object
      return loaded
    })
    return loading
  }
  // Before a folder was opened nothing can be ours.
  const lazy = (name: keyof typeof originals) =>
    own((...args) => Reflect.apply((loaded ?? originals)[name], undefined, args))
  const makeWASocket = lazy('makeWASocket')
  const functions = {
    makeWASocket,
    makeCacheableSignalKeyStore: lazy('makeCacheableSignalKeyStore'),
    useMultiFileAuthState: own(async (...args) => Reflect.apply((await load()).useMultiFileAuthState, undefined, args)),
  }
  // A CommonJS module is its own default when it is imported, with Baileys' own default within.
  const isFunction = isCall(inner)
  return {
    ...functions,
    default:
      isFunction || inner === undefined ? makeWASocket : { ...Object(inner), ...functions, default: makeWASocket },
  }
}

/** The same exports as an object, for those who `require`. */
export function superviseRequired(exports: object, url: string): object {
  const { default: _, ...functions } = superviseImported(exports, url)
  if (!seen().hooked.has(url)) return exports
  if (typeof exports === 'function') return Object.assign(functions.makeWASocket, exports, functions)
  return { ...exports, ...functions, default: functions.makeWASocket }
}

const isCall = (value: unknown): value is Call => typeof value === 'function'

function own(call: (...args: unknown[]) => unknown): Call {
  ours.add(call)
  return call
}

function missing(functions: Record<string, unknown>): string | undefined {
  const names = Object.keys(functions).filter((name) => !isCall(functions[name]))
  return names.length > 0 ? `it has no ${names.join(', ')}` : undefined
}
