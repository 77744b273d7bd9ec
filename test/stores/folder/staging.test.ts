import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import type { AuthStore } from '../../../src/stores/store.ts'
import { slow } from '../../share.ts'
import { filesBelow, link, linkedAccount, ownedStore, session, storeOf } from '../account.ts'
import { FaultyDisk } from '../disk/faulty-disk.ts'

/** Pairs in the staging area, as a scanned code does, and fences it. */
const pairStaged = async (store: AuthStore, user: string) => {
  const opening = await store.openStaging()
  link(opening.state.creds, user)
  await opening.saveCreds()
  await opening.state.keys.set({
    session: { '888.0': session('n'), '491.0': session('N') },
    'pre-key': { '1': opening.state.creds.noiseKey },
  })
  await opening.fence()
  return opening.state.creds
}

describe('the staging area', () => {
  test('a pairing in it leaves the account as it is', async () => {
    const { folder, store } = await linkedAccount('49111')
    const before = await filesBelow(folder)
    await pairStaged(store, '49222')
    const after = await filesBelow(folder)
    for (const [name, content] of before) expect(after.get(name)).toBe(content)
    expect([...after.keys()].filter((name) => !before.has(name) && !name.startsWith('.lifeline/staging/'))).toEqual([])
  })
})

describe('promotion', () => {
  test('the new account is whole, the old one lies in the quarantine, foreign files stay', async () => {
    const { folder, store, creds } = await linkedAccount('49111')
    await writeFile(join(folder, 'notes.txt'), 'mine')
    await mkdir(join(folder, 'media'))
    const old = await filesBelow(folder)
    const staged = await pairStaged(store, '49222')
    const entry = await store.promoteStaging('scanned anew')
    expect(entry?.reason).toBe('scanned anew')

    const theirs = await useMultiFileAuthState(folder)
    expect(theirs.state.creds.me?.id).toBe(staged.me?.id)
    expect((await readdir(folder)).sort()).toEqual(
      [
        '.lifeline',
        'creds.json',
        'media',
        'notes.txt',
        'pre-key-1.json',
        'session-491.0.json',
        'session-888.0.json',
      ].sort(),
    )
    const place = join(folder, '.lifeline/quarantine', entry?.id ?? '')
    for (const { name } of entry?.files ?? []) {
      const stored = name.startsWith('.lifeline/creds/') ? `generation-${name.slice(16)}` : name
      expect((await readFile(join(place, stored))).toString('base64')).toBe(old.get(name))
    }
    const opening = await store.open()
    expect(opening.state.creds.registrationId).toBe(staged.registrationId)
    await opening.fence()

    // The old identity's generations are out of reach now.
    await writeFile(join(folder, 'creds.json'), '')
    await store.restoreCreds('test')
    expect((await store.open()).state.creds.registrationId).toBe(staged.registrationId)
    expect(creds.registrationId === staged.registrationId && creds.me?.id === staged.me?.id).toBe(false)
  })
})

