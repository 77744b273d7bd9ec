import { expect, test } from 'vitest'
import { plainText } from '../../src/cli/plain-text.ts'

test.each([
  ['a cursor that moves', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
  ['a title of the window', '\u001b]0;x\u0007', '\\u001b]0;x\\u0007'],
  ['a command of one character', 'a\u009b2Jb', 'a\\u009b2Jb'],
  ['a line that is written over', 'good\rbad\bb', 'good\\u000dbad\\u0008b'],
  ['text that is turned around', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
])('%s is spelt out', (_, text, shown) => {
  expect(plainText(text)).toBe(shown)
})

test('colours, lines and every script stay as they are', () => {
  const text = '\u001b[1m\u001b[31mbad\u001b[39m\u001b[22m\n\tЖ 漢 ✓ █ \u{1fb00}'
  expect(plainText(text)).toBe(text)
})

test('a line of JSON means the same afterwards', () => {
  const value = { name: 'a\u001b[2J\u009b\u202e' }
  expect(JSON.parse(plainText(JSON.stringify(value)))).toEqual(value)
})
