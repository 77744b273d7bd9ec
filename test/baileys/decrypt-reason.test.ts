import { describe, expect, test } from 'vitest'
import type { DecryptReason } from '../../machines/decrypt.ts'
import { decryptReason, type EncType, refineReason } from '../../src/baileys/decrypt-reason.ts'
import { SessionErrors } from '../../src/baileys/session-errors.ts'

describe('the text of a failed decrypt', () => {
  test.each<[string, EncType | undefined, DecryptReason]>([
    ['No matching sessions found for message', 'msg', 'bad-session'],
    ['No matching sessions found for message', 'skmsg', 'sender-key'],
    ['No session record', 'msg', 'no-session'],
    ['SessionError: No session record', undefined, 'no-session'],
    ['No sessions available', 'msg', 'no-session'],
    ['Bad MAC', 'pkmsg', 'pre-key'],
    ['Invalid PreKey ID', 'pkmsg', 'pre-key'],
    ['Missing SignedPreKey', 'pkmsg', 'pre-key'],
    ['Key used already or never filled', 'pkmsg', 'duplicate'],
    ['Received message with old counter: 7, 3', 'skmsg', 'duplicate'],
    ['No session found to decrypt message', 'skmsg', 'sender-key'],
    ['No SenderKeyRecord found for decryption', 'skmsg', 'sender-key'],
    ['No sender message key found for iteration', 'skmsg', 'sender-key'],
    ['Invalid signature!', 'skmsg', 'sender-key'],
    ['InvalidMessageException', 'skmsg', 'sender-key'],
    ['Over 2000 messages into the future!', 'skmsg', 'sender-key'],
    ['Over 2000 messages into the future!', 'pkmsg', 'unknown'],
    ['Over 2000 messages into the future!', undefined, 'sender-key'],
    ['No session found to decrypt message', 'msg', 'sender-key'],
    ['Message absent from node', undefined, 'absent'],
    ["Cannot read properties of undefined (reading 'ephemeralKeyPair')", 'msg', 'poison'],
    ['Unterminated string in JSON at position 7', undefined, 'poison'],
    ['Unexpected end of JSON input', undefined, 'poison'],
    // What stands in a sender-key file is JSON too, and no session's concern.
    ['Unterminated string in JSON at position 7', 'skmsg', 'sender-key'],
    ['data.map is not a function', 'msg', 'poison'],
    ['Incorrect private key length: 31', 'msg', 'poison'],
    ['Invalid public key', 'pkmsg', 'poison'],
    ['index out of range: 12 + 10 > 18', 'msg', 'unknown'],
    ['Unknown e2e type: frskmsg', undefined, 'unknown'],
    ['', 'msg', 'unknown'],
    ['something of the future', 'msg', 'unknown'],
  ])('%s (%s) is %s', (text, enc, reason) => {
    expect(decryptReason(text, enc)).toBe(reason)
  })

  test.each<[string[], DecryptReason]>([
    [[], 'bad-session'],
    [['Bad MAC'], 'bad-session'],
    [['Key used already or never filled'], 'duplicate'],
    [['Bad MAC', 'Key used already or never filled', 'Bad MAC'], 'duplicate'],
    [["Cannot read properties of undefined (reading 'x')"], 'poison'],
    [['Bad MAC', "Cannot read properties of undefined (reading 'x')"], 'bad-session'],
    [['Over 2000 messages into the future!'], 'bad-session'],
  ])('is refined by what the sessions said: %j is %s', (errors, reason) => {
    expect(refineReason('bad-session', errors)).toBe(reason)
    expect(refineReason('no-session', errors)).toBe('no-session')
  })
})

describe('the console of several accounts', () => {
  const said = (address: string, text: string, at: number) =>
    ({ type: 'decrypt-failed', address, errors: [text], at }) as const
  const duplicate = 'Key used already or never filled'

  test('is believed where address and time fit', () => {
    const errors = new SessionErrors()
    errors.add(said('b.0', 'Bad MAC', 9))
    errors.add(said('a.0', duplicate, 10))
    expect(errors.turn).toBe(2)
    expect(errors.refine('bad-session', ['c.0'], 0, 2, 20)).toBe('bad-session')
    expect(errors.refine('bad-session', ['a.0'], 2, 2, 20)).toBe('bad-session')
    expect(errors.refine('bad-session', ['a.0'], 0, 1, 20)).toBe('bad-session')
    expect(errors.refine('bad-session', ['a.0'], 1, 2, 20)).toBe('duplicate')
  })

  test('is kept for a message whose session is in doubt, and believed without an address, of whoever it is', () => {
    const errors = new SessionErrors()
    errors.add({ type: 'decrypt-failed', errors: [duplicate], at: 10 })
    expect(errors.refine('no-session', ['a.0'], 0, 1, 20)).toBe('no-session')
    expect(errors.refine('bad-session', ['a.0'], 0, 1, 20)).toBe('duplicate')
  })

  test('is believed once: the next message needs a line of its own', () => {
    const errors = new SessionErrors()
    errors.add(said('a.0', duplicate, 10))
    expect(errors.refine('bad-session', ['a.0'], 0, 1, 20)).toBe('duplicate')
    expect(errors.refine('bad-session', ['a.0'], 0, 1, 20)).toBe('bad-session')
  })

  test('counts for nothing where it contradicts itself', () => {
    const errors = new SessionErrors()
    errors.add(said('a.0', duplicate, 10))
    errors.add(said('a.0', 'Bad MAC', 11))
    expect(errors.refine('bad-session', ['a.0'], 0, 2, 20)).toBe('unknown')
  })

  test('is kept of the last 256 failures, and of nothing else', () => {
    const errors = new SessionErrors()
    errors.add({ type: 'closed-session', address: 'a.0', at: 1 })
    expect(errors.turn).toBe(0)
    for (let n = 1; n <= 257; n += 1) errors.add(said(`${n}.0`, duplicate, 1))
    expect(errors.refine('bad-session', ['1.0'], 0, 300, 2)).toBe('bad-session')
    expect(errors.refine('bad-session', ['2.0'], 0, 300, 2)).toBe('duplicate')
  })

  test('is not believed of a line that is a minute old', () => {
    const errors = new SessionErrors()
    errors.add(said('a.0', duplicate, 10))
    expect(errors.refine('bad-session', ['a.0'], 0, 1, 60_010)).toBe('bad-session')
  })
})
