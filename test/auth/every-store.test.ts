import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as seven from '@whiskeysockets/baileys'
import * as six from 'baileys-6'
import { afterEach, describe, expect, test } from 'vitest'
import type { BaileysParts } from '../../src/auth/codec.ts'
import type { AuthStore } from '../../src/auth/store.ts'
import { testDatabase } from '../postgres/databases.ts'
import { freshFolder, link, linkedCreds, session } from './account.ts'
import { type KindOptions, postgresKind, storeKinds } from './store-kinds.ts'

// Key types are open: a newer Baileys may bring more than these types know.
type AnyKeys = {
  get(type: string, ids: string[]): Promise<Record<string, unknown>>
  set(data: Record<string, Record<string, unknown>>): Promise<void>
}
const anyKeys = (keys: seven.AuthenticationState['keys']) => keys as unknown as AnyKeys

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
  'a-future-type': { 'x/y:z': { deep: [1, null, { bytes: new Uint8Array([1, 2]) }] } },
}

const baileysLines = [
  { line: '7', baileys: seven as unknown as BaileysParts, json: seven.BufferJSON, proto: seven.proto },
  { line: '6', baileys: six as unknown as BaileysParts, json: six.BufferJSON, proto: six.proto },
]

describe.each([...storeKinds, postgresKind(testDatabase())])('the $kind store', ({ create, plant, stored }) => {
  const stores: AuthStore[] = []
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.release().catch(() => undefined)
  })
  const storeOf = (folder: string, options?: KindOptions) => {
    const store = create(folder, options)
    stores.push(store)
    return store
  }
  const ownedStore = async (folder: string, options?: KindOptions) => {
    const store = storeOf(folder, options)
    await store.acquire()
    return store
  }
  const opened = async (options?: KindOptions) => {
    const folder = await freshFolder()
    const store = await ownedStore(folder, options)
    const opening = await store.open({ mint: true })
    return { folder, store, opening, keys: anyKeys(opening.state.keys) }
  }
  const save = async (store: AuthStore, creds: seven.AuthenticationCreds) => {
    const opening = await store.open({ mint: true })
    Object.assign(opening.state.creds, creds)
    await opening.saveCreds()
    await opening.fence()
  }
  /** A linked account at rest. */
  const linked = async () => {
    const { folder, store, opening } = await opened()
    link(opening.state.creds)
    await opening.saveCreds()
    await opening.state.keys.set({
      session: { '491.0': session('a'), '492.0': session('b'), '493.12': session('c') },
      'pre-key': { '1': seven.initAuthCreds().noiseKey, '2': seven.initAuthCreds().noiseKey },
      'sender-key-memory': { '1-2@g.us': { '491.0': true } },
    })
    await opening.fence()
    return { folder, store, creds: opening.state.creds }
  }
  const pairStaged = async (store: AuthStore, user: string) => {
    const opening = await store.openStaging()
    link(opening.state.creds, user)
    await opening.saveCreds()
    await opening.state.keys.set({ session: { '888.0': session('n'), '491.0': session('N') } })
    await opening.fence()
    return opening.state.creds
  }

  describe.each(baileysLines)('with Baileys $line', ({ baileys, json, proto }) => {
    test('gives back every key type and the creds as BufferJSON does, after reopening too', async () => {
      const { folder, store, opening, keys } = await opened({ baileys: async () => baileys })
      link(opening.state.creds)
      await opening.saveCreds()
      await keys.set(samples)
      await opening.close()
      await store.release()
      const again = await (await ownedStore(folder, { baileys: async () => baileys })).open()
      const throughJson = (value: unknown) => JSON.parse(JSON.stringify(value, json.replacer), json.reviver)
      expect(again.state.creds).toEqual(throughJson(opening.state.creds))
      for (const [type, values] of Object.entries(samples))
        expect(await anyKeys(again.state.keys).get(type, Object.keys(values))).toEqual(throughJson(values))
    })

    test('gives an app-state-sync-key back as its proto', async () => {
      const { keys } = await opened({ baileys: async () => baileys })
      const id = 'AAAAAKaa/+8='
      await keys.set({ 'app-state-sync-key': { [id]: { keyData: Buffer.alloc(32, 6), timestamp: 12 } } })
      const key = (await keys.get('app-state-sync-key', [id]))[id]
      expect(key?.constructor).toBe(proto.Message.AppStateSyncKeyData.fromObject({}).constructor)
      expect(key).toMatchObject({ keyData: Buffer.alloc(32, 6) })
    })
  })

  test('null removes a key, and what is absent reads as null', async () => {
    const { folder, keys } = await opened()
    await keys.set({ session: { a: session('a'), b: session('b') } })
    await keys.set({ session: { a: null, never: null } })
    expect(await keys.get('session', ['a', 'b', 'never'])).toEqual({ a: null, b: session('b'), never: null })
    expect([...(await stored(folder)).keys()]).toEqual(['session-b.json'])
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

  test('awkward ids stay apart from each other and come back', async () => {
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
    expect((await stored(folder)).size).toBe(ids.length + 1)
    await keys.set({ odd: Object.fromEntries(ids.map((id) => [id, null])) })
    expect((await stored(folder)).size).toBe(1)
  })

  test('clear removes the keys of known and learned types and leaves the creds', async () => {
    const { folder, keys, opening } = await opened()
    await opening.saveCreds()
    await keys.set({ ...samples })
    await opening.state.keys.clear?.()
    expect([...(await stored(folder)).keys()]).toEqual(['creds.json'])
  })

  test('nothing is written for a minted identity before its first save, and none is minted unasked', async () => {
    const folder = await freshFolder()
    const store = await ownedStore(folder)
    await expect(store.open()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
    const opening = await store.open({ mint: true })
    expect(opening.state.creds.registered).toBe(false)
    expect((await stored(folder)).size).toBe(0)
  })

  test.each([
    ['empty', ''],
    ['filled with NUL bytes', '\0'.repeat(2000)],
    ['half written', '{"noiseKey":{"private":{"type":"Buf'],
    ['an empty object', '{}'],
    ['null', 'null'],
    ['a list', '[]'],
  ])('creds that are %s are unreadable, kept, and never replaced by a new identity', async (_, content) => {
    const folder = await freshFolder()
    const store = await ownedStore(folder)
    await plant(folder, 'creds.json', content)
    await expect(store.open({ mint: true })).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
    const { creds, findings } = await store.inspect()
    expect([creds.kind, findings.map(({ code }) => code)]).toEqual(['unreadable', ['creds-unreadable']])
    expect((await stored(folder)).get('creds.json')).toBe(Buffer.from(content).toString('base64'))
  })

  test('looking at what is not there finds nothing and makes nothing', async () => {
    const folder = await freshFolder()
    const store = storeOf(folder)
    expect(await store.inspect()).toMatchObject({ creds: { kind: 'absent' }, linked: false, counts: {} })
    expect(await store.quarantined()).toEqual([])
    expect(await store.stagingPaired()).toBe(false)
    expect(await store.readFacts()).toBeUndefined()
    expect(await store.readHistory(10)).toEqual([])
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('without ownership nothing can be changed', async () => {
    const folder = await freshFolder()
    const store = storeOf(folder)
    await mkdir(folder)
    const refused = { code: 'AUTH_STORE_NOT_OWNED' }
    await expect(store.open({ mint: true })).rejects.toMatchObject(refused)
    await expect(store.quarantine({ kind: 'all-sessions' }, 'x')).rejects.toMatchObject(refused)
    await expect(store.writeFacts({})).rejects.toMatchObject(refused)
    await expect(store.openStaging()).rejects.toMatchObject(refused)
    expect((await stored(folder)).size).toBe(0)
  })

  test('has one owner at a time, whose process the refusal names; a reader looks on beside it', async () => {
    const { folder, store } = await linked()
    const second = storeOf(folder)
    await expect(second.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED', owner: { pid: process.pid } })
    expect(await second.inspect()).toMatchObject({ linked: true, counts: { session: 3 } })
    const opening = await store.open()
    await opening.state.keys.set({ session: { '494.0': session('d') } })
    expect((await second.inspect()).counts.session).toBe(4)
    await store.release()
    await second.acquire()
    expect([await store.owned(), await second.owned()]).toEqual([false, true])
    expect((await (await second.open()).state.keys.get('session', ['494.0']))['494.0']).toEqual(session('d'))
  })

  test('after the fence every write of that opening is refused; writes in flight are done', async () => {
    const { store, opening, keys } = await opened()
    const flying = [keys.set({ session: { a: session('a') } }), opening.saveCreds()]
    await opening.fence()
    await Promise.all(flying)
    await expect(keys.set({ session: { b: session('b') } })).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await expect(opening.saveCreds()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await expect(Promise.resolve().then(() => opening.state.keys.clear?.())).rejects.toMatchObject({
      code: 'AUTH_STORE_FENCED',
    })
    const next = anyKeys((await store.open()).state.keys)
    expect(await next.get('session', ['a', 'b'])).toEqual({ a: session('a'), b: null })
  })

  test('no file moves while an opening may still write', async () => {
    const { store, opening } = await opened()
    for (const refused of [
      store.quarantine({ kind: 'all-sessions' }, 'x'),
      store.openStaging(),
      store.restoreCreds('x'),
    ])
      await expect(refused).rejects.toMatchObject({ code: 'AUTH_STORE_OPEN' })
    await opening.close()
    expect(await store.quarantine({ kind: 'all-sessions' }, 'x')).toBeUndefined()
  })

  test('bad creds give way to the newest good generation of the same identity, and are kept', async () => {
    const { folder, store, creds } = await linked()
    expect(await store.restoreCreds('unneeded')).toBeUndefined()
    await plant(folder, 'creds.json', '{"half')
    expect(await store.restoreCreds('torn')).toMatchObject({ savedAt: expect.any(Number) })
    const [entry] = await store.quarantined()
    expect(entry).toMatchObject({ reason: 'torn', files: [{ name: 'creds.json', bytes: 6 }] })
    expect((await store.open()).state.creds.registrationId).toBe(creds.registrationId)
  })

  test("another account's creds, and new ones in the place of linked ones, are unreadable", async () => {
    const { folder, store } = await linked()
    for (const wrong of [linkedCreds('491700000999'), seven.initAuthCreds()]) {
      await plant(folder, 'creds.json', JSON.stringify(wrong, seven.BufferJSON.replacer))
      await expect(store.open({ mint: true })).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
    }
  })

  test('pre-key ids that regressed are raised past every stored key, and what that replaces is kept', async () => {
    const { store, creds } = await linked()
    await save(store, { ...creds, nextPreKeyId: 2, firstUnuploadedPreKeyId: 2 })
    expect((await store.inspect()).findings.map(({ code }) => code)).toContain('pre-key-regressed')
    expect(await store.repairPreKeys()).toBe(true)
    expect(await store.repairPreKeys()).toBe(false)
    const opening = await store.open()
    expect(opening.state.creds.nextPreKeyId).toBeGreaterThan(1000)
    expect(opening.state.creds.firstUnuploadedPreKeyId).toBe(opening.state.creds.nextPreKeyId)
  })

  test('what is set aside leaves the account and comes back byte for byte', async () => {
    const { folder, store } = await linked()
    await plant(folder, 'session-493.12.json', '{"torn')
    const before = await stored(folder)
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0', '493.12', 'never'] }, 'failing')
    expect(entry).toMatchObject({ reason: 'failing' })
    expect(entry?.files.map(({ name }) => name)).toEqual(['session-491.0.json', 'session-493.12.json'])
    expect((await store.inspect()).counts.session).toBe(1)
    expect(await store.quarantined()).toEqual([entry])
    expect(await store.restore(entry?.id ?? '')).toEqual(['session-491.0.json', 'session-493.12.json'])
    expect(await stored(folder)).toEqual(before)
    expect(await store.quarantined()).toEqual([])
    await expect(store.restore(entry?.id ?? '')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_FOUND' })
  })

  test('an old session does not come back over its successor, unless forced; the successor is set aside then', async () => {
    const { folder, store } = await linked()
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'failing')
    const before = await stored(folder)
    const opening = await store.open()
    await opening.state.keys.set({ session: { '491.0': session('z') } })
    await opening.fence()
    const after = await stored(folder)
    await expect(store.restore(entry?.id ?? '')).rejects.toMatchObject({ code: 'AUTH_STORE_SUCCESSOR' })
    expect(await stored(folder)).toEqual(after)
    await store.restore(entry?.id ?? '', { force: true })
    expect((await stored(folder)).size).toBe(before.size + 1)
    expect((await (await store.open()).state.keys.get('session', ['491.0']))['491.0']).toEqual(session('a'))
    expect((await store.quarantined()).map(({ files }) => files.map(({ name }) => name))).toEqual([
      ['session-491.0.json'],
    ])
  })

  test('a copy is put aside beside an open account, which stays as it is', async () => {
    const { folder, store } = await linked()
    await store.open()
    const before = await stored(folder)
    const entry = await store.copyAside({ kind: 'all-sessions' }, 'before the live cure')
    expect(entry?.files).toHaveLength(3)
    expect(await stored(folder)).toEqual(before)
    expect(await store.quarantined()).toEqual([entry])
  })

  test('the quarantine is trimmed by age and size, and never of credentials', async () => {
    const { store } = await linked()
    const first = await store.copyAside({ kind: 'all-sessions' }, 'first')
    const second = await store.copyAside({ kind: 'files', names: ['creds.json'] }, 'second')
    const third = await store.copyAside({ kind: 'sessions', addresses: ['491.0'] }, 'third')
    const bytes = third?.files[0]?.bytes ?? 0
    expect(await store.trimQuarantine({ keepDays: 30, maxBytes: bytes })).toEqual([first?.id])
    expect(await store.trimQuarantine({ keepDays: -1, maxBytes: bytes })).toEqual([third?.id])
    expect(await store.quarantined()).toEqual([second])
  })

  test('a staged pairing leaves the account as it is until it takes its place, whole; the old one comes back', async () => {
    const { folder, store, creds } = await linked()
    const before = await stored(folder)
    await expect(store.promoteStaging('too early')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_PAIRED' })
    const staged = await pairStaged(store, '49222')
    expect(await stored(folder)).toEqual(before)
    expect(await store.stagingPaired()).toBe(true)
    const resumed = await store.resumeStaging()
    expect(resumed.state.creds.registrationId).toBe(staged.registrationId)
    await resumed.fence()
    const entry = await store.promoteStaging('scanned anew')
    expect([...(await stored(folder)).keys()].sort()).toEqual([
      'creds.json',
      'session-491.0.json',
      'session-888.0.json',
    ])
    expect(await store.stagingPaired()).toBe(false)
    const opening = await store.open()
    expect(opening.state.creds.me?.id).toBe(staged.me?.id)
    await opening.fence()
    await store.restore(entry?.id ?? '', { force: true })
    expect(await stored(folder)).toEqual(before)
    expect((await store.open()).state.creds.registrationId).toBe(creds.registrationId)
  })

  test('each staging area begins empty', async () => {
    const { store } = await linked()
    await pairStaged(store, '49222')
    const fresh = await store.openStaging()
    expect(fresh.state.creds.me).toBeUndefined()
    expect(await fresh.state.keys.get('session', ['888.0'])).toEqual({ '888.0': null })
    await fresh.fence()
    await expect(store.resumeStaging()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
  })

  test('facts and history outlive the owner', async () => {
    const { folder, store } = await linked()
    await store.writeFacts({ budget: 1 })
    await store.writeFacts({ budget: 2 })
    await Promise.all([1, 2, 3, 4].map((n) => store.appendHistory({ n })))
    await store.release()
    const next = await ownedStore(folder)
    await next.appendHistory({ n: 5 })
    expect(await next.readFacts()).toEqual({ budget: 2 })
    expect(await next.readHistory(3)).toEqual([{ n: 3 }, { n: 4 }, { n: 5 }])
  })

  test('an inspection names each damaged file, and a damaged key reads as null', async () => {
    const { folder, store } = await linked()
    await plant(folder, 'session-a.json', '{"_sess')
    await plant(folder, 'session-b.json', '{"_sessions":{"x":{}},"version":"v1"}')
    await plant(folder, 'pre-key-9.json', '[]')
    const { findings, counts } = await store.inspect()
    const found = findings.map(({ code, file }) => `${code} ${file}`)
    expect(found).toEqual(
      expect.arrayContaining([
        'file-unreadable session-a.json',
        'session-poison session-b.json',
        'file-shape pre-key-9.json',
      ]),
    )
    expect(counts).toMatchObject({ creds: 1, session: 5, 'pre-key': 3 })
    expect(await (await store.open()).state.keys.get('session', ['a'])).toEqual({ a: null })
  })

  test('what the store makes is closed to other users', async () => {
    const { folder, store } = await linked()
    if (store.ownFolder === undefined) return
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    for (const name of ['creds.json', 'account.mdb', 'account.mdb-lock']) {
      const found = await stat(join(folder, name)).catch(() => undefined)
      if (found) expect(found.mode & 0o777).toBe(0o600)
    }
  })
})
