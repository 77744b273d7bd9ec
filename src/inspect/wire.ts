/** The version of `@statelyai/inspect` whose messages these are; its receivers ask for one. */
const version = '0.7.2'

interface Base {
  readonly _version: string
  readonly sessionId: string
  readonly rootId: string
  readonly id: string | null
  /** Epoch milliseconds, as text. */
  readonly createdAt: string
}

export type Shown = Readonly<Record<string, unknown>>
export type ShownEvent = { readonly type: string } & Shown

/** An actor came to be. */
export interface ActorMessage extends Base {
  readonly type: '@xstate.actor'
  readonly name: string
  readonly parentId: string | undefined
  /** The machine, as the JSON of its config. */
  readonly definition: string
  readonly snapshot: Shown
}

/** An event was sent to an actor. */
export interface EventMessage extends Base {
  readonly type: '@xstate.event'
  readonly sourceId: string | undefined
  readonly event: ShownEvent
}

/** An actor has taken an event in. */
export interface SnapshotMessage extends Base {
  readonly type: '@xstate.snapshot'
  readonly event: ShownEvent
  readonly snapshot: Shown
}

/** What goes over the wire, as Stately's inspector understands it. */
export type Message = ActorMessage | EventMessage | SnapshotMessage

let count = 0

/** What every message has. */
export const base = (sessionId: string, rootId: string, at: number): Base => {
  count += 1
  return { _version: version, sessionId, rootId, id: String(count), createdAt: String(at) }
}
