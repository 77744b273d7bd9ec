import { describe, expect, test } from 'vitest'
import { lookUnderOtherAddresses } from '../../src/baileys/other-address.ts'
import { statesOf } from '../../src/baileys/sender-key-states.ts'
import { giveSessionsTurns } from '../../src/baileys/session-turns.ts'
import { foreignSession } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { SenderKeys } from '../../src/rehearsal/fake-whatsapp/sender-keys.ts'
import { ownParties } from './own-parties.ts'
import { baileysLines, Correspondent, encrypt, MemoryKeys } from './party.ts'

const partyOf = ownParties()

const user = '4915100000007'
const lid = '77700000007'

describe.each(baileysLines)('$line', ({ line, baileys }) => {
  const lidAddress = line === 'v7' ? `${lid}_1.0` : `${lid}.0`

  function account({
    keep = async () => undefined,
    heals = true,
  }: {
    keep?: () => Promise<void>
    heals?: boolean
  } = {}) {
    const mine = partyOf(baileys, new MemoryKeys())
    const alts = new Map<string, string>()
    const events: string[] = []
    /** What every decryption fails with from now on, in the place of Baileys'. */
    const failing: { text?: string } = {}
    const { decryptMessage } = mine.repository
    mine.repository.decryptMessage = (args) =>
      failing.text === undefined ? decryptMessage(args) : Promise.reject(new Error(failing.text))
    const turns = giveSessionsTurns(mine.socket)
    if (!turns) throw new Error('no turns')
    /** The records that were waited for, and what happens meanwhile. */
    const turned: string[] = []
    const before: { step?: () => void } = {}
    const { exchange } = turns
    turns.exchange = (records, change) => {
      turned.push(...records)
      before.step?.()
      return exchange.call(turns, records, change)
    }
    lookUnderOtherAddresses(mine.socket, turns, {
      alt: (jid) => alts.get(jid),
      me: () => mine.creds.me,
      identity: () => mine.creds.signedIdentityKey.public,
      keep: async (names) => {
        events.push(`keep ${names.join()}`)
        await keep()
      },
      found: () => heals,
      moved: (what) => events.push(`moved ${what}`),
    })
    const stored = (address: string): unknown => mine.keys.stored.get(`session ${address}`)
    return { ...mine, alts, events, stored, failing, turned, before }
  }

  test('a session is found under the address that the message names, and moved to where Baileys looks', async () => {
    const mine = account()
    const friend = new Correspondent(user)
    await friend.meet(mine)
    mine.alts.set(`${lid}@lid`, friend.jid)
    expect(await friend.write(mine, 'from my LID', `${lid}@lid`)).toBe('from my LID')
    expect([mine.stored(friend.address), Boolean(mine.stored(lidAddress))]).toEqual([undefined, true])
    // And back, as long as the message says whose it is.
    mine.alts.set(friend.jid, `${lid}@lid`)
    expect(await friend.write(mine, 'from my number')).toBe('from my number')
    expect(mine.events).toEqual(['moved session', 'moved session'])
    expect(await friend.read(await encrypt(mine, friend.jid, 'answer'))).toBe('answer')
  })

  test('the own phone is known without any message that names it', async () => {
    const mine = account()
    const phone = new Correspondent('491700000001')
    await phone.meet(mine)
    expect(await phone.write(mine, 'from my other name', '1007@lid')).toBe('from my other name')
  })

  test('what stands in the place of the one that works is copied aside before', async () => {
    const mine = account()
    const [friend, older] = [new Correspondent(user), new Correspondent('4915100000008')]
    await friend.meet(mine)
    await older.meet(mine)
    mine.keys.stored.set(`session ${lidAddress}`, mine.stored(older.address)).delete(`session ${older.address}`)
    mine.alts.set(`${lid}@lid`, friend.jid)
    expect(await friend.write(mine, 'new', `${lid}@lid`)).toBe('new')
    expect(mine.events).toEqual([`keep ${lidAddress},${friend.address}`, 'moved session'])
    expect(await friend.write(mine, 'after it', `${lid}@lid`)).toBe('after it')
  })

  test('nothing moves for a message that was read before, for one that nobody can read, or while it cannot be kept', async () => {
    const friend = new Correspondent(user)
    const refusing = account({ keep: () => Promise.reject(new Error('the disk is full')) })
    await friend.meet(refusing)
    refusing.alts.set(`${lid}@lid`, friend.jid)
    const foreign = await foreignSession()
    refusing.keys.stored.set(`session ${lidAddress}`, foreign)
    await expect(friend.write(refusing, 'x', `${lid}@lid`)).rejects.toThrow('No matching sessions')
    expect(refusing.stored(lidAddress)).toBe(foreign)

    const mine = account()
    const other = new Correspondent(user)
    await other.meet(mine)
    const { type, body } = await other.peer.encrypt('491700000001.1', Buffer.from('twice'))
    mine.alts.set(other.jid, `${lid}@lid`)
    mine.keys.stored.set(`session ${lidAddress}`, mine.stored(other.address))
    const args = { jid: other.jid, type, ciphertext: body }
    if (line === 'v7') mine.keys.stored.delete(`session ${lidAddress}`)
    await mine.repository.decryptMessage(args)
    const before = mine.stored(other.address)
    await expect(mine.repository.decryptMessage(args)).rejects.toThrow()
    expect(mine.stored(other.address)).toBe(before)
    expect(mine.events).toEqual([])
  })

  test('a session that does not open the message stays where it is, and so does each for another reason', async () => {
    const mine = account()
    const friend = new Correspondent(user)
    await friend.meet(mine)
    const foreign = await foreignSession()
    mine.keys.stored.set(`session ${friend.address}`, foreign)
    mine.alts.set(`${lid}@lid`, friend.jid)
    await expect(friend.write(mine, 'x', `${lid}@lid`)).rejects.toThrow('No session record')
    expect([mine.stored(friend.address), mine.stored(lidAddress)]).toEqual([foreign, undefined])

    const other = account()
    const another = new Correspondent(user)
    await another.meet(other)
    const session = other.stored(another.address)
    other.alts.set(`${lid}@lid`, another.jid)
    other.failing.text = 'Message absent from node'
    await expect(another.write(other, 'x', `${lid}@lid`)).rejects.toThrow('Message absent from node')
    expect([other.stored(another.address), other.stored(lidAddress)]).toEqual([session, undefined])
    expect([...mine.events, ...other.events]).toEqual([])
  })

  /** It has the key of a group under the number of its author, who has written there with it. */
  async function withGroupKey(mine: ReturnType<typeof account>) {
    const group = '120363000000000001@g.us'
    const authorJid = `${user}@s.whatsapp.net`
    const { body, distribution } = await new SenderKeys().encrypt(group, authorJid, Buffer.from('to all'))
    const item = { groupId: group, axolotlSenderKeyDistributionMessage: distribution }
    await mine.repository.processSenderKeyDistributionMessage({ item, authorJid })
    return { mine, group, authorJid, body }
  }

  test('a key for a group that has come meanwhile is the one that counts', async () => {
    const { mine, group, authorJid, body } = await withGroupKey(account())
    const [name = ''] = [...mine.keys.stored.keys()].filter((one) => one.startsWith('sender-key '))
    const states = mine.keys.stored.get(name)
    const [there = ''] = [`sender-key ${group}::${lidAddress.replace('.', '::')}`]
    mine.alts.set(`${lid}@lid`, authorJid)
    mine.before.step = () => mine.keys.stored.set(there, states)
    const moved = { group, authorJid: `${lid}@lid`, msg: body }
    await expect(mine.repository.decryptGroupMessage(moved)).rejects.toThrow(/^No Sender|^No session found/)
    expect([mine.keys.stored.get(name), mine.keys.stored.get(there), mine.events]).toEqual([states, states, []])
  })

  test('while it only observes, a key for a group stays where it is', async () => {
    const { mine, group, authorJid, body } = await withGroupKey(account({ heals: false }))
    mine.alts.set(`${lid}@lid`, authorJid)
    const names = [...mine.keys.stored.keys()]
    const moved = { group, authorJid: `${lid}@lid`, msg: body }
    await expect(mine.repository.decryptGroupMessage(moved)).rejects.toThrow(/^No Sender|^No session found/)
    expect([[...mine.keys.stored.keys()], mine.events]).toEqual([names, []])
  })

  test('while it only observes, nothing moves', async () => {
    const mine = account({ heals: false })
    const friend = new Correspondent(user)
    await friend.meet(mine)
    mine.alts.set(`${lid}@lid`, friend.jid)
    await expect(friend.write(mine, 'x', `${lid}@lid`)).rejects.toThrow('No session record')
    expect(mine.stored(lidAddress)).toBeUndefined()
  })

  test("a member's key for a group is found under its other address", async () => {
    const mine = account()
    const writer = new SenderKeys()
    const group = '120363000000000001@g.us'
    const seal = () => writer.encrypt(group, `${user}@s.whatsapp.net`, Buffer.from('to all'))
    const { body, distribution } = await seal()
    const item = { groupId: group, axolotlSenderKeyDistributionMessage: distribution }
    const authorJid = `${user}@s.whatsapp.net`
    await mine.repository.processSenderKeyDistributionMessage({ item, authorJid })
    expect(String(await mine.repository.decryptGroupMessage({ group, authorJid, msg: body }))).toBe('to all')
    mine.alts.set(`${lid}@lid`, authorJid)
    const next = await seal()
    const moved = { group, authorJid: `${lid}@lid`, msg: next.body }
    expect(String(await mine.repository.decryptGroupMessage(moved))).toBe('to all')
    const [name] = [...mine.keys.stored.keys()].filter((one) => one.startsWith('sender-key '))
    expect(name).toContain(lid)
    expect(statesOf(mine.keys.stored.get(name ?? '')).length).toBe(1)
    expect(mine.turned).toEqual(
      expect.arrayContaining([`sender-key ${group} ${user}.0`, `sender-key ${group} ${lidAddress}`]),
    )
    expect(mine.events).toEqual(['moved sender-key'])
  })

  if (line === 'v7')
    test('a number that was given to somebody else is read under the LID that its message names', async () => {
      const mine = account()
      const newcomer = new Correspondent(user)
      mine.keys.stored.set(`lid-mapping ${user}`, '66600000006').set('lid-mapping 66600000006_reverse', user)
      mine.alts.set(newcomer.jid, `${lid}@lid`)
      const { lidMapping } = mine.repository
      expect(await lidMapping?.getLIDForPN(newcomer.jid)).toBe(`${lid}@lid`)
      expect(mine.keys.stored.get(`lid-mapping ${user}`)).toBe(lid)
      expect(mine.keys.stored.get(`lid-mapping ${lid}_reverse`)).toBe(user)
    })
})

