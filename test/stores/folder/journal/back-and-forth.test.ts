import { hash } from 'node:crypto'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { isJournal } from '../../../../src/stores/folder/journal/journal-file.ts'
import { supersededReason } from '../../../../src/stores/folder/journal/replay.ts'
import type { AuthStore } from '../../../../src/stores/store.ts'
import { isRecord } from '../../../../src/stores/write-ahead.ts'
import { slow } from '../../../share.ts'
import { freshFolder, linkedAccount, ownedStore, session, storeOf } from '../../account.ts'
import { FaultyDisk } from '../../disk/faulty-disk.ts'
import { crashed, HandDelays } from './crash.ts'

/** The folder of an account that was killed after it had written, and before its files followed. */
async function killed(change: (keys: Awaited<ReturnType<AuthStore['open']>>['state']['keys']) => Promise<unknown>) {
  const { folder, store } = await linkedAccount('49111', { delays: new HandDelays() })
  await change((await store.open()).state.keys)
  return crashed(folder)
}

/** What lies in the quarantine, by name. */
async function aside(folder: string, store: AuthStore) {
  const files: { readonly name: string; readonly reason: string; readonly text: string }[] = []
  for (const { id, reason, files: kept } of await store.quarantined())
    for (const { name } of kept)
      files.push({ name, reason, text: await readFile(join(folder, '.lifeline', 'quarantine', id, name), 'utf8') })
  return files
}

const leftIn = async (folder: string) =>
  (await readdir(join(folder, '.lifeline'))).filter((name) => isJournal(name) || isRecord(name))

describe('killed with a write outstanding, then Baileys’ own store, then this one again', () => {
  test.each([
    ['had read', true],
    ['had not read', false],
  ])('the newer stays and both are kept, of a file that the gateway %s before it wrote', async (_, reads) => {
    const folder = await killed(async (keys) => {
      if (reads) await keys.get('session', ['491.0'])
      await keys.set({ session: { '491.0': session('ours'), '492.0': session('alone') } })
    })
    const own = (await useMultiFileAuthState(folder)).state
    await own.keys.set({ session: { '491.0': { n: 999_999 } as never } })

    const store = storeOf(folder)
    const before = await store.inspect()
    expect(before.findings).toContainEqual(
      expect.objectContaining({ code: 'write-superseded', file: 'session-491.0.json' }),
    )
    await store.acquire()
    expect(store.replayed).toMatchObject({
      finished: ['session-492.0.json'],
      superseded: ['session-491.0.json'],
      spoilt: [],
    })
    const { keys } = (await store.open()).state
    expect(await keys.get('session', ['491.0', '492.0'])).toEqual({
      '491.0': { n: 999_999 },
      '492.0': session('alone'),
    })
    expect(await aside(folder, store)).toEqual([
      { name: 'session-491.0.json', reason: supersededReason, text: JSON.stringify(session('ours')) },
    ])
    expect(await leftIn(folder)).toEqual([])
    expect((await store.inspect()).findings.map(({ code }) => code)).not.toContain('write-superseded')
  })

  test('Baileys alone has what was there before the last writes, and goes on from there', async () => {
    const folder = await killed((keys) => Promise.resolve(keys.set({ session: { '491.0': session('ours') } })))
    const own = (await useMultiFileAuthState(folder)).state
    expect(await own.keys.get('session', ['491.0'])).toEqual({ '491.0': session('a') })
  })

  test('a key that Baileys’ own store removed since does not come back', async () => {
    const folder = await killed(async (keys) => {
      await keys.get('pre-key', ['1'])
      await keys.set({ 'pre-key': { 1: { public: Buffer.alloc(32, 1), private: Buffer.alloc(32, 2) } as never } })
    })
    await (await useMultiFileAuthState(folder)).state.keys.set({ 'pre-key': { 1: null } })
    const store = await ownedStore(folder)
    expect(await (await store.open()).state.keys.get('pre-key', ['1'])).toEqual({ 1: null })
    expect((await aside(folder, store)).map(({ name }) => name)).toEqual(['pre-key-1.json'])
  })

  test('credentials that Baileys’ own store saved since are the ones that count', async () => {
    const { folder, store: first } = await linkedAccount('49111', { delays: new HandDelays() })
    const opening = await first.open()
    opening.state.creds.accountSyncCounter = 16
    await opening.saveCreds()
    const image = await crashed(folder)
    const own = await useMultiFileAuthState(image)
    // It stands on the disk before a save is answered.
    expect(own.state.creds.accountSyncCounter).toBe(16)
    own.state.creds.accountSyncCounter = 999_999
    await own.saveCreds()
    const store = await ownedStore(image)
    expect((await store.open()).state.creds.accountSyncCounter).toBe(999_999)
  })

  test('a start that fails at any call on the way keeps both, and each once', { tags: [slow] }, async () => {
    const disk = new FaultyDisk()
    const left = await killed((keys) => Promise.resolve(keys.set({ session: { '491.0': session('ours') } })))
    await (await useMultiFileAuthState(left)).state.keys.set({ session: { '491.0': { n: 999_999 } as never } })
    for (let call = 1; ; call += 1) {
      const folder = await crashed(left)
      const failing = storeOf(folder, { fileSystem: disk.fileSystem })
      disk.failOnly(call, 'EIO')
      await failing.acquire().catch(() => undefined)
      const used = disk.calls
      disk.heal()
      await failing.release()
      const store = await ownedStore(folder)
      expect(await (await store.open()).state.keys.get('session', ['491.0'])).toEqual({ '491.0': { n: 999_999 } })
      const kept = (await aside(folder, store)).map(({ text }) => text)
      expect(kept, `at call ${call}`).toEqual([JSON.stringify(session('ours'))])
      await store.release()
      if (used < call) break
    }
  })
})

