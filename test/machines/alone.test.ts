import { expect, test } from 'vitest'
import { createActor, fromCallback, fromPromise } from 'xstate'
import {
  type AuthProblem,
  connectionMachine,
  defaultPolicy,
  type Prepared,
  type PrepareInput,
  stateNameOf,
  statusOf,
} from '../../machines/index.ts'
import { dotted, Rig } from './rig.ts'
import { VirtualClock } from './virtual-clock.ts'
import { cause } from './world.ts'

const input = { account: 'a', policy: defaultPolicy, env: { now: () => 0, random: () => 0.5 } }

/** What it takes to get as far as a socket. */
const toDialling = {
  closeSocket: fromPromise<void, { readonly deadlineMs: number }>(async () => undefined),
  prepareAuth: fromPromise<Prepared, PrepareInput>(async () => ({
    link: 'linked',
    reason: 'never-linked',
  })),
}

/** The machine with as few services as a test needs; all others are as Stately Studio finds them. */
async function alone(services: Parameters<typeof connectionMachine.provide>[0]['actors'] = {}) {
  const clock = new VirtualClock()
  const actor = createActor(connectionMachine.provide({ actors: services }), { clock, input })
  actor.start()
  actor.send({ type: 'start' })
  await clock.settle()
  return { actor, clock }
}

test('without a host the machine runs, says that its services are not provided, and can be stopped', async () => {
  const { actor, clock } = await alone()
  expect(dotted(actor.getSnapshot().value)).toBe('preparing.unshut')
  actor.send({ type: 'stop' })
  await clock.settle()
  expect(dotted(actor.getSnapshot().value)).toBe('stopped.idle')
})

test('a service that is not provided is named', async () => {
  const { actor } = await alone(toDialling)
  expect(actor.getSnapshot().context.closes.at(-1)?.cause).toEqual({
    kind: 'connect-failed',
    message: 'the service openSocket is not provided',
  })
})

test('a connect function that throws something else than an error is told in its own words', async () => {
  const { actor } = await alone({
    ...toDialling,
    openSocket: fromCallback(() => {
      throw 'out of luck'
    }),
  })
  expect(actor.getSnapshot().context.closes.at(-1)?.cause).toEqual({ kind: 'connect-failed', message: 'out of luck' })
})

test.for<[AuthProblem['kind'], string]>([
  ['disk', 'check-disk'],
  ['not-owner', 'check-other-client'],
])('credentials that cannot be opened because of %s are held, with the reason', async ([kind, userAction]) => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'auth.failed', generation: 1, problem: { kind, message: 'in its own words' } })
  expect(rig.context.block).toMatchObject({ detail: 'in its own words' })
  expect(rig.status).toMatchObject({ state: 'blocked', userAction })
})

test('an open that names nobody keeps the name that the account had', async () => {
  const rig = await new Rig().healthy()
  const { self } = rig.context
  rig.world.login = 'silent'
  rig.world.close(cause('closed'))
  await rig.until('connecting', 60_000)
  rig.send({ type: 'socket.open', generation: 2 })
  expect(rig.status).toMatchObject({ state: 'healthy', self })
  expect(self).toBeDefined()
})

test('a message that is read while no prune is watched proves nothing', async () => {
  const rig = await new Rig().healthy()
  const before = rig.context
  rig.send({ type: 'prune.proven', address: 'a.0' })
  expect({ ...rig.context, env: 0 }).toEqual({ ...before, env: 0 })
})

test('a pairing code that comes after the first code joins it', async () => {
  const rig = new Rig()
  rig.world.creds = 'absent'
  await rig.start()
  await rig.until(() => rig.status.qr !== undefined, 60_000)
  const { qr } = rig.status
  rig.send({ type: 'socket.pairingCode', generation: rig.context.generation, code: 'WXYZ9876' })
  expect(rig.status.qr).toEqual({ ...qr, pairingCode: 'WXYZ9876' })
})

test('the words of a state are there before there is anything to say', () => {
  const { context } = createActor(connectionMachine, { input }).getSnapshot()
  expect(statusOf('blocked', context)).toMatchObject({ userAction: 'update-client', message: expect.any(String) })
  expect(stateNameOf('nowhere')).toBe('stopped')
})

test('without a host a folder that cannot be read is held, and nobody has to be told', async () => {
  const { actor } = await alone({ closeSocket: toDialling.closeSocket })
  const { value, context } = actor.getSnapshot()
  expect(statusOf(stateNameOf(value), context)).toMatchObject({ state: 'blocked', userAction: 'check-disk' })
})

test('a person who asks to set the failing sessions aside gets those that are known and in the budget', async () => {
  const rig = await new Rig({ policy: { decrypt: { failingIds: 1 } } }).healthy()
  rig.unreadable(['a.0', 'b.0'], ['1'], 'sender-key')
  rig.send({ type: 'prune', scope: 'failing' })
  await rig.until('healthy', 60_000)
  expect(rig.world.pruneCalls).toMatchObject([{ scope: 'failing', addresses: ['a.0', 'b.0'], why: 'asked to' }])
  rig.unreadable(['a.0', 'c.0'], ['2'], 'sender-key')
  rig.send({ type: 'prune', scope: 'failing' })
  await rig.until('healthy', 60_000)
  expect(rig.world.pruneCalls.at(-1)).toMatchObject({ addresses: ['c.0'] })
})
