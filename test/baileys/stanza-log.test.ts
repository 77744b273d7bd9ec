import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { DecryptFailure } from '../../machines/decrypt.ts'
import { type DecryptSuccess, watchDecryption } from '../../src/baileys/decrypt-watch.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import { StanzaLog } from '../../src/baileys/stanza-log.ts'

const enc = (type: unknown) => ({ tag: 'enc', attrs: { type } })
const from = '4917:2@s.whatsapp.net'

test('a stanza is found by its id, if it may be from who is asked for: the device, its user, its LID, or its group', () => {
  const log = new StanzaLog()
  const attrs = { id: 'A', from: '120@g.us', participant: from, participant_lid: '99@lid' }
  log.add({ attrs, content: [enc('skmsg')] }, 0)
  for (const jid of [undefined, from, '4917@s.whatsapp.net', '99@lid', '120@g.us'])
    expect(log.find('A', jid)?.sender, jid).toBe(from)
  expect(log.find('A', '4918@s.whatsapp.net', '4917@s.whatsapp.net')?.group).toBe('120@g.us')
  expect(log.find('A', '4918@s.whatsapp.net')).toBeUndefined()
  expect(log.find('A', undefined, '4918@s.whatsapp.net')).toBeUndefined()
  expect(log.find('B')).toBeUndefined()
  log.add({ attrs: { id: 'C', from } }, 0)
  expect(log.find('C', '99@lid')).toBeUndefined()
  expect(log.find('C')?.group).toBeUndefined()
})

test.each(['participant_lid', 'sender_lid', 'peer_recipient_lid', 'participant_pn', 'sender_pn'])(
  'the same user under the other kind of jid is known by %s',
  (name) => {
    const log = new StanzaLog()
    log.add({ attrs: { id: 'A', from, [name]: '99@lid' } }, 0)
    expect(log.find('A')?.alt).toBe('99@lid')
  },
)

test('of a stanza of an unknown shape nothing is kept, and of its content only the ciphertexts', () => {
  const log = new StanzaLog()
  for (const node of [{}, { attrs: {} }, { attrs: { id: 'A' } }, { attrs: { from } }]) log.add(node, 0)
  expect(log.find('A')).toBeUndefined()
  log.add({ attrs: { id: 'A', from }, content: 'text' }, 0)
  expect(log.find('A')?.encs).toEqual([])
  log.add({ attrs: { id: 'A', from }, content: [{ tag: 'x' }, { tag: 'enc' }, enc('new'), enc('pkmsg')] }, 0)
  expect(log.find('A')?.encs).toEqual(['pkmsg'])
  const other = { tag: 'plaintext', attrs: { type: 'msg' } }
  log.add({ attrs: { id: 'A', from }, content: [other, enc('msg'), enc('skmsg'), enc('pkmsg')] }, 0)
  expect(log.find('A')?.encs).toEqual(['msg', 'skmsg', 'pkmsg'])
})

test('the last 8192 stanzas are kept, and a forgotten one does not take its successor with it', () => {
  const log = new StanzaLog()
  for (let n = 0; n <= 8_192; n += 1) log.add({ attrs: { id: String(n), from } }, 0)
  expect([log.find('0'), log.find('1')?.id, log.find('8192')?.id]).toEqual([undefined, '1', '8192'])
  // One that comes again is a new one.
  log.add({ attrs: { id: '1', from } }, 0)
  log.add({ attrs: { id: 'one more', from } }, 0)
  expect([log.find('1')?.id, log.find('2')]).toEqual(['1', undefined])
  const before = log.find('1')
  log.add({ attrs: { id: '1', from }, content: [enc('msg')] }, 0)
  if (before) log.forget(before)
  expect(log.find('1')?.encs).toEqual(['msg'])
})

/** A socket on which happens what the test says; of v7 if it looks a mapping up. */
function watched(lookUp?: () => Promise<unknown>) {
  const [ev, ws] = [new EventEmitter(), new EventEmitter()]
  const told: { failures: DecryptFailure[]; successes: DecryptSuccess[] } = { failures: [], successes: [] }
  const sock = {
    ev,
    ws,
    authState: { keys: { get: lookUp } },
    ...(lookUp === undefined ? {} : { signalRepository: { lidMapping: {} } }),
  } as unknown as BaileysSocket
  const watch = watchDecryption(sock, {
    onFailure: (failure) => told.failures.push(failure),
    onSuccess: (success) => told.successes.push(success),
  })
  const stanza = (id: string, jid = from) => ws.emit('CB:message', { attrs: { id, from: jid }, content: [enc('msg')] })
  const message = (key: unknown, text?: string) =>
    ev.emit('messages.upsert', {
      messages: [{ key, ...(text === undefined ? {} : { messageStubType: 2, messageStubParameters: [text] }) }],
    })
  return { ev, watch, told, stanza, message }
}

test('messages of an unknown shape are no evidence, and one without its stanza stands for the first device of its user', () => {
  const { ev, watch, told, message } = watched()
  for (const key of [undefined, {}, { id: 1, remoteJid: from }]) message(key, 'Bad MAC')
  ev.emit('messages.upsert', { messages: [null, { key: { id: 'A' }, messageStubType: 2 }] })
  watch.line({ type: 'decrypt-failed', id: 'unseen', text: 'Bad MAC', senderKey: false })
  expect(told).toEqual({ failures: [], successes: [] })
  message({ id: 'B', remoteJid: '4917@s.whatsapp.net' }, 'No session record')
  expect(told.failures).toEqual([expect.objectContaining({ id: 'B', address: '4917.0', reason: 'no-session' })])
  watch.stop()
})

test('a message that is read while the address of its failure is still looked up has not failed', async () => {
  let found: (mapping: unknown) => void = () => undefined
  const looked = new Promise((resolve) => {
    found = resolve
  })
  const { watch, told, stanza, message } = watched(() => looked)
  for (const id of ['A', 'B']) {
    stanza(id)
    watch.line({ type: 'decrypt-failed', id, text: 'No session record', senderKey: false })
  }
  // It was sent again meanwhile, as another stanza.
  stanza('A')
  message({ id: 'A', remoteJid: from })
  found({ '4917': '99' })
  await looked
  await new Promise((resolve) => setImmediate(resolve))
  expect(told.successes.map(({ id }) => id)).toEqual(['A'])
  expect(told.failures).toEqual([expect.objectContaining({ id: 'B', address: '99_1.2' })])
  watch.stop()
})

test('the last 4096 failures are remembered: one of them is told again only if it is another', () => {
  const { watch, told, stanza, message } = watched()
  const fail = (n: number) => {
    stanza(String(n))
    message({ id: String(n), remoteJid: from }, 'No session record')
  }
  for (let n = 0; n <= 4_096; n += 1) fail(n)
  expect(told.failures).toHaveLength(4_097)
  fail(1)
  expect(told.failures).toHaveLength(4_097)
  fail(0)
  expect(told.failures).toHaveLength(4_098)
  watch.stop()
})
