import { describe, expect, test } from 'vitest'
import type { Table } from '../../../src/stores/rows/index.ts'
import type { AuthStore } from '../../../src/stores/store.ts'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('an account of the $kind store that vanishes while it is in use', (kind) => {
  const { linked, storeOf, pairStaged } = accountsIn(kind)

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

  test('is none that still has its creds, or a good copy of them', async () => {
    const { folder, store } = await linked()
    const copies = [...(await kind.everything(folder))].filter(([name]) => name.startsWith('generation/'))
    const remove = (name: string, table: Table = 'generation') => kind.plant(folder, name, null, table)
    for (const [name] of copies) await remove(name.slice('generation/'.length))
    expect(await store.gone?.()).toBe(false)
    const again = await linked()
    await kind.plant(again.folder, 'creds.json', null)
    expect(await again.store.gone?.()).toBe(false)
  })

  test.each<[string, (store: AuthStore) => Promise<unknown>]>([
    ['its sessions were set aside', (store) => store.quarantine({ kind: 'all-sessions' }, 'test')],
    [
      'one file came back',
      async (store) => {
        const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
        await store.restore(entry?.id ?? '')
      },
    ],
    [
      'another pairing took its place',
      async (store) => {
        await pairStaged(store, '49222')
        await store.promoteStaging('test')
      },
    ],
  ])('is no reason for a new identity after %s, either', async (_, step) => {
    const { folder, store } = await linked()
    await step(store)
    await emptied(folder)
    await expect(store.open({ mint: true })).rejects.toMatchObject(gone)
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