/** What the versions of before the journal wrote for a large set. */
const record = (files: Readonly<Record<string, unknown>>): Buffer => {
  const rows = Object.entries(files).map(([name, value]) => [name, value === null ? null : JSON.stringify(value)])
  const body = JSON.stringify(rows)
  return Buffer.from(`${hash('sha256', body)}\n${body}`)
}

describe('a record of an earlier version', () => {
  const laterS = Math.floor(Date.now() / 1_000) + 60
  /** A linked account of which a record is left, written later than its files. */
  const indebted = async (bytes: Buffer, at = laterS) => {
    const { folder, store } = await linkedAccount()
    await store.release()
    const path = join(folder, '.lifeline', 'ab12-0.lifeline-ahead')
    await writeFile(path, bytes)
    await utimes(path, at, at)
    return { folder, path }
  }
  const files = {
    'session-491.0.json': session('recorded'),
    'session-499.0.json': session('more'),
    'pre-key-1.json': null,
  }

  test('is told by an inspection, finished once by the next owner, and gone', async () => {
    const { folder } = await indebted(record(files))
    expect((await storeOf(folder).inspect()).findings).toContainEqual(
      expect.objectContaining({ code: 'write-unfinished', severity: 'info' }),
    )
    const store = await ownedStore(folder)
    const { keys } = (await store.open()).state
    expect(await keys.get('session', ['491.0', '499.0', '492.0'])).toEqual({
      '491.0': session('recorded'),
      '499.0': session('more'),
      '492.0': session('b'),
    })
    expect(await keys.get('pre-key', ['1'])).toEqual({ 1: null })
    expect(await leftIn(folder)).toEqual([])
    await keys.set({ session: { '491.0': session('later') } })
    await store.release()
    const again = await ownedStore(folder)
    expect(await (await again.open()).state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('later') })
  })

  test('is never finished over a file that is newer: that stays, and what the record holds is kept', async () => {
    const { folder } = await indebted(record(files), laterS - 600)
    const store = await ownedStore(folder)
    const found = await (await store.open()).state.keys.get('session', ['491.0', '499.0'])
    expect(found).toEqual({ '491.0': session('a'), '499.0': session('more') })
    expect(await aside(folder, store)).toEqual([
      { name: 'session-491.0.json', reason: supersededReason, text: JSON.stringify(session('recorded')) },
    ])
  })

  test('that was spoilt is kept under another name, and nothing of it is believed', async () => {
    const bytes = record(files)
    bytes.write('session-49x.0.json', bytes.indexOf('session-491.0.json'))
    const { folder, path } = await indebted(bytes)
    const store = await ownedStore(folder)
    expect(await (await store.open()).state.keys.get('session', ['49x.0', '491.0'])).toEqual({
      '49x.0': null,
      '491.0': session('a'),
    })
    expect(await leftIn(folder)).toEqual([])
    expect(store.replayed).toEqual({ finished: [], superseded: [], spoilt: [basename(path)] })
    expect(await readFile(`${path}.damaged`)).toEqual(bytes)
  })

  test('names no file outside its folder', async () => {
    const { folder } = await indebted(record({ '../outside.json': {}, 'session-491.0.json': session('recorded') }))
    const store = await ownedStore(folder)
    expect(await (await store.open()).state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('recorded') })
    expect(await readdir(join(folder, '..'))).toEqual(['account'])
  })

  test('of a pairing that was under way is finished in the staging area', async () => {
    const store = await ownedStore(await freshFolder())
    const staged = await store.openStaging()
    await staged.saveCreds()
    await staged.fence()
    await store.release()
    const staging = join(store.location, '.lifeline', 'staging')
    await mkdir(staging, { recursive: true })
    await writeFile(join(staging, 'ab12-0.lifeline-ahead'), record({ 'session-491.0.json': session('recorded') }))
    await store.acquire()
    const resumed = await store.resumeStaging()
    expect(await resumed.state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('recorded') })
    expect((await readdir(staging)).filter(isRecord)).toEqual([])
  })
})
