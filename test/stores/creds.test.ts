import * as seven from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import type { AuthenticationCreds } from '../../src/baileys/baileys-types.ts'
import { type BaileysParts, codecOf } from '../../src/stores/codec.ts'
import { contradiction, isPaired, materialOf, parseCreds } from '../../src/stores/creds.ts'
import { repairCreds } from '../../src/stores/creds-repair.ts'
import { repairedNext } from '../../src/stores/pre-keys.ts'
import { markPutBack, markUnsealed, putBackWords, unsealedWords } from '../../src/stores/unsealed.ts'
import { linkedCreds } from './linked-creds.ts'

const codec = codecOf(seven as unknown as BaileysParts)
const sound = linkedCreds() as unknown as Record<string, Record<string, unknown>>
const parsed = (creds: object) => parseCreds(codec.encode(creds), codec)
const flipped = (bytes: unknown) => Buffer.from(bytes as Uint8Array).map((byte, at) => (at === 3 ? byte ^ 4 : byte))

describe('credentials in a file', () => {
  test.each<[string, object]>([
    ['as they were made', sound],
    ['as they were made and not linked', seven.initAuthCreds()],
    [
      'whose signatures are spelt as text',
      { ...sound, account: { details: 'ZA==', accountSignature: 'YQ==', deviceSignature: 'ZA==' } },
    ],
    [
      'whose signatures are bytes',
      {
        ...sound,
        account: { details: Buffer.from('d'), accountSignature: Buffer.from('a'), deviceSignature: Buffer.from('s') },
      },
    ],
    ['without an account', { ...sound, account: undefined }],
    ['with an account that is null, and any name', { ...sound, account: null, me: { id: 'x' } }],
    [
      'with the first and the last number that fit',
      { ...sound, registrationId: 0, signedPreKey: { ...sound.signedPreKey, keyId: 0 } },
    ],
    [
      'with the last of them',
      { ...sound, registrationId: 0xff_ff_ff_ff, signedPreKey: { ...sound.signedPreKey, keyId: 0xff_ff_ff } },
    ],
  ])('are good %s', (_, creds) => {
    expect(parsed(creds).kind).toBe('present')
  })

  const { noiseKey = {}, signedPreKey = {}, account = {}, me = {} } = sound
  test.each<[string, object]>([
    ['noiseKey', { noiseKey: undefined }],
    ['noiseKey', { noiseKey: [] }],
    ['noiseKey', { noiseKey: { ...noiseKey, private: flipped(noiseKey.private) } }],
    ['noiseKey', { noiseKey: { ...noiseKey, public: flipped(noiseKey.public) } }],
    ['noiseKey', { noiseKey: { ...noiseKey, public: Buffer.alloc(31) } }],
    ['noiseKey', { noiseKey: { ...noiseKey, private: Buffer.alloc(33) } }],
    ['signedIdentityKey', { signedIdentityKey: noiseKey.private }],
    ['signedPreKey', { signedPreKey: null }],
    ['signedPreKey', { signedPreKey: { ...signedPreKey, signature: Buffer.alloc(63) } }],
    ['signedPreKey', { signedPreKey: { ...signedPreKey, keyId: -1 } }],
    ['signedPreKey', { signedPreKey: { ...signedPreKey, keyId: 1.5 } }],
    ['signedPreKey', { signedPreKey: { ...signedPreKey, keyId: '1' } }],
    ['signedPreKey', { signedPreKey: { ...signedPreKey, keyId: 0x1_00_00_00 } }],
    ['signedPreKey', { signedPreKey: { ...signedPreKey, keyPair: {} } }],
    ['registrationId', { registrationId: '7' }],
    ['registrationId', { registrationId: -1 }],
    ['registrationId', { registrationId: 0.5 }],
    ['registrationId', { registrationId: 2 ** 32 }],
    ['advSecretKey', { advSecretKey: '' }],
    ['advSecretKey', { advSecretKey: 7 }],
    ['me', { me: undefined }],
    ['me', { me: { ...me, id: '4917@s.whatsapp.net' } }],
    ['me', { me: [] }],
    ['account', { account: 'signed' }],
    ['account', { account: { ...account, details: undefined } }],
    ['account', { account: { ...account, accountSignature: '' } }],
    ['account', { account: { ...account, deviceSignature: 7 } }],
    ['noiseKey, advSecretKey', { noiseKey: null, advSecretKey: null }],
  ])('lack a valid %s: %#', (field, broken) => {
    expect(parsed({ ...sound, ...broken })).toEqual({ kind: 'unreadable', why: `creds.json lacks a valid ${field}` })
  })

  test.each<[string, Uint8Array]>([
    ['is empty', Buffer.alloc(0)],
    ['is filled with NUL bytes', Buffer.alloc(9)],
    ['is no complete JSON', Buffer.from('{"half')],
    ['holds no credentials', Buffer.from('[]')],
    ['holds no credentials', Buffer.from('null')],
    ['holds no credentials', Buffer.from('7')],
    ['holds no credentials', Buffer.from('{"type":"Buffer","data":"AA=="}')],
    [unsealedWords, Buffer.from(markUnsealed(codec.encode(sound)))],
    [putBackWords, Buffer.from(markPutBack(codec.encode(sound)))],
    ['is no complete JSON', Buffer.from([0, 1, 2])],
  ])('%s', (why, bytes) => {
    expect(parseCreds(bytes, codec)).toEqual({ kind: 'unreadable', why: `creds.json ${why}` })
  })

  test('are linked with a name and an account, and with no less', () => {
    const { me, account } = sound
    expect(
      [{ me, account }, { me }, { account }, {}, { me: { name: 'x' }, account }].map((one) => isPaired(one as never)),
    ).toEqual([...[true, false, false, false, false]])
  })

  test('are other material by what matters, and the same by counters', () => {
    const creds = linkedCreds()
    expect(materialOf({ ...creds, nextPreKeyId: 9, accountSyncCounter: 4, lastPropHash: 'x' })).toBe(materialOf(creds))
    expect(materialOf({ ...creds, myAppStateKeyId: 'x' })).not.toBe(materialOf(creds))
  })
})

