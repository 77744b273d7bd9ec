import { expect, test } from 'vitest'
import { createActor } from 'xstate'
import { shutSocket } from '../../../src/line/services/close-socket.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { openSocket } from '../../../src/line/services/open-socket.ts'
import { unlinkDevice } from '../../../src/line/services/pairing.ts'
import { bindResources } from '../../../src/line/services/resources.ts'
import { gate } from '../../gate.ts'
import { linkedAccount } from '../../stores/account.ts'
import { storeWith } from '../stores.ts'
import { outcome, resourcesOn, socketLike } from './bench.ts'

const closeMs = 50
const fenced = { code: 'AUTH_STORE_FENCED' }

test('a socket that was shut off is nobody’s any more: what it opened is fenced, and nothing is asked for over it', async () => {
  const { store } = await linkedAccount()
  const heard: unknown[] = []
  const { resources } = resourcesOn(store, { onSocket: (socket) => heard.push(socket) })
  const auth = await store.open()
  resources.live = new LiveSocket(1, auth, resources)
  resources.live.adopt(socketLike())
  await shutSocket(resources, closeMs)
  expect(heard).toEqual([undefined])
  await expect(auth.saveCreds()).rejects.toMatchObject(fenced)
  await expect(outcome(unlinkDevice, { generation: 1 }, resources)).rejects.toThrow(/no connection/)
  expect(resources.live).toBeUndefined()
})

test('an opening that was on its way when its socket was given up is waited for, and fenced', async () => {
  const { store } = await linkedAccount()
  const slow = gate()
  const open: typeof store.open = async (options) => {
    await slow.wait()
    return store.open(options)
  }
  const { resources } = resourcesOn(storeWith(store, { open }))
  const actor = createActor(openSocket, { input: { generation: 1, auth: 'account' } as never })
  bindResources(actor.system, resources)
  actor.start()
  await slow.reached
  actor.stop()
  let over = false
  const shut = shutSocket(resources, closeMs).then(() => {
    over = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(over).toBe(false)
  slow.pass()
  await shut
  await expect(store.quarantine({ kind: 'all-sessions' }, 'test')).resolves.toBeDefined()
})

test('a staging area that no socket has come to use is fenced all the same, and the next one can be made', async () => {
  const { store } = await linkedAccount()
  const { resources } = resourcesOn(store)
  const staging = await store.openStaging()
  resources.staging = staging
  await shutSocket(resources, closeMs)
  await expect(staging.saveCreds()).rejects.toMatchObject(fenced)
  expect(resources.staging).toBeUndefined()
  await (await store.openStaging()).fence()
})

test('a write to the staging area that its socket has taken for lost holds nothing up', async () => {
  const { store } = await linkedAccount()
  const { resources } = resourcesOn(store)
  const auth = await store.open()
  resources.live = new LiveSocket(1, auth, resources)
  const waitedFor: boolean[] = []
  resources.staging = {
    ...auth,
    fence: async (lost) => {
      waitedFor.push(lost === undefined)
      await (lost ?? new Promise(() => undefined))
    },
  }
  await shutSocket(resources, closeMs)
  expect([waitedFor, resources.staging]).toEqual([[false], undefined])
})
