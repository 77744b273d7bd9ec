import { expect, test } from 'vitest'
import { lineReader } from '../../src/baileys/baileys-lines.ts'
import type { LoggerLine } from '../../src/baileys/logger-tap.ts'

const failed = (stack = '') => Object.assign(new Error('Bad MAC'), { stack })
const decrypt = { type: 'decrypt-failed', id: 'A', text: 'Bad MAC', senderKey: false } as const
type Row = [level: string, first: unknown, second: unknown, read: LoggerLine | undefined]

test.each<Row>([
  ['error', { key: { id: 'A' }, err: failed() }, 'failed to decrypt message', decrypt],
  [
    'error',
    { key: { id: 'A' }, author: 'a@lid', err: failed() },
    'failed to decrypt message',
    { ...decrypt, author: 'a@lid' },
  ],
  ['error', { key: { id: 'A' }, author: 7, err: failed() }, 'failed to decrypt message', decrypt],
  ['error', { key: { id: 'A' } }, 'failed to decrypt message', { ...decrypt, text: '' }],
  ['error', { key: { id: 7 }, err: failed() }, 'failed to decrypt message', undefined],
  ['error', 'failed to decrypt message', undefined, undefined],
  ...['at group_cipher.js', 'at SenderKeyState', 'at sender-key-name', 'at Group-Session'].map(
    (stack): Row => [
      'error',
      { key: { id: 'A' }, err: failed(stack) },
      'failed to decrypt message of it',
      { ...decrypt, senderKey: true },
    ],
  ),
  ['error', { err: failed() }, 'Failed to send retry', { type: 'retry-failed', text: 'Bad MAC' }],
  [
    'error',
    { reasonNode: { tag: 'conflict' }, node: {} },
    'stream errored out',
    { type: 'stream-error', tag: 'conflict' },
  ],
  ['error', { node: { content: [{ tag: 'ack' }] } }, 'stream errored out', { type: 'stream-error', tag: 'ack' }],
  ['error', {}, 'stream errored out', { type: 'stream-error', tag: 'unknown' }],
  [
    'error',
    { err: failed() },
    "unexpected error in 'processing'",
    { type: 'unexpected', where: 'processing', text: 'Bad MAC' },
  ],
  ['error', {}, 'unexpected error in it', { type: 'unexpected', where: '', text: '' }],
  ['warn', 'failed to commit 3 mutations, tries left=2', undefined, { type: 'commit-failed', retriesLeft: 2 }],
  ['warn', {}, 'failed to commit transaction', { type: 'commit-failed', retriesLeft: 0 }],
  ['info', { msgAttrs: { id: 'A' }, retryCount: 3 }, 'sent retry receipt', { type: 'retry-sent', id: 'A', count: 3 }],
  ['info', { msgAttrs: {}, retryCount: '3' }, 'sent retry receipt', { type: 'retry-sent' }],
  ['debug', { key: { id: 'A' } }, 'recv retry request', { type: 'retry-asked', id: 'A' }],
  ['debug', { key: { id: 7 } }, 'recv retry request', { type: 'retry-asked' }],
  ['info', { key: { id: 'A' }, err: failed() }, 'failed to decrypt message', undefined],
  ['error', {}, 'something else', undefined],
  ['error', {}, 7, undefined],
])('a line at %s with %j and %j says: %j', (level, first, second, line) => {
  expect(lineReader(level)?.(first, second)).toStrictEqual(line)
})

test('at other levels nothing is said, whatever they are called', () => {
  expect(['trace', 'fatal', 'silent', 'toString', ''].map(lineReader)).toEqual(Array(5).fill(undefined))
})
