import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStableEmitter } from '../../src/baileys/emitter.ts'
import { LateArrivals } from '../../src/line/late-arrivals.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const seen: object[] = []
const { ev } = createStableEmitter(() => undefined)
const late = new LateArrivals(ev, ({ at: _, ...entry }) => seen.push(entry))
const came = (type: 'append' | 'notify', id: string, message: object, fromMe = false) =>
  ev.emit('messages.upsert', {
    type,
    messages: [{ key: { id, fromMe, remoteJid: '491700000002@s.whatsapp.net' }, ...message }] as never,
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
  late.flush()
  expect(vi.getTimerCount()).toBe(0)
  expect(seen).toEqual([])
})
