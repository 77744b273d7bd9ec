import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as seven from '@whiskeysockets/baileys'
import * as six from 'baileys-6'
import { describe, expect, test } from 'vitest'
import type { BaileysParts } from '../../src/auth/codec.ts'
import { freshFolder, link, ownedStore, session } from './account.ts'

type Keys = seven.AuthenticationState['keys']
type AnyKeys = {
  get(type: string, ids: string[]): Promise<Record<string, unknown>>
  set(data: Record<string, Record<string, unknown>>): Promise<void>
}
// Key types are open: a newer Baileys may bring more than these types know.
const anyKeys = (keys: Keys) => keys as unknown as AnyKeys

const samples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'pre-key': { '7': seven.initAuthCreds().noiseKey, '16777215': seven.initAuthCreds().noiseKey },
  session: { '4917.0': session('a'), '4917_1.12': session('b') },
  'sender-key': { '12-34@g.us::4917_1::0': Buffer.from('[]') },
  'sender-key-memory': { '12-34@g.us': { '4917.0': true } },
  'app-state-sync-version': {
    regular: { version: 3, hash: Buffer.alloc(128, 9), indexValueMap: { 'a/b=': { valueMac: Buffer.alloc(32, 4) } } },
  },
  'lid-mapping': { '4917': '99', '99_reverse': '4917' },
  'device-list': { '4917': ['0', '12'] },
  tctoken: { '99@lid': { token: Buffer.from('token'), timestamp: '1' } },
  'identity-key': { '4917.0': Buffer.alloc(33, 5) },
  'a-future-type': { 'x/y:z': { deep: [1, null, { bytes: Buffer.from('b') }] } },
}
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

  test('null removes a key, and what is absent reads as null', async () => {
    const { folder, keys } = await opened()
    await keys.set({ session: { a: session('a'), b: session('b') } })
    await keys.set({ session: { a: null, never: null } })
    expect(await keys.get('session', ['a', 'b', 'never'])).toEqual({ a: null, b: session('b'), never: null })
    expect(await readdir(folder)).not.toContain('session-a.json')
  })

  test('a read sees the newest write of its opening, awaited or not', async () => {
    const { keys } = await opened()
    const writes = []
    for (let round = 0; round < 40; round++) {
      writes.push(keys.set({ session: { x: { round } } }))
      if (round % 3 === 0) await Promise.resolve()
      if (round % 7 === 0) await writes[round - 2]
      expect(await keys.get('session', ['x'])).toEqual({ x: { round } })
    }
    writes.push(keys.set({ session: { x: null } }))
    expect(await keys.get('session', ['x'])).toEqual({ x: null })
    await Promise.all(writes)
    expect(await keys.get('session', ['x'])).toEqual({ x: null })
  })

  test('a value changed after set is stored as it was when set was called', async () => {
    const { keys } = await opened()
    const value = { n: 1 }
    const written = keys.set({ session: { x: value } })
    value.n = 2
    await written
    expect(await keys.get('session', ['x'])).toEqual({ x: { n: 1 } })
  })

  test('awkward ids stay in the folder, apart from each other, and come back', async () => {
    const { folder, keys } = await opened()
    const ids = [
      '../../escape',
      '..',
      '.',
      '',
      '/etc/passwd',
      'a:b::c',
      'Case',
      'case',
      'ü'.repeat(200),
      'x'.repeat(400),
      `${'x'.repeat(400)}y`,
      'nul\0',
      '\ud800',
      '\ud801',
      '__proto__',
      'constructor',
      'new\nline',
      'back\\slash',
    ]
    const entries = ids.map((id, at) => [id, { at }] as const)
    await keys.set({ odd: Object.fromEntries(entries), '../type': { id: { at: -1 } } })
    expect(Object.entries(await keys.get('odd', ids)).sort()).toEqual([...entries].sort())
    expect(await keys.get('../type', ['id'])).toEqual({ id: { at: -1 } })
    const around = await readdir(join(folder, '..'))
    expect(around).toEqual(['account'])
    const names = (await readdir(folder)).filter((name) => name !== '.lifeline')
    expect(names).toHaveLength(ids.length + 1)
    expect(names).toContain('odd-..__..__escape.json')
    expect(names.every((name) => Buffer.byteLength(name) <= 255)).toBe(true)
    await keys.set({ odd: Object.fromEntries(ids.map((id) => [id, null])) })
    expect((await readdir(folder)).filter((name) => name.startsWith('odd'))).toEqual([])
  })

  test('clear removes the keys of known and learned types and leaves creds and foreign files', async () => {
    const { folder, keys, opening } = await opened()
    await opening.saveCreds()
    await writeFile(join(folder, 'notes.json'), '{}')
    await keys.set({ ...samples })
    await opening.state.keys.clear?.()
    expect((await readdir(folder)).sort()).toEqual(['.lifeline', 'creds.json', 'notes.json'])
  })

  test('what the store makes is closed to other users', async () => {
    const { folder, keys, opening } = await opened()
    await opening.saveCreds()
    await keys.set({ session: { x: session('x') } })
    for (const name of ['creds.json', 'session-x.json'])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    for (const name of ['.', '.lifeline', '.lifeline/lock', '.lifeline/creds'])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o700)
  })
})

describe('opening a folder', () => {
  test('nothing is written for a minted identity before its first save', async () => {
    const folder = await freshFolder()
    const opening = await (await ownedStore(folder)).open({ mint: true })
    expect(opening.state.creds.registered).toBe(false)
    expect(await readdir(folder)).toEqual(['.lifeline'])
  })

  test('absent creds are not minted unasked', async () => {
    const store = await ownedStore(await freshFolder())
    await expect(store.open()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
  })

  test.each([
    ['empty', ''],
    ['filled with NUL bytes', '\0'.repeat(2000)],
    ['half written', '{"noiseKey":{"private":{"type":"Buf'],
    ['an empty object', '{}'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
  ])('creds.json that is %s is unreadable, kept, and never replaced by a new identity', async (_, content) => {
    const folder = await freshFolder()
    await mkdir(folder)
    await writeFile(join(folder, 'creds.json'), content)
    const store = await ownedStore(folder)
    await expect(store.open({ mint: true })).rejects.toMatchObject({
      code: 'AUTH_STORE_CREDS_UNREADABLE',
      name: 'UnreadableCredsError',
    })
    expect((await store.inspect({ depth: 'creds' })).creds.kind).toBe('unreadable')
    expect(await readFile(join(folder, 'creds.json'), 'utf8')).toBe(content)
  })

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
