import { fileURLToPath } from 'node:url'
import type { SocketEvents } from './socket.ts'

/**
 * Whose code a stack leads through. `runtime`: Node itself, and what has no place. `library`: a package that Baileys or
 * this one stands on. `bundle`: a file that Baileys shares with whatever a bundler has put beside it. `own`: this
 * package. `app`: everybody else.
 */
export type CodeOwner = 'runtime' | 'baileys' | 'library' | 'bundle' | 'own' | 'app'

export interface Frame {
  readonly owner: CodeOwner
  /** File, line and column, or what stands in their place. */
  readonly place: string
}

const baileysPackages: ReadonlySet<string> = new Set([
  ...['@whiskeysockets/baileys', 'baileys', 'libsignal', '@whiskeysockets/libsignal-node', 'libsignal-node'],
  'whatsapp-rust-bridge',
])

/** What Baileys, libsignal and this package call, and what calls them back: says nothing of whose work it is. */
const libraries: ReadonlySet<string> = new Set([
  ...[
    '@hapi/boom',
    '@hapi/hoek',
    'async-mutex',
    'axios',
    'curve25519-js',
    'eventemitter3',
    'hookified',
    'keyv',
    'long',
  ],
  ...[
    'cacheable',
    'lru-cache',
    'music-metadata',
    'node-cache',
    'p-queue',
    'p-timeout',
    'pino',
    'protobufjs',
    'tslib',
    'ws',
  ],
  ...['lmdb', 'pg', 'pg-pool', 'pg-protocol', 'xstate'],
])
const libraryScopes = /^@(?:cacheable|keyv|protobufjs)\//

/** Parts of this package that stand for a gateway, or for WhatsApp: their faults are theirs. */
const stagehands = /^(?:(?:dist\/)?src\/rehearsal\/|lib\/rehearsal-)/
const ownFolders = /^(?:(?:dist\/)?(?:src|machines)|lib)\//
/** Where this package lies, be it its sources, compiled or packed. */
const ownRoot = slashed(fileURLToPath(import.meta.url)).replace(/(?:(?:dist\/)?src\/baileys|lib)\/[^/]*$/, '')

/** Bun has no file for what is built into it, `ws` among it, and Node none for what waits in `Promise.all`. */
const runtimePlaces =
  /^(?:(?:node|bun|ext|wasm|native|internal):|internal\/|(?:native|unknown|ws|<anonymous>|index \d+)$)/

/** Folders in which a copy of Baileys lies: an alias, a fork, a checkout. */
const learnedFolders = new Set<string>()
/** Files that a bundler has put Baileys into. */
const learnedBundles = new Set<string>()

/**
 * The frames of a stack, innermost first. `message` is what the error says: a text of a server's must not be taken for
 * a frame.
 */
export function framesOf(stack: string, message = ''): readonly Frame[] {
  const at = stack.indexOf(message)
  return stack
    .slice(at < 0 ? 0 : at + message.length)
    .split('\n')
    .flatMap((line) => {
      const [, place] = /^\s*at (?:async )?(.+)$/.exec(line) ?? []
      return place === undefined ? [] : [frameAt(place)]
    })
}

/**
 * Learns where the Baileys lies that made a socket: its emitter is asked to call a listener, and the stack of that call
 * leads through it. No event of Baileys' is told by this.
 */
export function learnBaileys(ev: Pick<SocketEvents, 'on' | 'off'>): void {
  let stack: string | undefined
  const look = () => {
    stack ??= new Error('here').stack
  }
  try {
    // An emitter of Node's tells this of itself, to those who ask.
    ev.on('newListener', look as never)
    ev.on('lifeline', look as never)
    ev.off('lifeline', look as never)
    ev.off('newListener', look as never)
  } catch {
    return
  }
  // Innermost is this file; after Node's emitter comes whoever wraps it.
  const caller = framesOf(stack ?? '', 'here').find(({ owner }) => owner === 'app' || owner === 'baileys')
  if (caller?.owner === 'app') learn(caller.place.replace(/:\d+:\d+$/, ''))
}

function learn(path: string): void {
  const folder = packageFolder(path) ?? /^(.*\/)(?:lib|src|dist)\/Utils\/event-buffer\.[cm]?[jt]s$/.exec(path)?.[1]
  if (folder === undefined) learnedBundles.add(path)
  else learnedFolders.add(folder)
}

/**
 * `foo (/path/file.js:1:2)`, `/path/file.js:1:2`, `new Promise (<anonymous>)`,
 * `eval (eval at foo (/path/file.js:1:2), <anonymous>:1:1)`.
 */
function frameAt(text: string): Frame {
  const inner = / \((.*)\)$/.exec(text)?.[1] ?? text
  const evaluated = /\((?!eval at )([^()]+)\)/.exec(inner)?.[1]
  const place = placeOf(inner.startsWith('eval at ') && evaluated !== undefined ? evaluated : inner)
  return { place, owner: ownerOf(place.replace(/:\d+:\d+$/, '')) }
}

function placeOf(location: string): string {
  if (!location.startsWith('file:')) return slashed(location)
  try {
    const [, url = location, position = ''] = /^(.*?)((?::\d+){0,2})$/.exec(location) ?? []
    return slashed(fileURLToPath(url)) + position
  } catch {
    return location
  }
}

function ownerOf(path: string): CodeOwner {
  if (runtimePlaces.test(path)) return 'runtime'
  for (const folder of learnedFolders) if (path.startsWith(folder)) return 'baileys'
  if (learnedBundles.has(path)) return 'bundle'
  const name = packageName(path)
  if (name === undefined) return ownOrApp(path)
  if (baileysPackages.has(name)) return 'baileys'
  if (libraries.has(name) || libraryScopes.test(name)) return 'library'
  return ownOrApp(path)
}

function ownOrApp(path: string): CodeOwner {
  if (!path.startsWith(ownRoot)) return 'app'
  const inside = path.slice(ownRoot.length)
  return ownFolders.test(inside) && !stagehands.test(inside) ? 'own' : 'app'
}

/** The innermost `node_modules` counts: stores of package managers nest them. */
const inPackage = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/)/

function packageName(path: string): string | undefined {
  return inPackage.exec(path)?.[2]
}

function packageFolder(path: string): string | undefined {
  return inPackage.exec(path)?.[1]
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/')
}
