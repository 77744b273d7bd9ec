import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ArrivedMessages } from '../../src/baileys/arrived-messages.ts'
import { mendSenderKeys } from '../../src/baileys/sender-key-repair.ts'
import { headOf, reaches, senderKeyName, statesOf, storedStates } from '../../src/baileys/sender-key-states.ts'
import { giveSessionsTurns } from '../../src/baileys/session-turns.ts'
import { learnProtocol } from '../../src/rehearsal/fake-whatsapp/protocol.ts'
import { SenderKeys } from '../../src/rehearsal/fake-whatsapp/sender-keys.ts'
import { closedPort } from './lines.ts'
import { baileysLines, MemoryKeys, type Party, party } from './party.ts'

const group = '120363000000000001@g.us'
const authorJid = '4915100000007@s.whatsapp.net'
const keyName = `sender-key ${group}::4915100000007::0`

let url: string
const parties: Party[] = []
beforeAll(async () => {
  await learnProtocol()
  url = await closedPort()
})
afterAll(() => Promise.all(parties.map(({ socket }) => socket.end(undefined))))

describe.each(baileysLines)('$line', ({ baileys }) => {
  async function account(
    options: { told?: boolean; heals?: boolean; keep?: () => Promise<void>; clock?: 'its own' } = {},
  ) {
    const mine = party(baileys, url, new MemoryKeys())
    parties.push(mine)
    const events: string[] = []
    const clock = { now: 0 }
    const turns = giveSessionsTurns(mine.socket)
    if (!turns) throw new Error('no turns')
    mendSenderKeys(mine.socket, new ArrivedMessages(mine.socket.ws), turns, {
      wasTold: () => options.told ?? false,
      keep: async (name) => {
        events.push(`keep ${name}`)
        await options.keep?.()
      },
      mayTakeOut: () => options.heals ?? true,
      takenOut: () => events.push('taken out'),
      ...(options.clock ? {} : { now: () => clock.now }),
    })
    const writer = new SenderKeys()
    const seal = () => writer.encrypt(group, authorJid, Buffer.from('to all'))
    let ids = 0
    const hear = async (msg: Uint8Array, attrs: object = {}) => {
      const node = { attrs: { id: `A${++ids}`, ...attrs }, content: [{ tag: 'enc', attrs: {}, content: msg }] }
      ;(mine.socket.ws as unknown as { emit(event: string, node: unknown): void }).emit('CB:message', node)
      return String(await mine.repository.decryptGroupMessage({ group, authorJid, msg }))
    }
    const learn = (distribution: Uint8Array) => {
      const item = { groupId: group, axolotlSenderKeyDistributionMessage: distribution }
      return mine.repository.processSenderKeyDistributionMessage({ item, authorJid })
    }
    const states = () => statesOf(mine.keys.stored.get(keyName))
    const { body, distribution } = await seal()
    await learn(distribution)
    await hear(body)
    return { ...mine, writer, seal, hear, learn, states, events, clock, first: body }
  }

  test('a message that came twice changes nothing: it was told before by its id, or comes with the backlog', async () => {
    const told = await account({ told: true })
    const anew = await account()
    for (let round = 0; round < 4; round += 1) {
      await expect(told.hear(told.first)).rejects.toThrow(/^Received message with old counter/)
      await expect(anew.hear(anew.first, { offline: '1' })).rejects.toThrow(/^Received message with old counter/)
    }
    expect([...told.events, ...anew.events]).toEqual([])
    expect(await anew.hear((await anew.seal()).body)).toBe('to all')
  })

  test('of a key that went back two new messages are enough; it is kept, taken out, and the next one is read', async () => {
    const mine = await account()
    const early = mine.writer.snapshot()
    for (let round = 0; round < 5; round += 1) await mine.hear((await mine.seal()).body)
    mine.writer.restore(early)
    await expect(mine.hear((await mine.seal()).body)).rejects.toThrow('The key of this sender for the group went back')
    expect(mine.events).toEqual([])
    await expect(mine.hear((await mine.seal()).body)).rejects.toThrow('went back')
    expect(mine.events).toEqual([`keep ${keyName.replace('sender-key ', '')}`, 'taken out'])
    expect(mine.states()).toEqual([])
    await mine.learn((await mine.seal()).distribution)
    expect(await mine.hear((await mine.seal()).body)).toBe('to all')
  })

  test('a message that is read between two that are behind begins the count anew', async () => {
    const mine = await account()
    const early = mine.writer.snapshot()
    for (let round = 0; round < 5; round += 1) await mine.hear((await mine.seal()).body)
    const late = mine.writer.snapshot()
    for (let round = 0; round < 3; round += 1) {
      mine.writer.restore(early)
      for (let step = 0; step < round; step += 1) await mine.seal()
      await expect(mine.hear((await mine.seal()).body)).rejects.toThrow('went back')
      mine.writer.restore(late)
      for (let step = 0; step < round; step += 1) await mine.seal()
      expect(await mine.hear((await mine.seal()).body)).toBe('to all')
    }
    expect(mine.events).toEqual([])
  })

  test('of several keys under one id the one that reaches the message is used at once, and others stay', async () => {
    const mine = await account()
    mine.writer.advance(group, 2_010)
    for (let round = 0; round < 3; round += 1) await mine.learn((await mine.seal()).distribution)
    const other = new SenderKeys()
    await mine.learn((await other.encrypt(group, authorJid, Buffer.from('x'))).distribution)
    expect(mine.states().length).toBe(5)
    expect(await mine.hear((await mine.seal()).body)).toBe('to all')
    expect(mine.states().length).toBe(2)
    expect(mine.events).toEqual([`keep ${keyName.replace('sender-key ', '')}`])
  })

  test('nothing is taken out while it cannot be kept, in observe mode, or a second time within an hour', async () => {
    for (const options of [{ heals: false }, { keep: () => Promise.reject(new Error('the disk is full')) }]) {
      const mine = await account(options)
      mine.writer.advance(group, 2_010)
      await expect(mine.hear((await mine.seal()).body)).rejects.toThrow(/^Over 2000/)
      expect(mine.states().length).toBe(1)
    }
    const ahead = async (mine: Awaited<ReturnType<typeof account>>) => {
      mine.writer.advance(group, 2_010)
      await expect(mine.hear((await mine.seal()).body)).rejects.toThrow(/^Over 2000/)
      return mine.states().length
    }
    const mine = await account()
    expect(await ahead(mine)).toBe(0)
    await mine.learn((await mine.seal()).distribution)
    expect(await ahead(mine)).toBe(1)
    // One that reaches the message is used at any time.
    await mine.learn((await mine.seal()).distribution)
    expect(await mine.hear((await mine.seal()).body)).toBe('to all')
    mine.clock.now = 3_600_000
    expect(await ahead(mine)).toBe(0)
    // Where the clock of the system is set, no hour has passed.
    const other = await account({ clock: 'its own' })
    expect(await ahead(other)).toBe(0)
    await other.learn((await other.seal()).distribution)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 })
    try {
      expect(await ahead(other)).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })
})

