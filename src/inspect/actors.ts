import type { AnyActorRef, AnyEventObject, AnyStateMachine, InspectionEvent, Snapshot } from 'xstate'
import { toJson } from '../diagram/json.ts'
import { shownEvent, shownSnapshot } from './shown.ts'
import { type ActorMessage, base, type EventMessage, type Message, type SnapshotMessage } from './wire.ts'

interface Known {
  readonly ref: AnyActorRef
  readonly sessionId: string
  readonly rootId: string
  readonly since: number
  /** A statechart says who it is once it has a snapshot, which it does not while it is being made. */
  ready: boolean
  /** The last that was seen of it. */
  last?: { readonly snapshot: Snapshot<unknown>; readonly event: AnyEventObject; readonly at: number }
}

const running: Snapshot<unknown> = { status: 'active', output: undefined, error: undefined }

const definitions = new WeakMap<object, string>()

/** The machine as JSON, made once; of a service its name. */
function definitionOf({ ref }: Known): string {
  const logic = Reflect.get(ref, 'logic') as object
  const made = definitions.get(logic)
  if (made !== undefined) return made
  const definition = 'root' in logic ? toJson((logic as AnyStateMachine).root) : JSON.stringify({ id: ref.id })
  if ('root' in logic) definitions.set(logic, definition)
  return definition
}

const parentOf = (ref: AnyActorRef): AnyActorRef | undefined => ref._parent

function rootOf(ref: AnyActorRef): AnyActorRef {
  let root = ref
  for (let parent = parentOf(root); parent; parent = parentOf(root)) root = parent
  return root
}

/**
 * The actors that are at work, each with the last that was seen of it, for viewers that come late. Nothing is put into
 * words before somebody looks. Sessions are numbered anew, since every account counts its own from the same start.
 */
export class Actors {
  readonly #known = new Map<AnyActorRef, Known>()
  #count = 0

  get size(): number {
    return this.#known.size
  }

  /** Keeps what happened. The messages for it are made only if asked for. */
  note(event: InspectionEvent, now: number): (() => readonly Message[]) | undefined {
    const ref = event.actorRef as AnyActorRef
    switch (event.type) {
      case '@xstate.actor': {
        const known = this.#add(ref, now)
        return known.ready ? () => [this.#actor(known)] : undefined
      }
      case '@xstate.event': {
        const known = this.#known.get(ref) ?? this.#add(ref, now)
        const source = this.#known.get(event.sourceRef as AnyActorRef)?.sessionId
        const first = !known.ready
        known.ready = true
        return () => [...(first ? [this.#actor(known)] : []), this.#event(known, event.event, source, now)]
      }
      case '@xstate.snapshot': {
        const known = this.#known.get(ref) ?? this.#add(ref, now)
        const last = { snapshot: event.snapshot, event: event.event, at: now }
        known.last = last
        if (event.snapshot.status !== 'active' && parentOf(ref)) this.#known.delete(ref)
        return () => [this.#snapshot(known, last)]
      }
      default:
        return undefined
    }
  }

  /** What a viewer that comes now has missed: the actors, parents first, and where each is. */
  *missed(): Iterable<Message> {
    for (const known of this.#known.values()) if (known.ready) yield this.#actor(known)
    for (const known of this.#known.values()) if (known.last) yield this.#snapshot(known, known.last)
  }

  #add(ref: AnyActorRef, now: number): Known {
    const parent = parentOf(ref)
    // The services of a state end without a word; the next of the same name takes the place of the last.
    for (const former of this.#known.keys())
      if (parent ? former.id === ref.id && parentOf(former) === parent : isOver(rootOf(former)))
        this.#known.delete(former)
    this.#count += 1
    const sessionId = `${ref.id}:${this.#count}`
    const rootId = parent ? (this.#known.get(rootOf(ref))?.sessionId ?? sessionId) : sessionId
    const known: Known = { ref, sessionId, rootId, since: now, ready: parent !== undefined }
    this.#known.set(ref, known)
    return known
  }

  #actor(known: Known): ActorMessage {
    const { ref, sessionId, rootId, since } = known
    const parent = parentOf(ref)
    const snapshot = shownSnapshot(known.last?.snapshot ?? (parent ? running : ref.getSnapshot()))
    const { account } = (snapshot.context ?? {}) as { account?: string }
    return {
      ...base(sessionId, rootId, since),
      type: '@xstate.actor',
      name: parent ? ref.id : (account ?? ref.id),
      parentId: parent && this.#known.get(parent)?.sessionId,
      definition: definitionOf(known),
      snapshot,
    }
  }

  #event({ sessionId, rootId }: Known, event: AnyEventObject, sourceId: string | undefined, at: number): EventMessage {
    return { ...base(sessionId, rootId, at), type: '@xstate.event', sourceId, event: shownEvent(event) }
  }

  #snapshot({ sessionId, rootId }: Known, { snapshot, event, at }: NonNullable<Known['last']>): SnapshotMessage {
    return {
      ...base(sessionId, rootId, at),
      type: '@xstate.snapshot',
      event: shownEvent(event),
      snapshot: shownSnapshot(snapshot),
    }
  }
}

/** A statechart that was stopped, or has crashed. One that is being made has no snapshot yet. */
function isOver(root: AnyActorRef): boolean {
  const snapshot: unknown = root.getSnapshot()
  return typeof snapshot === 'object' && snapshot !== null && 'status' in snapshot && snapshot.status !== 'active'
}
