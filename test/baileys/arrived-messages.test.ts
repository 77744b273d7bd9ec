import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { ArrivedMessages, ciphertextsOf } from '../../src/baileys/arrived-messages.ts'

const enc = (content: unknown, tag = 'enc') => ({ tag, attrs: {}, content })

test('of what a stanza holds, its ciphertexts are what is to be decrypted', () => {
  const [one, other] = [Buffer.from('one'), Uint8Array.of(2)]
  expect(ciphertextsOf({ content: [enc(one), enc(other), enc(one, 'device-identity'), enc('text'), null] })).toEqual([
    one,
    other,
  ])
  for (const none of [undefined, {}, { content: 'text' }, { content: one }]) expect(ciphertextsOf(none)).toEqual([])
})

test('a ciphertext leads to the message that it came with, and nothing else does', () => {
  const ws = new EventEmitter()
  const arrived = new ArrivedMessages(ws)
  const came = (attrs: unknown, ...ciphertexts: readonly Uint8Array[]) => {
    const stanza = { attrs, content: ciphertexts.map((ciphertext) => enc(ciphertext)) }
    ws.emit('CB:message', stanza)
    return stanza
  }
  const [one, two, late, odd] = [Buffer.from('1'), Buffer.from('2'), Buffer.from('3'), Buffer.from('4')]
  const live = came({ id: 'A' }, one, two)
  const backlog = came({ id: 'B', offline: '0' }, late)
  came({ id: 7 }, odd)
  came(undefined, odd)
  ws.emit('CB:message', undefined)
  expect([one, two].map((ciphertext) => arrived.of(ciphertext))).toEqual(
    Array(2).fill({ id: 'A', live: true, stanza: live }),
  )
  expect(arrived.of(late)).toEqual({ id: 'B', live: false, stanza: backlog })
  expect([odd, Buffer.from('1')].map((ciphertext) => arrived.of(ciphertext))).toEqual([undefined, undefined])
})
