import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { type CodeRefusal, watchLinking } from '../../src/baileys/linking-news.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'

const given = 'CB:iq,,link_code_companion_reg'
const refused = 'CB:iq,type:error'
const refreshed = 'CB:notification,type:companion_reg_refresh'
const error = (attrs: object, id = '7') => ({ tag: 'iq', attrs: { id }, content: [{ tag: 'error', attrs }] })

function watched(ws: object = new EventEmitter()) {
  const refusals: CodeRefusal[] = []
  let scans = 0
  const watch = watchLinking({ ws } as BaileysSocket, {
    onRefused: (refusal) => refusals.push(refusal),
    onScanned: () => {
      scans += 1
    },
  })
  return { ws: ws as EventEmitter, watch, refusals, scans: () => scans }
}

test.each<[object, CodeRefusal]>([
  [
    { code: '429', backoff: '30' },
    { code: 429, waitMs: 30_000 },
  ],
  [{ code: '400' }, { code: 400 }],
  [{ code: '0', backoff: '0' }, {}],
  [{ code: '4.5', backoff: '-1' }, {}],
  [{ code: 'none', backoff: 'Infinity' }, {}],
  [{ backoff: '1.5' }, { waitMs: 1_500 }],
])('a code that was refused with %j is told as far as it is said why', (attrs, refusal) => {
  const { ws, refusals } = watched()
  ws.emit(refused, error(attrs))
  expect(refusals).toEqual([refusal])
})

test('an error to what Baileys waits for itself, and what is none, is no refusal of a code', () => {
  const { ws, refusals } = watched()
  ws.on('TAG:awaited', () => undefined)
  ws.emit(refused, error({ code: '429' }, 'awaited'))
  for (const none of [undefined, {}, { content: 'text' }, { content: [{ tag: 'other' }] }]) ws.emit(refused, none)
  expect(refusals).toEqual([])
  ws.emit(refused, { content: [{ tag: 'error' }] })
  // One who counts no listeners waits for none.
  const { on, off, emit } = new EventEmitter()
  const bare = watched({ on, off, emit })
  bare.ws.emit(refused, error({ code: '429' }))
  expect([refusals, bare.refusals]).toEqual([[{}], [{ code: 429 }]])
})

test('a scan is told for one more step that is asked for, not for codes that are to be made anew; and nothing after the end', () => {
  const { ws, watch, refusals, scans } = watched()
  ws.emit(refreshed, { content: [{ tag: 'pair-device-rotate-qr' }] })
  expect(scans()).toBe(0)
  ws.emit(refreshed, { content: [{ tag: 'other' }] })
  ws.emit(refreshed, {})
  expect(scans()).toBe(2)
  watch.stop()
  ws.emit(refreshed, {})
  ws.emit(refused, error({ code: '429' }))
  expect([scans(), refusals, ws.eventNames()]).toEqual([2, [], []])
})

test.each<[string, (ws: EventEmitter) => void, number]>([
  ['it was given', (ws) => ws.emit(given, {}), 0],
  ['it was refused', (ws) => ws.emit(refused, error({ code: '429' })), 0],
  ['nobody answered for three seconds', () => undefined, 3_000],
])('who asked for a code knows that %s', async (_, answer, ms) => {
  vi.useFakeTimers()
  try {
    const { ws, watch } = watched()
    let known = false
    const answered = watch.codeAnswered().then(() => {
      known = true
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(known).toBe(false)
    answer(ws)
    await vi.advanceTimersByTimeAsync(Math.max(0, ms - 1))
    expect(known).toBe(ms === 0)
    await vi.advanceTimersByTimeAsync(1)
    await answered
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
