import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as seven from '@whiskeysockets/baileys'
import * as six from 'baileys-6'
import { describe, expect, test } from 'vitest'
import type { BaileysParts } from '../../../src/stores/codec.ts'
import { isJournal } from '../../../src/stores/folder/journal/journal-file.ts'
import { freshFolder, link, ownedStore, session } from '../account.ts'
import { anyKeys } from './accounts.ts'
import { samples as anySamples } from './samples.ts'

/** As they come back through JSON: with a Buffer for every kind of bytes. */
const samples = { ...anySamples, 'a-future-type': { 'x/y:z': { deep: [1, null, { bytes: Buffer.from('b') }] } } }
const syncKeys = {
  'AAAAAKaa/+8=': {
    keyData: Buffer.alloc(32, 6),
    fingerprint: { rawId: 1, currentIndex: 2, deviceIndexes: [0, 1] },
    timestamp: 12,
  },
}

const lines = [
  {
    line: '7',
    baileys: seven as unknown as BaileysParts,
    useMultiFileAuthState: seven.useMultiFileAuthState,
    proto: seven.proto,
  },
  {
    line: '6',
    baileys: six as unknown as BaileysParts,
    useMultiFileAuthState: six.useMultiFileAuthState as unknown as typeof seven.useMultiFileAuthState,
    proto: six.proto as unknown as typeof seven.proto,
  },
]

describe.each(lines)('beside the multi-file store of Baileys $line', ({ baileys, useMultiFileAuthState, proto }) => {
  const ours = async (folder: string) => ownedStore(folder, { baileys: async () => baileys })

  test('Baileys reads every key type and the creds that this store wrote', async () => {
    const folder = await freshFolder()
    const opening = await (await ours(folder)).open({ mint: true })
    link(opening.state.creds)
    await opening.saveCreds()
    await anyKeys(opening.state.keys).set({ ...samples, 'app-state-sync-key': syncKeys })
    await opening.close()

    const theirs = (await useMultiFileAuthState(folder)).state
    expect(JSON.stringify(theirs.creds)).toBe(JSON.stringify(opening.state.creds))
    for (const [type, values] of Object.entries({ ...samples, 'app-state-sync-key': syncKeys })) {
      const ids = Object.keys(values)
      expect(await anyKeys(theirs.keys).get(type, ids)).toEqual(await anyKeys(opening.state.keys).get(type, ids))
      if (type in samples) expect(await anyKeys(theirs.keys).get(type, ids)).toEqual(values)
    }
  })

  test('this store reads every key type and the creds that Baileys wrote, in the same words and files', async () => {
    const folder = await freshFolder()
    const theirs = await useMultiFileAuthState(folder)
    link(theirs.state.creds)
    await theirs.saveCreds()
    await anyKeys(theirs.state.keys).set(samples)
    const names = (await readdir(folder)).sort()
    const before = await Promise.all(names.map((name) => readFile(join(folder, name))))

    const opening = await (await ours(folder)).open()
    expect(opening.state.creds).toEqual((await useMultiFileAuthState(folder)).state.creds)
    for (const [type, values] of Object.entries(samples)) {
      expect(await anyKeys(opening.state.keys).get(type, Object.keys(values))).toEqual(values)
    }
    await anyKeys(opening.state.keys).set(samples)
    await opening.saveCreds()
    expect((await readdir(folder)).filter((name) => name !== '.lifeline').sort()).toEqual(names)
    expect(await Promise.all(names.map((name) => readFile(join(folder, name))))).toEqual(before)
  })

  test('an app-state-sync-key comes back as its proto', async () => {
    const opening = await (await ours(await freshFolder())).open({ mint: true })
    await anyKeys(opening.state.keys).set({ 'app-state-sync-key': syncKeys })
    const [key] = Object.values(await opening.state.keys.get('app-state-sync-key', Object.keys(syncKeys)))
    // The constructor that Baileys 7 exports is not the one its own messages are made with, so kinds are compared.
    expect(key?.constructor).toBe(proto.Message.AppStateSyncKeyData.fromObject({}).constructor)
    expect(key?.constructor).not.toBe(Object)
    expect(key?.keyData).toEqual(Buffer.alloc(32, 6))
  })
})

