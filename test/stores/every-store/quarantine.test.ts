import { describe, expect, test } from 'vitest'
import { session } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('the quarantine of the $kind store', (kind) => {
  const { plant, stored } = kind
  const { linked, ownedStore } = accountsIn(kind)

  test('what is set aside leaves the account and comes back byte for byte', async () => {
    const { folder, store } = await linked()
    await plant(folder, 'session-493.12.json', '{"torn')
    const before = await stored(folder)
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0', '493.12', 'never'] }, 'failing')
    expect(entry).toMatchObject({ reason: 'failing' })
    expect(entry?.files.map(({ name }) => name)).toEqual(['session-491.0.json', 'session-493.12.json'])
    expect((await store.inspect()).counts.session).toBe(1)
    expect(await store.quarantined()).toEqual([entry])
    expect(await store.restore(entry?.id ?? '')).toEqual(['session-491.0.json', 'session-493.12.json'])
    expect(await stored(folder)).toEqual(before)
    expect(await store.quarantined()).toEqual([])
    await expect(store.restore(entry?.id ?? '')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_FOUND' })
  })

  test('an old session does not come back over its successor, unless forced; the successor is set aside then', async () => {
    const { folder, store } = await linked()
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'failing')
    const before = await stored(folder)
    const opening = await store.open()
    await opening.state.keys.set({ session: { '491.0': session('z') } })
    await opening.fence()
    const after = await stored(folder)
    await expect(store.restore(entry?.id ?? '')).rejects.toMatchObject({ code: 'AUTH_STORE_SUCCESSOR' })
    expect(await stored(folder)).toEqual(after)
    await store.restore(entry?.id ?? '', { force: true })
    expect((await stored(folder)).size).toBe(before.size + 1)
    expect((await (await store.open()).state.keys.get('session', ['491.0']))['491.0']).toEqual(session('a'))
    expect((await store.quarantined()).map(({ files }) => files.map(({ name }) => name))).toEqual([
      ['session-491.0.json'],
    ])
  })

  test('a copy is put aside beside an open account, which stays as it is', async () => {
    const { folder, store } = await linked()
    await store.open()
    const before = await stored(folder)
    const entry = await store.copyAside({ kind: 'all-sessions' }, 'before the live cure')
    expect(entry?.files).toHaveLength(3)
    expect(await stored(folder)).toEqual(before)
    expect(await store.quarantined()).toEqual([entry])
  })

  test('entries are listed as they were made: within a millisecond, after a restart and after the clock was set back', async () => {
    const { folder, store } = await linked()
    await store.release()
    const made: (string | undefined)[] = []
    for (const now of [Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 1), Date.UTC(1996, 1, 29), 0]) {
      const again = await ownedStore(folder, { now: () => now })
      for (let at = 0; at < 8; at += 1)
        made.push((await again.copyAside({ kind: 'sessions', addresses: ['491.0'] }, 'again'))?.id)
      await again.release()
    }
    const last = await ownedStore(folder, { now: () => 0 })
    expect((await last.quarantined()).map(({ id }) => id)).toEqual(made)
    // Not by what the clock says: the one that was made after it is older in years.
    await last.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'gone')
    await expect(last.restore(made[0] ?? '')).rejects.toMatchObject({ code: 'AUTH_STORE_SUCCESSOR' })
    const [{ bytes = 0 } = {}] = (await last.quarantined())[0]?.files ?? []
    expect(await last.trimQuarantine({ keepDays: 30, maxBytes: bytes })).toEqual(made)
  })

  test('the quarantine is trimmed by age and size, and never of credentials', async () => {
    const { store } = await linked()
    const first = await store.copyAside({ kind: 'all-sessions' }, 'first')
    const second = await store.copyAside({ kind: 'files', names: ['creds.json'] }, 'second')
    const third = await store.copyAside({ kind: 'sessions', addresses: ['491.0'] }, 'third')
    const bytes = third?.files[0]?.bytes ?? 0
    expect(await store.trimQuarantine({ keepDays: 30, maxBytes: bytes })).toEqual([first?.id])
    expect(await store.trimQuarantine({ keepDays: -1, maxBytes: bytes })).toEqual([third?.id])
    expect(await store.quarantined()).toEqual([second])
  })
})