describe('credentials beside a good copy', () => {
  const good = linkedCreds()
  const other = linkedCreds()
  const unlinked = ({ me: _, account: __, ...rest }: AuthenticationCreds) => rest as AuthenticationCreds
  test.each<[string, AuthenticationCreds, AuthenticationCreds, string | undefined]>([
    ['the same', good, good, undefined],
    ['a fresh pairing of the same user', other, good, undefined],
    ['the same user by another device', { ...good, me: { id: '491700000001:8@s.whatsapp.net' } }, good, undefined],
    ['anything beside one that was never linked', seven.initAuthCreds(), unlinked(good), undefined],
    ['without their link', unlinked(good), good, 'has lost its link to the account (me, account)'],
    ['a new identity', seven.initAuthCreds(), good, 'holds a new identity that was never linked'],
    ['another user', linkedCreds('49222'), good, 'belongs to another account'],
    [
      'another number',
      { ...good, registrationId: good.registrationId + 1 },
      good,
      'has another registrationId than before',
    ],
    ['another noise key', { ...good, noiseKey: other.noiseKey }, good, 'has another noiseKey than before'],
  ])('%s', (_, creds, before, why) => {
    expect(contradiction(creds, before)).toBe(why && `creds.json ${why}`)
  })
})

test('fields that Baileys works with need no repair as they are, empty or full', () => {
  const full = {
    ...{ routingInfo: Buffer.from('x'), accountSyncCounter: 5, lastAccountSyncTimestamp: 7, pairingCode: 'ABCD' },
    ...{ processedHistoryMessages: [{}], signalIdentities: [{}], myAppStateKeyId: 'x', lastPropHash: 'x' },
  }
  const empty = Object.fromEntries(Object.keys(full).map((field) => [field, null]))
  for (const fields of [full, empty]) expect(repairCreds({ ...linkedCreds(), ...fields } as never, [])).toBeUndefined()
})

test.each<[unknown, readonly number[], number]>([
  [50, [10], 1_050],
  [50, [60], 1_061],
  [undefined, [10], 1_011],
  [undefined, [], 1_001],
  [16_777_215, [], 1_000],
])('numbering goes on from %j past %j at %i', (next, ids, repaired) => {
  expect(repairedNext(next, ids)).toBe(repaired)
})

test('bytes are read wherever they lie in a larger buffer, and a list of what JSON does not know as JSON has it', () => {
  const larger = Uint8Array.from(Buffer.from('xx{"a":1}xx'))
  expect(codec.decode(larger.subarray(2, 9))).toEqual({ a: 1 })
  const odd = [new Map([[1, 2]]), { toJSON: () => 'said' }, [new Date(0)]]
  expect(codec.encode(odd).toString()).toBe(JSON.stringify(odd))
})
