import { describe, expect, test } from 'vitest'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('the staging area of the $kind store', (kind) => {
  const { stored } = kind
  const { linked, pairStaged } = accountsIn(kind)

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
})
