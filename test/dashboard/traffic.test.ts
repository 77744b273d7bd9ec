import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { Traffic } from '../../src/dashboard/traffic.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

const minute = 60_000
const start = 1_800_000_000_000

/** An account whose messages come when the test says. */
function counted() {
  const at = { now: start }
  const ev = new EventEmitter()
  const traffic = new Traffic({ ev: ev as never, status: new ScriptedAccount().status }, () => at.now)
  const take = (...messages: unknown[]) => ev.emit('messages.upsert', { messages })
  return { at, ev, traffic, take, view: (from = 0) => traffic.view(from) }
}
const key = (fromMe: boolean, remoteJid = '49@s.whatsapp.net') => ({
  key: { fromMe, remoteJid },
  message: { text: 'x' },
})

test('what came and what went is counted by the minute, the last hour as a chart, with when it was last', () => {
  const { at, take, view } = counted()
  expect(view()).toEqual({ since: start, received: 0, sent: 0, perMinute: Array(60).fill(0) })
  take(key(false), key(false), key(true))
  at.now += 2 * minute
  take(key(true))
  const chart = (...tail: number[]) => [...Array(60 - tail.length).fill(0), ...tail]
  expect(view()).toEqual({
    ...{ since: start, receivedAt: start, sentAt: start + 2 * minute, received: 2, sent: 2 },
    perMinute: chart(3, 0, 1),
  })
  at.now += 58 * minute
  expect(view().perMinute).toEqual([0, 1, ...Array(58).fill(0)])
  at.now += 2 * minute
  expect(view().perMinute).toEqual(Array(60).fill(0))
})

test('a day is that of the viewer, and at most the last 24 hours; what is older than any day is let go', () => {
  const { at, take, view } = counted()
  take(key(false))
  at.now += minute
  take(key(false), key(true))
  const sums = (from: number) => [view(from).received, view(from).sent]
  expect([sums(0), sums(start), sums(start + minute), sums(start + 2 * minute)]).toEqual([
    [2, 1],
    [2, 1],
    [1, 1],
    [0, 0],
  ])
  at.now = start + 1_440 * minute
  expect(sums(0)).toEqual([2, 1])
  at.now += minute
  expect(sums(0)).toEqual([1, 1])
  at.now += minute
  expect(sums(0)).toEqual([0, 0])
  // Twenty-five hours later the first two are let go, and the day of the viewer does not bring them back.
  at.now = start + 1_501 * minute
  take(key(false))
  at.now = start
  expect(sums(0)).toEqual([2, 1])
  at.now = start + 1_503 * minute
  take(key(false))
  at.now = start
  expect(sums(0)).toEqual([2, 0])
})

test('a message is what a person would call one, and after the end none is counted', () => {
  const { ev, traffic, take, view } = counted()
  const { message, ...bare } = key(false)
  take(
    ...[bare, { ...bare, message: null }, { ...bare, message: 'text' }, null, 'x'],
    ...[{ ...bare, message: { protocolMessage: {} } }, key(false, 'status@broadcast')],
  )
  expect(view()).toMatchObject({ received: 0, sent: 0 })
  take({ ...bare, message: { ...message, protocolMessage: null } }, { message }, { key: { fromMe: 1 }, message })
  expect(view()).toMatchObject({ received: 3, sent: 0 })
  traffic.end()
  take(key(false))
  expect([view().received, ev.listenerCount('messages.upsert')]).toEqual([3, 0])
})
