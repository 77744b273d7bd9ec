import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BufferJSON, initAuthCreds, useMultiFileAuthState } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { contradiction } from '../../src/stores/creds.ts'
import { freshFolder, linkedAccount, linkedCreds, ownedStore } from './account.ts'

const generationsIn = async (folder: string) => (await readdir(join(folder, '.lifeline/creds'))).sort()
const write = (folder: string, creds: unknown) =>
  writeFile(join(folder, 'creds.json'), JSON.stringify(creds, BufferJSON.replacer))

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

  test('a fresh pairing of the same user elsewhere is accepted as it is', async () => {
    const { folder, store } = await linkedAccount('49333')
    const again = linkedCreds('49333')
    await write(folder, again)
    const opening = await store.open()
    expect(opening.state.creds.registrationId).toBe(again.registrationId)
    await opening.fence()
    expect(await store.restoreCreds('test')).toBeUndefined()
  })

  test('good creds are not rolled back', async () => {
    const { folder, store } = await linkedAccount()
    const before = await readFile(join(folder, 'creds.json'))
    expect(await store.restoreCreds('test')).toBeUndefined()
    expect(await readFile(join(folder, 'creds.json'))).toEqual(before)
    expect(await store.quarantined()).toEqual([])
  })

  test('without any generation the damaged file stays where it is', async () => {
    const folder = await freshFolder()
    await mkdir(folder)
    await writeFile(join(folder, 'creds.json'), '{"half')
    const store = await ownedStore(folder)
    expect(await store.restoreCreds('test')).toBeUndefined()
    expect(await readFile(join(folder, 'creds.json'), 'utf8')).toBe('{"half')
  })

  test('damaged generations are passed over for the next good one', async () => {
    const { folder, store } = await linkedAccount()
    const opening = await store.open()
    opening.state.creds.myAppStateKeyId = 'first'
    await opening.saveCreds()
    opening.state.creds.myAppStateKeyId = 'second'
    await opening.saveCreds()
    await opening.fence()
    const newest = (await generationsIn(folder)).at(-1) ?? ''
    const path = join(folder, '.lifeline/creds', newest)
    // Still complete JSON: only the digest in the name tells.
    await writeFile(path, (await readFile(path, 'utf8')).replace('second', 'sekond'))
    await writeFile(join(folder, 'creds.json'), '')
    await store.restoreCreds('test')
    expect((await store.open()).state.creds.myAppStateKeyId).toBe('first')
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

  test('five are kept, the newest changes of what matters', async () => {
    const { folder, store } = await linkedAccount()
    const opening = await store.open()
    for (let change = 0; change < 9; change++) {
      opening.state.creds.myAppStateKeyId = `key ${change}`
      await opening.saveCreds()
    }
    await opening.fence()
    const kept = await Promise.all(
      (await generationsIn(folder)).map((name) => readFile(join(folder, '.lifeline/creds', name), 'utf8')),
    )
    expect(kept.map((text) => JSON.parse(text).myAppStateKeyId)).toEqual(
      [4, 5, 6, 7, 8].map((change) => `key ${change}`),
    )
  })

  test('counters alone replace the newest, which is never more than three saves old', async () => {
    const { folder, store } = await linkedAccount()
    const opening = await store.open()
    for (let next = 100; next < 150; next++) {
      opening.state.creds.nextPreKeyId = next
      await opening.saveCreds()
      const names = await generationsIn(folder)
      expect(names).toHaveLength(1)
      const kept = JSON.parse(await readFile(join(folder, '.lifeline/creds', names[0] ?? ''), 'utf8'))
      if (next > 103) expect(next - kept.nextPreKeyId).toBeLessThan(4)
    }
  })

  test('incomplete creds are saved as Baileys asks, but make no generation', async () => {
    const { folder, store } = await linkedAccount()
    const before = await generationsIn(folder)
    const opening = await store.open()
    Object.assign(opening.state.creds, { noiseKey: undefined, myAppStateKeyId: 'changed' })
    await opening.saveCreds()
    expect(await generationsIn(folder)).toEqual(before)
    expect(await readFile(join(folder, 'creds.json'), 'utf8')).toContain('changed')
  })
})
