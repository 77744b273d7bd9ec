import type { BinaryNode } from './baileys-types.ts'

/**
 * The event side of a socket: what both Baileys lines offer on `sock.ev`. Each line types its listeners by its own map
 * of events, and the maps differ, so no listener type fits both: `listen` and `listenAll` are the typed way in.
 */
export interface SocketEvents {
  on(event: string, listener: never): unknown
  off(event: string, listener: never): unknown
  emit(event: string, data: never): boolean
  process(handler: never): () => void
  /** Tells what is held back; missing on what only looks like Baileys. */
  flush?(force?: boolean): unknown
}

/**
 * The transport under a socket: an EventEmitter that also tells `frame`, `CB:<tag>` and `TAG:<id>`. Whether it is open
 * is asked of `transport-state.ts`: Baileys' own says `isOpen`, the bare WebSocket that some forks hand out does not.
 */
export interface SocketTransport {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
  /** As Node's EventEmitter has it; missing on what only looks like Baileys. */
  prependListener?(event: string, listener: (...args: unknown[]) => void): unknown
}

/** New values of keys by type and id; null removes one. */
export interface KeyData {
  readonly session?: Readonly<Record<string, Uint8Array | null>>
  readonly [type: string]: Readonly<Record<string, unknown>> | undefined
}

/** The key store that a socket uses itself, caches and transactions included. */
export interface SocketKeys {
  get(type: string, ids: string[]): unknown
  set(data: KeyData): unknown
  /** v7 runs those of one key one after the other; v6 has one for all, and ignores the key. */
  transaction?<T>(work: () => Promise<T>, key: string): Promise<T>
  isInTransaction?(): boolean
}

/**
 * What the supervisor needs of a Baileys socket: the part that `makeWASocket()` of 6.7.18 and later and of 7.x have in
 * common. Optional members exist in some versions only.
 */
export interface BaileysSocket {
  /** Its events. */
  readonly ev: SocketEvents
  /** Its WebSocket. */
  readonly ws: SocketTransport
  /** The keys that it uses. */
  readonly authState: { readonly keys: SocketKeys }
  /** The account, once it is known. */
  readonly user: { id: string; lid?: string; name?: string } | undefined
  /** v6 closes at once; v7 waits for the transport, up to 30 s on a half-open link. */
  end(error: Error | undefined): unknown
  /** Sends a stanza. */
  sendNode(node: BinaryNode): Promise<void>
  /** Sends a stanza and resolves with the answer; rejects after `timeoutMs`. */
  query(node: BinaryNode, timeoutMs?: number): Promise<unknown>
  /** An id for a stanza, new each time. */
  generateMessageTag(): string
  /** Asks for the eight characters that link without a camera. */
  requestPairingCode(phoneNumber: string, customPairingCode?: string): Promise<string>
  /** v7's queue of messages, and v6's of all that comes in; see `gateMessages`. */
  readonly messageMutex?: unknown
  /** What is read waits in it; version 6 has one. */
  readonly processingMutex?: unknown
  /** Unlinks the device and ends the connection. */
  logout?(message?: string): Promise<void>
  /** v7's queue of receipts. */
  readonly receiptMutex?: unknown
  /** Sends a message to a chat; resolves with it, or with nothing where there was none to send. */
  sendMessage?(jid: string, content: never, options?: never): Promise<unknown>
  /** Sends a message as it is, to one device if that is named; resolves with its id. */
  relayMessage?(jid: string, message: never, options: never): Promise<string>
  /** v7's own memory of what was sent, unless the owner has switched it off. */
  readonly messageRetryManager?: unknown
  /** Makes so many pre-keys and gives the server their public halves. */
  uploadPreKeys(count?: number): Promise<void>
  /** Asks the server who is in a group, and how it is set. */
  groupMetadata?(jid: string): Promise<unknown>
  /** Begins sessions with these devices, with `force` anew; whether it had to. */
  assertSessions?(jids: string[], force: boolean): Promise<boolean>
  /**
   * Asks the sender to write a message again, with new keys if that is forced. v6 first waits 5 s for the phone to have
   * it.
   */
  requestPlaceholderResend?(key: {
    readonly remoteJid: string
    readonly fromMe: boolean
    readonly id: string
    readonly participant?: string
  }): Promise<unknown>
  /** Asks for a message again, with the keys for a new session if they are forced. */
  sendRetryRequest?(node: BinaryNode, forceIncludeKeys?: boolean): Promise<void>
  /** v7 keeps LID to phone number mappings here, and stores sessions under the LID; v6 has none. */
  readonly signalRepository?: object
}

/**
 * Listens to one event of a socket; returns the unsubscribe function. What arrives is Baileys' own and is unchecked.
 */
export function listen(ev: SocketEvents, event: string, listener: (data: unknown) => void): () => void {
  ev.on(event, listener as never)
  return () => {
    ev.off(event, listener as never)
  }
}

/** Listens to every event of a socket, each batch as one map, those that Baileys had buffered included. */
export function listenAll(ev: SocketEvents, handler: (events: Record<string, unknown>) => void): () => void {
  return ev.process(handler as never)
}

const methods = ['end', 'sendNode', 'query', 'generateMessageTag'] as const

/** Whether a value returned by `connect` can be supervised. Never throws. */
export function isBaileysSocket(value: unknown): value is BaileysSocket {
  try {
    if (!isObject(value) || !methods.every((name) => typeof value[name] === 'function')) return false
    const { ev, ws, authState } = value
    return (
      hasMethods(ev, 'on', 'off', 'emit', 'process') &&
      hasMethods(ws, 'on', 'off') &&
      isObject(authState) &&
      hasMethods(authState.keys, 'get', 'set')
    )
  } catch {
    return false
  }
}

function hasMethods(value: unknown, ...names: string[]): boolean {
  return isObject(value) && names.every((name) => typeof value[name] === 'function')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
