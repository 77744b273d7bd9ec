import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/stores/folder/file-store.ts'
import { isJournal } from '../../src/stores/folder/journal/journal-file.ts'
import { session } from '../stores/account.ts'
import { crashed, HandDelays } from '../stores/folder/journal/crash.ts'
import { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterAll(() => world.close())

/** A linked folder whose gateway was killed while this session was durable and not in its file yet. */
async function killed(): Promise<string> {
  const store = fileAuthStore(await world.linkedFolder(), { delays: new HandDelays() })
  await store.acquire()
  await (await store.open()).state.keys.set({ session: { '491.0': session('ours') } })
  const folder = await crashed(store.location)
  await store.release()
  return folder
}

/** What a gateway writes down as trouble at its start on that folder. */
async function troubleOn(folder: string): Promise<readonly string[]> {
  const gateway = world.newcomer({}, folder)
  await gateway.start()
  await gateway.until(() => gateway.state === 'healthy')
  return gateway.line
    .history()
    .flatMap((entry) => (entry.type === 'trouble' ? [`${entry.doing}: ${entry.message}`] : []))
}

test('writes of before a kill that come through are nothing to tell', async () => {
  const folder = await killed()
  expect(await troubleOn(folder)).toEqual([])
  expect(await readdir(folder)).toContain('session-491.0.json')
})

test.runIf(process.platform !== 'win32')('a folder that other users may write to is told at the start', async () => {
  const folder = await world.linkedFolder()
  await chmod(folder, 0o777)
  expect(await troubleOn(folder)).toEqual([
    'looking at the permissions: Other users may put files into the folder and take some away; lifeline doctor --fix closes it',
  ])
})

test('a file that Baileys’ own store wrote after a kill is told in the history, with where the other one is', async () => {
  const folder = await killed()
  await (await useMultiFileAuthState(folder)).state.keys.set({ session: { '491.0': { n: 999_999 } as never } })
  expect(await troubleOn(folder)).toEqual([
    'finishing what was written before a crash: 1 file was written by another program since; the newer stay, and what was to be written is in the quarantine',
  ])
  expect(await readFile(join(folder, 'session-491.0.json'), 'utf8')).toBe('{"n":999999}')
})

test('a journal that was damaged is told in the history', async () => {
  const folder = await killed()
  const own = join(folder, '.lifeline')
  const path = join(own, (await readdir(own)).find(isJournal) ?? '')
  const bytes = await readFile(path)
  // The head of the first page: what stands behind it is whole, and of an unknown time.
  await writeFile(path, bytes.fill(0, 16, 32))
  expect(await troubleOn(folder)).toEqual([
    'finishing what was written before a crash: 1 journal was damaged, so the last writes may be lost; what can be read counts, and the rest is kept',
  ])
  expect(await readdir(own)).toContainEqual(expect.stringMatching(/-journal\.damaged$/))
})
