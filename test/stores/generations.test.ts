import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as seven from '@whiskeysockets/baileys'
import { BufferJSON, initAuthCreds, useMultiFileAuthState } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import type { AuthenticationCreds } from '../../src/baileys/baileys-types.ts'
import { type BaileysParts, codecOf, loadBaileys } from '../../src/stores/codec.ts'
import { contradiction } from '../../src/stores/creds.ts'
import { Generations } from '../../src/stores/generations.ts'
import { freshFolder, linkedAccount, linkedCreds, ownedStore } from './account.ts'

const generationsIn = async (folder: string) => (await readdir(join(folder, '.lifeline/creds'))).sort()

const damages: readonly (readonly [title: string, damage: (path: string) => Promise<void>])[] = [
  ['empty', (path) => writeFile(path, '')],
  ['{}', (path) => writeFile(path, '{}')],
  ['filled with NUL bytes', (path) => writeFile(path, Buffer.alloc(1500))],
  ['half a file', async (path) => writeFile(path, (await readFile(path)).subarray(0, 700))],
  ["another account's creds", (path) => writeFile(path, JSON.stringify(linkedCreds('49222'), BufferJSON.replacer))],
  [
    'a new identity that Baileys minted over it',
    (path) => writeFile(path, JSON.stringify(initAuthCreds(), BufferJSON.replacer)),
  ],
  [
    'without its link',
    async (path) => {
      const { me, account, ...rest } = JSON.parse(await readFile(path, 'utf8'))
      await writeFile(path, JSON.stringify(rest))
    },
  ],
  [
    'a key pair with a flipped bit',
    async (path) => {
      const creds = JSON.parse(await readFile(path, 'utf8'), BufferJSON.reviver)
      creds.signedPreKey.keyPair.private[9] ^= 4
      await writeFile(path, JSON.stringify(creds, BufferJSON.replacer))
    },
  ],
  [
    'a folder',
    async (path) => {
      await rm(path)
      await mkdir(path)
      await writeFile(join(path, 'x'), 'x')
    },
  ],
  ['gone', (path) => rm(path)],
]

describe('damaged creds', () => {
  test.each(damages)(
    'creds.json that is %s is found, set aside and replaced by the last good generation',
    async (_, damage) => {
      const { folder, store, creds } = await linkedAccount()
      const path = join(folder, 'creds.json')
      await damage(path)
      const damaged = await readFile(path).catch(() => undefined)

      await expect(store.open({ mint: true })).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
      const inspection = await store.inspect({ depth: 'creds' })
      expect(inspection).toMatchObject({
        creds: { kind: 'unreadable' },
        linked: false,
        findings: [{ code: 'creds-unreadable' }],
      })
      expect(await store.restoreCreds('cannot be used')).toEqual({ savedAt: expect.any(Number) })
      expect((await store.open()).state.creds).toEqual(creds)
      const [entry] = await store.quarantined()
      if (damaged)
        expect(await readFile(join(folder, '.lifeline/quarantine', entry?.id ?? '', 'creds.json'))).toEqual(damaged)
    },
  )

  test('what contradicts the good ones is named: another account, or parts of another pairing under the same key', () => {
    const good = linkedCreds()
    const { noiseKey, registrationId } = linkedCreds()
    expect(contradiction(good, good)).toBeUndefined()
    expect(contradiction(linkedCreds('4900'), good)).toBe('creds.json belongs to another account')
    expect(contradiction({ ...good, registrationId: registrationId ^ 1 }, { ...good, registrationId })).toMatch(
      /another registrationId/,
    )
    expect(contradiction({ ...good, noiseKey }, good)).toMatch(/another noiseKey/)
    expect(contradiction(initAuthCreds(), good)).toMatch(/a new identity that was never linked/)
    const { me: _, account: __, ...unlinked } = good
    expect(contradiction(unlinked, good)).toMatch(/has lost its link/)
    expect(contradiction(good, initAuthCreds())).toBeUndefined()
  })
})

describe('keeping generations', () => {
  test('a folder that Baileys made gets its first generation when it is opened', async () => {
    const folder = await freshFolder()
    const theirs = await useMultiFileAuthState(folder)
    Object.assign(theirs.state.creds, linkedCreds())
    await theirs.saveCreds()
    const store = await ownedStore(folder)
    await (await store.open()).fence()
    expect(await generationsIn(folder)).toHaveLength(1)
  })
})

test('the newest generation is judged once, and its credentials are read anew each time', async () => {
  const codec = codecOf(await loadBaileys())
  const bytes = new Map<string, Buffer>()
  const generations = new Generations({
    names: async () => [...bytes.keys()],
    read: async (name) => bytes.get(name) ?? Buffer.alloc(0),
    put: async (name, content) => void bytes.set(name, content),
    drop: async (names) => {
      for (const name of names) bytes.delete(name)
    },
  })
  await generations.saved(codec.encode(linkedCreds('49111')), codec, 1_000)
  let judged = 0
  // Only who judges credentials tries whether they can be saved again.
  const counting = {
    ...codec,
    encode: (value: unknown) => {
      judged += 1
      return codec.encode(value)
    },
  }
  const first = await generations.newest(counting)
  const second = await generations.newest(counting)
  expect(judged).toBe(1)
  expect(second).toEqual(first)
  expect(second?.creds).not.toBe(first?.creds)
  const [name = ''] = bytes.keys()
  bytes.get(name)?.fill('x', 100, 110)
  expect(await generations.newest(counting)).toBeUndefined()
})

