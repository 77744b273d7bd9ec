import { initAuthCreds } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { repairCreds } from '../../src/stores/creds-repair.ts'
import { linkedCreds } from './account.ts'

const sound = { ...linkedCreds(), nextPreKeyId: 40, firstUnuploadedPreKeyId: 31 }
const ids = [31, 39]

test('credentials as Baileys makes them need no repair, linked or not', () => {
  expect(repairCreds(sound, ids)).toBeUndefined()
  expect(repairCreds(initAuthCreds(), [])).toBeUndefined()
})

describe('what is put in the place of', () => {
  test.each([
    ['firstUnuploadedPreKeyId', null, 40],
    ['firstUnuploadedPreKeyId', undefined, 40],
    ['firstUnuploadedPreKeyId', Number.NaN, 40],
    ['firstUnuploadedPreKeyId', '31', 40],
    ['firstUnuploadedPreKeyId', 41, 40],
    ['firstUnuploadedPreKeyId', 0, 40],
    ['routingInfo', 'CAIIAw==', undefined],
    ['accountSyncCounter', 'x', 0],
    ['accountSyncCounter', -1, 0],
    ['accountSyncCounter', '5', 0],
    ['accountSyncCounter', 1.5, 0],
    ['lastAccountSyncTimestamp', 'today', undefined],
    ['processedHistoryMessages', {}, []],
    ['accountSettings', null, { unarchiveChats: false }],
    ['accountSettings', 'text', { unarchiveChats: false }],
    ['accountSettings', [], { unarchiveChats: false }],
    ['accountSettings', Buffer.of(1), { unarchiveChats: false }],
    ['signalIdentities', 'none', undefined],
    ['myAppStateKeyId', 7, undefined],
    ['lastPropHash', {}, undefined],
    ['pairingCode', 1, undefined],
  ])('%s that is %j', (field, broken, instead) => {
    const creds = { ...sound, [field]: broken }
    const repair = repairCreds(creds, ids)
    expect(repair?.fields).toEqual([field])
    expect(Reflect.get(repair?.creds ?? {}, field)).toEqual(instead)
    expect({ ...repair?.creds, [field]: broken }).toEqual(creds)
    expect(repair && repairCreds(repair.creds, ids)).toBeUndefined()
  })

  test.each([null, undefined, Number.NaN, '40', 0, 20])(
    'nextPreKeyId that is %j: both counters, past every stored key',
    (next) => {
      const repair = repairCreds({ ...sound, nextPreKeyId: next as number }, ids)
      expect(repair?.fields).toEqual(['nextPreKeyId', 'firstUnuploadedPreKeyId'])
      expect(repair?.creds.nextPreKeyId).toBeGreaterThan(1_000)
      expect(repair?.creds.firstUnuploadedPreKeyId).toBe(repair?.creds.nextPreKeyId)
    },
  )
})
