import { describe, expect, test } from 'vitest'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('what the $kind store tells', (kind) => {
  const { plant, everything } = kind
  const { ownedStore, linked, behind } = accountsIn(kind)

  test('facts and history outlive the owner', async () => {
    const { folder, store } = await linked()
    await store.writeFacts({ budget: 1 })
    await store.writeFacts({ budget: 2 })
    await Promise.all([1, 2, 3, 4].map((n) => store.appendHistory({ n })))
    await store.release()
    const next = await ownedStore(folder)
    await next.appendHistory({ n: 5 })
    expect(await next.readFacts()).toEqual({ budget: 2 })
    expect(await next.readHistory(3)).toEqual([{ n: 3 }, { n: 4 }, { n: 5 }])
  })

  test('what was sent outlives the owner, in the order in which it was kept, until other messages take its place', async () => {
    const { folder, store } = await linked()
    expect(await store.sent?.read()).toEqual([])
    await Promise.all([1, 2, 3].map((n) => store.sent?.append([{ n }, { n: n + 0.5 }])))
    await store.release()
    await expect(store.sent?.append([{ n: 9 }])).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_OWNED' })
    const next = await ownedStore(folder)
    expect(await next.sent?.read()).toEqual([1, 1.5, 2, 2.5, 3, 3.5].map((n) => ({ n })))
    const large = Array.from({ length: 40 }, (_, n) => ({ n, message: 'x'.repeat(1_000) }))
    await next.sent?.replace(large)
    await next.sent?.append([{ n: 40 }])
    expect(await next.sent?.read()).toEqual([...large, { n: 40 }])
    await next.sent?.replace([])
    await next.sent?.append([{ n: 41 }])
    expect(await next.sent?.read()).toEqual([{ n: 41 }])
    await next.appendHistory({ n: 1 })
    expect(await next.readHistory(9)).toEqual([{ n: 1 }])
  })

  test('an inspection names each damaged file, and a damaged key reads as null', async () => {
    const { folder, store } = await linked()
    await plant(folder, 'session-a.json', '{"_sess')
    await plant(folder, 'session-b.json', '{"_sessions":{"x":{}},"version":"v1"}')
    await plant(folder, 'pre-key-9.json', '[]')
    const { findings, counts } = await store.inspect()
    const found = findings.map(({ code, file }) => `${code} ${file}`)
    expect(found).toEqual(
      expect.arrayContaining([
        'file-unreadable session-a.json',
        'session-poison session-b.json',
        'file-shape pre-key-9.json',
      ]),
    )
    expect(counts).toMatchObject({ creds: 1, session: 5, 'pre-key': 3 })
    expect(await (await store.open()).state.keys.get('session', ['a'])).toEqual({ a: null })
  })

  test('history and what was sent go on after another owner, each entry in its place', async () => {
    const { folder, store } = await linked()
    const write = async (owner: typeof store, n: number) => {
      await owner.appendHistory({ n })
      await owner.sent?.append([{ n: n + 0.5 }])
    }
    await write(store, 1)
    await store.release()
    const other = await ownedStore(folder)
    await write(other, 2)
    await other.release()
    await store.acquire()
    await write(store, 3)
    expect(await store.readHistory(9)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(await store.readHistory(2)).toEqual([{ n: 2 }, { n: 3 }])
    expect(await store.sent?.read()).toEqual([{ n: 1.5 }, { n: 2.5 }, { n: 3.5 }])
  })

  test('facts that are damaged read as undefined, and are written anew', async () => {
    const { folder, store } = await linked()
    await store.writeFacts({ budget: 1 })
    const [place = ''] = [...(await everything(folder))]
      .filter(([, content]) => Buffer.from(content, 'base64').toString().includes('budget'))
      .map(([name]) => name)
    await behind(store, () => plant(folder, place.slice('own/'.length), '{"bud', 'own'))
    expect(await store.readFacts()).toBeUndefined()
    await store.writeFacts({ budget: 2 })
    expect(await store.readFacts()).toEqual({ budget: 2 })
  })
})
