import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeFileSystem } from '../../src/stores/disk/file-system.ts'
import { manifestOf, parseManifest, storedName } from '../../src/stores/quarantine.ts'
import { filesBelow, linkedAccount, ownedStore, storeOf } from './account.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const sessions = (names: readonly string[]) => names.filter((name) => name.startsWith('session-')).sort()

describe('setting files aside', () => {
  test('all sessions move out byte for byte, with a manifest, and nothing else moves', async () => {
    const { folder, store } = await linkedAccount()
    const before = await filesBelow(folder)
    const entry = await store.quarantine({ kind: 'all-sessions' }, 'a storm of Bad MAC')
    expect(entry?.reason).toBe('a storm of Bad MAC')
    expect(entry?.files.map((file) => file.name)).toEqual([
      'session-491.0.json',
      'session-492.0.json',
      'session-493.12.json',
    ])
    const place = join(folder, '.lifeline/quarantine', entry?.id ?? '')
    for (const file of entry?.files ?? []) {
      const kept = await readFile(join(place, file.name))
      expect(kept.toString('base64')).toBe(before.get(file.name))
      expect(file).toEqual({ name: file.name, bytes: kept.length, sha256: sha256(kept) })
    }
    const after = await filesBelow(folder)
    for (const [name, content] of before) if (!name.startsWith('session-')) expect(after.get(name)).toBe(content)
    expect(sessions([...after.keys()])).toEqual([])
    expect(JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8'))).toMatchObject({
      reason: 'a storm of Bad MAC',
    })
    expect((await stat(place)).mode & 0o777).toBe(0o700)
    expect(await store.quarantined()).toEqual([entry])
  })

  test('addresses name their sessions only, LID and hosted ones too', async () => {
    const { folder, store } = await linkedAccount()
    await writeFile(join(folder, 'session-99_1.3.json'), '{}')
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0', '99_1.3', '555.0'] }, 'test')
    expect(entry?.files.map((file) => file.name)).toEqual(['session-491.0.json', 'session-99_1.3.json'])
    expect(sessions(await readdir(folder))).toEqual(['session-492.0.json', 'session-493.12.json'])
  })

  test('everything takes creds, keys, learned types and the generations, and leaves foreign files and folders', async () => {
    const { folder, store } = await linkedAccount()
    const opening = await store.open()
    await (opening.state.keys.set as (data: object) => Promise<void>)({ 'new-type': { x: 1 } })
    await opening.fence()
    await writeFile(join(folder, 'notes.txt'), 'mine')
    await writeFile(join(folder, 'package.json'), '{}')
    await mkdir(join(folder, 'media'))
    const entry = await store.quarantine({ kind: 'everything' }, 'logged out')
    expect(entry?.files.map((file) => file.name)).toEqual(
      expect.arrayContaining(['creds.json', 'new-type-x.json', 'pre-key-1.json']),
    )
    expect((await readdir(folder)).sort()).toEqual(['.lifeline', 'media', 'notes.txt', 'package.json'])
    expect(await readdir(join(folder, '.lifeline/creds'))).toEqual([])
    await expect(store.open()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
    expect(await store.restoreCreds('test')).toBeUndefined()
    const minted = await store.open({ mint: true })
    expect(minted.state.creds.me).toBeUndefined()
  })

  test('a file called manifest.json and a folder in the place of a session are kept as they were', async () => {
    const { folder, store } = await linkedAccount()
    await writeFile(join(folder, 'manifest.json'), 'foreign')
    await mkdir(join(folder, 'session-odd.0.json'))
    const entry = await store.quarantine({ kind: 'files', names: ['manifest.json', 'session-odd.0.json'] }, 'test')
    expect(await readdir(folder)).not.toContain('manifest.json')
    expect(await store.restore(entry?.id ?? '')).toEqual(['manifest.json', 'session-odd.0.json'])
    expect(await readFile(join(folder, 'manifest.json'), 'utf8')).toBe('foreign')
    expect((await stat(join(folder, 'session-odd.0.json'))).isDirectory()).toBe(true)
  })

  test.each([
    ['EIO', true],
    ['EACCES', true],
    ['EPERM', true],
    ['EISDIR', true],
    ['EMFILE', false],
    ['ENOSPC', false],
  ])('a file that cannot be read for %s moves all the same: %s', async (code, moves) => {
    const { folder, store } = await linkedAccount()
    await store.release()
    const readFile: typeof nodeFileSystem.readFile = async (path) => {
      if (path.endsWith('session-491.0.json')) throw Object.assign(new Error('no'), { code })
      return nodeFileSystem.readFile(path)
    }
    const owner = await ownedStore(folder, { fileSystem: { ...nodeFileSystem, readFile } })
    const aside = owner.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
    if (moves) expect((await aside)?.files).toEqual([{ name: 'session-491.0.json', bytes: 0, sha256: '' }])
    else await expect(aside).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: code })
    expect((await readdir(folder)).includes('session-491.0.json')).toBe(!moves)
  })

  test.each([1, 2, 3])(
    'a disk that fails after %i renames leaves an entry that lists and restores what had moved',
    async (moves) => {
      const { folder, store } = await linkedAccount()
      await store.release()
      const before = await filesBelow(folder)
      let left = moves
      const dying = await ownedStore(folder, {
        fileSystem: {
          ...nodeFileSystem,
          rename: async (from, to) => {
            // The manifest is renamed into place first.
            if (left-- <= 0) throw Object.assign(new Error('power cut'), { code: 'EIO' })
            return nodeFileSystem.rename(from, to)
          },
        },
      })
      // The lock's own rename came before; from here on the budget counts.
      left = moves
      await expect(dying.quarantine({ kind: 'all-sessions' }, 'test')).rejects.toMatchObject({
        code: 'AUTH_STORE_DISK',
      })
      await dying.release()
      await store.acquire()
      const [entry] = await store.quarantined()
      expect(entry?.files.length ?? 0).toBe(moves - 1)
      if (entry) await store.restore(entry.id)
      const after = await filesBelow(folder)
      for (const [name, content] of before) expect(after.get(name)).toBe(content)
    },
  )
})

