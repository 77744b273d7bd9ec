import { describe, expect, test } from 'vitest'
import { freshFolder, link, session } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('the staging area of the $kind store', (kind) => {
  const { stored, everything } = kind
  const { ownedStore, linked, pairStaged } = accountsIn(kind)

  test('a staged pairing leaves the account as it is until it takes its place, whole; the old one comes back', async () => {
    const { folder, store, creds } = await linked()
    const before = await stored(folder)
    await expect(store.promoteStaging('too early')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_PAIRED' })
    const staged = await pairStaged(store, '49222')
    expect(await stored(folder)).toEqual(before)
    expect(await store.stagingPaired()).toBe(true)
    const resumed = await store.resumeStaging()
    expect(resumed.state.creds.registrationId).toBe(staged.registrationId)
    await resumed.fence()
    const entry = await store.promoteStaging('scanned anew')
    expect([...(await stored(folder)).keys()].sort()).toEqual([
      'creds.json',
      'session-491.0.json',
      'session-888.0.json',
    ])
    expect(await store.stagingPaired()).toBe(false)
    const opening = await store.open()
    expect(opening.state.creds.me?.id).toBe(staged.me?.id)
    await opening.fence()
    await store.restore(entry?.id ?? '', { force: true })
    expect(await stored(folder)).toEqual(before)
    expect((await store.open()).state.creds.registrationId).toBe(creds.registrationId)
  })

  test('each staging area begins empty', async () => {
    const { store } = await linked()
    await pairStaged(store, '49222')
    const fresh = await store.openStaging()
    expect(fresh.state.creds.me).toBeUndefined()
    expect(await fresh.state.keys.get('session', ['888.0'])).toEqual({ '888.0': null })
    await fresh.fence()
    await expect(store.resumeStaging()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
  })

  test('holds no pairing before it was linked: a pairing code that was asked for before a restart replaces no account', async () => {
    const { folder, store, creds } = await linked()
    const before = await stored(folder)
    const opening = await store.openStaging()
    expect(await store.stagingPaired()).toBe(false)
    await opening.saveCreds()
    expect(await store.stagingPaired()).toBe(false)
    // As Baileys saves it when it asks for a pairing code.
    Object.assign(opening.state.creds, { me: { id: '49222@s.whatsapp.net', name: '~' }, pairingCode: 'ABCD1234' })
    await opening.saveCreds()
    await opening.fence()
    await store.release()
    const next = await ownedStore(folder)
    expect(await next.stagingPaired()).toBe(false)
    await expect(next.promoteStaging('early')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_PAIRED' })
    expect(await stored(folder)).toEqual(before)
    const resumed = await next.resumeStaging()
    link(resumed.state.creds, '49222')
    await resumed.saveCreds()
    await resumed.fence()
    expect(await next.stagingPaired()).toBe(true)
    expect((await next.inspect({ depth: 'creds' })).creds).toMatchObject({
      value: { registrationId: creds.registrationId },
    })
  })

  test('of an account that there was none of is put in place with nothing to set aside, beside no opening that may write', async () => {
    const folder = await freshFolder()
    const store = await ownedStore(folder)
    await pairStaged(store, '49222')
    const resumed = await store.resumeStaging()
    await expect(store.promoteStaging('early')).rejects.toMatchObject({ code: 'AUTH_STORE_OPEN' })
    await resumed.fence()
    expect(await store.promoteStaging('first')).toBeUndefined()
    expect(await store.inspect()).toMatchObject({ linked: true, counts: { session: 2 } })
    expect(await store.quarantined()).toEqual([])
  })

  test('takes the good copies of the old account out of reach with it, and a restore brings back those, and leaves nothing behind', async () => {
    const { folder, store, creds } = await linked()
    const parts = async (...tables: readonly string[]) =>
      new Map(
        [...(await everything(folder))].filter(([place]) => tables.some((table) => place.startsWith(`${table}/`))),
      )
    const old = await parts('account', 'generation')
    expect([...old.keys()].filter((place) => place.startsWith('generation/'))).toHaveLength(1)
    const staged = await pairStaged(store, '49222')
    const entry = await store.promoteStaging('scanned anew')
    // Byte for byte, credentials and copies too, and nowhere else any more.
    const kept = await parts('quarantine')
    expect([...kept.values()].sort()).toEqual([...old.values()].sort())
    expect([...(await parts('staging'))]).toEqual([])
    expect(
      [...(await parts('account', 'generation')).values()].filter((content) => [...old.values()].includes(content)),
    ).toEqual([])
    const opening = await store.open()
    expect(opening.state.creds.me?.id).toBe(staged.me?.id)
    await opening.fence()
    const young = await parts('account', 'generation')
    expect([...young.keys()].filter((place) => place.startsWith('generation/'))).toHaveLength(1)

    await store.restore(entry?.id ?? '', { force: true })
    expect(await parts('account', 'generation')).toEqual(old)
    expect([...(await parts('quarantine')).values()].sort()).toEqual([...young.values()].sort())
    expect(await store.quarantined()).toHaveLength(1)
    expect([...(await parts('entry'))]).toHaveLength(1)
    const again = await store.open()
    expect(again.state.creds.registrationId).toBe(creds.registrationId)
    await again.state.keys.set({ session: { '491.0': session('a') } })
    await again.fence()
  })

  test('is set aside whole where its number is a stranger, out of the staging area and into no account', async () => {
    const { folder, store } = await linked()
    const before = await stored(folder)
    await pairStaged(store, '49333')
    const staged = [...(await everything(folder))].filter(([place]) => place.startsWith('staging/'))
    const entry = await store.discardStaging?.('scanned by somebody else')
    expect(entry?.reason).toBe('scanned by somebody else')
    expect(entry?.files.map(({ name }) => name)).toEqual(['creds.json', 'session-491.0.json', 'session-888.0.json'])
    const after = await everything(folder)
    for (const [place, content] of staged) {
      expect(after.has(place), place).toBe(false)
      expect(after.get(`quarantine/${entry?.id}/${place.slice('staging/'.length)}`), place).toBe(content)
    }
    expect(await stored(folder)).toEqual(before)
    expect([await store.stagingPaired(), await store.discardStaging?.('again')]).toEqual([false, undefined])
  })
})
