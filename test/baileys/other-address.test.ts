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
    const turns = giveSessionsTurns(mine.socket)
    if (!turns) throw new Error('no turns')
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
    return { ...mine, alts, events, stored }
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
