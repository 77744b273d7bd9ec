import { read } from '../errors/error-chain.ts'
import type { SocketTransport } from './socket.ts'

export type Listener = (...args: unknown[]) => unknown

/** A transport that tells who listens to it, as Node's EventEmitter does; a fork's may not. */
export interface ListenerLists extends SocketTransport {
  emit: (event: string, ...args: unknown[]) => boolean
  eventNames(): readonly (string | symbol)[]
  rawListeners(event: string): readonly Listener[]
  removeAllListeners(event: string): unknown
}

const methods: readonly (keyof ListenerLists)[] = ['emit', 'eventNames', 'rawListeners', 'removeAllListeners']

/** Without these a transport is left as it is. */
export const hasListenerLists = (ws: SocketTransport): ws is ListenerLists =>
  methods.every((name) => typeof read(ws, name) === 'function')
