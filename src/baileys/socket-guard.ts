import { list, read } from '../errors/error-chain.ts'
import { learnBaileys } from './code-owner.ts'
import { firstPromiseOf } from './first-promise.ts'
import type { BaileysSocket, SocketTransport } from './socket.ts'
import { isOfApp, markSendFailure } from './stray.ts'
import { hasListenerLists, type Listener, type ListenerLists } from './transport-listeners.ts'
import { rawSocket } from './transport-state.ts'

/** Told of what Baileys left undone; `doing` says at what. */
type OnStray = (error: unknown, doing: string) => void

/**
 * Words of the server without which there is no connection, or with which it ends one: where Baileys stumbles over one,
 * the connection is over.
 */
const vital: ReadonlySet<string> = new Set([
  ...['open', 'CB:success', 'CB:failure', 'CB:stream:error', 'CB:xmlstreamend'],
  ...['CB:iq,,pair-success', 'CB:iq,type:set,pair-device'],
])

const offer = 'CB:iq,type:set,pair-device'

/**
 * Keeps what Baileys' own listeners on the transport stumble over from ending the process. A frame that cannot be
 * decrypted ends the socket with that error, as does a word of the server that the connection hangs on; any other
 * stanza is told to `onStray` and left. What listeners of the app throw goes where it would have gone. For a socket
 * that has just been made: what listens by now is Baileys'.
 */
export function guardSocket(socket: Pick<BaileysSocket, 'ws' | 'ev' | 'end'>, onStray: OnStray): void {
  learnBaileys(socket.ev)
  const { ws } = socket
  watchSends(ws)
  if (!hasListenerLists(ws)) return
  const isThrown = watchThrown(ws)
  // Without a catch: what a listener of the app throws at the end of the connection is the app's.
  const end = async (error: unknown) => socket.end(error as Error)
  const failed = (error: unknown, event: string) => {
    if (isOfApp(error)) throw error
    onStray(error, `taking in ${event}`)
    if (vital.has(event)) void end(error)
  }
  const undecoded = (error: unknown, readOn: () => void) => {
    // Of Baileys' own listeners none throws any more.
    if (isThrown(error)) throw error
    if (isUnreadable(error)) {
      onStray(error, 'decoding a stanza')
      readOn()
    } else {
      void end(error)
    }
  }
  replaceListeners(ws, 'message', (listener) => decoding(listener, undecoded))
  for (const event of ws.eventNames())
    if (typeof event === 'string' && (event === 'open' || event.startsWith('CB:')))
      replaceListeners(ws, event, (listener) => guarded(whole(event, listener), (error) => failed(error, event)))
}

/** The same listener, with what it throws or rejects with told to `failed`, which may throw it on. */
function guarded(listener: Listener, failed: (error: unknown) => void): Listener {
  return function (this: unknown, ...args) {
    try {
      const result = Reflect.apply(listener, this, args)
      return result instanceof Promise ? result.catch(failed) : result
    } catch (error) {
      return failed(error)
    }
  }
}

/** Baileys 7 waits for the decoding of what it was given, 6 drops that promise. */
function decoding(listener: Listener, failed: (error: unknown, readOn: () => void) => void): Listener {
  let drops: boolean | undefined
  return function read(this: unknown, ...args): unknown {
    let result: unknown
    const call = () => {
      result = Reflect.apply(listener, this, args)
    }
    // Frames behind one that could not be decoded would wait for the next that comes.
    const readOn = () => void Reflect.apply(read, this, [Buffer.alloc(0)])
    if (drops === false) call()
    else {
      const dropped = firstPromiseOf(call)
      drops ??= !(result instanceof Promise)
      if (drops) result = dropped
    }
    return result instanceof Promise ? result.catch((error: unknown) => failed(error, readOn)) : result
  }
}

/** A listener that is off by itself after one call stays as it is; the others can be taken off as before. */
function replaceListeners(ws: ListenerLists, event: string, replace: (listener: Listener) => Listener): void {
  const listeners = ws.rawListeners(event)
  ws.removeAllListeners(event)
  for (const listener of listeners)
    ws.on(event, 'listener' in listener ? listener : Object.assign(replace(listener), { listener }))
}

/** Tells whether an error was thrown by a listener that was told an event, in contrast to Baileys' decoding of it. */
function watchThrown(ws: ListenerLists): (error: unknown) => boolean {
  const { emit } = ws
  const thrown = new WeakSet<object>()
  ws.emit = function (this: unknown, ...args) {
    try {
      return Reflect.apply(emit, this, args)
    } catch (error) {
      if (error instanceof Object) thrown.add(error)
      throw error
    }
  }
  // What is no object was no error of a decoder's either.
  return (error) => !(error instanceof Object) || thrown.has(error)
}

/** What a write to the connection failed with often has no stack that would tell whose it was. */
function watchSends(ws: SocketTransport): void {
  const raw = rawSocket(ws)
  const send = read(raw, 'send')
  if (raw === undefined || typeof send !== 'function') return
  Reflect.set(raw, 'send', function (this: unknown, ...args: unknown[]) {
    const told = args.at(-1)
    if (typeof told === 'function')
      args[args.length - 1] = (error: unknown) => {
        markSendFailure(error)
        told(error)
      }
    return Reflect.apply(send, this, args)
  })
}

/**
 * Baileys throws when the turn of an empty code comes, in a timer, and the last one is never taken down: it is offered
 * none.
 */
function whole(event: string, listener: Listener): Listener {
  return event === offer ? (stanza) => listener(withWholeCodes(stanza)) : listener
}

function withWholeCodes(stanza: unknown): unknown {
  for (const { content } of list(read(stanza, 'content')) as { content?: unknown }[])
    if (Array.isArray(content))
      content.splice(
        0,
        content.length,
        ...content.filter((child) => read(child, 'tag') !== 'ref' || read(child, 'content')),
      )
  return stanza
}

/** A frame that was decrypted, whose content is no stanza: whatever it was, the next one is whole again. */
function isUnreadable(error: unknown): boolean {
  return /^Z_/.test(String(read(error, 'code'))) || /decodeBinaryNode|WABinary/.test(String(read(error, 'stack')))
}
