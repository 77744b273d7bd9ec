import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { fc, test as property } from '@fast-check/vitest'
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import { describe, expect, test } from 'vitest'
import { cleanText, redact, redacted, redactText } from '../../src/errors/redact.ts'
import { foreignSession } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { numberOf } from '../share.ts'

const key = fc.uint8Array({ minLength: 32, maxLength: 64 }).map((bytes) => Buffer.from(bytes))
// A key of one repeated byte is no key; real ones are random.
const randomKey = fc.constantFrom(24, 32, 33, 48, 64).map((length) => randomBytes(length))
const words = fc.stringMatching(/^[a-z .,:;'"(){}\n]{0,40}$/)

describe('text', () => {
  property.prop([words, randomKey, words], { numRuns: numberOf(3_000, 500) })(
    'keeps no key in any spelling',
    (before, bytes, after) => {
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        const secret = bytes.toString(encoding)
        expect(redactText(`${before} ${secret} ${after}`)).not.toContain(secret)
      }
    },
  )

  test.each([
    'https://wa.me/settings/linked_devices#2@abcdefgh,AAAA,BBBB,CCCC',
    `2@${randomBytes(30).toString('base64')},${[1, 2, 3].map(() => randomBytes(32).toString('base64')).join(',')}`,
    `<ref >2@${randomBytes(30).toString('base64url')}</ref>`,
  ])('keeps no pairing code: %s', (code) => {
    const text = redactText(`scan ${code} now`)
    expect(text).toContain(redacted)
    expect(text).not.toMatch(/2@\w/)
    for (const part of code.split(/[,#]/).filter((each) => each.length > 20 && !each.startsWith('http'))) {
      expect(text).not.toContain(part)
    }
  })

  test.each([
    ['letters of both cases', 'aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJkLmNoPq'],
    ['small letters and digits', 'g1h2j3k4m5n6p7q8r9s1t2u3v4w5x6y7z8g9h1j2k3m4'],
    ['great letters and digits', 'G1H2J3K4M5N6P7Q8R9S1T2U3V4W5X6Y7Z8G9H1J2K3M4'],
    ['hexadecimal letters that change little', `${'abcdef'.repeat(10)}`],
    ['letters with a digit at every fifth place', 'ghij5ghij5ghij5ghij5ghij5gh'],
    ['letters that change their case as often, with dashes', 'ghij-Eghij_Eghij/Eghij-Eg-hijE--gh'],
    ['letters with a plus among them', 'abcdefghijklmnop+qrstuvwxyz'],
    ['letters with an equals sign behind them', 'abcdefghijklmnopqrstuvwxyz='],
  ])('keeps no key of %s', (_, secret) => {
    expect(redactText(`key ${secret}.`)).toBe(`key ${redacted}.`)
  })

  test.each([
    '3EB0C767D26A1B2F4A5C6D',
    'handle_message1_of_contact2_now',
    // Their kind changes less often than at every fifth letter or digit.
    'ghijkxEghijkxEghijkxEghijkx',
    '1111111a2222222g333333-444444-555555',
    'a------------------------1',
    '------------------------',
    'AC3F9A1B2C3D4E5F60718293A4B5C6D7',
    '491700000001:12@s.whatsapp.net',
    '120363041234567890@g.us',
    '4917012345678-1612345678@g.us',
    'session-123456789012345_1.0.json',
    'Cannot read properties of undefined (reading ephemeralKeyPair)',
    '    at async SessionCipher.decryptWhisperMessage (node_modules/libsignal/src/session_cipher.js:169:24)',
    '    at makeLibSignalRepository (file:///srv/gateway/node_modules/@whiskeysockets/baileys/lib/Signal/libsignal.js:97:20)',
    'connect ECONNREFUSED 127.0.0.1:443 CERT_NOT_YET_VALID UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    '    at async Object.processSenderKeyDistributionMessage (libsignal.js:75:9)',
    '2026-11-22T15:26:57.000Z',
  ])('leaves what logs are read for: %s', (text) => {
    expect(redactText(text)).toBe(text)
  })

  property.prop([fc.string({ maxLength: 2_000 }), fc.integer({ min: 10, max: 300 })])(
    'of an error is one line within its bound',
    (text, max) => {
      const clean = cleanText(text, max)
      expect(clean.length).toBeLessThanOrEqual(max)
      expect(clean).not.toMatch(/[\r\n]/)
    },
  )
})

test('a text of several lines is one, cut where it is too long', () => {
  expect(cleanText(' a\n b ')).toBe('a b')
  expect(cleanText('It failed in /home/me/bot. All is there.')).toBe('It failed in <file>. All is there.')
  expect(cleanText('word '.repeat(100), 20)).toBe('word word word word…')
})

describe('anything', () => {
  test.each([
    ['v7', v7],
    ['v6', v6],
  ])('keeps nothing of the credentials of %s, as an object or as JSON', (_, baileys) => {
    const creds = baileys.initAuthCreds()
    for (const value of [{ creds }, creds, JSON.parse(JSON.stringify(creds, baileys.BufferJSON.replacer))]) {
      const shown = inspect(redact({ value }), { depth: 20, maxArrayLength: 1_000 })
      for (const pair of [
        creds.noiseKey,
        creds.signedIdentityKey,
        creds.pairingEphemeralKeyPair,
        creds.signedPreKey.keyPair,
      ]) {
        const bytes = Buffer.from(pair.private)
        expect(shown).not.toContain(bytes.toString('base64'))
        expect(shown).not.toContain(inspect(bytes).slice(8, -1))
      }
      expect(shown).not.toContain(creds.advSecretKey)
    }
  })

  test('keeps nothing of a session', async () => {
    const session = await foreignSession()
    const shown = inspect(redact({ session }), { depth: 20 })
    expect(shown).not.toMatch(/[A-Za-z0-9+/]{40}/)
  })

  property.prop([key, fc.array(fc.constantFrom('a', 'b', 'list', 'err', 'node'), { maxLength: 5 })])(
    'keeps no bytes, however deep they lie',
    (bytes, path) => {
      for (const secret of [bytes, new Uint8Array(bytes), bytes.toJSON()]) {
        const value = path.reduceRight<unknown>(
          (inner, name) => (name === 'list' ? [inner] : { [name]: inner }),
          secret,
        )
        const shown = JSON.stringify(redact({ value }))
        expect(shown).toMatch(/\[(?:\d+ )?bytes\]/)
      }
    },
  )

  test('that is an error keeps its name, message and stack, cleaned', () => {
    const secret = randomBytes(32).toString('base64')
    const error = Object.assign(new TypeError(`bad key ${secret}`), { data: { tag: 'ref', content: randomBytes(32) } })
    const shown = redact({ err: error }) as { err: Record<string, unknown> }
    expect(shown.err).toMatchObject({
      type: 'TypeError',
      message: `bad key ${redacted}`,
      data: { content: '[32 bytes]' },
    })
    expect(shown.err.stack).toMatch(/redact\.test\.[jt]s/)
    expect(JSON.stringify(shown)).not.toContain(secret)
  })

  test.each([undefined, null, false, true, ''])('keeps that a secret is not there: %j', (value) => {
    const empty = { advSecretKey: value, list: [{ privKey: value }] }
    expect(redact(empty)).toBe(empty)
    expect(redact({ advSecretKey: 7 })).toEqual({ advSecretKey: redacted })
  })

  test('that is a map or a set is a list of what it holds, without what is secret', () => {
    const secret = randomBytes(32)
    expect(redact({ map: new Map<string, unknown>([['a', secret]]), set: new Set([1, secret]) })).toEqual({
      map: [['a', '[32 bytes]']],
      set: [1, '[32 bytes]'],
    })
    expect(redact(new Map([['a', new Set(['b'])]]))).toEqual([['a', ['b']]])
  })

  test('that only calls itself a Buffer is none', () => {
    const named = { type: 'Buffer', size: 3 }
    expect(redact(named)).toBe(named)
    expect(redact({ ...named, data: 'AAAA' })).toBe('[bytes]')
  })

  test('that is too long is cut, also where it holds no secret', () => {
    const list = Array.from({ length: 1_001 }, (_, at) => at)
    expect(redact(list)).toEqual(list.slice(0, 1_000))
  })

  test('that holds no secret comes back as it came, the very same object', () => {
    const value = { key: { id: '3EB0C767D26A1B2F4A5C6D' }, list: [1, null, undefined, true], err: new Error('plain') }
    expect(redact(value)).toBe(value)
  })

  property.prop([fc.anything({ withMap: true, withSet: true, withBigInt: true })])('never throws', (value) => {
    redact(value)
  })

  test('that is cyclic or hostile ends', () => {
    const cyclic: Record<string, unknown> = { secret: randomBytes(32) }
    cyclic.self = cyclic
    expect(redact(cyclic)).toMatchObject({ self: '[circular]' })
    const hostile = new Proxy({}, { ownKeys: () => { throw new Error('no') } }) // biome-ignore format: one line says it
    expect(redact({ hostile })).toBe(redacted)
    const deep = (levels: number): unknown => (levels === 0 ? randomBytes(32) : { inner: deep(levels - 1) })
    expect(JSON.stringify(redact(deep(30)))).toMatch(/"\[deep\]"/)
    expect(redact({ bytes: new ArrayBuffer(8) })).toEqual({ bytes: '[8 bytes]' })
  })
})

test('a key that is the name of a member is not shown, though nothing else of it is changed', () => {
  const key = Buffer.from(Array.from({ length: 33 }, (_, at) => (at * 37 + 11) % 256)).toString('base64')
  const shown = redact({ [key]: 1, other: 'text' })
  expect(JSON.stringify(shown)).not.toContain(key.slice(0, 12))
  expect(Object.values(Object(shown))).toEqual([1, 'text'])
})