describe('whose number it is', () => {
  /** What is answered for a number, and what is stored, where its LID is known as `lid` and a message says `said`. */
  async function asked(known: string | null, said: string | undefined) {
    const events: string[] = []
    let stored = known
    const lidMapping = {
      getLIDForPN: async () => stored,
      storeLIDPNMappings: async (pairs: readonly { readonly lid: string; readonly pn: string }[]) => {
        await Promise.resolve()
        for (const pair of pairs) events.push(`${pair.pn} is ${pair.lid}`)
        stored = pairs[0]?.lid ?? null
      },
    }
    const none = async () => undefined
    const signalRepository = {
      ...{ encryptMessage: none, decryptMessage: none, injectE2ESession: none, encryptGroupMessage: none },
      ...{ decryptGroupMessage: none, processSenderKeyDistributionMessage: none },
      ...{ jidToSignalProtocolAddress: (jid: string) => jid, lidMapping },
    }
    const parts = { alt: () => said, me: () => undefined, identity: () => new Uint8Array(), keep: none }
    lookUnderOtherAddresses({ signalRepository, authState: { keys: {} } } as never, {} as never, {
      ...parts,
      found: () => true,
      moved: () => undefined,
    })
    return [await (lidMapping.getLIDForPN as (pn: string) => Promise<string | null>)('49@s.whatsapp.net'), events]
  }

  test.each<[string, string | null, string | undefined, string | null, readonly string[]]>([
    ['another LID', '77@lid', '88@lid', '88@lid', ['49@s.whatsapp.net is 88@lid']],
    ['the same', '77@lid', '77@lid', '77@lid', []],
    ['the same, of a device', '77:2@lid', '77@lid', '77:2@lid', []],
    ['nothing', '77@lid', undefined, '77@lid', []],
    ['a number', '77@lid', '50@s.whatsapp.net', '77@lid', []],
    ['a LID, where none is known', null, '88@lid', null, []],
  ])('a message of a number that names %s', async (_, known, said, lid, stored) => {
    expect(await asked(known, said)).toEqual([lid, stored])
  })
})
