import { describe, expect, test } from 'vitest'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('what the $kind store tells', (kind) => {
  const { plant } = kind
  const { ownedStore, linked } = accountsIn(kind)

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
})
