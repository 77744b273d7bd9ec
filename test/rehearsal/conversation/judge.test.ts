import { describe, expect, test } from 'vitest'
import { heardIn } from '../../../src/rehearsal/conversation/client.ts'
import { ReadIndex, readersOf, toAccount, toContacts, type Written } from '../../../src/rehearsal/conversation/judge.ts'
import { type ConversationReport, inWords, story } from '../../../src/rehearsal/conversation/report.ts'
import { answerTo, contactsIn, nameless, type Voice, voicesOf } from '../../../src/rehearsal/conversation/script.ts'
import { slowState, slowStore } from '../../../src/rehearsal/conversation/slow-store.ts'
import { Contact, type Group } from '../../../src/rehearsal/fake-whatsapp/index.ts'

/** A contact with what its devices could read. */
const contact = (name: string, received: readonly (readonly string[])[] = [[]]): Contact =>
  Object.setPrototypeOf(
    {
      ...{ name, jid: `${name}@s.whatsapp.net`, lid: `${name}@lid` },
      devices: received.map((texts, id) => ({ id, received: [...texts] })),
    },
    Contact.prototype,
  )
const heard = (...texts: string[]) => texts.map((text, at) => ({ id: `${at}`, text, chat: 'anna' }))
const voice = { name: 'anna' } as Voice
const other = { name: 'berta' } as Voice
const written = (text: string, of = voice, delivery: object = {}): Written => ({
  ...{ text, voice: of },
  delivery: { receipts: [1], retries: [], ...delivery } as never,
})

describe('what contacts wrote', () => {
  test('is read if it has a receipt, and told if the listener heard it, each once', () => {
    const unread = { receipts: [], retries: [1, 2] }
    const all = [written('1'), written('2', voice, unread), written('3'), written('4', voice, { retries: [1] })]
    expect(toAccount(all, heard('1', '3', '3', 'x'))).toEqual({
      ...{ sent: 4, read: 3, neverRead: ['2'], askedAgain: 3, outOfOrder: 0 },
      ...{ toldTwice: ['3'], toldNever: ['2', '4'] },
    })
  })

  test('is out of order where a text comes after one that its writer wrote later, whatever others wrote', () => {
    const all = [written('a1'), written('b1', other), written('a2'), written('b2', other), written('a3')]
    const order = (...texts: string[]) => toAccount(all, heard(...texts)).outOfOrder
    expect(order('b1', 'b2', 'a1', 'a2', 'a3')).toBe(0)
    expect(order('a3', 'a1', 'a2', 'b1', 'b2')).toBe(2)
    expect(order('a2', 'a1', 'b2', 'b1', 'a3')).toBe(2)
    expect(order('x', 'a1')).toBe(0)
  })
})

describe('what the account sent', () => {
  const chat = 'anna@s.whatsapp.net'
  const serverOf = (asked: Readonly<Record<string, number[]>>) => ({
    sentMessage: (id: string) =>
      asked[id] ? { copies: asked[id].map((count) => ({ asked: Array(count) })) } : undefined,
  })

  test('is read once all devices of its chat could read it, told twice where one could twice, and asked for by any', () => {
    const anna = contact('anna', [
      ['1', '2', '3', '3'],
      ['2', '3', '1'],
    ])
    const said = [
      ...['1', '2', '3', '4'].map((text) => ({ text, chat, id: `M${text}` })),
      { text: 'refused', chat },
      { text: 'lost', chat, id: 'lost' },
    ]
    const server = serverOf({ M1: [0, 0], M2: [2, 1], M3: [], M4: [0] })
    expect(toContacts(said, new ReadIndex(), server as never, { contacts: [anna], groups: [] })).toEqual({
      ...{ sent: 4, read: 3, askedAgain: 3, toldTwice: ['3'], outOfOrder: 1 },
      ...{ neverRead: ['4 (not anna/0, anna/1)'], toldNever: ['4 (not anna/0, anna/1)'] },
    })
  })

  test('is for the devices of a contact, by number or by LID, or of all contacts in a group', () => {
    const [anna, berta] = [contact('anna', [[], []]), contact('berta')]
    const club = { jid: 'club@g.us', name: 'club', members: [anna, berta, { number: '4917' }] } as unknown as Group
    const all = { contacts: [anna], groups: [club] }
    const names = (to: string) => readersOf(to, all).map((one) => `${one.contact.name}/${one.device.id}`)
    expect(names(chat)).toEqual(['anna/0', 'anna/1'])
    expect(names('anna@lid')).toEqual(['anna/0', 'anna/1'])
    expect(names('club@g.us')).toEqual(['anna/0', 'anna/1', 'berta/0'])
    expect(names('berta@lid')).toEqual([])
    expect(contactsIn(club)).toEqual([anna, berta])
    expect(voicesOf([anna], [club]).map(({ name, device, group }) => [name, device, group?.jid])).toEqual([
      ['anna', 0, undefined],
      ['anna/1', 1, undefined],
      ['anna in club', 0, 'club@g.us'],
      ['anna/1 in club', 1, 'club@g.us'],
      ['berta in club', 0, 'club@g.us'],
    ])
  })

  test('is counted for each device as it comes to be read', () => {
    const [device] = contact('anna', [['1']]).devices
    if (!device) throw new Error('no device')
    const index = new ReadIndex()
    expect([index.times(device, '1'), index.times(device, '2')]).toEqual([1, 0])
    ;(device.received as string[]).push('2', '1')
    expect([index.times(device, '1'), index.times(device, '2')]).toEqual([2, 1])
    expect([index.times(device, '1'), index.times(device, '2')]).toEqual([2, 1])
  })
})

