import { fc } from '@fast-check/vitest'
import { proto } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { defaultPolicy, type Policy } from '../../machines/index.ts'
import { trimKeys, trimmedKey } from '../../src/baileys/key-trim.ts'
import type { KeyData } from '../../src/baileys/socket.ts'
import type { Sealed as Mail } from '../../src/rehearsal/fake-whatsapp/peer.ts'
import { SenderKeys } from '../../src/rehearsal/fake-whatsapp/sender-keys.ts'
import { inTurn, numberOf } from '../share.ts'
import { ownParties } from './own-parties.ts'
import { baileysLines, Correspondent, encrypt, MemoryKeys, type Party } from './party.ts'

class TrimmedKeys extends MemoryKeys {
  readonly #limits: Policy['trim']

  constructor(limits: Policy['trim']) {
    super()
    this.#limits = limits
  }

  override set(data: KeyData): Promise<void> {
    return super.set(trimKeys(data, this.#limits))
  }
}

interface StoredSession {
  readonly _sessions: Record<
    string,
    {
      readonly indexInfo: { closed: number }
      readonly currentRatchet: { readonly lastRemoteEphemeralKey: string }
      readonly _chains: Record<string, { chainType: number; messageKeys: Record<string, string> }>
    }
  >
}

/** What both lines have for groups. */
interface GroupRepository {
  encryptGroupMessage(args: never): Promise<{ ciphertext: Uint8Array; senderKeyDistributionMessage: Uint8Array }>
  processSenderKeyDistributionMessage(args: unknown): Promise<void>
  decryptGroupMessage(args: unknown): Promise<Uint8Array>
}

const partyOf = ownParties()

const account = '491700000001.1'
const group = '120363000000000001@g.us'
const me = '491700000001:1@s.whatsapp.net'

/** What a contact and the account do, in any order. `write` puts a message into the mail; the rest takes some out. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver' as const), which: fc.nat(1_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), which: fc.nat(1_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('begin anew' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

let contacts = 4_915_100_000_000

/** Somebody whom the account has a session with; Baileys 7 would ask the server for the LID of an unknown one. */
async function acquainted(mine: Party): Promise<Correspondent> {
  contacts += 1
  mine.keys.stored.set(`lid-mapping ${contacts}`, `9${contacts}`)
  const friend = new Correspondent(String(contacts))
  await friend.meet(mine)
  return friend
}

/** The account reads a letter of a contact. */
const open = ({ repository }: Party, { jid }: Correspondent, { type, body }: Mail) => {
  const args = { jid, type, ciphertext: body }
  return repository.decryptMessage(args)
}

/** Plays the steps, then delivers what is still in the mail, last written first: what the account makes of each. */
async function played(mine: Party, steps: readonly Step[]): Promise<readonly string[]> {
  const friend = await acquainted(mine)
  const mail: Mail[] = []
  const delivered: Mail[] = []
  const told: string[] = []
  const write = async () => friend.peer.encrypt(account, Buffer.from(`message ${told.length} ${mail.length}`))
  const deliver = async (one: Mail | undefined) => {
    if (!one) return
    delivered.push(one)
    const read = open(mine, friend, one)
    told.push(await read.then(String, (error: Error) => `${error.name}: ${error.message}`))
  }
  for (const one of steps) {
    if (one.kind === 'write') mail.push(await write())
    else if (one.kind === 'deliver') await deliver(mail.splice(one.which % Math.max(1, mail.length), 1)[0])
    else if (one.kind === 'again') await deliver(delivered[one.which % Math.max(1, delivered.length)])
    else {
      if (one.kind === 'begin anew') await friend.peer.establish(account, mine.bundle)
      await deliver(await write())
      await friend.read(await encrypt(mine, friend.jid, 'answer')).catch(() => undefined)
    }
  }
  for (const one of mail.reverse()) await deliver(one)
  return told
}

describe.each(inTurn(baileysLines, import.meta.url))('$line', ({ baileys }) => {
  const made = (keys: MemoryKeys) => {
    const one = partyOf(baileys, keys)
    return one
  }
  /** How many receiving chains each stored session with a contact has. */
  const chainsOf = ({ keys }: Party, { address }: Correspondent) => {
    const names = [`session ${address}`, `session 9${address.replace('.', '_1.')}`]
    const stored = names.map((name) => keys.stored.get(name) as StoredSession | undefined).find(Boolean)
    return Object.values(stored?._sessions ?? {}).map(
      ({ _chains }) => Object.values(_chains).filter(({ chainType }) => chainType === 2).length,
    )
  }
  const turns = async (mine: Party, friend: Correspondent, count: number) => {
    for (let turn = 0; turn < count; turn += 1) {
      expect(await friend.write(mine, `in ${turn}`)).toBe(`in ${turn}`)
      expect(await friend.read(await encrypt(mine, friend.jid, `out ${turn}`))).toBe(`out ${turn}`)
    }
  }

  test('a session stays as large as it was after five turns; alone it grows with each', async () => {
    const [alone, trimmed] = [made(new MemoryKeys()), made(new TrimmedKeys(defaultPolicy.trim))]
    const [old, recent] = [await acquainted(alone), await acquainted(trimmed)]
    await turns(alone, old, 30)
    await turns(trimmed, recent, 30)
    expect(chainsOf(alone, old)[0]).toBeGreaterThanOrEqual(30)
    // And the first one, by which a first message that comes twice is known.
    expect(chainsOf(trimmed, recent)).toEqual([6])
  })

  test('in whatever order messages come, late, twice and across sessions, they are read as without trimming', async () => {
    // With one chain in the place of five, so that what is needed stays for its own sake.
    const arms = [new MemoryKeys(), new TrimmedKeys({ ...defaultPolicy.trim, receiverChains: 1 })].map(made)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const [alone, trimmed] = await Promise.all(arms.map((one) => played(one, steps)))
        expect(trimmed).toEqual(alone)
      }),
      { numRuns: numberOf(400, 6) },
    )
  }, 600_000)

