import { expect, test } from 'vitest'
import { DecryptedMessages } from '../../src/baileys/decrypted-messages.ts'

const bytes = (text: string) => Buffer.from(text)
const said = (messages: DecryptedMessages, ciphertext: string) => {
  const plaintext = messages.find(bytes(ciphertext))
  return plaintext && String(plaintext)
}

test('what a ciphertext said is known until 256 others were decrypted', () => {
  const messages = new DecryptedMessages()
  expect(said(messages, 'c0')).toBeUndefined()
  for (let at = 0; at < 256; at += 1) messages.keep(bytes(`c${at}`), bytes(`p${at}`), `id ${at}`)
  expect([said(messages, 'c0'), said(messages, 'c255')]).toEqual(['p0', 'p255'])
  messages.keep(bytes('one more'), bytes('p'), 'more')
  expect([said(messages, 'c0'), said(messages, 'c1')]).toEqual([undefined, 'p1'])
})

test('a message that was told makes room before one that was not', () => {
  const messages = new DecryptedMessages()
  for (let at = 0; at < 256; at += 1) messages.keep(bytes(`c${at}`), bytes(`p${at}`), `id ${at}`)
  messages.told('id 100')
  messages.keep(bytes('one more'), bytes('p'), undefined)
  expect([said(messages, 'c0'), said(messages, 'c100')]).toEqual(['p0', undefined])
})

test('large messages make room for each other at one mebibyte', () => {
  const messages = new DecryptedMessages()
  for (const name of ['a', 'b', 'c']) messages.keep(bytes(name), Buffer.alloc(500_000, name), name)
  expect(['a', 'b', 'c'].map((name) => messages.find(bytes(name))?.byteLength)).toEqual([undefined, 500_000, 500_000])
  messages.keep(bytes('c'), Buffer.alloc(400_000), 'c')
  messages.keep(bytes('d'), Buffer.alloc(100_000), 'd')
  expect(messages.find(bytes('b'))?.byteLength).toBe(500_000)
})

test('which messages were told is known of the last 1,024', () => {
  const messages = new DecryptedMessages()
  for (let at = 0; at < 1_024; at += 1) messages.told(`id ${at}`)
  messages.told('id 0')
  messages.told('new')
  expect(['id 0', 'id 1', 'id 2', 'new'].map((id) => messages.wasTold(id))).toEqual([true, false, true, true])
  expect(messages.wasTold(undefined)).toBe(false)
})