describe('restoring an entry', () => {
  test('an unknown entry, and a manifest that points elsewhere, move nothing', async () => {
    const { folder, store } = await linkedAccount()
    await expect(store.restore('../../x')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_FOUND' })
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
    const path = join(folder, '.lifeline/quarantine', entry?.id ?? '', 'manifest.json')
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    manifest.files[0].name = '../../outside.json'
    manifest.files[0].stored = '../../outside.json'
    await writeFile(path, JSON.stringify(manifest))
    await expect(store.restore(entry?.id ?? '')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_FOUND' })
    await writeFile(path, 'garbage')
    expect(await store.quarantined()).toEqual([])
  })
})

test('an entry that is restored leaves nothing behind, not even what a crash left half-written in it', async () => {
  const { folder, store } = await linkedAccount()
  const entry = await store.quarantine({ kind: 'all-sessions' }, 'test')
  const quarantine = join(folder, '.lifeline/quarantine')
  await writeFile(join(quarantine, entry?.id ?? '', 'abc-0.lifeline-tmp'), '{')
  expect(await store.restore(entry?.id ?? '')).toHaveLength(3)
  expect(await readdir(quarantine)).toEqual([])
})

describe('a manifest', () => {
  const row = { name: 'session-1.0.json', stored: 'session-1.0.json', bytes: 2, sha256: 'x' }
  const whole = { at: 1, reason: 'torn', files: [row] }

  test('that is torn or none is no entry', () => {
    for (const text of ['', '{', 'null', '7', '"text"', 'true', '{}', '[]'])
      expect(parseManifest(Buffer.from(text), 'a'), text).toBeUndefined()
    for (const none of [null, 7, 'text']) expect(manifestOf(none, 'a')).toBeUndefined()
    for (const part of [{ at: '1' }, { reason: 7 }, { files: {} }])
      expect(manifestOf({ ...whole, ...part }, 'a'), JSON.stringify(part)).toBeUndefined()
    expect(manifestOf(whole, 'a')).toEqual({ id: 'a', ...whole })
  })

  test('loses every row that is none or leads elsewhere, and keeps the others', () => {
    const generation = { ...row, name: '.lifeline/creds/1.json', stored: 'generation-1.json' }
    const own = { ...row, name: 'manifest.json', stored: 'original-manifest.json' }
    const bad = [
      ...[null, 'x', {}, { ...row, name: 1 }, { ...row, bytes: '2' }, { ...row, sha256: 1 }],
      // What it would be kept under fits, so that each falls for its place alone.
      ...['../creds.json', '.lifeline', '.lifeline/creds/../x', 'a/b', '..', ''].map((name) => ({
        ...row,
        name,
        stored: storedName(name),
      })),
      { ...row, stored: 'other.json' },
    ]
    const { files } = manifestOf({ ...whole, files: [...bad, generation, row, own] }, 'a') ?? {}
    expect(files).toEqual([generation, row, own])
  })

  test('of a name that is no folder of the quarantine is not looked for, and strange things in there are no entries', async () => {
    const { folder, store } = await linkedAccount()
    await store.quarantine({ kind: 'all-sessions' }, 'test')
    const place = join(folder, '.lifeline', 'quarantine')
    await writeFile(join(place, 'a-file'), 'x')
    await mkdir(join(place, 'without-manifest'))
    expect(await store.quarantined()).toHaveLength(1)
    for (const id of ['..', 'a/b', 'a-file', 'without-manifest'])
      await expect(store.restore(id)).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_FOUND' })
  })
})

describe('trimming', () => {
  const dayMs = 86_400_000

  test('drops what is too old, then the oldest of what is too large, and never credentials', async () => {
    const { folder, store } = await linkedAccount()
    await store.release()
    let now = Date.parse('2030-01-01')
    const timed = storeOf(folder, { now: () => now })
    await timed.acquire()
    const creds = await timed.quarantine({ kind: 'files', names: ['creds.json'] }, 'creds')
    const old = await timed.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'old')
    now += 20 * dayMs
    const large = await timed.quarantine({ kind: 'sessions', addresses: ['492.0'] }, 'large')
    now += 15 * dayMs
    const kept = await timed.quarantine({ kind: 'sessions', addresses: ['493.12'] }, 'kept')
    expect(await timed.trimQuarantine({ keepDays: 30, maxBytes: 1e9 })).toEqual([old?.id])
    expect(await timed.trimQuarantine({ keepDays: 30, maxBytes: kept?.files[0]?.bytes ?? 0 })).toEqual([large?.id])
    expect((await timed.quarantined()).map((entry) => entry.id)).toEqual([creds?.id, kept?.id])
    expect(await timed.trimQuarantine({ keepDays: 0, maxBytes: 0 })).toEqual([kept?.id])
    expect(await readdir(join(folder, '.lifeline/quarantine'))).toEqual([creds?.id])
    await rm(folder, { recursive: true })
  })
})
