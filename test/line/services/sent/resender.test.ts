import { randomBytes } from 'node:crypto'
import { type BinaryNode, extractE2ESessionFromRetryReceipt, proto } from '@whiskeysockets/baileys'
import { beforeEach, describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../../../machines/index.ts'
import { MessageCodec } from '../../../../src/line/services/sent/message-codec.ts'
import { AnswerCount, Resender } from '../../../../src/line/services/sent/resender.ts'
import { SentMessages } from '../../../../src/line/services/sent/sent-messages.ts'

const self = { id: '4917:3@s.whatsapp.net', lid: '777:3@lid' }
const anna = '4915@s.whatsapp.net'
const group = '1203@g.us'
const node = (tag: string, attrs: Record<string, string>, content?: BinaryNode['content']): BinaryNode => ({
  tag,
  attrs,
  ...(content === undefined ? {} : { content }),
})
const number = (value: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}
const preKey = (tag: string, id: number, more: BinaryNode[] = []) =>
  node(tag, {}, [node('id', {}, number(id, 3)), node('value', {}, randomBytes(32)), ...more])
const registration = node('registration', {}, number(9, 4))
const signedKeys = [
  node('type', {}, Buffer.of(5)),
  node('identity', {}, randomBytes(32)),
  preKey('skey', 1, [node('signature', {}, randomBytes(64))]),
]
const keys = [registration, node('keys', {}, [...signedKeys, preKey('key', 8)])]
const question = (attrs: Record<string, string>, count = 1, more: BinaryNode[] = []) =>
  node('receipt', { id: 'M1', type: 'retry', ...attrs }, [node('retry', { count: String(count) }), ...more])
const unanswered = { answered: false, begun: new Map() }

/** Everything that was done over the socket, in the order in which it was through. */
let done: unknown[]
const turn = () => new Promise(setImmediate)
/** As over a network: it is done some turns later. */
const does = async (turns: number, ...what: unknown[]) => {
  for (let left = turns; left > 0; left -= 1) await turn()
  done.push(what)
}
let sent: SentMessages
let answers: AnswerCount
beforeEach(async () => {
  done = []
  answers = new AnswerCount()
  sent = new SentMessages(defaultPolicy.resend, undefined, { codec: new MessageCodec(async () => proto.Message) })
  await sent.ready()
  sent.add('M1', anna, { conversation: 'for anna' })
})

interface Parts {
  readonly line?: 'v6' | 'v7'
  readonly mapping?: Record<string, string>
  readonly relay?: () => Promise<string>
  readonly isOpen?: boolean
  readonly memory?: object
}

function resenderOn({ line = 'v6', mapping = {}, relay, isOpen = true, memory }: Parts = {}) {
  const waited: string[] = []
  const socket = {
    ws: { isOpen },
    authState: { keys: { get: async () => mapping } },
    signalRepository: {
      ...(line === 'v7' ? { lidMapping: {} } : {}),
      injectE2ESession: (given: unknown) => does(2, 'begin', given),
    },
    assertSessions: (...args: unknown[]) => does(2, 'assert', ...args),
    relayMessage: async (to: string, message: proto.IMessage, options: unknown) => {
      await does(1, 'relay', to, message.conversation, options)
      return relay?.() ?? 'M1'
    },
    ...(memory ? { messageRetryManager: memory } : {}),
  }
  const sends = {
    settled: async (chat: string) => {
      waited.push(chat)
      await turn()
      if (chat === '4999@s.whatsapp.net') sent.add('late', chat, { conversation: 'late' })
    },
    stop: () => undefined,
  }
  const report = (error: unknown, doing: string) => void done.push(['report', doing, String(error)])
  const resender = new Resender({ socket: socket as never, self: () => self, sent, sends, answers, report })
  return { resender, waited, socket }
}
const relayed = (to: string, device: string, count = 1, text = 'for anna') => [
  'relay',
  to,
  text,
  { messageId: 'M1', participant: { jid: device, count } },
]

describe('a question that Baileys did not answer', () => {
  test('is answered to the device that asks, in a session with keys of the server where it brought none', async () => {
    await resenderOn().resender.answer(question({ from: '4915:2@s.whatsapp.net' }), unanswered)
    const device = '4915:2@s.whatsapp.net'
    expect(done).toEqual([['assert', [device], true], relayed(anna, device)])
  })

  test('is answered in the session that Baileys has begun for it', async () => {
    const begun = new Map([[anna, {}]])
    await resenderOn().resender.answer(question({ from: anna }), { answered: false, begun })
    expect(done).toEqual([relayed(anna, anna)])
  })

  test('is answered in a session of the keys that came with it, begun once', async () => {
    const asked = question({ from: anna }, 2, keys)
    const session = extractE2ESessionFromRetryReceipt(asked)
    // Version 6 begins one with keys of the server, whatever came.
    const ofServer = { registrationId: 9, signedPreKey: { keyId: 1 }, preKey: { keyId: 7 } }
    await resenderOn().resender.answer(asked, { answered: false, begun: new Map([[anna, ofServer]]) })
    expect(done).toEqual([['begin', { jid: anna, session }], relayed(anna, anna, 2)])
    const [known] = done
    for (const other of [{ registrationId: 8 }, { signedPreKey: { keyId: 2 } }, { preKey: undefined }]) {
      answers = new AnswerCount()
      done = []
      const begun = new Map([[anna, { ...session, ...other }]])
      await resenderOn().resender.answer(asked, { answered: false, begun })
      expect(done).toEqual([known, relayed(anna, anna, 2)])
    }
    done = []
    await resenderOn().resender.answer(asked, { answered: false, begun: new Map([['99@lid', session]]) })
    expect(done).toEqual([relayed(anna, anna, 2)])
  })

  test('is answered in a session of keys without a one-time key, begun once', async () => {
    const asked = question({ from: anna }, 1, [registration, node('keys', {}, signedKeys)])
    await resenderOn().resender.answer(asked, { answered: false, begun: new Map() })
    expect(done).toEqual([
      ['begin', { jid: anna, session: expect.objectContaining({ registrationId: 9 }) }],
      relayed(anna, anna),
    ])
    done = []
    const session = { registrationId: 9, signedPreKey: { keyId: 1 } }
    await resenderOn().resender.answer(asked, { answered: false, begun: new Map([[anna, session]]) })
    expect(done).toEqual([relayed(anna, anna)])
  })

  test('is answered where keys cannot be used, or asked for, without them', async () => {
    const { resender, socket } = resenderOn()
    Object.assign(socket, { signalRepository: {}, assertSessions: undefined })
    await resender.answer(question({ from: anna }, 1, keys), unanswered)
    await resender.answer(question({ from: anna }), unanswered)
    expect(done).toEqual([relayed(anna, anna), relayed(anna, anna)])
  })

  test('is answered once the send that it is about has ended', async () => {
    const { resender, waited } = resenderOn()
    await resender.answer(question({ id: 'late', from: '4999@s.whatsapp.net' }), unanswered)
    expect(waited).toEqual(['4999@s.whatsapp.net'])
    expect(done.at(-1)).toEqual([
      'relay',
      '4999@s.whatsapp.net',
      'late',
      { messageId: 'late', participant: { jid: '4999@s.whatsapp.net', count: 1 } },
    ])
  })

  test('is answered in a group to the member that asks', async () => {
    sent.add('G1', group, { conversation: 'for all' })
    await resenderOn().resender.answer(
      question({ id: 'G1', from: group, participant: '4916:4@s.whatsapp.net' }),
      unanswered,
    )
    expect(done.at(-1)).toEqual([
      'relay',
      group,
      'for all',
      { messageId: 'G1', participant: { jid: '4916:4@s.whatsapp.net', count: 1 } },
    ])
  })

  test('is answered to the own phone, in the chat that it names or that the message was sent to', async () => {
    const { resender } = resenderOn()
    const phone = '4917@s.whatsapp.net'
    await resender.answer(question({ from: phone, recipient: anna }), unanswered)
    await resender.answer(question({ from: phone }), unanswered)
    expect(done.filter((one) => Array.isArray(one) && one[0] === 'relay')).toEqual([
      relayed(anna, phone),
      relayed(anna, phone),
    ])
  })
})

describe('nobody gets a message that was not sent to them', () => {
  test.for<[string, Record<string, string>]>([
    ['another contact', { from: '4916@s.whatsapp.net' }],
    ['a member of a group', { from: group, participant: anna }],
    ['another contact, under a LID', { from: '99@lid' }],
    ['a contact that names somebody else', { from: '4916@s.whatsapp.net', recipient: anna }],
  ])('%s', async ([, attrs]) => {
    for (const line of ['v6', 'v7'] as const) await resenderOn({ line }).resender.answer(question(attrs), unanswered)
    expect(done).toEqual([])
  })

  test('nor by the memory of Baileys 7, by getMessage, or by a cure', async () => {
    const memory = { getRecentMessage: () => undefined as unknown }
    const { resender } = resenderOn({ line: 'v7', memory })
    resender.inMemoryOf7()
    expect(Reflect.apply(memory.getRecentMessage, memory, ['4916@s.whatsapp.net', 'M1'])).toBeUndefined()
    expect(await resender.getMessage({ id: 'M1', remoteJid: '4916@s.whatsapp.net' }, true)).toBeUndefined()
    await resender.again('4916@s.whatsapp.net', ['M1'])
    expect(done).toEqual([])
  })
})

test('a contact is known by number and by LID where Baileys 7 knows them to be one', async () => {
  const { resender } = resenderOn({ line: 'v7', mapping: { '4915': '99' } })
  await resender.answer(question({ from: '99:2@lid' }), { answered: false, begun: new Map([['99:2@lid', {}]]) })
  expect(done).toEqual([relayed('99@lid', '99:2@lid')])
  expect(await resender.getMessage({ id: 'M1', remoteJid: '99@lid' }, true)).toMatchObject({ conversation: 'for anna' })
  expect(await resenderOn({ line: 'v7' }).resender.getMessage({ id: 'M1', remoteJid: '99@lid' }, true)).toBeUndefined()
})

test('a message that was sent to a LID is for the number that Baileys 7 knows it by, and for no other', async () => {
  sent.add('L1', '99@lid', { conversation: 'for the LID' })
  const { resender } = resenderOn({ line: 'v7', mapping: { '4915': '99' } })
  expect(await resender.getMessage({ id: 'L1', remoteJid: anna }, true)).toMatchObject({ conversation: 'for the LID' })
  expect(await resenderOn({ line: 'v7' }).resender.getMessage({ id: 'L1', remoteJid: anna }, true)).toBeUndefined()
})

test('what Baileys has answered is not answered again, and five answers to one device are all, whoever gives them', async () => {
  const { resender } = resenderOn()
  for (let n = 0; n < 3; n += 1) await resender.answer(question({ from: anna }), { answered: true, begun: new Map() })
  expect(done).toEqual([])
  const begun = new Map([[anna, {}]])
  for (let n = 0; n < 4; n += 1) await resender.answer(question({ from: anna }, 4 + n), { answered: false, begun })
  expect(done).toHaveLength(2)
  await resender.again(anna, ['M1'])
  expect(done).toHaveLength(2)
  await resender.answer(question({ from: '4915:1@s.whatsapp.net' }), { answered: false, begun })
  expect(done).toHaveLength(3)
})

test('a receipt that asks for nothing, and a question for what is not kept, are answered with nothing', async () => {
  const { resender } = resenderOn()
  await resender.answer(node('receipt', { id: 'M1', from: anna }), unanswered)
  await resender.answer(question({ id: 'unknown', from: anna }), unanswered)
  expect(done).toEqual([])
})

test('a resend that fails is reported, but not one whose connection has gone', async () => {
  const fails = async () => Promise.reject(new Error('item-not-found'))
  const begun = new Map([[anna, {}]])
  const { resender, socket } = resenderOn({ relay: fails })
  await resender.answer(question({ from: anna }), { answered: false, begun })
  expect(done.at(-1)).toEqual(['report', 'sending a message again', 'Error: item-not-found'])
  const gone = resenderOn({
    relay: async () => {
      gone.socket.ws.isOpen = false
      throw new Error('Connection Closed')
    },
  })
  done = []
  await gone.resender.answer(question({ from: anna }), { answered: false, begun })
  await gone.resender.answer(question({ from: anna }), { answered: false, begun })
  expect(done).toEqual([relayed(anna, anna)])
  resender.stop()
  done = []
  await resender.answer(question({ from: anna }), { answered: false, begun })
  expect([done, socket.ws.isOpen]).toEqual([[], true])
  const left = resenderOn({
    relay: () => {
      left.resender.stop()
      return fails()
    },
  })
  await left.resender.answer(question({ from: anna }), { answered: false, begun })
  expect(done).toEqual([relayed(anna, anna)])
})

test('a device with a new session gets what it asked for once more, as far as it is kept, each in its chat', async () => {
  sent.add('M2', anna, { conversation: 'two' })
  sent.add('G1', group, { conversation: 'for all' })
  const { resender } = resenderOn()
  await resender.again('4915:2@s.whatsapp.net', ['M2', 'unknown', 'M1'])
  await resender.again('4917@s.whatsapp.net', ['M1', 'G1'])
  await resender.again('4916:4@s.whatsapp.net', ['M1', 'G1'])
  expect(done.map((one) => (Array.isArray(one) ? one.slice(1, 3) : one))).toEqual([
    [anna, 'two'],
    [anna, 'for anna'],
    [anna, 'for anna'],
    [group, 'for all'],
    [group, 'for all'],
  ])
})

describe('the memory of Baileys 7', () => {
  const own = (found: unknown) => {
    const calls: unknown[] = []
    return {
      calls,
      getRecentMessage(this: unknown, ...args: unknown[]) {
        calls.push([this, args])
        return found
      },
    }
  }

  test('is asked first, then what is kept: by a second device too, but not for a group, which it would send to all again', () => {
    const memory = own(undefined)
    const { resender } = resenderOn({ memory })
    const off = resender.inMemoryOf7()
    const look = (chat: string, id: string) => Reflect.apply(memory.getRecentMessage, memory, [chat, id])
    expect(look('4915:2@s.whatsapp.net', 'M1')).toMatchObject({ message: { conversation: 'for anna' } })
    sent.add('G1', group, { conversation: 'for all' })
    expect([look(group, 'G1'), look(anna, 'unknown')]).toEqual([undefined, undefined])
    expect(memory.calls[0]).toEqual([memory, ['4915:2@s.whatsapp.net', 'M1']])
    resender.stop()
    expect(look(anna, 'M1')).toBeUndefined()
    off()
    expect(Object.keys(memory)).toEqual(['calls', 'getRecentMessage'])
    expect(memory.getRecentMessage.name).toBe('getRecentMessage')
  })

  test('that has the message answers itself', () => {
    const found = { message: {} }
    const memory = own(found)
    resenderOn({ memory }).resender.inMemoryOf7()
    expect(Reflect.apply(memory.getRecentMessage, memory, [anna, 'M1'])).toBe(found)
  })

  test('may be missing, or be something else', () => {
    resenderOn().resender.inMemoryOf7()()
    resenderOn({ memory: {} }).resender.inMemoryOf7()()
    resenderOn({ memory: Object.freeze(own(undefined)) }).resender.inMemoryOf7()()
  })
})

describe('getMessage', () => {
  test('gives what is kept of a chat, whatever the device', async () => {
    const { resender } = resenderOn()
    expect(await resender.getMessage({ id: 'M1', remoteJid: '4915:2@s.whatsapp.net' }, true)).toMatchObject({
      conversation: 'for anna',
    })
    const named = { id: 'M1', remoteJid: anna, participant: anna }
    expect(await resender.getMessage(named, true)).toMatchObject({ conversation: 'for anna' })
    expect(await resender.getMessage({ id: 'late', remoteJid: '4999@s.whatsapp.net' }, true)).toMatchObject({
      conversation: 'late',
    })
    expect(await resender.getMessage({ id: 'unknown', remoteJid: anna }, true)).toBeUndefined()
    expect(await resender.getMessage({ remoteJid: anna }, true)).toBeUndefined()
    expect(await resender.getMessage({ id: 'M1' }, true)).toBeUndefined()
    resender.stop()
    expect(await resender.getMessage({ id: 'M1', remoteJid: anna }, true)).toBeUndefined()
  })

  test("gives a group's message for a poll of ours, and leaves a member's question to whoever answers that member alone", async () => {
    sent.add('G1', group, { conversation: 'for all' })
    const { resender } = resenderOn()
    const key = { id: 'G1', remoteJid: group }
    expect(await resender.getMessage(key, true)).toBeDefined()
    expect(await resender.getMessage({ ...key, participant: '4917:3@s.whatsapp.net' }, true)).toBeDefined()
    expect(await resender.getMessage({ ...key, participant: anna }, true)).toBeUndefined()
    // While observing nobody else answers.
    expect(await resender.getMessage({ ...key, participant: anna }, false)).toBeDefined()
  })
})
