import { EventEmitter } from 'node:events'
import { proto } from '@whiskeysockets/baileys'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultPolicy } from '../../../../machines/index.ts'
import { MessageCodec } from '../../../../src/line/services/sent/message-codec.ts'
import { watchSends } from '../../../../src/line/services/sent/send-watch.ts'
import { SentMessages } from '../../../../src/line/services/sent/sent-messages.ts'

const chat = '4915@s.whatsapp.net'
const info = (id: string, more: object = {}) => ({
  key: { id, remoteJid: chat, fromMe: true },
  message: { conversation: id },
  status: 1,
  ...more,
})
const settled = () => new Promise((resolve) => setImmediate(resolve))

let sent: SentMessages
beforeEach(async () => {
  sent = new SentMessages(defaultPolicy.resend, undefined, { codec: new MessageCodec(async () => proto.Message) })
  await sent.ready()
})
const kept = () => sent.list().map(({ id }) => id)

function socketOf(parts: object) {
  const ev = new EventEmitter()
  return { ev, ...parts } as never as { ev: EventEmitter } & Record<string, (...args: unknown[]) => Promise<unknown>>
}

describe('what is sent over a socket is kept', () => {
  test('with sendMessage, once it is sent; the owner gets what it got before', async () => {
    const result = Promise.resolve(info('M1'))
    const seen: unknown[] = []
    const socket = socketOf({
      sendMessage(...args: unknown[]) {
        seen.push(this === socket, args)
        return result
      },
    })
    watchSends(socket as never, sent)
    expect(socket.sendMessage?.(chat, { text: 'x' }, { a: 1 })).toBe(result)
    expect(seen).toEqual([true, [chat, { text: 'x' }, { a: 1 }]])
    await settled()
    expect(kept()).toEqual(['M1'])
  })

  test('with relayMessage, before it is sent where its id is known, and after it where it is not', async () => {
    let finish: (id: string) => void = () => undefined
    const socket = socketOf({ relayMessage: () => new Promise((resolve) => (finish = resolve as never)) })
    watchSends(socket as never, sent)
    void socket.relayMessage?.(chat, { conversation: 'x' }, { messageId: 'M1' })
    expect(kept()).toEqual(['M1'])
    void socket.relayMessage?.(chat, { conversation: 'y' }, {})
    expect(kept()).toEqual(['M1'])
    finish('M2')
    await settled()
    expect(kept()).toEqual(['M1', 'M2'])
  })

  test('as the events of the account tell it, but nothing that another device of it sent, nor what came in', () => {
    const socket = socketOf({})
    watchSends(socket as never, sent)
    const theirs = { key: { id: 'M3', remoteJid: chat, fromMe: false } }
    socket.ev.emit('messages.upsert', {
      messages: [info('M1'), info('M2', { status: 2 }), info('M3', theirs), info('M4', { message: undefined }), null],
    })
    socket.ev.emit('messages.upsert', {})
    expect(kept()).toEqual(['M1'])
  })
})

test('what is sent to one device is sent again, and is not told as something new', async () => {
  const socket = socketOf({ relayMessage: async () => 'M1' })
  watchSends(socket as never, sent)
  await socket.relayMessage?.(chat, { conversation: 'x' }, { messageId: 'M1', participant: { jid: chat, count: 1 } })
  expect([kept(), sent.sentAt('M1')]).toEqual([[], undefined])
})

test.each([
  ['rejects', () => Promise.reject(new Error('no'))],
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['sends nothing', async () => undefined],
  ['answers something else', () => 5],
])('a send that %s ends as it did before, and nothing is kept', async (_, sendMessage) => {
  const socket = socketOf({ sendMessage })
  watchSends(socket as never, sent)
  const outcome = (send: () => unknown) => Promise.resolve().then(send).then(String, String)
  expect(await outcome(() => socket.sendMessage?.(chat))).toBe(await outcome(sendMessage))
  expect(kept()).toEqual([])
})

test('what is on its way to a chat can be waited for, but not for ever', async () => {
  vi.useFakeTimers()
  try {
    const finish: ((value: unknown) => void)[] = []
    const socket = socketOf({ sendMessage: () => new Promise((resolve) => finish.push(resolve)) })
    const sends = watchSends(socket as never, sent)
    void socket.sendMessage?.('4915:0@s.whatsapp.net')
    void socket.sendMessage?.('4916@s.whatsapp.net')
    const over: string[] = []
    const wait = (jid: string, ms: number, what: string) => void sends.settled(jid, ms).then(() => over.push(what))
    wait('4917@s.whatsapp.net', 1_000, 'nobody')
    wait('4915:3@s.whatsapp.net', 1_000, 'done')
    wait('4916@s.whatsapp.net', 1_000, 'late')
    wait('no jid', 1_000, 'none')
    await vi.advanceTimersByTimeAsync(0)
    expect(over).toEqual(['nobody', 'none'])
    finish[0]?.(info('M1'))
    await vi.advanceTimersByTimeAsync(0)
    expect(over).toEqual(['nobody', 'none', 'done'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(over).toEqual(['nobody', 'none', 'done', 'late'])
    expect(vi.getTimerCount()).toBe(0)
    wait('4915@s.whatsapp.net', 1_000, 'forgotten')
    await vi.advanceTimersByTimeAsync(0)
    expect(over).toContain('forgotten')
  } finally {
    vi.useRealTimers()
  }
})

test('afterwards the socket has its own methods again, unless somebody has replaced ours', () => {
  const own = { sendMessage: async () => undefined, relayMessage: async () => 'x' }
  const socket = socketOf({ ...own })
  const sends = watchSends(socket as never, sent)
  const theirs = async () => undefined
  socket.relayMessage = theirs
  sends.stop()
  expect([socket.sendMessage, socket.relayMessage]).toEqual([own.sendMessage, theirs])
  socket.ev.emit('messages.upsert', { messages: [info('M1')] })
  expect([kept(), socket.ev.listenerCount('messages.upsert')]).toEqual([[], 0])
})

test('a socket that cannot be changed, or cannot send, is left as it is', () => {
  watchSends(Object.freeze(socketOf({ sendMessage: async () => undefined })) as never, sent).stop()
  watchSends(socketOf({}) as never, sent).stop()
})
