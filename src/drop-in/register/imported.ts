import { nameOf } from './entry.ts'
import { say, seen } from './seen.ts'

type Call = (...args: never[]) => unknown

interface Functions {
  readonly makeWASocket: Call
  readonly useMultiFileAuthState: Call
  readonly makeCacheableSignalKeyStore: Call
}

/** What is put in the place of Baileys' own. */
export interface Supervised extends Functions {
  readonly default: unknown
}

/** Functions that stand in the place of a Baileys' own. */
const standIns = new WeakSet<Call>()
/** Of each Baileys, by its own `useMultiFileAuthState`: one, for those who import it and for those who require it. */
const made = new WeakMap<Call, Functions>()

/**
 * The three functions of a Baileys that is being imported. Nothing of the supervision is loaded before the program
 * opens an auth folder. A Baileys that cannot be supervised is told once, and left as it is.
 */
export function superviseImported(namespace: object, url: string): Supervised {
  const at = (name: string): unknown => Reflect.get(namespace, name)
  const inner: unknown = at('default')
  const make = [at('makeWASocket'), inner, Reflect.get(Object(inner), 'default')].find(isCall)
  const originals: Functions = {
    makeWASocket: make as Call,
    useMultiFileAuthState: at('useMultiFileAuthState') as Call,
    makeCacheableSignalKeyStore: at('makeCacheableSignalKeyStore') as Call,
  }
  // What another module hands on stands in its place already.
  if (standIns.has(originals.useMultiFileAuthState)) return { ...originals, default: inner }
  const why = missing(originals)
  if (why !== undefined) {
    if (!seen().refused.has(url)) say(`${nameOf(url)} is not supervised: ${why}.`)
    seen().refused.set(url, why)
    return { ...originals, default: inner }
  }
  seen().hooked.add(url)
  const functions = made.get(originals.useMultiFileAuthState) ?? supervised(namespace, originals, url)
  made.set(originals.useMultiFileAuthState, functions)
  // A CommonJS module is its own default when it is imported, with Baileys' own default within.
  const isFunction = isCall(inner)
  const { makeWASocket } = functions
  return {
    ...functions,
    default:
      isFunction || inner === undefined ? makeWASocket : { ...Object(inner), ...functions, default: makeWASocket },
  }
}

/** They load the supervision when the first folder is opened. */
function supervised(namespace: object, originals: Functions, url: string): Functions {
  let loaded: Functions | undefined
  let loading: Promise<Functions> | undefined
  const load = () => {
    loading ??= import('./runtime.ts').then(async ({ superviseHere }) => {
      loaded = (await superviseHere({ ...namespace, makeWASocket: originals.makeWASocket }, url)) as Functions
      return loaded
    })
    return loading
  }
  // Before a folder was opened nothing can have been replaced.
  const lazy = (name: keyof Functions) => own((...args) => Reflect.apply((loaded ?? originals)[name], undefined, args))
  return {
    makeWASocket: lazy('makeWASocket'),
    makeCacheableSignalKeyStore: lazy('makeCacheableSignalKeyStore'),
    useMultiFileAuthState: own(async (...args) => Reflect.apply((await load()).useMultiFileAuthState, undefined, args)),
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
  standIns.add(call)
  return call
}

function missing(functions: object): string | undefined {
  const names = Object.entries(functions).flatMap(([name, value]) => (isCall(value) ? [] : [name]))
  return names.length > 0 ? `it has no ${names.join(', ')}` : undefined
}
