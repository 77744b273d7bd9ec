import { expect, test } from 'vitest'
import { tryOpening } from '../../src/baileys/session-trial.ts'
import { ownParties } from './own-parties.ts'
import { baileysLines, Correspondent, encrypt } from './party.ts'

const partyOf = ownParties()

/** A contact with a session, what the account stores of it, and a message of that session. */
async function met(number: string) {
  const mine = partyOf(baileysLines[1].baileys)
  const friend = new Correspondent(number)
  await friend.meet(mine)
  const stored = () => structuredClone(mine.keys.stored.get(`session ${friend.address}`)) as { version?: string }
  const sealed = async () => {
    const { type, body } = await friend.peer.encrypt('491700000001.1', Buffer.from('a text'))
    return { type, ciphertext: body }
  }
  const identity = Uint8Array.from(mine.creds.signedIdentityKey.public)
  return { mine, friend, stored, sealed, identity }
}

test('a stored session opens a message, has read it before, or neither; and stays as it was', async () => {
  const { mine, friend, stored, sealed, identity } = await met('4915100000007')
  const other = await met('4915100000008')
  const message = await sealed()
  const before = stored()
  const given = stored()
  expect(await tryOpening(given, message, identity)).toBe('opens')
  expect(await tryOpening(given, message, identity)).toBe('opens')
  expect(given).toEqual(before)
  await mine.repository.decryptMessage({ jid: friend.jid, ...message })
  expect(await tryOpening(stored(), message, identity)).toBe('used')
  // One of an earlier version is read as well, and not made a new one by that.
  const { version: _, ...old } = before
  expect(await tryOpening(old, message, identity)).toBe('opens')
  expect(old).not.toHaveProperty('version')
  for (const odd of [other.stored(), undefined, {}, 'x', { ...before, _sessions: 7 }])
    expect(await tryOpening(odd, await sealed(), identity)).toBe('no')
  expect(await tryOpening(before, { type: 'msg', ciphertext: Buffer.from('no message') }, identity)).toBe('no')
  expect(await tryOpening(before, { type: 'pkmsg', ciphertext: Buffer.from([0x33, 0xff]) }, identity)).toBe('no')
})

test('a message that begins a session is read by that one alone, also when it comes again', async () => {
  const { mine, friend, stored, sealed, identity } = await met('4915100000009')
  const older = stored()
  await friend.peer.establish('491700000001.1', mine.bundle)
  const [first, second] = [await sealed(), await sealed()]
  expect([first.type, await tryOpening(older, first, identity)]).toEqual(['pkmsg', 'no'])
  await mine.repository.decryptMessage({ jid: friend.jid, ...first })
  expect([await tryOpening(stored(), first, identity), await tryOpening(stored(), second, identity)]).toEqual([
    'used',
    'opens',
  ])
  await friend.read(await encrypt(mine, friend.jid, 'answer'))
})