describe('a crash during promotion', () => {
  /** Runs a promotion that dies at the given call; what a new process finds. */
  const crashAt = async (call: number) => {
    const disk = new FaultyDisk()
    const { folder, store, creds: old } = await linkedAccount('49111', { fileSystem: disk.fileSystem })
    await writeFile(join(folder, 'notes.txt'), 'mine')
    const staged = await pairStaged(store, '49222')
    const before = await filesBelow(folder)
    disk.dieAt(call)
    const died = await store.promoteStaging('scanned anew').then(
      () => false,
      () => true,
    )
    disk.heal()
    await store.release()
    const between = await storeOf(folder).inspect({ depth: 'creds' })
    const next = await ownedStore(folder)
    return { folder, next, old, staged, before, died, between }
  }

  test('at any call leaves the old account whole or the new one, and no file is lost', { tags: [slow] }, async () => {
    const ends = new Set<string>()
    for (let call = 1; ; call++) {
      const { folder, next, old, staged, before, died, between } = await crashAt(call)
      if (between.creds.kind !== 'present') throw new Error(`creds ${between.creds.kind} after a crash at call ${call}`)
      const opening = await next.open()
      const { registrationId } = opening.state.creds
      expect(between.creds.value.registrationId).toBe(registrationId)
      const sessions = (await readdir(folder)).filter((name) => name.startsWith('session-')).sort()
      const isNew = registrationId === staged.registrationId && opening.state.creds.me?.id === staged.me?.id
      if (isNew) {
        expect(sessions).toEqual(['session-491.0.json', 'session-888.0.json'])
        expect(await opening.state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('N') })
      } else {
        expect(registrationId).toBe(old.registrationId)
        expect(sessions).toEqual(['session-491.0.json', 'session-492.0.json', 'session-493.12.json'])
        expect(await opening.state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('a') })
        expect(await next.stagingPaired()).toBe(true)
      }
      ends.add(isNew ? 'new' : 'old')
      await opening.fence()
      const after = new Set((await filesBelow(folder)).values())
      for (const [name, content] of before)
        if (!after.has(content)) throw new Error(`${name} is lost after a crash at call ${call}`)
      await next.release()
      if (!died) break
    }
    expect([...ends].sort()).toEqual(['new', 'old'])
  })

  test('that tore the new creds does not offer a copy of the account before', async () => {
    const { folder, store } = await linkedAccount('49111')
    await pairStaged(store, '49222')
    const own = join(folder, '.lifeline')
    await writeFile(join(own, 'staging', 'creds.json'), '{')
    await writeFile(join(folder, 'creds.json'), '{')
    const before = await store.inspect({ depth: 'creds' })
    expect(before).toMatchObject({ creds: { kind: 'unreadable' }, goodCopy: { id: expect.stringMatching(/^49111/) } })
    await writeFile(join(own, 'promotion.json'), JSON.stringify({ files: ['creds.json'], old: null }))
    const { creds, goodCopy, findings } = await store.inspect({ depth: 'creds' })
    expect([creds.kind, goodCopy, findings.map(({ code }) => code)]).toEqual([
      ...['unreadable', undefined, ['promotion-unfinished', 'creds-unreadable']],
    ])
  })

  test('whose note was torn is none: the account is as it was', async () => {
    const { folder, store } = await linkedAccount('49111')
    const note = join(folder, '.lifeline', 'promotion.json')
    for (const torn of ['', '{', 'null', '7', '{}', '{"files":7}']) {
      await writeFile(note, torn)
      expect((await store.inspect({ depth: 'creds' })).findings, torn).toEqual([])
    }
    const outside = join(folder, '.lifeline', 'x')
    await writeFile(outside, 'mine')
    const row = '{"name":"session-491.0.json","stored":"session-491.0.json","bytes":1,"sha256":"x"}'
    const plan = `{"id":"../x","at":1,"reason":"x","files":[${row}]}`
    for (const old of ['null', '7', '{}', '{"id":7}', '{"id":"../x"}', '{"id":"a"}', plan]) {
      await mkdir(join(folder, '.lifeline', 'staging'), { recursive: true })
      await writeFile(note, `{"files":["../x",7],"old":${old}}`)
      const opening = await store.open()
      expect(opening.state.creds.me?.id, old).toMatch(/^49111:/)
      await opening.fence()
    }
    expect(await readFile(outside, 'utf8')).toBe('mine')
  })

  test('is finished by the same store once its disk is back', async () => {
    const disk = new FaultyDisk()
    const { store } = await linkedAccount('49111', { fileSystem: disk.fileSystem })
    const staged = await pairStaged(store, '49222')
    let renames = 0
    disk.failing = (_, name) => (name === 'rename' && ++renames > 4 ? 'EIO' : undefined)
    await expect(store.promoteStaging('scanned anew')).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
    disk.heal()
    expect((await store.open()).state.creds.me?.id).toBe(staged.me?.id)
  })

  test('is finished by a promotion that is asked for again, which then sets nothing else aside', async () => {
    const { folder, store } = await linkedAccount('49111')
    const staged = await pairStaged(store, '49222')
    await rm(join(folder, '.lifeline', 'creds'), { recursive: true })
    await writeFile(join(folder, '.lifeline', 'promotion.json'), JSON.stringify({ files: ['creds.json'], old: null }))
    expect(await store.promoteStaging('again')).toBeUndefined()
    expect([(await store.open()).state.creds.me?.id, await store.quarantined()]).toEqual([staged.me?.id, []])
  })
})
