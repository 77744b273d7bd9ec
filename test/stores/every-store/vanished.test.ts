import { describe, expect, test } from 'vitest'
import type { Table } from '../../../src/stores/rows/index.ts'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('an account of the $kind store that vanishes while it is in use', (kind) => {
  const { linked, storeOf } = accountsIn(kind)

  const emptied = async (folder: string) => {
    const before = await kind.everything(folder)
    const place = (name: string) => name.split(/\/(.*)/) as [Table, string]
    for (const name of before.keys()) {
      const [table, row] = place(name)
      await kind.plant(folder, row, null, table)
    }
    const putBack = async () => {
      for (const [name, content] of before) {
        const [table, row] = place(name)
        await kind.plant(folder, row, Buffer.from(content, 'base64'), table)
      }
    }
    return { putBack }
  }
  const gone = { code: 'AUTH_STORE_GONE' }

  test('is no reason for a new identity, and is read again when it is put back', async () => {
    const { folder, store, creds } = await linked()
    expect(await store.gone?.()).toBe(false)
    const { putBack } = await emptied(folder)
    await store.acquire()
    await expect(store.inspect({ depth: 'creds' })).rejects.toMatchObject(gone)
    await expect(store.open({ mint: true })).rejects.toMatchObject(gone)
    await putBack()
    await store.acquire()
    expect(await store.inspect({ depth: 'creds' })).toMatchObject({ linked: true })
    expect((await store.open()).state.creds.noiseKey).toEqual(creds.noiseKey)
    expect(await store.gone?.()).toBe(false)
  })

  test('gives way to a new one once its owner let go of it', async () => {
    const { folder, store } = await linked()
    await emptied(folder)
    await store.release()
    await store.acquire()
    expect(await store.inspect({ depth: 'creds' })).toMatchObject({ linked: false, creds: { kind: 'absent' } })
    expect((await store.open({ mint: true })).state.creds.me).toBeUndefined()
  })

  test('is another thing than one that was set aside, and than one that was never linked', async () => {
    const { store } = await linked()
    await store.quarantine({ kind: 'everything' }, 'unlinked')
    expect(await store.gone?.()).toBe(false)
    expect(await store.inspect({ depth: 'creds' })).toMatchObject({ creds: { kind: 'absent' } })

    const other = await linked()
    await other.store.release()
    const reader = storeOf(other.folder)
    expect(await reader.inspect()).toMatchObject({ linked: true })
    await emptied(other.folder)
    expect(await reader.inspect()).toMatchObject({ creds: { kind: 'absent' } })
  })
})
