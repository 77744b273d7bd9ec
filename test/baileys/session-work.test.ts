import { expect, test } from 'vitest'
import { SessionWork, senderKeyRecord, sessionRecord } from '../../src/baileys/session-work.ts'
import type { KeyData, SocketTransport } from '../../src/baileys/socket.ts'

const anna = '491700000001.0'
const group = '120363000000000001@g.us'

const at = (records: readonly string[], isOpen: boolean): SessionWork => {
  const work = new SessionWork()
  work.over({ isOpen } as unknown as SocketTransport)
  work.begin(records)
  return work
}

const some = new Uint8Array()

const changes: readonly (readonly [what: string, data: KeyData, inVain: boolean])[] = [
  ['the session at work', { session: { [anna]: some } }, true],
  ['it among others, as in a transaction', { session: { [anna]: some }, 'lid-mapping': { a: some } }, true],
  ['the sender key at work', { 'sender-key': { [`${group}::491700000002_1::3`]: some } }, true],
  ['a pre-key that it has used up', { 'pre-key': { 5: null } }, true],
  ['an identity that it has learned', { 'identity-key': { [anna]: some } }, true],
  ['a pre-key that it has used up, beside what an owner keeps', { 'pre-key': { 5: null }, a: { b: some } }, false],
  ['the session of somebody else', { session: { '491700000009.0': some } }, false],
  ['the sender key of another device', { 'sender-key': { [`${group}::491700000002_1::4`]: some } }, false],
  ['a new pre-key', { 'pre-key': { 5: some } }, false],
  ['what an owner keeps', { 'device-list': { a: some } }, false],
  ['what an owner forgets', { 'device-list': { a: null } }, false],
  ['nothing', {}, false],
]

test.each(changes)('on a connection that is over, a change of %s is in vain, or not', (_, data, inVain) => {
  const records = [sessionRecord(anna), senderKeyRecord(group, '491700000002_1.3')]
  const work = at(records, false)
  expect(work.isInVain(data)).toBe(inVain)
  expect(at(records, true).isInVain(data)).toBe(false)
  work.end(records)
  expect(work.isInVain(data)).toBe(false)
})