describe('on a shelf that is slow', () => {
  const codec = codecOf(seven as unknown as BaileysParts)
  const linked = linkedCreds()
  const unlinked = ({ me: _, account: __, ...rest }: AuthenticationCreds) => rest as AuthenticationCreds
  const bytesOf = (creds: object) => codec.encode(creds)
  const at = (creds: object, counter: number) => bytesOf({ ...creds, accountSyncCounter: counter })
  const numbered = (id: number) => bytesOf({ ...linked, myAppStateKeyId: `key ${id}` })

  /** Generations on a shelf on which everything takes a while. */
  function shelved() {
    const files = new Map<string, Buffer>()
    const done: string[] = []
    const turns = async () => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    }
    let broken = ''
    const meets = (what: string) => {
      if (broken === what) throw new Error('EIO')
    }
    const generations = new Generations({
      names: async () => [...files.keys(), 'notes.txt'].sort(),
      read: async (name) => files.get(name) ?? Buffer.alloc(0),
      put: async (name, bytes) => {
        await turns()
        meets('put')
        files.set(name, bytes)
        done.push('put')
      },
      drop: async (names) => {
        await turns()
        meets('drop')
        for (const name of names) files.delete(name)
        if (names.length > 0) done.push(`dropped ${names.length}`)
      },
    })
    const times = () => [...files.keys()].map((name) => Number(name.split('-')[0])).sort((a, b) => a - b)
    return {
      ...{ generations, files, done, times },
      breaks: (what: string) => {
        broken = what
      },
    }
  }

  test('real changes have a place each, of which the newest five stay, each later than the one before on any clock', async () => {
    const { generations, times } = shelved()
    for (const [id, now] of [10, 20, 30, 25, 40, 50, 60].entries()) await generations.saved(numbered(id), codec, now)
    expect(times()).toEqual([30, 31, 40, 50, 60])
    expect((await generations.newest(codec))?.creds.myAppStateKeyId).toBe('key 6')
  })

  test('of saves that change counters every fourth takes the place of the newest, or each that is to be kept always', async () => {
    const { generations, times } = shelved()
    await generations.saved(at(linked, 0), codec, 10)
    for (let counter = 1; counter <= 3; counter += 1) await generations.saved(at(linked, counter), codec, 10 + counter)
    expect(times()).toEqual([10])
    await generations.saved(at(linked, 4), codec, 14)
    expect(times()).toEqual([14])
    for (let counter = 5; counter <= 7; counter += 1) await generations.saved(at(linked, counter), codec, 10 + counter)
    expect(times()).toEqual([14])
    await generations.saved(at(linked, 7), codec, 18, true)
    expect(times()).toEqual([18])
    await generations.saved(at(linked, 7), codec, 19, true)
    expect(times()).toEqual([18])
    // Another owner may have saved since: what is there already is not written once more.
    generations.reread()
    await generations.saved(at(linked, 7), codec, 20)
    expect(times()).toEqual([18])
    await generations.saved(at(linked, 8), codec, 21)
    expect(times()).toEqual([18])
    await generations.saved(at(linked, 9), codec, 22, true)
    expect(times()).toEqual([22])
  })

  test('a generation is there before the one that it replaces goes, and a disk that fails gathers none', async () => {
    const { generations, done, breaks, files } = shelved()
    await generations.saved(at(linked, 0), codec, 10)
    await generations.saved(at(linked, 1), codec, 11, true)
    expect(done).toEqual(['put', 'put', 'dropped 1'])
    breaks('put')
    await expect(generations.saved(numbered(1), codec, 12)).rejects.toThrow('EIO')
    expect(files.size).toBe(1)
    breaks('drop')
    await expect(generations.saved(numbered(2), codec, 13)).rejects.toThrow('EIO')
    expect(files.size).toBe(1)
  })

  test('a pairing that was never completed takes no place beside one that was, and damage none at all', async () => {
    const { generations, times } = shelved()
    await generations.saved(bytesOf(unlinked(linked)), codec, 5)
    expect([times(), generations.hadAccount, await generations.goodCopy(codec)]).toEqual([[5], false, {}])
    const other = shelved()
    for (const at of [1, 2]) await other.generations.saved(bytesOf(unlinked(linkedCreds())), codec, at)
    expect(other.times()).toEqual([1, 2])
    await generations.saved(bytesOf(linked), codec, 10)
    await generations.saved(bytesOf(unlinked(linkedCreds())), codec, 11)
    await generations.saved(Buffer.from('{"half'), codec, 12)
    expect([times(), generations.hadAccount]).toEqual([[5, 10], true])
    expect(await generations.goodCopy(codec)).toEqual({ goodCopy: { id: linked.me?.id, savedAt: 10 } })
    generations.reread()
    expect(generations.hadAccount).toBe(true)
    generations.forget()
    expect(generations.hadAccount).toBe(false)
  })

  test('one whose bytes are not those of its name is passed over, as is one that holds no credentials', async () => {
    const { generations, files } = shelved()
    await generations.saved(numbered(1), codec, 10)
    await generations.saved(numbered(2), codec, 9)
    const [older = '', newer = ''] = [...files.keys()].sort()
    expect((await generations.newest(codec))?.name).toBe(newer)
    files.set(newer, numbered(3))
    expect(await generations.newest(codec)).toMatchObject({ name: older, savedAt: 10 })
    const none = Buffer.from('{}')
    files.set(`99-${createHash('sha256').update(none).digest('hex').slice(0, 32)}.json`, none)
    expect((await generations.newest(codec))?.name).toBe(older)
    files.clear()
    expect([await generations.newest(codec), await generations.goodCopy(codec)]).toEqual([undefined, {}])
  })
})
