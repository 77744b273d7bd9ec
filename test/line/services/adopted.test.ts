import { describe, expect, test } from 'vitest'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { SenderKeys } from '../../../src/rehearsal/fake-whatsapp/sender-keys.ts'
import { ownParties } from '../../baileys/own-parties.ts'
import { baileysLines, Correspondent } from '../../baileys/party.ts'
import { auth, resourcesOn } from './bench.ts'

const partyOf = ownParties()

const lid = '77700000007'
const group = '120363000000000001@g.us'

describe.each(baileysLines)("a socket of Baileys' own that is adopted, $line", ({ line, baileys }) => {
  function adopted(mode: 'heal' | 'observe' = 'heal', names: readonly string[] = []) {
    const mine = partyOf(baileys)
    const events: unknown[] = []
    const copyAside = async (which: object, why: string) => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
      events.push(['aside', which, why])
    }
    const write = mine.keys.set.bind(mine.keys)
    Object.assign(mine.keys, {
      set: async (data: Parameters<typeof write>[0]) => {
        if (Object.values(data).some((values) => Object.values(values ?? {}).includes(null as never)))
          events.push('taken out')
        await write(data)
      },
    })
    const { resources, told } = resourcesOn({ copyAside } as never, { mode })
    const keyNames = async () => names
    const own = auth({ state: { creds: mine.creds, keys: mine.socket.authState.keys }, keyNames })
    const live = new LiveSocket(1, own, resources)
    expect(live.adopt(mine.socket)).toBe(true)
    told.length = 0
    const stored = (address: string): unknown => mine.keys.stored.get(`session ${address}`)
    return { ...mine, live, events, told, stored }
  }
  const lidAddress = line === 'v7' ? `${lid}_1.0` : `${lid}.0`
  const under = 'they lay under the other address of their contact'

  test('uses a session under the other address of its contact, with what stood there copied aside before', async () => {
    const mine = adopted()
    const [friend, older] = [new Correspondent('4915100000007'), new Correspondent('4915100000008')]
    await friend.meet(mine)
    await older.meet(mine)
    mine.keys.stored.set(`session ${lidAddress}`, mine.stored(older.address)).delete(`session ${older.address}`)
    mine.live.alt = (jid) => (jid === `${lid}@lid` ? friend.jid : undefined)
    expect(await friend.write(mine, 'from my LID', `${lid}@lid`)).toBe('from my LID')
    const addresses = [lidAddress, friend.address]
    expect(mine.events).toEqual([
      ['aside', { kind: 'sessions', addresses }, 'a session under the other address of its contact is used'],
      'taken out',
    ])
    expect(mine.told).toEqual([['act', 'sessions-moved', 1, under]])
  })

  test('moves nothing while it only observes, and says what it would move', async () => {
    const mine = adopted('observe')
    const friend = new Correspondent('4915100000007')
    await friend.meet(mine)
    mine.live.alt = () => friend.jid
    await expect(friend.write(mine, 'x', `${lid}@lid`)).rejects.toThrow()
    expect(mine.told).toEqual([['would', 'sessions-moved', 1, under]])
    expect([mine.events, mine.stored(lidAddress)]).toEqual([[], undefined])
  })

  test.each(['heal', 'observe'] as const)(
    "finds a member's key for a group under its other address, of which nothing is told: mode %s",
    async (mode) => {
      const mine = adopted(mode)
      const writer = new SenderKeys()
      const authorJid = '4915100000007@s.whatsapp.net'
      const seal = () => writer.encrypt(group, authorJid, Buffer.from('to all'))
      const { body, distribution } = await seal()
      const item = { groupId: group, axolotlSenderKeyDistributionMessage: distribution }
      await mine.repository.processSenderKeyDistributionMessage({ item, authorJid })
      expect(String(await mine.repository.decryptGroupMessage({ group, authorJid, msg: body }))).toBe('to all')
      mine.live.alt = (jid) => (jid === `${lid}@lid` ? authorJid : undefined)
      const msg = (await seal()).body
      const read = mine.repository.decryptGroupMessage({ group, authorJid: `${lid}@lid`, msg }).then(String, () => 'no')
      expect(await read).toBe(mode === 'heal' ? 'to all' : 'no')
      expect(mine.told).toEqual([])
    },
  )

  test.each(['heal', 'observe'] as const)(
    "has a member's key for a group that went back taken out once it is copied aside, or says that it would: mode %s",
    async (mode) => {
      const mine = adopted(mode)
      const writer = new SenderKeys()
      const authorJid = '4915100000007@s.whatsapp.net'
      let ids = 0
      const hear = async () => {
        const { body: msg } = await writer.encrypt(group, authorJid, Buffer.from('to all'))
        const node = { attrs: { id: `A${++ids}` }, content: [{ tag: 'enc', attrs: {}, content: msg }] }
        Reflect.apply(Reflect.get(mine.socket.ws, 'emit'), mine.socket.ws, ['CB:message', node])
        return String(await mine.repository.decryptGroupMessage({ group, authorJid, msg }))
      }
      const { distribution } = await writer.encrypt(group, authorJid, Buffer.from('first'))
      const item = { groupId: group, axolotlSenderKeyDistributionMessage: distribution }
      await mine.repository.processSenderKeyDistributionMessage({ item, authorJid })
      const early = writer.snapshot()
      for (let round = 0; round < 5; round += 1) expect(await hear()).toBe('to all')
      writer.restore(early)
      for (let round = 0; round < 2; round += 1) await expect(hear()).rejects.toThrow()
      const why = 'a member of a group writes with a key that is out of step, so nothing of it could be read'
      const names = [expect.stringMatching(/^sender-key-120363000000000001@g\.us--4915100000007--0\.json$/)]
      expect(mine.events[0]).toEqual(mode === 'heal' ? ['aside', { kind: 'files', names }, why] : undefined)
      expect(mine.told).toEqual([[mode === 'heal' ? 'act' : 'would', 'sender-key-set-aside', undefined, why]])
    },
  )

  test('forgets sessions in their turn, and knows on version 7 what lies under two addresses', async () => {
    const names = ['session-4915100000007.0.json', `lid-mapping-4915100000007.json`]
    const mine = adopted('heal', names)
    const friend = new Correspondent('4915100000007')
    await friend.meet(mine)
    mine.keys.stored.set('lid-mapping 4915100000007', lid)
    expect(await mine.live.settleAddresses()).toBe(line === 'v7' ? 1 : 0)
    const address = line === 'v7' ? `${lid}_1.0` : friend.address
    expect(mine.stored(address)).toBeDefined()
    expect(await mine.live.forgetSessions([address], async () => false)).toBe(false)
    expect(mine.stored(address)).toBeDefined()
    expect(await mine.live.forgetSessions([address], async () => true)).toBe(true)
    expect(mine.stored(address)).toBeUndefined()
  })
})
