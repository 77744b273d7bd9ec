import { EventEmitter } from 'node:events'
import * as v7 from '@whiskeysockets/baileys'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defaultPolicy } from '../../machines/index.ts'
import { BoundedCache } from '../../src/baileys/bounded-cache.ts'
import { watchReceipts } from '../../src/baileys/receipt-watch.ts'
import { FolderKeys } from '../../src/drop-in/folder-keys.ts'
import { AnswerCount } from '../../src/line/services/sent/resender.ts'
import { SentMessages } from '../../src/line/services/sent/sent-messages.ts'
import { silentLogger } from '../silent-logger.ts'

const ignore = () => undefined
const handlers = { awaitsReached: () => false, onRetry: ignore, onReached: ignore }
const sock = () => ({ ws: new EventEmitter(), authState: {}, signalRepository: { lidMapping: {} } }) as never
const memories: readonly (readonly [what: string, one: () => unknown])[] = [
  ['how often each message was sent again', () => new AnswerCount()],
  ['the messages that were sent', () => new SentMessages(defaultPolicy.resend)],
  ['which number is which LID', () => watchReceipts(sock(), () => undefined, handlers)],
  [
    'the keys that a gateway wants cached',
    () => new FolderKeys({} as never).forSocket(v7 as never, {}, { get: ignore, set: ignore }, silentLogger),
  ],
]

// Lists of bytes are counted as they are made, whatever the collector does; each of these caches had some.
test.each(memories)('an account that has kept nothing yet takes no room for %s', (_, one) => {
  const before = process.memoryUsage().arrayBuffers
  const held = Array.from({ length: 200 }, one)
  const each = (process.memoryUsage().arrayBuffers - before) / held.length
  expect(each).toBeLessThan(64)
})

test('a cache with bounds hands out what was kept, the latest that were asked for, without an age too', () => {
  const cache = new BoundedCache({ entries: 2 })
  expect([cache.get('a'), cache.peek('a')]).toEqual([undefined, undefined])
  cache.set('a', 1)
  cache.set('b', null)
  expect([cache.peek('a'), cache.get('b')]).toEqual([1, null])
  cache.set('c', 3)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, null, 3])
  cache.get('b')
  cache.set('d', 4)
  expect([cache.get('b'), cache.get('c'), cache.get('d')]).toEqual([null, undefined, 4])
})

test('a cache with an age keeps each entry for as long after it was set', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const cache = new BoundedCache({ entries: 2, ageMs: 100 })
  // What was set at 0 has no age.
  vi.advanceTimersByTime(1)
  cache.set('a', 1)
  vi.advanceTimersByTime(60)
  cache.set('b', 2)
  vi.advanceTimersByTime(40)
  expect([cache.get('a'), cache.get('b')]).toEqual([1, 2])
  vi.advanceTimersByTime(1)
  expect([cache.get('a'), cache.peek('a'), cache.get('b')]).toEqual([undefined, undefined, 2])
})
