import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BufferJSON, initAuthCreds, useMultiFileAuthState } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { codecOf, loadBaileys } from '../../src/stores/codec.ts'
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
