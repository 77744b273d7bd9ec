import type { BinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { isOwn, readReceipt } from '../../src/baileys/receipt.ts'

const self = { id: '4917:3@s.whatsapp.net', lid: '777:3@lid' }
const contact = '4915@s.whatsapp.net'
const group = '1203@g.us'
const receipt = (attrs: Record<string, string>, content?: BinaryNode[]): BinaryNode => ({
  tag: 'receipt',
  attrs: { id: 'M1', t: '1', ...attrs },
  ...(content ? { content } : {}),
})
const node = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode[]): BinaryNode => ({
  tag,
  attrs,
  ...(content ? { content } : {}),
})
const retry = (attrs: Record<string, string>, count?: string): BinaryNode =>
  receipt({ type: 'retry', ...attrs }, [node('retry', count === undefined ? {} : { count })])

describe('a device asks for a message again', () => {
  test.for<[string, Record<string, string>, object]>([
    ['a contact', { from: contact }, { device: contact, chat: contact, own: false }],
    [
      "a contact's second device",
      { from: '4915:2@s.whatsapp.net' },
      { device: '4915:2@s.whatsapp.net', chat: '4915:2@s.whatsapp.net', own: false },
    ],
    ['a contact under its LID', { from: '99@lid' }, { device: '99@lid', chat: '99@lid', own: false }],
    [
      'a member of a group',
      { from: group, participant: '4915:2@s.whatsapp.net' },
      { device: '4915:2@s.whatsapp.net', chat: group, own: false },
    ],
    [
      'whoever saw a status',
      { from: 'status@broadcast', participant: contact },
      { device: contact, chat: 'status@broadcast', own: false },
    ],
    [
      "the account's own phone",
      { from: '4917@s.whatsapp.net', recipient: contact },
      { device: '4917@s.whatsapp.net', chat: contact, own: true },
    ],
    [
      'another device of the account, under its LID',
      { from: '777:5@lid', recipient: '99@lid' },
      { device: '777:5@lid', chat: '99@lid', own: true },
    ],
    [
      'the own phone in a group',
      { from: group, participant: '4917@s.whatsapp.net' },
      { device: '4917@s.whatsapp.net', chat: group, own: true },
    ],
    [
      'the own phone, of a status',
      { from: 'status@broadcast', participant: '4917@s.whatsapp.net' },
      { device: '4917@s.whatsapp.net', chat: 'status@broadcast', own: true },
    ],
    ['the own phone, without a word for whom', { from: '4917@s.whatsapp.net' }, { chat: undefined, own: true }],
  ])('%s', ([, attrs, known]) => {
    expect(readReceipt(retry(attrs, '2'), self)).toMatchObject({ type: 'retry', id: 'M1', count: 2, ...known })
  })

  test.for([
    ['2', 2],
    ['5.9', 5],
    [undefined, 1],
    ['0', 1],
    ['-3', 1],
    ['x', 1],
  ] as const)('for the %s time, which is %i', ([said, count]) => {
    expect(readReceipt(retry({ from: contact }, said), self)).toMatchObject({ count })
  })

  test('for the first time, where it does not say for the how manieth', () => {
    expect(readReceipt(receipt({ type: 'retry', from: contact }), self)).toMatchObject({ type: 'retry', count: 1 })
  })

  test('and means a message that somebody else sent: nothing of ours', () => {
    expect(readReceipt(retry({ from: contact, recipient: '4916@s.whatsapp.net' }), self)).toBeUndefined()
  })
})

describe('a device has read', () => {
  test.for([undefined, 'read', 'played', 'inactive', 'sender', 'read-self'])('a message: %s', (type) => {
    const said = readReceipt(receipt({ from: '4915:2@s.whatsapp.net', ...(type ? { type } : {}) }), self)
    expect(said).toEqual({ type: 'reached', ids: ['M1'], devices: ['4915:2@s.whatsapp.net'] })
  })

  test('several at once', () => {
    const items = ['M2', 'M3'].map((id) => node('item', { id }))
    expect(readReceipt(receipt({ from: contact, type: 'read' }, [node('list', {}, items)]), self)).toEqual({
      type: 'reached',
      ids: ['M1', 'M2', 'M3'],
      devices: [contact],
    })
  })

  test('one in a group, told of several devices together', () => {
    const users = ['1@lid', '2:3@lid'].map((jid) => node('user', { jid, t: '1' }))
    expect(readReceipt(receipt({ from: group }, [node('participants', { key: 'M7' }, users)]), self)).toEqual({
      type: 'reached',
      ids: ['M7'],
      devices: ['1@lid', '2:3@lid'],
    })
  })
})

test.for([
  receipt({ from: contact, type: 'server-error' }),
  receipt({ from: contact, type: 'enc_rekey_retry' }),
  receipt({ from: '' }),
  { tag: 'receipt', attrs: { from: contact } },
])('%j says nothing of what was read or not', (said) => {
  expect(readReceipt(said, self)).toBeUndefined()
})

test('a device is our own by number and by LID, whatever its device number, and nobody is while we are not known', () => {
  expect(['4917@s.whatsapp.net', '4917:9@s.whatsapp.net', '777:1@lid'].every((jid) => isOwn(jid, self))).toBe(true)
  expect(['4917@lid', '777@s.whatsapp.net', '49170@s.whatsapp.net', group, 'x'].some((jid) => isOwn(jid, self))).toBe(
    false,
  )
  expect(isOwn('4917@s.whatsapp.net', undefined)).toBe(false)
  expect(isOwn('777@lid', { id: self.id })).toBe(false)
})
