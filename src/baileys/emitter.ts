import type { BaileysEventEmitter, BaileysEventMap } from './baileys-types.ts'
import { listenAll, type SocketEvents } from './socket.ts'

/** The arguments of Baileys' events by name, as the installed line types them. */
export type LineEventMap = BaileysEventMap
export type LineEvent = keyof LineEventMap

/**
 * `line.ev`: Baileys' events, one emitter across every socket. It is Baileys' `BaileysEventEmitter` with `process` and
 * `once`; what it leaves out (`buffer`, `flush`, `createBufferedFunction`, `isBuffering`) steers the buffer of one
 * socket and has no meaning across several.
 */
export interface LineEvents extends BaileysEventEmitter {
  /** Listens until `off`. */
  on<E extends LineEvent>(event: E, listener: (data: LineEventMap[E]) => void): void
  /** Listens for the next one alone. */
  once<E extends LineEvent>(event: E, listener: (data: LineEventMap[E]) => void): void
  /** Listens no more. */
  off<E extends LineEvent>(event: E, listener: (data: LineEventMap[E]) => void): void
  /** Each batch of events as one map, as Baileys consolidates them; returns the unsubscribe function. */
  process(handler: (events: Partial<LineEventMap>) => void | Promise<void>): () => void
  /** Without an event: every listener and every `process` handler. */
  removeAllListeners<E extends LineEvent>(event?: E): void
  /** To the live socket, which tells it to everybody here; without one, to the listeners here alone. */
  emit<E extends LineEvent>(event: E, data: LineEventMap[E]): boolean
}

export interface StableEmitter {
  readonly ev: LineEvents
  /** Forwards every event of a socket from now on, instead of the one before. */
  attach(events: SocketEvents, generation: number): void
  /** Forwards nothing more. With a generation: only if that is the attached one. */
  detach(generation?: number): void
}

type Listener = (data: never) => unknown
type Handler = (events: never) => unknown

/**
 * An emitter that outlives its sockets. Events of a socket that is no longer attached change nothing. A listener that
 * throws or rejects is told to `onListenerError`, and the others, and Baileys, go on.
 */
export function createStableEmitter(onListenerError: (error: unknown, event: string) => void): StableEmitter {
  const listeners = new Map<string, Listener[]>()
  const handlers = new Set<Handler>()
  let attached: { events: SocketEvents; generation: number; off: () => void } | undefined

  const report = (error: unknown, event: string) => {
    try {
      onListenerError(error, event)
    } catch {
      // Nobody is left to tell.
    }
  }
  const call = (listener: (data: never) => unknown, data: unknown, event: string) => {
    try {
      const result = listener(data as never)
      if (result instanceof Promise) result.catch((error: unknown) => report(error, event))
    } catch (error) {
      report(error, event)
    }
  }
  const deliver = (events: Record<string, unknown>): boolean => {
    let told = handlers.size > 0
    for (const event in events) {
      const those = listeners.get(event)
      if (those === undefined) continue
      for (const listener of those) {
        told = true
        call(listener, events[event], event)
      }
    }
    if (handlers.size > 0) for (const handler of [...handlers]) call(handler, events, 'process')
    return told
  }
  // Lists are replaced, never changed in place, so that a listener may come or go while one is being told.
  const add = (event: string, listener: Listener) => {
    listeners.set(event, [...(listeners.get(event) ?? []), listener])
  }
  const remove = (event: string, matches: (listener: Listener) => boolean) => {
    const current = listeners.get(event) ?? []
    const index = current.findLastIndex(matches)
    if (index >= 0) listeners.set(event, current.toSpliced(index, 1))
  }
  const originals = new WeakMap<Listener, Listener>()

  const ev: LineEvents = {
    on: add,
    once(event, listener) {
      const own: Listener = (data) => {
        remove(event, (candidate) => candidate === own)
        return listener(data)
      }
      originals.set(own, listener)
      add(event, own)
    },
    off: (event, listener) =>
      remove(event, (candidate) => candidate === listener || originals.get(candidate) === listener),
    process(handler) {
      const own: Handler = (events) => handler(events)
      handlers.add(own)
      return () => {
        handlers.delete(own)
      }
    },
    removeAllListeners(event) {
      if (event !== undefined) {
        listeners.delete(event)
        return
      }
      listeners.clear()
      handlers.clear()
    },
    emit: (event, data) => attached?.events.emit(event, data as never) ?? deliver({ [event]: data }),
  }

  const detach = (generation?: number) => {
    if (attached === undefined || (generation !== undefined && attached.generation !== generation)) return
    attached.off()
    attached = undefined
  }
  return {
    ev,
    detach,
    attach(events, generation) {
      detach()
      // Baileys itself goes through its list of listeners, so one that was unsubscribed may be called once more.
      let live = true
      const off = listenAll(events, (batch) => {
        if (live) deliver(batch)
      })
      attached = {
        events,
        generation,
        off: () => {
          live = false
          off()
        },
      }
    },
  }
}
