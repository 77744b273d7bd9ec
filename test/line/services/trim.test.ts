import { expect, test } from 'vitest'
import { createActor } from 'xstate'
import { defaultPolicy, type Policy } from '../../../machines/index.ts'
import { openSocket } from '../../../src/line/services/open-socket.ts'
import { bindResources } from '../../../src/line/services/resources.ts'
import type { OpenAuth } from '../../../src/stores/store.ts'
import { chainsIn, grownSession, keptChains } from '../../stores/grown-keys.ts'
import { resourcesOn } from './bench.ts'

test.for<['heal' | 'observe', Policy['trim']['keys'], number]>([
  ['heal', 'on', keptChains],
  ['heal', 'off', 50],
  ['observe', 'on', 50],
])('in mode %s with policy.trim.keys %s, a session of 50 chains is stored with %i', async ([mode, keys, chains]) => {
  let stored: unknown
  const set = async (data: { session: { a: unknown } }) => {
    stored = data.session.a
  }
  const state = { creds: {}, keys: { get: async () => ({}), set } }
  const nothing = async () => undefined
  const auth = { state, saveCreds: nothing, fence: nothing, close: nothing } as unknown as OpenAuth
  const dialled = new Promise<OpenAuth['state']>((resolve) => {
    const connect = async (options: { readonly auth: OpenAuth['state'] }) => {
      resolve(options.auth)
      throw new Error('no socket is needed')
    }
    const policy = { ...defaultPolicy, trim: { ...defaultPolicy.trim, keys } }
    const { resources } = resourcesOn({ open: async () => auth }, { connect, mode, policy })
    const input = { auth: 'account', generation: 1, afterUnclean: false } as never
    const actor = createActor(openSocket, { input })
    bindResources(actor.system, resources)
    actor.start()
  })
  await (await dialled).keys.set({ session: { a: grownSession(50) } } as never)
  expect(chainsIn(stored)).toBe(chains)
})
