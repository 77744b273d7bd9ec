import { expect, test, vi } from 'vitest'
import { createActor } from 'xstate'
import { defaultPolicy } from '../../../machines/index.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { discardPairing, promotePairing, stagePairing } from '../../../src/line/services/pairing.ts'
import { bindResources } from '../../../src/line/services/resources.ts'
import { auth, outcome, resourcesOn, socketLike } from './bench.ts'

/** A host whose socket takes a while to end, and what is done, in order. */
function pairing(...[entry]: readonly ({ readonly id: string } | undefined)[]) {
  const done: unknown[] = []
  const staging = auth({ fence: async () => void done.push('staging is fenced') })
  const did =
    (what: string, result?: unknown) =>
    async (...args: unknown[]) => {
      await new Promise(setImmediate)
      done.push([what, ...args])
      return result
    }
  const store = {
    openStaging: did('a new staging', staging),
    resumeStaging: did('the staging of before', staging),
    promoteStaging: did('promoted', entry),
    discardStaging: did('discarded'),
  }
  const forgetSent = async () => {
    await new Promise(setImmediate)
    done.push('what was sent is forgotten')
  }
  const { resources, told } = resourcesOn(store as never, { policy: defaultPolicy, forgetSent })
  const own = auth({
    fence: async () => {
      await new Promise(setImmediate)
      done.push('the socket is fenced')
    },
  })
  const live = new LiveSocket(1, own, resources)
  live.adopt(socketLike())
  resources.live = live
  told.length = 0
  return { resources, done, told, staging }
}

test.each([
  [false, 'a new staging'],
  [true, 'the staging of before'],
])('a staging area is opened once the socket before it is shut off; resumed: %s', async (resume, opened) => {
  const { resources, done, staging } = pairing()
  await outcome(stagePairing, { resume }, resources)
  expect(done).toEqual(['the socket is fenced', [opened]])
  expect(resources.staging).toBe(staging)
  expect(resources.live).toBeUndefined()
})

test.each([
  [{ id: 'entry' }, { quarantine: 'entry' }],
  [undefined, {}],
])(
  'a pairing takes its place once its socket is shut off, and forgets what was sent before: %j',
  async (entry, result) => {
    const { resources, done, told, staging } = pairing(entry)
    resources.staging = staging
    resources.outbound.asked({ address: '491.0', jid: '491@x', id: 'M1', own: false })
    expect(await outcome(promotePairing, { reason: 'asked' }, resources)).toEqual(result)
    expect(done).toEqual([
      'the socket is fenced',
      'staging is fenced',
      ['promoted', 'replaced by a new pairing (asked)'],
      'what was sent is forgotten',
    ])
    expect([resources.staging, resources.outbound.awaitsReached, told]).toEqual([undefined, false, []])
  },
)

test('what another number staged is set aside once its socket is shut off, if the store keeps such entries', async () => {
  const { resources, done, staging } = pairing()
  resources.staging = staging
  await outcome(discardPairing, { reason: 'another number' }, resources)
  expect(done).toEqual(['the socket is fenced', 'staging is fenced', ['discarded', 'another number']])
  const other = pairing()
  Object.assign(other.resources.store, { discardStaging: undefined })
  await outcome(discardPairing, { reason: 'another number' }, other.resources)
  expect(other.done).toEqual(['the socket is fenced'])
})

test.each([
  ['4922:1@s.whatsapp.net', { self: '4922:1@s.whatsapp.net' }],
  [undefined, {}],
])('a pairing that took its place while supervision ended is told of all the same: %s', async (id, details) => {
  const { resources, told, staging } = pairing({ id: 'entry' })
  Object.assign(staging.state.creds, { me: id === undefined ? undefined : { id } })
  resources.staging = staging
  const { promoteStaging } = resources.store
  let end: () => void = () => undefined
  Object.assign(resources.store, {
    promoteStaging: async (reason: string) => {
      end()
      return promoteStaging(reason)
    },
  })
  const actor = createActor(promotePairing, { input: { reason: 'asked' } })
  bindResources(actor.system, resources)
  end = () => void actor.stop()
  actor.start()
  await vi.waitFor(() => expect(told).toEqual([['notice', 'relinked', details]]))
  const other = pairing()
  const stopped = createActor(promotePairing, { input: { reason: 'asked' } })
  bindResources(stopped.system, other.resources)
  stopped.start()
  stopped.stop()
  await Promise.allSettled(other.resources.busy)
  expect([other.done, other.told]).toEqual([['the socket is fenced'], []])
})