  test('a message that comes twenty turns late is read, and told as a duplicate when it comes again', async () => {
    const mine = made(new TrimmedKeys(defaultPolicy.trim))
    const friend = await acquainted(mine)
    await friend.peer.establish(account, mine.bundle)
    const [first, late] = [
      await friend.peer.encrypt(account, Buffer.from('first')),
      await friend.peer.encrypt(account, Buffer.from('late')),
    ]
    const read = (one: Mail) => open(mine, friend, one).then(String)
    await friend.write(mine, 'third')
    await friend.read(await encrypt(mine, friend.jid, 'answer'))
    await turns(mine, friend, 20)
    expect(await read(late)).toBe('late')
    expect(await read(first)).toBe('first')
    await expect(read(late)).rejects.toThrow('Key used already or never filled')
    await expect(read(first)).rejects.toThrow('Key used already or never filled')
  })

  test('of chains that late messages could be read with, the newest stay; of closed sessions, too', async () => {
    const limits = { ...defaultPolicy.trim, receiverChains: 1, lateChains: 3, closedSessions: 2 }
    const mine = made(new TrimmedKeys(limits))
    const friend = await acquainted(mine)
    const never: Mail[] = []
    for (let turn = 0; turn < 12; turn += 1) {
      never.push(await friend.peer.encrypt(account, Buffer.from(`late ${turn}`)))
      await turns(mine, friend, 1)
    }
    // The last, three late ones and the first of the session.
    expect(chainsOf(mine, friend)).toEqual([5])
    const told: string[] = []
    for (const one of never) told.push(await open(mine, friend, one).then(String, () => 'lost'))
    expect(told.slice(-3)).toEqual(['late 9', 'late 10', 'late 11'])

    for (let anew = 0; anew < 5; anew += 1) {
      await friend.peer.establish(account, mine.bundle)
      await turns(mine, friend, 1)
    }
    expect(chainsOf(mine, friend)).toHaveLength(3)
    await turns(mine, friend, 1)
  })

  test('the key that the account sends with in a group stays small, and every member reads every message', async () => {
    const size = ({ keys }: Party) =>
      [...keys.stored].find(([name]) => name.startsWith(`sender-key ${group}::`))?.[1] as Buffer
    const [alone, trimmed] = [made(new MemoryKeys()), made(new TrimmedKeys(defaultPolicy.trim))]
    for (const [mine, bytes] of [
      [alone, 'large'],
      [trimmed, 'small'],
    ] as const) {
      const send = async (text: string) => {
        const args = { group, meId: me, data: Buffer.from(text) } as never
        return (mine.repository as unknown as GroupRepository).encryptGroupMessage(args)
      }
      const first = await send('0')
      const member = new SenderKeys()
      await member.learn(group, me, first.senderKeyDistributionMessage)
      const sent = [first]
      for (let at = 1; at < 40; at += 1) sent.push(await send(String(at)))
      const late = new SenderKeys()
      const next = await send('40')
      await late.learn(group, me, next.senderKeyDistributionMessage)
      for (const at of [0, 3, 20, 38, 39])
        expect(String(await member.decrypt(group, me, sent[at]?.ciphertext ?? new Uint8Array()))).toBe(String(at))
      expect(String(await late.decrypt(group, me, next.ciphertext))).toBe('40')
      if (bytes === 'large') expect(size(mine).length).toBeGreaterThan(40 * 150)
      else expect(size(mine).length).toBeLessThan(1_500)
    }
  })

