import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LazySentLog } from '../../../../src/line/services/sent/lazy-sent-log.ts'
import type { KeptMessage } from '../../../../src/line/services/sent/sent-messages.ts'

const chat = '4915@s.whatsapp.net'
const message = (id: string, at = Date.now(), bytes = Buffer.from(id)): KeptMessage => ({ id, to: chat, at, bytes })

let written: string[] = []
let entries: unknown[] = []
let kept: KeptMessage[] = []
let reports: string[] = []
let fails = false
/** How often it was asked when the oldest is to be forgotten. */
let looks = 0
let log: LazySentLog

const write = (what: string) => async (added: readonly unknown[]) => {
  if (fails) throw new Error('ENOSPC')
  if (what === 'replace') entries = []
  entries.push(...added)
  written.push(`${what} ${added.map((one) => Object(one).id).join()}`)
}

const open = (mostBytes = 1_000) =>
  new LazySentLog({
    log: {
      read: async () => {
        if (fails) throw new Error('EIO')
        return entries
      },
      append: write('append'),
      replace: write('replace'),
    },
    kept: () => {
      kept = kept.filter(({ at }) => Date.now() - at < 3_600_000)
      return kept
    },
    nextOver: () => {
      looks += 1
      return kept[0] && kept[0].at + 3_600_000
    },
    mostBytes,
    report: (error, doing) => reports.push(`${doing}: ${error instanceof Error ? error.message : error}`),
  })

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  written = []
  entries = []
  kept = []
  reports = []
  fails = false
  looks = 0
  log = open()
})
afterEach(async () => {
  fails = false
  await log.end()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const add = (...messages: readonly KeptMessage[]) => {
  for (const one of messages) {
    kept.push(one)
    log.add(one)
  }
}

test('no send waits for it: what was sent within a moment is written together, soon after', async () => {
  add(message('a'), message('b'))
  await vi.advanceTimersByTimeAsync(249)
  expect(written).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(written).toEqual(['append a,b'])
  add(message('c'))
  await vi.advanceTimersByTimeAsync(250)
  expect(written).toEqual(['append a,b', 'append c'])
  for (const id of ['d', 'e', 'f']) {
    add(message(id))
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(written.at(-1)).toBe('append d,e,f')
})

test('the end writes what is left at once', async () => {
  add(message('a'))
  await log.end()
  expect(written).toEqual(['append a'])
  add(message('b'))
  expect(vi.getTimerCount()).toBe(0)
  await log.end()
  expect(written).toEqual(['append a', 'append b'])
  await log.load()
  add(message('c'))
  await vi.advanceTimersByTimeAsync(250)
  expect(written.at(-1)).toBe('append c')
})

test('what an earlier run wrote is read as it was', async () => {
  const bytes = Buffer.from([0, 255, 128])
  add(message('a', Date.now(), bytes))
  await log.end()
  const [first] = await open().load()
  expect(first).toEqual({ id: 'a', to: chat, at: Date.now(), bytes })
})

test('lines that are no messages are left out, and gone after the next write', async () => {
  const sound = { id: 'y', to: chat, at: Date.now(), message: '' }
  const wrong = [
    { id: 1 },
    { to: 1 },
    { at: 'z' },
    { at: Number.NaN },
    { at: Number.POSITIVE_INFINITY },
    { message: 1 },
  ]
  entries = [1, null, {}, ...wrong.map((part) => ({ ...sound, ...part }))]
  kept = [...(await log.load())]
  expect(kept).toEqual([])
  add(message('a'))
  await vi.advanceTimersByTimeAsync(250)
  expect(written).toEqual(['replace a'])
})

test('once as much was added as may be kept, all that is kept is written anew', async () => {
  const large = Buffer.alloc(600)
  for (const id of ['a', 'b', 'c']) {
    add(message(id, Date.now(), large))
    await vi.advanceTimersByTimeAsync(250)
  }
  kept = kept.slice(1)
  add(message('d', Date.now(), large))
  await vi.advanceTimersByTimeAsync(250)
  expect(written).toEqual(['append a', 'append b', 'replace a,b,c', 'append d'])
})

test('what is too old leaves the store although nothing is sent any more, with a look each minute at most', async () => {
  add(message('a'))
  await vi.advanceTimersByTimeAsync(250)
  add(message('b', Date.now() + 10_000))
  await vi.advanceTimersByTimeAsync(250)
  await vi.advanceTimersByTimeAsync(3_600_000 - 501)
  expect(written).toEqual(['append a', 'append b'])
  expect(looks).toBe(4)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(written).toEqual(['append a', 'append b', 'replace b'])
  await vi.advanceTimersByTimeAsync(61_000)
  expect(written.at(-1)).toBe('replace ')
  await vi.advanceTimersByTimeAsync(86_400_000)
  expect(written).toHaveLength(4)
})

test('a write that fails is reported and made good for, once the medium works', async () => {
  fails = true
  add(message('a'))
  await vi.advanceTimersByTimeAsync(250)
  add(message('b'))
  await vi.advanceTimersByTimeAsync(250)
  expect(reports).toEqual(['keeping what was sent: ENOSPC', 'keeping what was sent: ENOSPC'])
  fails = false
  await vi.advanceTimersByTimeAsync(60_000)
  expect(written).toEqual(['replace a,b'])
})

test('what is sent while a failed write waits for its turn is written soon, although the wall clock was set on', async () => {
  fails = true
  add(message('a'))
  await vi.advanceTimersByTimeAsync(250)
  fails = false
  vi.setSystemTime(Date.now() + 1_800_000)
  add(message('b'))
  await vi.advanceTimersByTimeAsync(250)
  expect(written).toEqual(['replace a,b'])
})

test('what cannot be read is reported, and nothing is known of before', async () => {
  fails = true
  expect(await log.load()).toEqual([])
  expect(reports).toEqual(['reading what was sent: EIO'])
})

test('of credentials that are no more nothing is left', async () => {
  add(message('a'))
  await vi.advanceTimersByTimeAsync(250)
  add(message('b'))
  kept = []
  await log.clear()
  expect(written).toEqual(['append a', 'replace '])
  expect(entries).toEqual([])
})
