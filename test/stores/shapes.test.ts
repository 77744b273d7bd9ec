import { BufferJSON } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { loadsAsSession } from '../../src/stores/session-record.ts'
import { shapes } from '../../src/stores/shapes.ts'
import type { FileClass } from '../../src/stores/store.ts'
import { session } from './account.ts'

const bytes = Buffer.from([1])
const text = (value: string) => Buffer.from(value)

test.each<[FileClass, readonly unknown[], readonly unknown[]]>([
  ['pre-key', [{ private: bytes, public: bytes }], [{ private: bytes }, { public: bytes }, [], bytes, null]],
  ['sender-key', [[], [{}], text('[]')], [text('{}'), text('['), {}, 'x', null]],
  ['sender-key-memory', [{}, { a: true }], [[], bytes, 'x', null]],
  ['app-state-sync-key', [{ keyData: bytes }], [{}, { keyData: 'x' }, null]],
  [
    'app-state-sync-version',
    [{ version: 1, hash: bytes, indexValueMap: {} }],
    [
      { version: '1', hash: bytes, indexValueMap: {} },
      { version: 1, hash: 'x', indexValueMap: {} },
      { version: 1, hash: bytes, indexValueMap: [] },
      null,
    ],
  ],
  ['lid-mapping', ['4917'], ['', 7, null]],
  ['device-list', [[], ['1']], [{}, '1']],
  ['identity-key', [bytes], ['x', [1]]],
  ['tctoken', [{}], [[], null]],
])('a %s is known by its shape', (kind, good, bad) => {
  for (const value of good) expect(shapes[kind]?.(value), JSON.stringify(value)).toBe(true)
  for (const value of bad) expect(shapes[kind]?.(value), JSON.stringify(value)).toBe(false)
})

test('what libsignal loads is a session, with a version or without, and what it cannot load is none', () => {
  const whole = JSON.parse(JSON.stringify(session('a')), BufferJSON.reviver) as Record<string, unknown>
  const { version: _, ...unversioned } = whole
  expect([whole, unversioned].map(loadsAsSession)).toEqual([true, true])
  expect(
    [null, 'text', 7, { _sessions: { a: {} } }, { _sessions: { a: null }, version: 'v1' }].map(loadsAsSession),
  ).toEqual([false, true, true, false, false])
})
