import { describe, expect, test } from 'vitest'
import { link, session } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'

describe.each(everyKind())('the quarantine of the $kind store', (kind) => {
  const { plant, stored, everything } = kind
  const { linked, ownedStore, behind } = accountsIn(kind)

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

  test('entries are listed as they were made: within a millisecond, after a restart and after the clock was set back', async () => {
    const { folder, store } = await linked()
    await store.release()
    const made: (string | undefined)[] = []
    for (const now of [Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 1), Date.UTC(1996, 1, 29), 0]) {
      const again = await ownedStore(folder, { now: () => now })
      for (let at = 0; at < 8; at += 1)
        made.push((await again.copyAside({ kind: 'sessions', addresses: ['491.0'] }, 'again'))?.id)
      await again.release()
    }
    const last = await ownedStore(folder, { now: () => 0 })
    expect((await last.quarantined()).map(({ id }) => id)).toEqual(made)
    // Not by what the clock says: the one that was made after it is older in years.
    await last.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'gone')
    await expect(last.restore(made[0] ?? '')).rejects.toMatchObject({ code: 'AUTH_STORE_SUCCESSOR' })
    const [{ bytes = 0 } = {}] = (await last.quarantined())[0]?.files ?? []
    expect(await last.trimQuarantine({ keepDays: 30, maxBytes: bytes })).toEqual(made)
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

  test('takes with everything what is of the account: creds, keys, types that another owner learned, and good copies', async () => {
    const { folder, store } = await linked()
    const learn = async (owner: typeof store, type: string) => {
      const opening = await owner.open()
      await (opening.state.keys.set as (data: object) => Promise<void>)({ [type]: { x: 1 } })
      await opening.fence()
    }
    await learn(store, 'old-type')
    await store.release()
    const other = await ownedStore(folder)
    await learn(other, 'new-type')
    await other.release()
    await store.acquire()
    await learn(store, 'third-type')
    const before = await everything(folder)
    expect(await store.quarantine({ kind: 'sessions', addresses: ['555.0'] }, 'nothing')).toBeUndefined()
    expect(await everything(folder)).toEqual(before)
    const entry = await store.quarantine({ kind: 'everything' }, 'logged out')
    expect(entry?.files.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...['creds.json', 'new-type-x.json', 'old-type-x.json', 'pre-key-1.json'],
        ...['session-491.0.json', 'third-type-x.json'],
      ]),
    )
    const left = [...(await everything(folder)).keys()].map((place) => place.split('/')[0])
    expect(new Set(left)).toEqual(new Set(['entry', 'own', 'quarantine']))
    await expect(store.open()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
    expect(await store.restoreCreds('test')).toBeUndefined()
    const minted = await store.open({ mint: true })
    expect(minted.state.creds.me).toBeUndefined()
    await minted.fence()
    await store.restore(entry?.id ?? '')
    const own = (all: ReadonlyMap<string, string>) => new Map([...all].filter(([place]) => !place.startsWith('own/')))
    expect(own(await everything(folder))).toEqual(own(before))
  })

  test('gives a whole account back in the place of another, of which nothing stays', async () => {
    const { folder, store, creds } = await linked()
    const old = await store.quarantine({ kind: 'everything' }, 'relink')
    const opening = await store.open({ mint: true })
    link(opening.state.creds, '49222')
    await opening.saveCreds()
    await opening.state.keys.set({ session: { '777.0': session('z') } })
    await opening.fence()
    await expect(store.restore(old?.id ?? '')).rejects.toMatchObject({ code: 'AUTH_STORE_SUCCESSOR' })
    await store.restore(old?.id ?? '', { force: true })
    expect([...(await stored(folder)).keys()]).not.toContain('session-777.0.json')
    const copies = [...(await everything(folder)).keys()].filter((place) => place.startsWith('generation/'))
    expect(copies).toHaveLength(1)
    expect((await store.open()).state.creds.registrationId).toBe(creds.registrationId)
  })

  test('refuses a younger version that was set aside since, and names some of many that stand there', async () => {
    const { store } = await linked()
    const write = async (mark: string, ...addresses: readonly string[]) => {
      const opening = await store.open()
      await opening.state.keys.set({ session: Object.fromEntries(addresses.map((one) => [one, session(mark)])) })
      await opening.fence()
    }
    const first = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'first')
    await write('n', '491.0')
    await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'second')
    await expect(store.restore(first?.id ?? '')).rejects.toMatchObject({
      code: 'AUTH_STORE_SUCCESSOR',
      message: expect.stringContaining('newer versions of 1 files were set aside since (session-491.0.json)'),
    })
    await write('m', '491.0', '494.0')
    const all = await store.quarantine({ kind: 'all-sessions' }, 'all')
    await write('o', '491.0', '492.0', '493.12', '494.0')
    await expect(store.restore(all?.id ?? '')).rejects.toThrow(
      /4 newer files stand in their place \(session-491\.0\.json, session-492\.0\.json, session-493\.12\.json, …\)/,
    )
    // What stands there just as it was is no successor.
    const copy = await store.copyAside({ kind: 'sessions', addresses: ['494.0'] }, 'a copy')
    expect(await store.restore(copy?.id ?? '')).toEqual(['session-494.0.json'])
  })

  test.each(['../account/creds.json', '/etc/passwd', '..', '.lifeline', 'a/b', ''])(
    'takes no file of the name %j, and finds no entry of it',
    async (name) => {
      const { folder, store } = await linked()
      const before = await everything(folder)
      const refused = { code: 'AUTH_STORE_NOT_FOUND' }
      await expect(store.quarantine({ kind: 'files', names: [name] }, 'test')).rejects.toMatchObject(refused)
      await expect(store.restore(name, { force: true })).rejects.toMatchObject(refused)
      expect(await everything(folder)).toEqual(before)
    },
  )

  test('brings nothing back to a place outside the account that a manifest names, each for its own reason, or says that it took it from', async () => {
    const { folder, store } = await linked()
    const good = { name: 'session-491.0.json', stored: 'session-491.0.json', bytes: 2, sha256: 'x' }
    // Each of them is wrong in one way: the place that it comes from fits the place that it goes to.
    const rows = [
      { ...good, name: '../outside.json', stored: '../outside.json' },
      { ...good, name: '/outside.json', stored: '/outside.json' },
      { ...good, name: '..', stored: '..' },
      { ...good, name: '.lifeline', stored: '.lifeline' },
      { ...good, name: '.lifeline/creds/../../outside.json', stored: 'generation-../../outside.json' },
      { ...good, name: '.lifeline/state.json', stored: '.lifeline/state.json' },
      { ...good, stored: 'creds.json' },
      { ...good, stored: '../../../creds.json' },
    ]
    for (const row of rows) {
      const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
      const id = entry?.id ?? ''
      const sound = { id, at: entry?.at, reason: 'test', files: [{ ...entry?.files[0], stored: good.stored }] }
      await behind(store, () => plant(folder, id, JSON.stringify({ ...sound, files: [row] }), 'entry'))
      const before = await everything(folder)
      await expect(store.restore(id, { force: true }), JSON.stringify(row)).rejects.toMatchObject({
        code: 'AUTH_STORE_NOT_FOUND',
      })
      expect(await everything(folder), JSON.stringify(row)).toEqual(before)
      await behind(store, () => plant(folder, id, JSON.stringify(sound), 'entry'))
      expect(await store.restore(id)).toEqual([good.name])
    }
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
    await behind(store, () => plant(folder, entry?.id ?? '', 'garbage', 'entry'))
    expect(await store.quarantined()).toEqual([])
  })

  test('holds a name that is no key just as well, and never trims good copies of creds, nor creds beside other files', async () => {
    const { folder, store } = await linked()
    await behind(store, () => plant(folder, 'manifest.json', 'foreign'))
    const entry = await store.quarantine({ kind: 'files', names: ['manifest.json'] }, 'test')
    expect([...(await stored(folder)).keys()]).not.toContain('manifest.json')
    expect(await store.restore(entry?.id ?? '')).toEqual(['manifest.json'])
    expect(Buffer.from((await stored(folder)).get('manifest.json') ?? '', 'base64').toString()).toBe('foreign')
    await store.copyAside({ kind: 'files', names: ['creds.json', 'manifest.json'] }, 'creds beside')
    await behind(store, () => plant(folder, 'creds.json', null))
    await store.quarantine({ kind: 'everything' }, 'good copies')
    expect(await store.trimQuarantine({ keepDays: -1, maxBytes: 0 })).toEqual([])
    expect(await store.quarantined()).toHaveLength(2)
  })
})