describe('keys of the file store', () => {
  const opened = async () => {
    const folder = await freshFolder()
    const opening = await (await ownedStore(folder)).open({ mint: true })
    return { folder, keys: anyKeys(opening.state.keys), opening }
  }

  test('awkward ids stay in the folder, under names that every file system takes', async () => {
    const { folder, keys, opening } = await opened()
    const ids = ['../../escape', '..', '', '/etc/passwd', 'a:b::c', 'ü'.repeat(200), 'x'.repeat(400), 'nul\0', '\ud800']
    await keys.set({ odd: Object.fromEntries(ids.map((id) => [id, {}])), '../type': { id: {} } })
    await opening.close()
    expect(await readdir(join(folder, '..'))).toEqual(['account'])
    const names = (await readdir(folder)).filter((name) => name !== '.lifeline')
    expect(names).toHaveLength(ids.length + 1)
    expect(names).toContain('odd-..__..__escape.json')
    expect(names.every((name) => Buffer.byteLength(name) <= 255)).toBe(true)
  })

  test('clear removes the keys of known and learned types and leaves creds and foreign files', async () => {
    const { folder, keys, opening } = await opened()
    await opening.saveCreds()
    await writeFile(join(folder, 'notes.json'), '{}')
    await keys.set({ ...samples })
    await opening.state.keys.clear?.()
    await opening.close()
    expect((await readdir(folder)).sort()).toEqual(['.lifeline', 'creds.json', 'notes.json'])
  })

  test('what the store makes is closed to other users', async () => {
    const { folder, keys, opening } = await opened()
    await opening.saveCreds()
    await keys.set({ session: { x: session('x') } })
    for (const name of (await readdir(join(folder, '.lifeline'))).filter(isJournal))
      expect((await stat(join(folder, '.lifeline', name))).mode & 0o777).toBe(0o600)
    await opening.close()
    for (const name of ['creds.json', 'session-x.json'])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    for (const name of ['.', '.lifeline', '.lifeline/lock', '.lifeline/creds'])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o700)
  })
})

describe('opening a folder', () => {
  test('a folder in the place of creds.json is unreadable', async () => {
    const folder = await freshFolder()
    await mkdir(join(folder, 'creds.json'), { recursive: true })
    const store = await ownedStore(folder)
    await expect(store.open({ mint: true })).rejects.toThrow(/is a folder/)
  })

  test('an unreadable key reads as null, as with Baileys', async () => {
    const folder = await freshFolder()
    const keys = (await (await ownedStore(folder)).open({ mint: true })).state.keys
    await writeFile(join(folder, 'session-torn.json'), '{"_sess')
    await mkdir(join(folder, 'session-folder.json'))
    expect(await keys.get('session', ['torn', 'folder'])).toEqual({ torn: null, folder: null })
  })

  test('a missing parent, a file in the place of the folder, and one below a file are refused with nothing changed', async () => {
    const folder = await freshFolder()
    const deep = ownedStore(join(folder, 'deeper'))
    await expect(deep).rejects.toMatchObject({
      code: 'AUTH_STORE_FOLDER',
      remediation: expect.stringContaining('Create'),
    })
    await writeFile(folder, 'a file')
    await expect(ownedStore(folder)).rejects.toMatchObject({ code: 'AUTH_STORE_FOLDER' })
    await expect(ownedStore(join(folder, 'below'))).rejects.toMatchObject({ code: 'AUTH_STORE_FOLDER' })
    expect(await readFile(folder, 'utf8')).toBe('a file')
    expect(await readdir(join(folder, '..'))).toEqual(['account'])
  })
})
