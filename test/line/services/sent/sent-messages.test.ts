import { proto } from '@whiskeysockets/baileys'
import { proto as proto6 } from 'baileys-6'
import { describe, expect, test } from 'vitest'
import { defaultPolicy, type Policy } from '../../../../machines/index.ts'
import { MessageCodec } from '../../../../src/line/services/sent/message-codec.ts'
import { type KeptMessage, SentMessages } from '../../../../src/line/services/sent/sent-messages.ts'

const chat = '4915@s.whatsapp.net'
const text = (words: string) => ({ conversation: words })

function keeping(policy: Partial<Policy['resend']> = {}) {
  const clock = { now: 1_700_000_000_000 }
  const told: string[] = []
  const codec = new MessageCodec(async () => proto.Message)
  const options = { codec, now: () => clock.now }
  const sent = new SentMessages({ ...defaultPolicy.resend, ...policy }, ({ id }) => told.push(id), options)
  return { sent, clock, told }
}
const ready = async (policy?: Partial<Policy['resend']>) => {
  const kept = keeping(policy)
  await kept.sent.ready()
  return kept
}

test('a message that was sent can be had again, as it was, with its chat and its moment', async () => {
  const { sent, clock, told } = await ready()
  const message = { imageMessage: { caption: 'x', jpegThumbnail: Buffer.from('thumb'), fileLength: 70_000_000_000 } }
  sent.add('M1', '4915:2@s.whatsapp.net', message)
  message.imageMessage.caption = 'changed since'
  const found = sent.find('M1')
  expect(found).toMatchObject({ id: 'M1', to: chat, at: clock.now })
  expect(found?.message.imageMessage).toMatchObject({ caption: 'x', jpegThumbnail: Buffer.from('thumb') })
  expect(Number(found?.message.imageMessage?.fileLength)).toBe(70_000_000_000)
  expect(told).toEqual(['M1'])
  expect(sent.find('M2')).toBeUndefined()
})

test('told of twice it keeps its place and its moment', async () => {
  const { sent, clock, told } = await ready({ maxMessages: 2 })
  sent.add('M1', chat, text('1'))
  clock.now += 1_000
  sent.add('M2', chat, text('2'))
  sent.add('M1', chat, text('another'))
  sent.add('M3', chat, text('3'))
  expect(['M1', 'M2', 'M3'].map((id) => sent.find(id)?.message.conversation)).toEqual([undefined, '2', '3'])
  expect(sent.sentAt('M1')).toBe(clock.now - 1_000)
  expect(told).toEqual(['M1', 'M2', 'M3'])
})

describe('what is kept is bounded', () => {
  test('by number, the oldest going first, although it was asked for just now', async () => {
    const { sent } = await ready({ maxMessages: 3 })
    for (let n = 1; n <= 5; n += 1) {
      sent.add(`M${n}`, chat, text(String(n)))
      sent.find('M1')
    }
    expect(sent.list().map(({ id }) => id)).toEqual(['M3', 'M4', 'M5'])
  })

  test('by size; what is too large by itself is not kept and takes no other place', async () => {
    const { sent, told } = await ready({ maxBytes: 4_000 })
    for (let n = 1; n <= 5; n += 1) sent.add(`M${n}`, chat, text('x'.repeat(1_000)))
    expect(sent.list().map(({ id }) => id)).toEqual(['M3', 'M4', 'M5'])
    sent.add('large', chat, text('x'.repeat(5_000)))
    expect(sent.list().map(({ id }) => id)).toEqual(['M3', 'M4', 'M5'])
    expect(told).not.toContain('large')
    expect(sent.sentAt('large')).toBeDefined()
  })

  test('by age', async () => {
    const { sent, clock } = await ready({ maxAgeMs: 10_000 })
    sent.add('M1', chat, text('1'))
    clock.now += 9_999
    sent.add('M2', chat, text('2'))
    expect(sent.find('M1')).toBeDefined()
    expect(sent.nextOver).toBe(clock.now + 1)
    clock.now += 1
    expect(sent.find('M1')).toBeUndefined()
    expect(sent.list().map(({ id }) => id)).toEqual(['M2'])
    clock.now += 9_999
    expect(sent.list()).toEqual([])
    expect(sent.nextOver).toBeUndefined()
  })
})

test('where nothing is kept, when each was sent is known all the same', async () => {
  const { sent, clock, told } = await ready({ keep: 'off' })
  sent.add('M1', chat, text('1'))
  expect([sent.find('M1'), sent.sentAt('M1'), told]).toEqual([undefined, clock.now, []])
})

test('what an earlier process kept is there again, but for what is too old by now', async () => {
  const { sent, clock } = await ready({ maxAgeMs: 10_000 })
  const kept = (id: string, ago: number): KeptMessage => ({
    id,
    to: chat,
    at: clock.now - ago,
    bytes: proto.Message.encode(text(id)).finish(),
  })
  sent.restore([kept('old', 10_000), kept('M1', 9_999), kept('M2', 0)])
  expect(['old', 'M1', 'M2'].map((id) => sent.find(id)?.message.conversation)).toEqual([undefined, 'M1', 'M2'])
  expect(sent.sentAt('M1')).toBe(clock.now - 9_999)
  sent.clear()
  expect([sent.list(), sent.sentAt('M1')]).toEqual([[], undefined])
})

test.for([
  ['no chat', 'x', text('1')],
  ['no message', chat, undefined],
  ['a message that is none', chat, 'text'],
  ['a message that cannot be encoded', chat, Object.defineProperty({}, 'conversation', { get: () => Symbol('x') })],
] as const)('%s is not kept, and harms nothing', async ([, to, message]) => {
  const { sent } = await ready()
  sent.add('M1', to, message)
  expect(sent.find('M1')).toBeUndefined()
})

describe('the definition of messages', () => {
  const missing = () => Promise.reject(new Error('Cannot find package'))

  test.for([proto.Message, proto6.Message])(
    'comes with each message that Baileys makes, where no Baileys is found',
    async (type) => {
      const sent = new SentMessages(defaultPolicy.resend, undefined, { codec: new MessageCodec(missing) })
      await sent.ready()
      sent.add('plain', chat, text('unknown yet'))
      sent.add('M1', chat, type.fromObject(text('made')))
      sent.add('M2', chat, text('plain'))
      expect(['plain', 'M1', 'M2'].map((id) => sent.find(id)?.message.conversation)).toEqual([
        undefined,
        'made',
        'plain',
      ])
    },
  )

  test.for([
    ['write', { encode: () => ({ finish: () => new Uint8Array(1) }) }],
    ['read', { decode: () => text('made up') }],
  ] as const)('does not come with a message whose maker can only %s one', async ([, methods]) => {
    const sent = new SentMessages(defaultPolicy.resend, undefined, { codec: new MessageCodec(missing) })
    await sent.ready()
    const maker = Object.assign(() => undefined, methods)
    sent.add('M1', chat, Object.assign(Object.create({ constructor: maker }), text('x')))
    expect(sent.list()).toEqual([])
    sent.add('M2', chat, proto.Message.fromObject(text('made')))
    expect(sent.find('M2')?.message.conversation).toBe('made')
  })

  test('is Baileys own', async () => {
    const codec = new MessageCodec()
    await codec.ready()
    const bytes = codec.encode(text('x'))
    expect(bytes && codec.decode(bytes)).toMatchObject(text('x'))
    expect(codec.decode(Buffer.from('no message at all'))).toBeUndefined()
  })
})
