import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import type { OwnersLogger } from '../baileys/logger-tap.ts'
import type { BaileysSocket, SocketKeys } from '../baileys/socket.ts'
import { LifelineError } from '../errors/errors.ts'
import type { BaileysParts } from '../stores/codec.ts'

/** What `makeWASocket` is given: the part that the supervision reads. */
export interface SocketConfig {
  readonly auth?: { readonly creds?: unknown; readonly keys?: unknown }
  readonly logger?: OwnersLogger
  readonly [option: string]: unknown
}

export type MakeSocket = (config: SocketConfig) => BaileysSocket

/** Baileys' own buffer of events. */
export interface EventBuffer {
  process(handler: (events: Record<string, unknown>) => void): () => void
  emit(event: string, data: unknown): boolean
  buffer(): void
  flush(): boolean
  isBuffering(): boolean
  createBufferedFunction<A extends unknown[], T>(work: (...args: A) => Promise<T>): (...args: A) => Promise<T>
  /** Version 7 has it. */
  destroy?(): void
}

export type CacheableKeys = (
  keys: Pick<SocketKeys, 'get' | 'set'>,
  logger?: OwnersLogger,
  cache?: unknown,
) => SocketKeys

/**
 * The parts of a Baileys that are taken up here: the namespace of `@whiskeysockets/baileys`, of `baileys` or of a fork,
 * 6.7 or 7.
 */
export interface Baileys extends BaileysParts {
  readonly makeWASocket: MakeSocket
  readonly useMultiFileAuthState: (folder: string) => Promise<MultiFileAuth>
  readonly makeCacheableSignalKeyStore: CacheableKeys
  readonly makeEventBuffer: (logger: OwnersLogger) => EventBuffer
  readonly bindWaitForConnectionUpdate: (ev: {
    on(event: string, listener: unknown): unknown
    off(event: string, listener: unknown): unknown
  }) => (check: (update: unknown) => unknown, timeoutMs?: number) => Promise<void>
  readonly DEFAULT_CONNECTION_CONFIG?: { readonly logger?: OwnersLogger }
  /** 6 and 7 name the test for phone numbers differently. */
  readonly isPnUser?: unknown
}

export interface MultiFileAuth {
  readonly state: { readonly creds: AuthenticationCreds; readonly keys: SocketKeys }
  readonly saveCreds: () => Promise<void>
}

const functions = [
  ...(['useMultiFileAuthState', 'makeCacheableSignalKeyStore', 'makeEventBuffer', 'initAuthCreds'] as const),
  'bindWaitForConnectionUpdate',
] as const

const isFunction = (value: unknown): boolean => typeof value === 'function'

/** What a namespace lacks to be supervised; nothing for both lines of Baileys. */
export function lacks(namespace: object): readonly string[] {
  const has = (name: string): unknown => Reflect.get(namespace, name)
  const missing: string[] = functions.filter((name) => !isFunction(has(name)))
  if (!isFunction(has('makeWASocket')) && !isFunction(has('default'))) missing.unshift('makeWASocket')
  if (typeof has('BufferJSON') !== 'object') missing.push('BufferJSON')
  if (typeof has('proto') !== 'object' && !isFunction(has('proto'))) missing.push('proto')
  return missing
}

/** The namespace as it is used here. Throws `LifelineError` of code `BAILEYS_UNKNOWN` for something else. */
export function baileysIn(namespace: unknown): Baileys {
  if (typeof namespace !== 'object' || namespace === null)
    throw unknown('it is no object', "import * as baileys from '@whiskeysockets/baileys', and give that")
  const missing = lacks(namespace)
  if (missing.length > 0)
    throw unknown(`it has no ${missing.join(', ')}`, 'Give the namespace of Baileys 6.7.18 to 7.x')
  const make: unknown = Reflect.get(namespace, 'makeWASocket') ?? Reflect.get(namespace, 'default')
  return Object.assign(Object.create(null), namespace, { makeWASocket: make }) as Baileys
}

/**
 * Files of one line cannot be shared with the other while both are at work: they keep sessions under different names.
 */
export const lineOf = ({ isPnUser }: Baileys): 'v6' | 'v7' => (isFunction(isPnUser) ? 'v7' : 'v6')

function unknown(why: string, remediation: string): LifelineError {
  return new LifelineError(
    'BAILEYS_UNKNOWN',
    `This is no Baileys that can be supervised: ${why}. Nothing was changed.`,
    `${remediation}.`,
  )
}
