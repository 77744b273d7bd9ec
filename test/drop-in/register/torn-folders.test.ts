import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { urlOfBaileys } from '../../../src/baileys/installed.ts'
import { mendRemembered } from '../../../src/drop-in/register/mending.ts'
import { rememberedPlace } from '../../../src/drop-in/register/remembered.ts'
import { configVariable, settingsVariable } from '../../../src/drop-in/register/settings.ts'
import { mendTorn } from '../../../src/drop-in/register/torn-creds.ts'
import { fileAuthStore } from '../../../src/stores/folder/file-store.ts'
import { linkedAccount } from '../../stores/account.ts'
import { crashed, HandDelays } from '../../stores/folder/journal/crash.ts'

const says: string[] = []
beforeEach(() => {
  says.length = 0
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => says.push(String(text)) > 0)
  for (const name of [settingsVariable, configVariable]) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const baileys = urlOfBaileys()
// Loaded already when the first folder is mended.
await import(baileys)
const torn = '{"me":{"id":"4'

/** A linked account whose creds.json is torn, with a good copy of them beside it. */
async function tornFolder() {
  const { folder, store, creds } = await linkedAccount()
  await store.release()
  // The next start keeps the copy.
  await store.acquire()
  const opening = await store.open()
  await opening.saveCreds()
  await opening.close()
  await store.release()
  await writeFile(join(folder, 'creds.json'), torn)
  return { folder, creds, content: () => readFile(join(folder, 'creds.json'), 'utf8') }
}
/** It rejects where somebody owns the folder. */
async function free(folder: string): Promise<void> {
  const store = fileAuthStore(folder)
  await store.acquire()
  await store.release()
}

test('the last good creds are put back, with what was torn kept, an entry in the history and a word to whoever looks', async () => {
  const { folder, creds, content } = await tornFolder()
  await mendTorn(folder, baileys)
  const { registrationId, nextPreKeyId } = JSON.parse(await content())
  expect([registrationId, nextPreKeyId > creds.nextPreKeyId]).toEqual([creds.registrationId, true])
  expect(says).toEqual([
    expect.stringMatching(/^lifeline: \S+: creds\.json was torn\. The copy of \d{4}-\S+Z was put back\.\n$/),
  ])
  await free(folder)
  const store = fileAuthStore(folder)
  const why = 'creds.json was torn when the program was started'
  expect(await store.quarantined()).toMatchObject([{ reason: why, files: [{ name: 'creds.json' }] }])
  const history = await readFile(join(folder, '.lifeline', 'history.jsonl'), 'utf8')
  const { at, ...entry } = JSON.parse(history)
  expect(entry).toEqual({ type: 'act', act: 'credentials-restored', why })
  expect(Math.abs(Date.now() - at)).toBeLessThan(60_000)
})

test('who only observes changes nothing, whether a flag says so or a module; a module that does not is no hindrance', async () => {
  const { folder, content } = await tornFolder()
  vi.stubEnv(settingsVariable, '{"mode":"observe"}')
  await mendTorn(folder, baileys)
  vi.stubEnv(settingsVariable, '{"mode":"heal"}')
  const module = (mode: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'lifeline-mend-')), `${mode}.mjs`)
    writeFileSync(path, `export const mode = '${mode}'`)
    vi.stubEnv(configVariable, path)
  }
  module('observe')
  await mendTorn(folder, baileys)
  expect([await content(), says]).toEqual([torn, []])
  module('heal')
  await mendTorn(folder, baileys)
  expect([await content()]).not.toEqual([torn])
})

test('a folder that somebody owns is his to mend, and of one that cannot be mended it is said why', async () => {
  const { folder, content } = await tornFolder()
  const owner = fileAuthStore(folder)
  await owner.acquire()
  await mendTorn(folder, baileys)
  expect(says).toEqual([])
  await owner.release()
  vi.stubEnv(configVariable, '/srv/none.mjs')
  await mendTorn(folder, baileys)
  expect(says).toEqual([
    `lifeline: ${folder}: creds.json is torn and was left as it is: There is no <file>. Nothing was started.\n`,
  ])
  expect(await content()).toBe(torn)
  await free(folder)
})

test('without a good copy it stays as it is; what a kill has left to the next start is put in place, and said', async () => {
  const bare = mkdtempSync(join(tmpdir(), 'lifeline-mend-'))
  chmodSync(bare, 0o700)
  writeFileSync(join(bare, 'creds.json'), torn)
  await mendTorn(bare, baileys)
  expect([await readFile(join(bare, 'creds.json'), 'utf8'), says]).toEqual([torn, []])

  const { folder, store } = await linkedAccount(undefined, { delays: new HandDelays() })
  const opening = await store.open()
  opening.state.creds.nextPreKeyId += 1
  await opening.saveCreds()
  const left = await crashed(folder)
  await store.release()
  writeFileSync(join(left, 'creds.json'), torn)
  await mendTorn(left, baileys)
  expect(JSON.parse(await readFile(join(left, 'creds.json'), 'utf8'))).toHaveProperty('me')
  expect(says.join('')).toMatch(/creds\.json was torn\. What was saved last was put back\.\n$/)
  await free(left)
})

test('of the folders that are remembered those are mended whose creds.json is torn and which are ours', () => {
  const base = mkdtempSync(join(tmpdir(), 'lifeline-mend-'))
  vi.stubEnv('XDG_STATE_HOME', base)
  const place = rememberedPlace()
  mkdirSync(place, { recursive: true })
  const folders = ['torn', 'empty', 'whole', 'gone', 'foreign', 'file'] as const
  for (const name of folders) {
    const folder = join(base, name)
    if (name !== 'foreign') mkdirSync(join(folder, '.lifeline', 'creds'), { recursive: true })
    else mkdirSync(folder)
    if (name !== 'gone')
      writeFileSync(join(folder, 'creds.json'), { whole: '{}', empty: '', torn, foreign: torn, file: torn }[name])
    writeFileSync(join(place, `${name}.json`), JSON.stringify({ folder, baileys }))
  }
  const file = join(base, 'file-kept')
  mkdirSync(join(file, '.lifeline'), { recursive: true })
  writeFileSync(join(file, '.lifeline', 'creds'), '')
  writeFileSync(join(file, 'creds.json'), torn)
  writeFileSync(join(place, 'file.json'), JSON.stringify({ folder: file, baileys }))

  const run = vi.fn()
  const mended = () => {
    run.mockClear()
    mendRemembered({ NODE_OPTIONS: '--require=./ours.js', KEPT: '1' }, run)
    return run.mock.calls.toSorted((a, b) => String(a).localeCompare(String(b)))
  }
  expect(mended()).toEqual(['empty', 'torn'].map((name) => [[join(base, name), baileys], { KEPT: '1' }]))
  const own = process.getuid?.() ?? 0
  const uid = vi.spyOn(process, 'getuid').mockReturnValue(own + 1)
  expect(mended()).toEqual([])
  // Whoever remembered them was this user; the folders are another's by now.
  uid.mockReturnValue(own + 1)
  for (const _ of folders) uid.mockReturnValueOnce(own)
  expect(mended()).toEqual([])
})
