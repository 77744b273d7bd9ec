import { expect, test } from 'vitest'
import type { AnyStateNode } from 'xstate'
import { type ConnectionEvent, connectionMachine } from '../../machines/index.ts'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const nodes = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodes)]

/** The state that an owner sees: the first part of the path, or the third below `online`. */
const seen = ({ path }: AnyStateNode): string => path.slice(0, path[0] === 'online' ? 3 : 1).join('.')

/** Transitions from one state that an owner sees to another, and all that a timer or a failed service takes. */
const mattering = nodes(connectionMachine.root).flatMap((node) =>
  [...node.transitions.values(), node.always ?? []].flat().flatMap((transition) => {
    const targets = transition.target ?? []
    const leaves = targets.some((target) => seen(target) !== seen(node))
    const guarded = /^xstate\.(after|error)\./.test(transition.eventType) && targets.length > 0
    return leaves || guarded ? [{ from: node.path.join('.'), transition }] : []
  }),
)

test('each transition that an owner can see says why it is taken, in a sentence', () => {
  expect(mattering.length).toBeGreaterThan(70)
  const silent = mattering
    .filter(({ transition }) => !/^[A-Z].*\.$/.test(transition.description ?? ''))
    .map(
      ({ from, transition }) =>
        `${from} --${transition.eventType}--> ${transition.target?.map(({ path }) => path.join('.'))}`,
    )
  expect(silent).toEqual([])
})

test('each state of the chart with a part of its own in the status has a description', () => {
  for (const name of ['preparing', 'online', 'pruningSessions', 'reconnecting', 'awaitingQr', 'conflicted', 'blocked'])
    expect(connectionMachine.states[name as keyof typeof connectionMachine.states]?.description).toMatch(/\.$/)
})

test('each sentence of the chart becomes the reason when its transition is taken', () => {
  const explained = nodes(connectionMachine.root).flatMap((node) =>
    [...node.transitions.values(), node.always ?? []].flat().filter(({ description }) => description !== undefined),
  )
  expect(explained.length).toBeGreaterThan(100)
  for (const { actions, description } of explained)
    expect(actions[0]).toEqual({ type: 'because', params: { why: description } })
})

test.each([
  ['socket.close', 'network', 'the network or the server cannot be reached'],
  [
    'socket.close',
    'logged-out',
    'WhatsApp said once that this device is unlinked: one more login shows whether that is so',
  ],
  ['liveness.lost', 'slept', 'the host slept; the old link is dead'],
] as const)('a %s by %s is judged once, and its verdict is the reason', async (type, kind, why) => {
  const judged: ConnectionEvent[] = []
  const rig = new Rig({
    inspect: (event) => {
      if (event.type === '@xstate.microstep' && event.event.type === 'close.judged')
        judged.push(event.event as ConnectionEvent)
    },
  })
  await rig.healthy()
  rig.send({ type, generation: rig.context.generation, cause: cause(kind) })
  expect(judged).toMatchObject([{ of: type, cause: { kind }, verdict: { why } }])
  expect(rig.context.reason).toEqual({ why })
})