describe('a report', () => {
  const well = { sent: 2, read: 2, neverRead: [], askedAgain: 0, toldTwice: [], toldNever: [], outOfOrder: 0 }

  test('in words names what went wrong and nothing else', () => {
    expect(inWords(well)).toBe('2 of 2 read')
    expect(inWords({ ...well, read: 1, askedAgain: 1, toldTwice: ['a'], toldNever: ['b', 'c'], outOfOrder: 4 })).toBe(
      '1 of 2 read, 1 asked again, 1 told twice, 2 told never, 4 out of order',
    )
  })

  test('as a story tells of the first three texts that went wrong, each once, all that happened to them', () => {
    const report: ConversationReport = {
      ...{ seed: 's', complete: false, tookMs: 1_550, cold: ['x', 'y'], refused: ['r'], lostOnTheWay: ['l', 'l'] },
      toAccount: { ...well, neverRead: ['a'], toldNever: ['a'] },
      toContacts: { ...well, toldNever: ['b (not anna/0)'], toldTwice: ['c', 'd'] },
      order: [
        { ms: 1.4, what: 'written', text: 'a' },
        { ms: 2, what: 'told', text: 'd' },
        { ms: 1_000.6, what: 'asked', text: 'b' },
      ],
    }
    expect(story(report).split('\n')).toEqual([
      'seed s, 1.6 s',
      'to the account: 2 of 2 read, 1 told never',
      'to contacts: 2 of 2 read, 2 told twice, 1 told never, 1 refused, 2 lost on the way',
      'not even at first: x, y',
      '"a":',
      '       1 ms  written',
      '"b":',
      '    1001 ms  asked',
      '"c":',
    ])
    expect(story({ ...report, cold: [] })).not.toContain('not even')
  })
})

test('what is heard are the texts of others, short and long, in their chats', () => {
  const key = { id: '1', remoteJid: 'anna', fromMe: false }
  const text = { conversation: 'hello' }
  expect(
    heardIn({
      messages: [
        { key, message: text },
        { key, message: { extendedTextMessage: { text: 'long' } } },
        { key: { ...key, fromMe: true }, message: text },
        { key: { ...key, id: null }, message: text },
        { key: { ...key, remoteJid: null }, message: text },
        { key, message: { conversation: '' } },
        { key, message: null },
        { key },
      ],
    }),
  ).toEqual([
    { id: '1', text: 'hello', chat: 'anna' },
    { id: '1', text: 'long', chat: 'anna' },
  ])
  expect([answerTo('c1 anna 2'), nameless('c1 anna 2')]).toEqual(['re: c1 anna 2', 'anna 2'])
})

test('a slow medium takes its time over each write, and for what it opens alone', async () => {
  const done: string[] = []
  const keys = { get: async () => ({ a: 1 }), set: async () => void done.push('set') }
  const state = { creds: { x: 1 }, keys } as never
  expect(slowState(state, 0).keys).toBe(keys)
  const slow = slowState(state, 30)
  expect([slow.creds, await slow.keys.get('session', [])]).toEqual([{ x: 1 }, { a: 1 }])
  const began = performance.now()
  const writing = slow.keys.set({})
  await Promise.resolve()
  expect(done).toEqual(['set'])
  await writing
  expect(performance.now() - began).toBeGreaterThanOrEqual(25)
  const opened = { state, fence: 'its own' }
  const store = {
    location: 'here',
    ...{
      open: async (how: unknown) => ({ ...opened, how }),
      openStaging: async () => opened,
      resumeStaging: async () => opened,
    },
    owned() {
      return this === store
    },
  }
  const slowed = slowStore(store as never, 30)
  expect([slowed.location, slowed.owned()]).toEqual(['here', true])
  expect(await slowed.open({ mint: true })).toMatchObject({ fence: 'its own', how: { mint: true } })
  for (const one of [await slowed.open(), await slowed.openStaging(), await slowed.resumeStaging()])
    expect(one.state.keys).not.toBe(keys)
})
