import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { isJournal } from '../../../../src/stores/folder/journal/journal-file.ts'
import { inTurn, slow } from '../../../share.ts'
import { linkedAccount, ownedStore, session, storeOf } from '../../account.ts'
import { type DiskCall, FaultyDisk } from '../../disk/faulty-disk.ts'
import { crashed, HandDelays } from './crash.ts'

const errnos = ['ENOSPC', 'EIO']
const journalStepBytes = 16_384

/** An account with a journal of little room, on a disk that can fail, whose files follow when the test says so. */
async function opened() {
  const disk = new FaultyDisk()
  const delays = new HandDelays()
  const { folder, store } = await linkedAccount('49111', { fileSystem: disk.fileSystem, delays, journalStepBytes })
  const told: unknown[] = []
  store.onTrouble?.((failure) => told.push(failure === undefined ? 'well' : Reflect.get(failure, 'errno')))
  const { keys } = (await store.open()).state
  const set = async (address: string, mark: string): Promise<boolean> => {
    try {
      await keys.set({ session: { [address]: session(mark) } })
      return true
    } catch {
      return false
    }
  }
  return { disk, delays, folder, store, keys, told, set }
}

/** What the next owner finds after a kill at this moment. */
async function nextFinds(folder: string, addresses: readonly string[]) {
  const store = await ownedStore(await crashed(folder))
  const found = await (await store.open()).state.keys.get('session', [...addresses])
  await store.release()
  return found
}

const journalsIn = async (folder: string) => (await readdir(join(folder, '.lifeline'))).filter(isJournal)

