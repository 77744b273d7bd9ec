import { execFileSync } from 'node:child_process'
import { lstat, mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readWhole, writeWhole } from '../../../src/stores/disk/whole-file.ts'
import { linkedAccount, session, storeOf } from '../account.ts'

/*
 * A pipe that nobody writes to, a link to an endless device, a file that is too large and a folder, each in the place
 * of a file: nothing waits for it, nothing reads all of it, and it goes aside.
 */

const kinds: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  pipe: async (path) => execFileSync('mkfifo', [path]),
  device: (path) => symlink('/dev/zero', path),
  'file of 1 GB': async (path) => {
    await writeFile(path, '')
    await truncate(path, 2 ** 30)
  },
  folder: (path) => mkdir(path),
}

const own = (name: string) => join('.lifeline', name)
const places = ['session-491.0.json', 'pre-key-1.json', 'creds.json', own('state.json'), own('history.jsonl')]
const rows = places.flatMap((place) => Object.keys(kinds).map((kind) => [kind, place] as const))

async function put(kind: string, path: string): Promise<void> {
  await rm(path, { force: true, recursive: true })
  await mkdir(dirname(path), { recursive: true })
  await kinds[kind]?.(path)
}

const inode = async (path: string) => (await lstat(path)).ino

describe.runIf(process.platform === 'linux')('What is no file', () => {
  test.each(rows)('a %s in the place of %s is found, goes aside and hinders nothing', async (kind, place) => {
    const { folder, store } = await linkedAccount()
    await store.release()
    await put(kind, join(folder, place))
    const before = await inode(join(folder, place))
    const heard: string[] = []
    const reader = storeOf(folder)
    const { findings } = await reader.inspect()
    expect(findings.map(({ file }) => file)).toContain(place)

    const owner = storeOf(folder)
    owner.onRefused?.((words) => heard.push(words))
    await owner.acquire()
    if (place === 'creds.json') await owner.restoreCreds('it is no file')
    const { state, saveCreds, fence } = await owner.open()
    expect(await state.keys.get('session', ['491.0'])).toEqual({
      '491.0': place.startsWith('session') ? null : expect.anything(),
    })
    await state.keys.get('pre-key', ['1'])
    await state.keys.set({ session: { '491.0': session('new') } })
    await saveCreds()
    await fence()
    await owner.writeFacts({ budget: 1 })
    await owner.appendHistory({ type: 'start' })
    expect(await owner.readHistory(1)).toEqual([{ type: 'start' }])
    expect(await owner.readFacts()).toEqual({ budget: 1 })
    expect(await state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('new') })
    await owner.release()

    // It is somewhere, as it was.
    const names = (await readdir(folder, { recursive: true })) as string[]
    const found = await Promise.all(
      names.map(async (name) => ((await inode(join(folder, name))) === before ? name : '')),
    )
    expect(found.filter((name) => name !== '')).toEqual([expect.stringMatching(/quarantine|\.damaged$/)])
    if (place !== 'creds.json')
      expect(heard).toEqual([expect.stringMatching(/is no regular file|is larger|is a folder/)])
    for (const words of heard) expect(words).not.toContain('491')
  })

  test.each(Object.keys(kinds))('a %s in the place of a claim names no owner, and counts by its age', async (kind) => {
    const { folder, store } = await linkedAccount()
    await store.release()
    const claim = join(folder, '.lifeline', 'lock', 'claim-0123456789abcdef.json')
    await put(kind, claim)
    const outcome = await storeOf(folder)
      .acquire()
      .catch(({ code }) => code)
    // The age of a link is that of where it leads.
    expect(outcome).toBe(kind === 'device' ? undefined : 'AUTH_STORE_LOCKED')
  })

  test.each(Object.keys(kinds))(
    'a %s in the place of a journal, a generation or a manifest is passed over',
    async (kind) => {
      const { folder, store } = await linkedAccount()
      await store.release()
      const aside = join(folder, '.lifeline', 'quarantine', '20260101T000000000Z')
      await put(kind, join(aside, 'manifest.json'))
      const digest = '0'.repeat(64)
      await put(kind, join(folder, '.lifeline', 'creds', `9999999999999-${digest}.json`))
      const owner = storeOf(folder)
      await owner.acquire()
      expect(await owner.quarantined()).toEqual([])
      await (await owner.open()).fence()
      await owner.release()
    },
  )

  test('a pipe is neither read nor written to', async () => {
    const { folder } = await linkedAccount()
    const path = join(folder, 'pipe')
    await put('pipe', path)
    await expect(readWhole(path)).rejects.toMatchObject({ code: 'EFTYPE' })
    const append = { flag: 'a', mode: 0o600, flush: false } as const
    await expect(writeWhole(path, Buffer.from('x'), append)).rejects.toMatchObject({ code: 'ENXIO' })
  })
})
