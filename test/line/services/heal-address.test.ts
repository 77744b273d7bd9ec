import { expect, test, vi } from 'vitest'
import { createActor } from 'xstate'
import { healAddress } from '../../../src/line/services/heal-address.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { bindResources } from '../../../src/line/services/resources.ts'
import { gate } from '../../gate.ts'
import { auth, outcome, resourcesOn, socketLike } from './bench.ts'

/** A host with a socket of generation 1 over which everything takes a while, and what was done, in order. */
function healing() {
  const done: unknown[] = []
  const does = async (...what: unknown[]) => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    done.push(what)
  }
  let during: (jid: string) => void = () => undefined
  const assertSessions = async (jids: string[]) => {
    await does('assert', ...jids)
    for (const jid of jids) during(jid)
    return true
  }
  const copyAside = vi.fn((which: object) => does('aside', which))
  let isTorn = false
  const get = async () => {
    if (isTorn) throw new Error('EIO')
    return {}
  }
  const keys = { get, set: (data: object) => does('set', data) }
  const { resources, told } = resourcesOn({ copyAside } as never)
  const socket = socketLike({ authState: { keys }, assertSessions })
  const live = new LiveSocket(1, auth(), resources)
  live.adopt(socket)
  live.resender = { again: (...args: unknown[]) => does('again', ...args) } as never
  resources.live = live
  told.length = 0
  const heal = (addresses: readonly string[], unheard: readonly string[], generation = 1) =>
    outcome(healAddress, { addresses, unheard, generation }, resources)
  return {
    ...{ resources, live, socket, done, told, heal, copyAside },
    names: () => done.map((one) => (one as unknown[])[0]),
    during: (step: typeof during) => {
      during = step
    },
    tear: () => {
      isTorn = true
    },
  }
}

test('what is to be cured is copied aside before it is forgotten, and each step is waited for', async () => {
  const unread = healing()
  await unread.heal(['4917.0', '4918.2'], [])
  const sessions = { kind: 'sessions', addresses: ['4917.0', '4918.2'] }
  expect(unread.done).toEqual([
    ['aside', sessions],
    ['set', { session: { '4917.0': null, '4918.2': null } }],
    ['assert', '4917@s.whatsapp.net', '4918:2@s.whatsapp.net'],
  ])
  const unheard = healing()
  await unheard.heal([], ['4917.0'])
  expect(unheard.names()).toEqual(['aside', 'assert', 'again'])
  const torn = healing()
  torn.tear()
  await torn.heal([], ['4917.0'])
  expect(torn.names()).toEqual(['aside', 'set', 'assert', 'again'])
  const both = healing()
  await both.heal(['4917.0'], ['4917.0'])
  expect(both.names()).toEqual(['aside', 'set', 'assert', 'again'])
})

test('nothing is done where nobody is to be cured, nor over a socket that is another or is gone', async () => {
  const one = healing()
  await one.heal([], [])
  await one.heal(['4917.0'], [], 2)
  one.live.socket = undefined
  await one.heal(['4917.0'], ['4918.0'])
  one.resources.live = undefined
  await one.heal(['4917.0'], [])
  expect([one.done, one.told]).toEqual([[], []])
})

test('of addresses that are none only the others are asked for', async () => {
  const none = healing()
  await none.heal(['nobody'], [])
  expect(none.names()).toEqual(['aside', 'set'])
  const unheard = healing()
  await unheard.heal([], ['nobody', '4918.0'])
  expect(unheard.done.slice(1)).toEqual([
    ['assert', '4918@s.whatsapp.net'],
    ['again', '4918@s.whatsapp.net', []],
  ])
})

test('who asked under another jid than that of its address is written to as it asked', async () => {
  const { heal, resources, done } = healing()
  resources.outbound.asked({ address: '99.2', jid: '99:2@lid', id: 'M1', own: false })
  await heal([], ['99.2'])
  expect(done.slice(1)).toEqual([
    ['assert', '99:2@lid'],
    ['again', '99:2@lid', ['M1']],
  ])
})

test('a new session that the server does not give for whom cannot be read is told to the statechart', async () => {
  const { heal, socket } = healing()
  const error = new Error('item-not-found')
  Object.assign(socket, {
    assertSessions: async () => {
      await new Promise(setImmediate)
      throw error
    },
  })
  await expect(heal(['4917.0'], [])).rejects.toBe(error)
  await expect(heal(['4917.0'], ['4917.0'])).rejects.toBe(error)
})

test('once the socket is left nobody is asked for any more, gets anything, or is reported', async () => {
  const { heal, during, live, done, told, socket } = healing()
  const addresses = ['491.0', '492.0', '493.0', '494.0', '495.0']
  during(() => live.detach())
  await heal([], addresses)
  const asked = done.filter((one) => (one as unknown[])[0] === 'assert')
  expect(asked.length).toBeLessThan(addresses.length)
  expect(done.filter((one) => (one as unknown[])[0] === 'again')).toEqual([])
  Object.assign(socket, { assertSessions: () => Promise.reject(new Error('Connection Closed')) })
  expect(told.filter(([what]) => what === 'report')).toEqual([])
})

test.each<[string, (one: ReturnType<typeof healing>, leave: () => void) => void]>([
  ['the account is judged anew', (_, leave) => leave()],
  ['its socket is left', ({ live }) => live.detach()],
])('nothing is forgotten once %s while it is copied aside', async (_, ends) => {
  const one = healing()
  const held = gate()
  one.copyAside.mockImplementation(() => held.wait())
  const actor = createActor(healAddress, { input: { addresses: ['4917.0'], unheard: [], generation: 1 } })
  bindResources(actor.system, one.resources)
  actor.start()
  await held.reached
  ends(one, () => void actor.stop())
  held.pass()
  for (let turn = 0; turn < 9; turn += 1) await new Promise(setImmediate)
  expect([one.done, one.told]).toEqual([[], []])
})