describe.each(inTurn(errnos, import.meta.url))('a disk that fails with %s', (errno) => {
  test.each<[string, readonly DiskCall[]]>([
    ['writing', ['writeFile']],
    ['renaming', ['rename']],
  ])(
    'at %s a file behind an acknowledgement is told, loses nothing, and is told to be well once the file stands',
    async (_, calls) => {
      const { disk, delays, folder, keys, told, set } = await opened()
      disk.failing = (_, name) => (calls.includes(name) ? errno : undefined)
      expect(await set('491.0', 'new')).toBe(true)
      for (const looks of [1, 2]) {
        delays.pass()
        await expect.poll(() => told.length).toBeGreaterThanOrEqual(looks - 1)
      }
      await expect.poll(() => told).toContain(errno)
      expect(await keys.get('session', ['491.0'])).toEqual({ '491.0': session('new') })
      expect(await nextFinds(folder, ['491.0'])).toEqual({ '491.0': session('new') })
      // Others are not held up.
      expect(await set('495.0', 'other')).toBe(true)
      disk.heal()
      await expect
        .poll(() => {
          delays.pass()
          return told.at(-1)
        })
        .toBe('well')
      const own = (await useMultiFileAuthState(folder)).state
      await expect
        .poll(() => {
          delays.pass()
          return own.keys.get('session', ['491.0', '495.0'])
        })
        .toEqual({ '491.0': session('new'), '495.0': session('other') })
    },
  )

  test('at any call of an append keeps what was acknowledged before and after, whoever comes next', async () => {
    const { disk, folder, set } = await opened()
    for (let call = 1; ; call += 1) {
      expect(await set('491.0', `${call} before`)).toBe(true)
      disk.failOnly(call, errno)
      const acknowledged = await set('492.0', `${call} at`)
      const used = disk.calls
      disk.heal()
      const atOnce = await nextFinds(folder, ['491.0'])
      expect(atOnce, `at call ${call}`).toEqual({ '491.0': session(`${call} before`) })
      expect(await set('493.12', `${call} after`)).toBe(true)
      const found = await nextFinds(folder, ['491.0', '492.0', '493.12'])
      expect(found, `at call ${call}`).toMatchObject({
        '491.0': session(`${call} before`),
        '493.12': session(`${call} after`),
        ...(acknowledged ? { '492.0': session(`${call} at`) } : {}),
      })
      if (used < call) break
    }
  })

  test.each([
    ['once', (disk: FaultyDisk, call: number) => disk.failOnly(call, errno)],
    ['from then on', (disk: FaultyDisk, call: number) => disk.dieAt(call, errno)],
    [
      'at each rename, and',
      (disk: FaultyDisk) => {
        disk.calls = 0
        disk.failing = (_, name) => (name === 'rename' ? errno : undefined)
      },
    ],
  ])(
    '%s at any call of a checkpoint loses nothing, and the journal is empty when the disk is well',
    async (how, fail) => {
      const { disk, delays, folder, store, told, set } = await opened()
      for (let call = 1; ; call += 1) {
        expect(await set('491.0', `${call}`)).toBe(true)
        expect(await set('492.0', `${call}`)).toBe(true)
        const opening = await store.open()
        fail(disk, call)
        await opening.fence()
        const used = disk.calls
        disk.heal()
        // Trouble that another attempt overcomes is none.
        if (how !== 'once' && call <= used) expect(told.at(-1)).toBe(errno)
        const found = await nextFinds(folder, ['491.0', '492.0'])
        expect(found, `at call ${call}`).toEqual({ '491.0': session(`${call}`), '492.0': session(`${call}`) })
        delays.pass()
        await opening.fence()
        expect([undefined, 'well']).toContain(told.at(-1))
        const { state } = await useMultiFileAuthState(folder)
        expect(await state.keys.get('session', ['491.0'])).toEqual({ '491.0': session(`${call}`) })
        expect((await store.inspect()).findings.map(({ code }) => code)).not.toContain('write-unfinished')
        if (used < call) break
      }
    },
  )

  test('at any call of a start after a kill is told by name, and the next start has all of it', {
    tags: [slow],
  }, async () => {
    const { folder, set } = await opened()
    await set('491.0', 'new')
    await set('495.0', 'fresh')
    const left = await crashed(folder)
    expect(await journalsIn(left)).toHaveLength(1)
    const disk = new FaultyDisk()
    for (let call = 1; ; call += 1) {
      const image = await crashed(left)
      const failing = storeOf(image, { fileSystem: disk.fileSystem })
      disk.failOnly(call, errno)
      const failure = await failing.acquire().catch((error: unknown) => error)
      const used = disk.calls
      disk.heal()
      if (failure !== undefined) expect(failure).toMatchObject({ code: 'AUTH_STORE_DISK', errno })
      await failing.release()
      const store = await ownedStore(image)
      const { keys } = (await store.open()).state
      expect(await keys.get('session', ['491.0', '495.0', '492.0']), `at call ${call}`).toEqual({
        '491.0': session('new'),
        '495.0': session('fresh'),
        '492.0': session('b'),
      })
      expect(await store.quarantined()).toEqual([])
      await store.release()
      expect(await journalsIn(image)).toEqual([])
      if (used < call) break
    }
  })
})

test('a file that cannot be put in its place does not make the journal grow, and what it should hold is read', async () => {
  const { delays, folder, store, keys, told, set } = await opened()
  const path = join(folder, 'session-491.0.json')
  await rm(path)
  await mkdir(path)
  await set('491.0', 'new')
  for (let round = 0; round < 120; round += 1) {
    expect(await set('492.0', `${round}`)).toBe(true)
    delays.pass()
  }
  await expect.poll(() => told).toContain('EISDIR')
  const [journal = ''] = await journalsIn(folder)
  expect((await stat(join(folder, '.lifeline', journal))).size).toBeLessThanOrEqual(16 * journalStepBytes)
  expect(await keys.get('session', ['491.0', '492.0'])).toEqual({ '491.0': session('new'), '492.0': session('119') })
  await rm(path, { recursive: true })
  await store.release()
  expect(await (await useMultiFileAuthState(folder)).state.keys.get('session', ['491.0'])).toEqual({
    '491.0': session('new'),
  })
})
