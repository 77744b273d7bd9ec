import { describe, expect, test } from 'vitest'
import { session } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'

const anyClock = { now: () => 0 }

describe.each(everyKind())('a look at sessions, in the $kind store', (kind) => {
  const { opened } = accountsIn(kind)
  /** Other stores keep no time; theirs come by name. */
  const knowsTime = kind.kind === 'file' || kind.kind === 'postgres'
  const damaged = knowsTime ? '999.0' : '100.0'
  const good = Array.from({ length: 80 }, (_, at) => `${200 + at}.0`)

  test('finds what nothing can load where it is newest, changes nothing, and leaves what there is no time for', async () => {
    const { folder, store, opening, keys } = await opened()
    await opening.saveCreds()
    await keys.set({ session: Object.fromEntries(good.map((address) => [address, session('a')])) })
    const poison = { version: 'v1', _sessions: { a: {} } }
    if (kind.kind !== 'file') await keys.set({ session: { [damaged]: poison } })
    await opening.close()
    if (kind.kind === 'file') {
      await store.release()
      await kind.plant(folder, `session-${damaged}.json`, JSON.stringify(poison))
      await store.acquire()
    }
    const before = await kind.stored(folder)
    const seen = await store.lookAtSessions?.({ ...anyClock, withinMs: 0 })
    expect(seen?.findings.map(({ code, file }) => [code, file])).toEqual([
      ['session-poison', `session-${damaged}.json`],
    ])
    expect(seen?.left.length).toBe(good.length + 1 - 64)
    const rest = await store.lookAtSessions?.({ ...anyClock, names: seen?.left ?? [], withinMs: 1 })
    expect(rest).toEqual({ findings: [], left: [] })
    expect(await kind.stored(folder)).toEqual(before)
  })
})