  test('the keys that others send with stay as they are', async () => {
    const mine = made(new MemoryKeys())
    const [other, author] = [new SenderKeys(), '4915200000005:2@s.whatsapp.net']
    const sent = []
    for (let at = 0; at < 30; at += 1) sent.push(await other.encrypt(group, author, Buffer.from(String(at))))
    const repository = mine.repository as unknown as GroupRepository
    const item = proto.Message.SenderKeyDistributionMessage.create({
      groupId: group,
      axolotlSenderKeyDistributionMessage: sent[0]?.distribution ?? null,
    })
    const written: KeyData[] = []
    mine.keys.before = async (data) => void written.push(data)
    await repository.processSenderKeyDistributionMessage({ item, authorJid: author })
    for (const at of [9, 19, 29]) {
      const read = await repository.decryptGroupMessage({ group, authorJid: author, msg: sent[at]?.body })
      expect(String(Buffer.from(read))).toBe(String(at))
    }
    expect(written.length).toBeGreaterThanOrEqual(4)
    for (const data of written) {
      const before = structuredClone(data)
      expect(trimKeys(data, defaultPolicy.trim)).toBe(data)
      expect(structuredClone(data)).toEqual(before)
    }
    expect(JSON.stringify(written.at(-1))).toContain('sender-key')
  })
})

test('a cache that holds what was stored holds the shorter form, too', () => {
  const key = { type: 'Buffer', data: [1, 2, 3] }
  const state = {
    senderKeyId: 1,
    senderChainKey: { iteration: 9, seed: key },
    senderSigningKey: { public: key, private: key },
    senderMessageKeys: [{ iteration: 4, seed: key }],
  }
  const held = Buffer.from(JSON.stringify([state]))
  const stored = trimKeys({ 'sender-key': { a: held } }, defaultPolicy.trim)['sender-key'] as { a: Buffer }
  expect(JSON.parse(String(stored.a))).toEqual([{ ...state, senderMessageKeys: [] }])
  expect(JSON.parse(String(held))).toEqual(JSON.parse(String(stored.a)))
  expect(stored.a.length).toBeLessThan(held.length)
})

const signing = (own: boolean) => ({ public: 'p', private: own ? 'secret' : '' })
const skipped = [{ iteration: 4 }]
const state = (own: boolean, senderMessageKeys: object[]) => ({ senderSigningKey: signing(own), senderMessageKeys })

test.each<[string, object[], number, object[] | undefined]>([
  ['of its own with skipped keys', [state(true, skipped)], 0, [state(true, [])]],
  ['of its own with none', [state(true, [])], 8, undefined],
  ['of another', [state(false, skipped)], 8, undefined],
  ['of its own with none, before one of another', [state(true, []), state(false, skipped)], 0, undefined],
  [
    'of its own, before one of another',
    [state(true, skipped), state(false, skipped)],
    0,
    [state(true, []), state(false, skipped)],
  ],
])('a record of a sender key %s is made shorter, or left with all its bytes', (_, states, spaces, shorter) => {
  const bytes = Buffer.from(JSON.stringify(states) + ' '.repeat(spaces))
  const before = Buffer.from(bytes)
  const found = trimmedKey('sender-key', bytes, defaultPolicy.trim) as Buffer | undefined
  expect(found && JSON.parse(String(found))).toEqual(shorter)
  if (found)
    expect([found.length < before.length, bytes.length, JSON.parse(String(bytes))]).toEqual([
      true,
      before.length,
      shorter,
    ])
  else expect(bytes).toEqual(before)
})

test('of a stored value the shorter form is told if there is one, by what kind of key it is', () => {
  const limits = { ...defaultPolicy.trim, closedSessions: 0 }
  const session = () => ({
    _sessions: { a: { indexInfo: { closed: 1 }, currentRatchet: {}, _chains: {} }, b: {} },
  })
  const long = session()
  expect(trimmedKey('session', long, limits)).toBe(long)
  expect(long).toEqual({ _sessions: { b: {} } })
  expect(trimmedKey('session', long, limits)).toBeUndefined()
  const own = () => Buffer.from(JSON.stringify([state(true, skipped)]))
  expect(['pre-key', 'session'].map((type) => trimmedKey(type, own(), limits))).toEqual([undefined, undefined])
  expect(trimmedKey('sender-key', String(own()), limits)).toBeUndefined()
  expect(trimmedKey('tctoken', session(), limits)).toBeUndefined()
  const none = { 'pre-key': {} }
  expect(trimKeys(none, limits)).toBe(none)
})

test('what is no record that is known stays as it came', () => {
  const odd = [null, 7, 'x', [], {}, { _sessions: [] }, { _sessions: { a: 7, b: { _chains: {} }, c: null } }]
  for (const value of odd) {
    const data = { session: { a: structuredClone(value) as never }, 'sender-key': { b: value } }
    expect(trimKeys(data, { ...defaultPolicy.trim, closedSessions: 0 })).toEqual({
      session: { a: value },
      'sender-key': { b: value },
    })
  }
  const broken = Buffer.from('[{"senderSigningKey":{"private":"x"},"senderMessageKeys":[{')
  expect(trimKeys({ 'sender-key': { b: broken } }, defaultPolicy.trim)).toEqual({ 'sender-key': { b: broken } })
})
