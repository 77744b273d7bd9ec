import { describe, expect, test, vi } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import type { Rows } from '../../../src/stores/rows/index.ts'
import { session } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('the fence of the $kind store', (kind) => {
  const { stored, everything } = kind
  const { storeOf, linked } = accountsIn(kind)

  test('refuses every write of that opening, which changes nothing; what it read it may read on', async () => {
    const { folder, store } = await linked()
    const opening = await store.open()
    await opening.fence()
    const before = await everything(folder)
    opening.state.creds.nextPreKeyId = 99
    const refused = { code: 'AUTH_STORE_FENCED', name: 'FencedError' }
    await expect(opening.saveCreds()).rejects.toMatchObject(refused)
    await expect(opening.state.keys.set({ session: { late: session('l') } })).rejects.toMatchObject(refused)
    await expect(opening.state.keys.clear?.()).rejects.toMatchObject(refused)
    expect(await everything(folder)).toEqual(before)
    expect(await opening.state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('a') })
  })

  test('resolves once the writes in flight are stored, queued ones included', async () => {
    const { folder, store } = await linked()
    const opening = await store.open()
    let finished = 0
    for (let round = 0; round < 30; round++) {
      void Promise.resolve(
        opening.state.keys.set({ session: { [`w${round}.0`]: session('w'), shared: session(String(round)) } }),
      ).then(() => finished++)
      if (round % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await opening.fence()
    expect(finished).toBe(30)
    const names = [...(await stored(folder)).keys()].filter((name) => name.startsWith('session-w'))
    expect(names).toHaveLength(30)
    const next = await store.open()
    expect(await next.state.keys.get('session', ['shared'])).toEqual({ shared: session('29') })
  })

  test('of one opening leaves a later one alone, which starts from what is stored, as the older one does then', async () => {
    const { store } = await linked()
    const first = await store.open()
    await first.state.keys.set({ session: { x: session('1') } })
    expect(await first.state.keys.get('session', ['x'])).toEqual({ x: session('1') })
    await first.fence()
    await store.quarantine({ kind: 'sessions', addresses: ['x'] }, 'test')
    const second = await store.open()
    expect(await second.state.keys.get('session', ['x'])).toEqual({ x: null })
    await second.state.keys.set({ session: { x: session('2') } })
    await first.fence()
    for (const { state } of [first, second]) expect(await state.keys.get('session', ['x'])).toEqual({ x: session('2') })
  })

  test('keeps files from being moved while an opening may still write', async () => {
    const { folder, store } = await linked()
    const opening = await store.open()
    const before = await everything(folder)
    const [entry] = await store.quarantined()
    for (const refused of [
      () => store.quarantine({ kind: 'all-sessions' }, 'x'),
      () => store.restore(entry?.id ?? 'none'),
      () => store.restoreCreds('x'),
      () => store.repairPreKeys({ force: true }),
      () => store.openStaging(),
      () => store.resumeStaging(),
      () => store.promoteStaging('x'),
      () => store.discardStaging?.('x') ?? Promise.reject({ code: 'AUTH_STORE_OPEN' }),
    ])
      await expect(refused()).rejects.toMatchObject({ code: 'AUTH_STORE_OPEN' })
    expect(await everything(folder)).toEqual(before)
    await opening.fence()
  })

  test('does not wait for a write that is taken for lost, where the next one can be stored; nothing is moved meanwhile', async () => {
    const hung: (() => void)[] = []
    const hangs = <T>(step: () => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        hung.push(() => void step().then(resolve, reject))
      })
    let silent = false
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      create: async (...args) => {
        const file = await nodeFileSystem.create(...args)
        return { ...file, write: (...to) => (silent ? hangs(() => file.write(...to)) : file.write(...to)) }
      },
    }
    const { folder, store } = await linked(kind.rows ? {} : { fileSystem })
    const opening = await store.open()
    const spy = kind.rows && vi.spyOn(kind.rows, 'commit')
    const commit = kind.rows?.commit
    silent = true
    spy?.mockImplementationOnce(function (this: Rows, changes) {
      return hangs(() => (commit as Rows['commit']).call(this, changes))
    })
    const write = Promise.resolve(opening.state.keys.set({ session: { '491.0': session('late') } }))
    await vi.waitFor(() => expect(hung).toHaveLength(1), { interval: 5 })
    let shut = false
    const fenced = opening.fence(Promise.resolve()).then(() => {
      shut = true
    })
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    const refused = await store.quarantine({ kind: 'all-sessions' }, 'x').catch((error: unknown) => error)
    const shutBefore = shut
    silent = false
    for (const answer of hung) answer()
    await write
    await fenced
    spy?.mockRestore()
    // In a folder nothing could be written behind it.
    expect(shutBefore).toBe(kind.rows !== undefined)
    expect(refused).toMatchObject({ code: 'AUTH_STORE_OPEN' })
    expect((await store.quarantine({ kind: 'all-sessions' }, 'x'))?.files.length).toBe(3)
    expect([...(await stored(folder)).keys()].some((name) => name.startsWith('session-'))).toBe(false)
  })

  test('is needless where nobody owns the account: nothing can be changed there, and all of it can be seen', async () => {
    const { folder, store } = await linked()
    await store.writeFacts({ budget: 1 })
    await store.release()
    const before = await everything(folder)
    const onlooker = storeOf(folder)
    for (const refused of [
      () => onlooker.open({ mint: true }),
      () => onlooker.quarantine({ kind: 'everything' }, 'x'),
      () => onlooker.copyAside({ kind: 'everything' }, 'x'),
      () => onlooker.restore('none'),
      () => onlooker.restoreCreds('x'),
      () => onlooker.repairPreKeys({ force: true }),
      () => onlooker.openStaging(),
      () => onlooker.resumeStaging(),
      () => onlooker.promoteStaging('x'),
      () => onlooker.discardStaging?.('x') ?? Promise.reject({ code: 'AUTH_STORE_NOT_OWNED' }),
      () => onlooker.writeFacts({}),
      () => onlooker.appendHistory({}),
      () => onlooker.trimQuarantine({ keepDays: 0, maxBytes: 0 }),
    ])
      await expect(refused()).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_OWNED' })
    expect(await everything(folder)).toEqual(before)
    expect(await onlooker.inspect()).toMatchObject({ linked: true, counts: { session: 3, 'pre-key': 2 } })
    expect(await onlooker.readFacts()).toEqual({ budget: 1 })
  })
})
