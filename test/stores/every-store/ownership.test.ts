import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as seven from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import type { BaileysParts } from '../../../src/stores/codec.ts'
import { freshFolder, session } from '../account.ts'
import { accountsIn, anyKeys, everyKind } from './accounts.ts'

describe.each(everyKind())('the owner of the $kind store', (kind) => {
  const { stored, everything } = kind
  const { storeOf, opened, linked } = accountsIn(kind)

  test('looking at what is not there finds nothing and makes nothing', async () => {
    const folder = await freshFolder()
    const store = storeOf(folder)
    expect(await store.inspect()).toMatchObject({ creds: { kind: 'absent' }, linked: false, counts: {} })
    expect(await store.quarantined()).toEqual([])
    expect(await store.stagingPaired()).toBe(false)
    expect(await store.readFacts()).toBeUndefined()
    expect(await store.readHistory(10)).toEqual([])
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('is none where Baileys cannot be loaded, of which nothing is made, until it can be', async () => {
    const folder = await freshFolder()
    let missing = true
    const baileys = async () => {
      if (missing) throw new Error('no Baileys here')
      return seven as unknown as BaileysParts
    }
    const store = storeOf(folder, { baileys })
    await expect(store.acquire()).rejects.toThrow()
    await expect(store.writeFacts({})).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_OWNED' })
    expect((await everything(folder).catch(() => new Map())).size).toBe(0)
    missing = false
    await store.acquire()
    expect((await store.open({ mint: true })).state.creds.registered).toBe(false)
  })

  test('without ownership nothing can be changed', async () => {
    const folder = await freshFolder()
    const store = storeOf(folder)
    await mkdir(folder)
    const refused = { code: 'AUTH_STORE_NOT_OWNED' }
    await expect(store.open({ mint: true })).rejects.toMatchObject(refused)
    await expect(store.quarantine({ kind: 'all-sessions' }, 'x')).rejects.toMatchObject(refused)
    await expect(store.writeFacts({})).rejects.toMatchObject(refused)
    await expect(store.openStaging()).rejects.toMatchObject(refused)
    expect((await stored(folder)).size).toBe(0)
  })

  test('has one owner at a time, whose process the refusal names; a reader looks on beside it', async () => {
    const { folder, store } = await linked()
    const second = storeOf(folder)
    await expect(second.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED', owner: { pid: process.pid } })
    expect(await second.inspect()).toMatchObject({ linked: true, counts: { session: 3 } })
    const opening = await store.open()
    await opening.state.keys.set({ session: { '494.0': session('d') } })
    expect((await second.inspect()).counts.session).toBe(4)
    await store.release()
    await second.acquire()
    expect([await store.owned(), await second.owned()]).toEqual([false, true])
    expect((await (await second.open()).state.keys.get('session', ['494.0']))['494.0']).toEqual(session('d'))
  })

  test('after the fence every write of that opening is refused; writes in flight are done', async () => {
    const { store, opening, keys } = await opened()
    const flying = [keys.set({ session: { a: session('a') } }), opening.saveCreds()]
    await opening.fence()
    await Promise.all(flying)
    await expect(keys.set({ session: { b: session('b') } })).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await expect(opening.saveCreds()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await expect(Promise.resolve().then(() => opening.state.keys.clear?.())).rejects.toMatchObject({
      code: 'AUTH_STORE_FENCED',
    })
    const next = anyKeys((await store.open()).state.keys)
    expect(await next.get('session', ['a', 'b'])).toEqual({ a: session('a'), b: null })
  })

  test('no file moves while an opening may still write', async () => {
    const { store, opening } = await opened()
    for (const refused of [
      store.quarantine({ kind: 'all-sessions' }, 'x'),
      store.openStaging(),
      store.restoreCreds('x'),
    ])
      await expect(refused).rejects.toMatchObject({ code: 'AUTH_STORE_OPEN' })
    await opening.close()
    expect(await store.quarantine({ kind: 'all-sessions' }, 'x')).toBeUndefined()
  })

  test('what the store makes is closed to other users', async () => {
    const { folder, store } = await linked()
    if (store.ownFolder === undefined) return
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    for (const name of ['creds.json', 'account.mdb', 'account.mdb-lock']) {
      const found = await stat(join(folder, name)).catch(() => undefined)
      if (found) expect(found.mode & 0o777).toBe(0o600)
    }
  })
})