test('of a group message its key and its place are read, of other bytes nothing', () => {
  const long = Uint8Array.of(0x33, 0x08, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x10, 0xac, 0x02)
  expect(headOf(long)).toEqual({ id: 0xff_ff_ff_ff, iteration: 300 })
  for (const bytes of [[], [0x33], [0x33, 0x10, 1], [0x33, 0x08, 1], [0x33, 0x08, 0x80], [0x33, 0x08, 1, 0x18, 1]])
    expect(headOf(Uint8Array.from(bytes))).toBeUndefined()
  expect(headOf(Uint8Array.of(0x33, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01))).toBeUndefined()
})

test('a state of a key reaches messages up to 2,000 ahead, and of those behind the ones whose keys it kept', () => {
  const at = { senderKeyId: 1, senderChainKey: { iteration: 10 }, senderMessageKeys: [{ iteration: 4 }] }
  const places = [3, 4, 9, 10, 2_010, 2_011]
  expect(places.map((place) => reaches(at, place))).toEqual([false, true, false, true, true, false])
  expect([0, 2_000, 2_001].map((place) => reaches({ senderKeyId: 1 }, place))).toEqual([true, true, false])
  expect(reaches({ senderKeyId: 1, senderChainKey: { iteration: 10 } }, 4)).toBe(false)
})

test('the states of a key are read from a list or from its bytes, and of what is none there are none', () => {
  const states = [{ senderKeyId: 7 }, { senderKeyId: 8 }]
  expect([statesOf(storedStates(states)), statesOf(Uint8Array.from(storedStates(states))), statesOf(states)]).toEqual([
    states,
    states,
    states,
  ])
  expect(statesOf([...states, { senderKeyId: '9' }, null, 7])).toEqual(states)
  for (const none of [undefined, {}, 'x', Buffer.from('{}'), Buffer.from('[')]) expect(statesOf(none)).toEqual([])
  expect(senderKeyName('120@g.us', '4917_1.2.3')).toBe('120@g.us::4917_1.2::3')
})
