import type { ActorMessage, Message, SnapshotMessage } from '../wire.ts'
import { ActorList } from './actor-list.ts'
import { Chart } from './chart.ts'
import { EventLog } from './event-log.ts'
import { follow } from './feed.ts'
import { StatelyWindow } from './stately.ts'

function part(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector)
  if (!found) throw new Error(`The page has no ${selector}.`)
  return found
}

const actors = new Map<string, ActorMessage>()
const snapshots = new Map<string, SnapshotMessage>()
let chosen: string | undefined

const link = part('#link')
const context = part('#actors pre')
const chart = new Chart(part('#drawing'), part('#place'))
const log = new EventLog(part('#events ol'), part('#kind') as HTMLSelectElement)
const list = new ActorList(part('#actors ul'), choose)
const stately = new StatelyWindow(function* missed() {
  yield* actors.values()
  yield* snapshots.values()
})
part('#stately').addEventListener('click', () => stately.open())

function choose(sessionId: string): void {
  chosen = sessionId
  log.clear()
  show()
}

function show(): void {
  const snapshot =
    (chosen === undefined ? undefined : snapshots.get(chosen)?.snapshot) ?? actors.get(chosen ?? '')?.snapshot
  chart.show(snapshot?.value)
  context.textContent = JSON.stringify(snapshot?.context ?? {}, null, 2)
  list.show(actors.values(), chosen)
}

/** A service that has ended, or given its place to the next of its name. */
function forget(message: Message): void {
  if (message.type === '@xstate.snapshot') {
    const { parentId } = actors.get(message.sessionId) ?? {}
    if (parentId !== undefined && message.snapshot.status !== 'active') drop(message.sessionId)
  } else if (message.type === '@xstate.actor')
    for (const { sessionId, name, parentId } of actors.values())
      if (sessionId !== message.sessionId && name === message.name && parentId === message.parentId) drop(sessionId)
}

function drop(sessionId: string): void {
  actors.delete(sessionId)
  snapshots.delete(sessionId)
  if (chosen === sessionId) chosen = undefined
}

function take(message: Message): void {
  stately.tell(message)
  if (message.type === '@xstate.actor') {
    actors.set(message.sessionId, message)
    forget(message)
    if (message.parentId === undefined) chosen ??= message.sessionId
  } else if (message.type === '@xstate.snapshot') {
    snapshots.set(message.sessionId, message)
    if (message.sessionId === chosen) log.add(message)
    forget(message)
  } else return
  paint()
}

let painting = false
/** Many messages, one picture. */
function paint(): void {
  if (painting) return
  painting = true
  requestAnimationFrame(() => {
    painting = false
    show()
  })
}

follow({
  begins: () => {
    actors.clear()
    snapshots.clear()
    chosen = undefined
    log.clear()
    link.textContent = 'Live'
    paint()
  },
  message: take,
  lost: () => {
    link.textContent = 'The connection is lost; what is shown is the last that was known. Trying again …'
  },
})
