import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStableEmitter } from '../../src/baileys/emitter.ts'
import { LateArrivals } from '../../src/line/late-arrivals.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const seen: object[] = []
const { ev } = createStableEmitter(() => undefined)
const times: number[] = []
const late = new LateArrivals(ev, ({ at, ...entry }) => {
  times.push(at)
  seen.push(entry)
})
const friend = '491700000002@s.whatsapp.net'
const came = (type: 'append' | 'notify', id: string, message: object, fromMe = false, chat = friend) =>
  ev.emit('messages.upsert', {
    type,
    messages: [{ key: { id, fromMe, remoteJid: chat }, ...message }] as never,
  })
const said = { message: { conversation: 'hello' } }
const unread = { messageStubType: 2 }

test('a backlog is told once it is over: what came late, what could not be read, and what was read after all', () => {
  came('append', 'a', said)
  came('append', 'b', unread)
  // Tried again, and still unread.
  came('append', 'b', unread)
  came('append', 'c', said)
  vi.advanceTimersByTime(1_999)
  expect(seen).toEqual([])
  vi.advanceTimersByTime(1)
  expect(seen.splice(0)).toEqual([{ type: 'arrived', late: 2, unread: 1, reread: 0 }])
  came('notify', 'b', said)
  vi.runAllTimers()
  expect(seen.splice(0)).toEqual([{ type: 'arrived', late: 0, unread: 0, reread: 1 }])
})

test('what comes live, is written by the account itself or is a word of the protocol is not late', () => {
  came('notify', 'd', said)
  came('notify', 'e', unread)
  came('append', 'f', said, true)
  came('append', 'g', { message: { protocolMessage: {} } })
  came('append', 'h', { message: null })
  came('append', 'i', {})
  for (const message of [said, unread]) came('append', 'j', message, false, 'status@broadcast')
  late.flush()
  expect(vi.getTimerCount()).toBe(0)
  expect(seen).toEqual([])
})

test('a message is told by its chat and its name, and of a thousand that are unread the oldest is given up', () => {
  came('append', 'x', unread)
  came('append', 'x', unread, false, '491700000003@s.whatsapp.net')
  // Read later, by the account that was asked for it, and once.
  for (let time = 0; time < 2; time += 1) came('notify', 'x', said)
  late.flush()
  expect(seen.splice(0)).toEqual([{ type: 'arrived', late: 0, unread: 2, reread: 1 }])
  for (let at = 0; at < 1_000; at += 1) came('append', `many ${at}`, unread)
  came('notify', 'x', said, false, '491700000003@s.whatsapp.net')
  for (const at of [0, 999]) came('notify', `many ${at}`, said)
  vi.runAllTimers()
  expect(seen.splice(0)).toEqual([{ type: 'arrived', late: 0, unread: 1_000, reread: 2 }])
})

test('each that comes puts the telling off, and it says when it was told', () => {
  came('append', 'k', said)
  vi.advanceTimersByTime(1_500)
  came('append', 'l', said)
  vi.advanceTimersByTime(1_500)
  expect([seen, vi.getTimerCount()]).toEqual([[], 1])
  vi.advanceTimersByTime(500)
  expect(seen.splice(0)).toEqual([{ type: 'arrived', late: 2, unread: 0, reread: 0 }])
  expect(times.at(-1)).toBe(Date.now())
})
