import * as seven from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { freshFolder, linkedCreds } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('creds in the $kind store', (kind) => {
  const { plant, stored } = kind
  const { ownedStore, opened, save, linked } = accountsIn(kind)

  test('nothing is written for a minted identity before its first save, and none is minted unasked', async () => {
    const folder = await freshFolder()
    const store = await ownedStore(folder)
    await expect(store.open()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
    const opening = await store.open({ mint: true })
    expect(opening.state.creds.registered).toBe(false)
    expect((await stored(folder)).size).toBe(0)
  })

  test.each([
    ['empty', ''],
    ['filled with NUL bytes', '\0'.repeat(2000)],
    ['half written', '{"noiseKey":{"private":{"type":"Buf'],
    ['an empty object', '{}'],
    ['null', 'null'],
    ['a list', '[]'],
  ])('creds that are %s are unreadable, kept, and never replaced by a new identity', async (_, content) => {
    const folder = await freshFolder()
    const store = await ownedStore(folder)
    await plant(folder, 'creds.json', content)
    await expect(store.open({ mint: true })).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
    const { creds, findings, linked, counts } = await store.inspect()
    expect([creds.kind, linked, counts]).toEqual(['unreadable', false, { creds: 1 }])
    const why = creds.kind === 'unreadable' ? creds.why : ''
    expect(findings).toMatchObject([{ code: 'creds-unreadable', message: why, file: 'creds.json' }])
    const said = `The credentials in ${store.location} cannot be used: ${why}.`
    await expect(store.open()).rejects.toThrow(said)
    await expect(store.repairPreKeys()).rejects.toThrow(said)
    expect((await stored(folder)).get('creds.json')).toBe(Buffer.from(content).toString('base64'))
  })

  test('a look at them alone counts nothing, and those of a device that was never linked are no linked ones', async () => {
    const { store, opening } = await opened()
    await opening.saveCreds()
    await opening.state.keys.set({ 'pre-key': { '1': seven.initAuthCreds().noiseKey } })
    await opening.fence()
    expect(await store.inspect({ depth: 'creds' })).toMatchObject({
      creds: { kind: 'present' },
      linked: false,
      counts: {},
    })
    expect(await store.inspect()).toMatchObject({ linked: false, counts: { creds: 1, 'pre-key': 1 } })
    const other = await linked()
    const seen = await other.store.inspect({ depth: 'creds' })
    expect([seen.linked, seen.counts, 'goodCopy' in seen]).toEqual([true, {}, false])
  })

  test('bad creds give way to the newest good generation of the same identity, and are kept', async () => {
    const { folder, store, creds } = await linked()
    expect(await store.restoreCreds('unneeded')).toBeUndefined()
    await plant(folder, 'creds.json', '{"half')
    expect(await store.restoreCreds('torn')).toMatchObject({ savedAt: expect.any(Number) })
    const [entry] = await store.quarantined()
    expect(entry).toMatchObject({ reason: 'torn', files: [{ name: 'creds.json', bytes: 6 }] })
    expect((await store.open()).state.creds.registrationId).toBe(creds.registrationId)
  })

  test('creds with a field that says it is bytes and holds none, which breaks every save, give way as well', async () => {
    const { folder, store, creds } = await linked()
    const spoilt = JSON.parse(JSON.stringify(creds, seven.BufferJSON.replacer))
    await plant(folder, 'creds.json', JSON.stringify({ ...spoilt, lastPropHash: { type: 'Buffer', date: 'AA==' } }))
    expect((await store.inspect()).creds).toMatchObject({
      kind: 'unreadable',
      why: expect.stringContaining('saved again'),
    })
    expect(await store.restoreCreds('spoilt')).toMatchObject({ savedAt: expect.any(Number) })
    expect((await store.open()).state.creds.registrationId).toBe(creds.registrationId)
  })

  test("another account's creds, and new ones in the place of linked ones, are unreadable", async () => {
    const { folder, store } = await linked()
    for (const wrong of [linkedCreds('491700000999'), seven.initAuthCreds()]) {
      await plant(folder, 'creds.json', JSON.stringify(wrong, seven.BufferJSON.replacer))
      await expect(store.open({ mint: true })).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
    }
  })

  test('pre-key ids that regressed are raised past every stored key, and what that replaces is kept', async () => {
    const { store, creds } = await linked()
    await save(store, { ...creds, nextPreKeyId: 2, firstUnuploadedPreKeyId: 2 })
    expect((await store.inspect()).findings.map(({ code }) => code)).toContain('pre-key-regressed')
    expect(await store.repairPreKeys()).toBe(true)
    expect(await store.repairPreKeys()).toBe(false)
    const opening = await store.open()
    expect(opening.state.creds.nextPreKeyId).toBeGreaterThan(1000)
    expect(opening.state.creds.firstUnuploadedPreKeyId).toBe(opening.state.creds.nextPreKeyId)
  })
})
