import { proto } from '@whiskeysockets/baileys'
import { expect, test, vi } from 'vitest'
import { defaultPolicy } from '../../../machines/index.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { followOutbound } from '../../../src/line/services/outbound.ts'
import { MessageCodec } from '../../../src/line/services/sent/message-codec.ts'
import { SentMessages } from '../../../src/line/services/sent/sent-messages.ts'
import { auth, resourcesOn, socketLike } from './bench.ts'

const anna = '4915@s.whatsapp.net'

/** A socket over which a message to Anna was sent, and what is known of those who ask for it. */
async function sending(mode: 'heal' | 'observe' = 'heal') {
  const clock = { now: 1_700_000_000_000 }
  const codec = new MessageCodec(async () => proto.Message)
  const sent = new SentMessages(defaultPolicy.resend, undefined, { codec, now: () => clock.now })
  await sent.ready()
  const { resources } = resourcesOn({}, { mode, sent })
  const memory = { getRecentMessage: () => undefined }
  const own = memory.getRecentMessage
  const socket = socketLike({
    ...{ signalRepository: {}, messageRetryManager: memory },
    sendMessage: async () => ({ key: { id: 'M1', remoteJid: anna }, message: { conversation: 'hello' } }),
  })
  const live = new LiveSocket(1, auth(), resources)
  live.adopt(socket)
  const asked = vi.spyOn(resources.outbound, 'asked')
  const reached = vi.spyOn(resources.outbound, 'reached')
  const resender = followOutbound(resources, live, socket)
  await socket.sendMessage?.(anna, { text: 'hello' } as never)
  await new Promise(setImmediate)
  const receipt = (attrs: object, content: object[] = []) =>
    socket.ws.emit('CB:receipt', { tag: 'receipt', attrs: { id: 'M1', from: anna, ...attrs }, content })
  const asks = (attrs: object = {}) => receipt({ type: 'retry', ...attrs }, [{ tag: 'retry', attrs: { count: '1' } }])
  return { resources, live, socket, resender, receipt, asks, asked, reached, clock, memory, own }
}

test('who asks for a message again is counted, with its device, when that message was sent', async () => {
  const { asks, asked, clock } = await sending()
  asks({ from: '4915:2@s.whatsapp.net' })
  asks({ id: 'unknown' })
  asks({ from: '4917@s.whatsapp.net' })
  expect(asked.mock.calls.map(([one]) => one)).toEqual([
    { address: '4915.2', jid: '4915:2@s.whatsapp.net', id: 'M1', own: false, sentAt: clock.now },
    { address: '4915.0', jid: anna, id: 'unknown', own: false },
    { address: '4917.0', jid: '4917@s.whatsapp.net', id: 'M1', own: true, sentAt: clock.now },
  ])
})

test('who has read is told only while somebody is waited for, each message with its moment', async () => {
  const { asks, receipt, reached, resources, clock } = await sending()
  receipt({})
  expect(reached).not.toHaveBeenCalled()
  asks()
  expect(resources.outbound.awaitsReached).toBe(true)
  receipt({}, [{ tag: 'list', attrs: {}, content: [{ tag: 'item', attrs: { id: 'M2' } }] }])
  expect(reached.mock.calls.map(([one]) => one)).toEqual(
    expect.arrayContaining([{ address: '4915.0', id: 'M1', sentAt: clock.now }]),
  )
  expect(resources.outbound.awaitsReached).toBe(false)
})

test.each([
  ['heal', true],
  ['observe', false],
] as const)(
  'the memory of Baileys 7 is helped out by who heals alone, until the socket is left: %s',
  async (mode, helped) => {
    const { memory, own, live } = await sending(mode)
    expect(memory.getRecentMessage !== own).toBe(helped)
    const found: unknown = Reflect.apply(memory.getRecentMessage, memory, ['4915:2@s.whatsapp.net', 'M1'])
    expect(found !== undefined).toBe(helped)
    live.detach()
    expect(memory.getRecentMessage).toBe(own)
  },
)

test('what is sent is kept in both modes, and nothing is heard once the socket is left', async () => {
  const { resources, live, socket, asks, asked, resender } = await sending('observe')
  expect(resources.sent.find('M1')?.message).toMatchObject({ conversation: 'hello' })
  expect(await resender.getMessage({ id: 'M1', remoteJid: anna }, true)).toMatchObject({ conversation: 'hello' })
  live.detach()
  asks()
  expect([asked.mock.calls, socket.ws.listenerCount('CB:receipt')]).toEqual([[], 0])
  expect(await resender.getMessage({ id: 'M1', remoteJid: anna }, true)).toBeUndefined()
})
