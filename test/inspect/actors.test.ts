import { expect, test } from 'vitest'
import { createActor, fromCallback, type InspectionEvent, setup } from 'xstate'
import { Actors } from '../../src/inspect/actors.ts'

const machine = setup({ actors: { work: fromCallback(() => undefined) } }).createMachine({
  id: 'lamp',
  initial: 'off',
  context: { account: 'kitchen', closes: [], pair: { reason: 'none' } },
  states: {
    off: { on: { toggle: 'on' } },
    on: { on: { toggle: 'off', again: 'on' }, invoke: { id: 'work', src: 'work' } },
    over: {},
  },
})

/** What is kept of actors, and every message that was made, at a moment that counts on. */
function watched() {
  const actors = new Actors()
  const messages: ReturnType<NonNullable<ReturnType<Actors['note']>>>[number][] = []
  let now = 1_000
  const inspect = (event: InspectionEvent) => {
    now += 1
    messages.push(...(actors.note(event, now)?.() ?? []))
  }
  return { actors, messages, inspect, now: () => now }
}
const missed = (actors: Actors) => [...actors.missed()]
const named = (messages: readonly { readonly type: string }[]) =>
  messages.filter((one) => one.type === '@xstate.actor').map((one) => Reflect.get(one, 'name'))

test('an actor is told of once, before its first event, with its machine, its account and its moment', () => {
  const { messages, inspect } = watched()
  createActor(machine, { inspect }).start()
  expect(messages.map(({ type }) => type)).toEqual(['@xstate.actor', '@xstate.event', '@xstate.snapshot'])
  const [actor, event, snapshot] = messages
  expect(actor).toMatchObject({ name: 'kitchen', createdAt: '1001', snapshot: { status: 'active', value: 'off' } })
  expect(actor && 'parentId' in actor && actor.parentId).toBeUndefined()
  expect(JSON.parse(String(Reflect.get(actor ?? {}, 'definition')))).toMatchObject({ id: 'lamp' })
  expect(event).toMatchObject({ createdAt: '1002', event: { type: 'xstate.init' } })
  expect(snapshot).toMatchObject({ event: { type: 'xstate.init' }, snapshot: { value: 'off' } })
  expect(Number(snapshot?.createdAt)).toBeGreaterThan(1_002)
  for (const message of messages)
    expect([message.sessionId, message.rootId]).toEqual([actor?.sessionId, actor?.sessionId])
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length)
})

test('a service belongs to its statechart, is told of under its own name, and is forgotten when another takes its place', () => {
  const { actors, messages, inspect } = watched()
  const actor = createActor(machine, { inspect }).start()
  actor.send({ type: 'toggle' })
  const [root] = messages
  const service = messages.find((one) => one.type === '@xstate.actor' && one.name === 'work')
  expect(service).toMatchObject({
    ...{ parentId: root?.sessionId, rootId: root?.sessionId, definition: JSON.stringify({ id: 'work' }) },
    snapshot: { status: 'active' },
  })
  expect(service?.sessionId).not.toBe(root?.sessionId)
  const toService = messages.find((one) => one.type === '@xstate.event' && one.sessionId === service?.sessionId)
  expect(toService).toMatchObject({ sourceId: root?.sessionId, rootId: root?.sessionId })
  for (let round = 0; round < 4; round += 1) actor.send({ type: 'toggle' })
  expect(actors.size).toBeLessThanOrEqual(2)
  expect(named(missed(actors))).toEqual(['kitchen', 'work'])
  const ids = messages.filter((one) => one.type === '@xstate.actor').map(({ sessionId }) => sessionId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('a statechart that another one has started goes by its own name, whatever account it is of', () => {
  const { actors, messages, inspect } = watched()
  const house = setup({ actors: { machine } }).createMachine({ id: 'house', invoke: { id: 'light', src: 'machine' } })
  createActor(house, { id: 'house', inspect }).start()
  for (const told of [messages, missed(actors)]) expect(named(told).toSorted()).toEqual(['house', 'light'])
})

test('a service of the same name in another account takes the place of none', () => {
  const { actors, inspect } = watched()
  const [one, other] = [1, 2].map(() => createActor(machine, { inspect }).start())
  one?.send({ type: 'toggle' })
  other?.send({ type: 'toggle' })
  expect(named(missed(actors))).toEqual(['kitchen', 'kitchen', 'work', 'work'])
  const services = missed(actors).filter((message) => message.type === '@xstate.actor' && message.name === 'work')
  expect(new Set(services.map(({ rootId }) => rootId)).size).toBe(2)
})

test('what a late viewer has missed is where each actor stands, as of then', () => {
  const { actors, inspect } = watched()
  const actor = createActor(machine, { inspect }).start()
  actor.send({ type: 'toggle' })
  const all = missed(actors)
  expect(all.filter(({ type }) => type === '@xstate.actor')).toHaveLength(2)
  const last = all.find((one) => one.type === '@xstate.snapshot' && one.snapshot.value === 'on')
  expect(last).toMatchObject({ event: { type: 'toggle' } })
  expect(all.findIndex(({ type }) => type === '@xstate.snapshot')).toBe(2)
})

test('a statechart within another is shown to whoever comes late as where it stands', () => {
  const inner = setup({}).createMachine({
    // Whatever it knows, its name is the one that it was given.
    ...{ context: { account: 'kitchen' }, initial: 'off' },
    states: { off: { after: { 0: 'on' } }, on: {} },
  })
  const outer = setup({ actors: { inner } }).createMachine({ invoke: { id: 'inner', src: 'inner' } })
  const { actors, inspect } = watched()
  const actor = createActor(outer, { inspect }).start()
  const seen = () => missed(actors).map((one) => one.type === '@xstate.actor' && [one.name, one.snapshot.value])
  expect(seen()).toContainEqual(['inner', 'off'])
  actor.stop()
})

test('a statechart that was stopped is shown until the next one begins, with all that belonged to it', () => {
  const { actors, inspect } = watched()
  const first = createActor(machine, { inspect }).start()
  first.send({ type: 'toggle' })
  first.stop()
  createActor(machine, { inspect }).start()
  expect(named(missed(actors))).toEqual(['kitchen'])
  expect(actors.size).toBe(1)
})

test('a service that has ended is told of and forgotten, and one that was never announced is announced', () => {
  const done = setup({ actors: { work: fromCallback(() => undefined) } }).createMachine({
    initial: 'on',
    states: { on: { invoke: { id: 'ends', src: 'work' } } },
  })
  const { actors, messages, inspect } = watched()
  const late = createActor(done).start()
  late.system.inspect(inspect)
  late.send({ type: 'x' })
  expect(messages.map(({ type }) => type)).toEqual(['@xstate.actor', '@xstate.event', '@xstate.snapshot'])
  const note = (status: string) =>
    actors.note(
      {
        ...{ type: '@xstate.snapshot', event: { type: 'y' }, snapshot: { status }, rootId: 'x' },
        actorRef: late.getSnapshot().children.ends,
      } as unknown as InspectionEvent,
      9,
    )?.()
  expect(note('active')).toMatchObject([{ type: '@xstate.snapshot', createdAt: '9' }])
  expect(actors.size).toBe(2)
  expect(note('done')).toMatchObject([{ snapshot: { status: 'done' } }])
  expect(actors.size).toBe(1)
  expect(actors.note({ type: '@xstate.microstep', actorRef: late } as never, 1)).toBeUndefined()
})
