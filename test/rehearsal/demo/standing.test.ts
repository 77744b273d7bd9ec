import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { harmSessions } from '../../../src/rehearsal/demo/harm.ts'
import { filesStanding } from '../../../src/rehearsal/demo/standing.ts'
import { linkedAccount, ownedStore } from '../../stores/account.ts'
import { through, timersAlone } from '../own-clock.ts'

afterEach(() => void vi.useRealTimers())

/** A store whose files never follow its journal; what lies there is what a kill leaves. */
async function behind() {
  const { folder, store } = await linkedAccount()
  await store.release()
  const delays = {
    soon: (step: () => void) => queueMicrotask(step),
    setTimeout: () => ({}),
    clearTimeout: () => undefined,
  }
  const held = await ownedStore(folder, { delays })
  const { state } = await held.open()
  await state.keys.set({ session: { '491.0': 'newer' } } as never)
  return { folder, held, session: () => readFile(join(folder, 'session-491.0.json'), 'utf8') }
}
const locks = (folder: string) => readdir(join(folder, '.lifeline', 'lock'))

test('what a gateway that was killed has left in its journal is put in place, and the folder is free when that is said', async () => {
  const { folder, session } = await behind()
  const before = await session()
  await rm(join(folder, '.lifeline', 'lock'), { recursive: true })
  await filesStanding(folder)
  expect(await locks(folder)).toEqual([])
  expect(await session()).not.toBe(before)
})

test('a gateway that lives is waited for until it has put them in place, fifteen seconds at most, and left in peace', async () => {
  const { folder, held, session } = await behind()
  const lock = await locks(folder)
  const before = await session()
  timersAlone()
  const since = performance.now()
  await through(filesStanding(folder), 500)
  expect(performance.now() - since).toBeGreaterThanOrEqual(15_000)
  expect([await session(), await locks(folder)]).toEqual([before, lock])
  const waiting = filesStanding(folder)
  await held.release()
  await through(waiting)
  expect(await session()).not.toBe(before)
})

test('a session is damaged as the gateway left it, which nothing that it had begun writes over', async () => {
  const { folder, session } = await behind()
  await rm(join(folder, '.lifeline', 'lock'), { recursive: true })
  const contact = { name: 'Ada', number: '491', lid: undefined, resends: true }
  const [harmed] = await harmSessions(folder, [{ contact: contact as never, harm: 'half-written' }])
  expect(harmed).toMatchObject({ bytesBefore: '"newer"'.length, bytes: 3 })
  await filesStanding(folder)
  expect(await session()).toBe('"ne')
})
