import * as seven from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { freshFolder, linkedCreds } from '../account.ts'
import { accountsIn, everyKind } from './accounts.ts'

const written = (creds: unknown) => JSON.stringify(creds, seven.BufferJSON.replacer)
const text = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString()

describe.each(everyKind())('good copies of creds in the $kind store', (kind) => {
  const { plant, stored, everything } = kind
  const { ownedStore, linked, opened, behind } = accountsIn(kind)

  const kept = async (folder: string): Promise<readonly (readonly [name: string, content: string])[]> =>
    [...(await everything(folder))]
      .filter(([place]) => place.startsWith('generation/'))
      .map(([place, content]) => [place.slice('generation/'.length), text(content)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  const field = (content: string, name: string): unknown => JSON.parse(content)[name]

  const damages: readonly (readonly [title: string, damage: (creds: seven.AuthenticationCreds) => string | null])[] = [
    ['filled with NUL bytes', () => '\0'.repeat(1500)],
    ['half a file', (creds) => written(creds).slice(0, 700)],
    ["another account's", () => written(linkedCreds('49222'))],
    ['a new identity that Baileys minted over it', () => written(seven.initAuthCreds())],
    ['without their link', ({ me: _, account: __, ...rest }) => written(rest)],
    [
      'a key pair with a flipped bit',
      (creds) => {
        const copy = JSON.parse(written(creds), seven.BufferJSON.reviver)
        copy.signedPreKey.keyPair.private[9] ^= 4
        return written(copy)
      },
    ],
    ['gone', () => null],
  ]

  test('take the place of creds that cannot be used, whichever way, and each of those is kept', async () => {
    const { folder, store, creds } = await linked()
    for (const [title, damage] of damages) {
      const damaged = damage(creds)
      await behind(store, () => plant(folder, 'creds.json', damaged))
      await expect(store.open({ mint: true }), title).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
      expect(await store.inspect({ depth: 'creds' }), title).toMatchObject({
        creds: { kind: 'unreadable' },
        linked: false,
        findings: [{ code: 'creds-unreadable' }],
        goodCopy: { id: creds.me?.id },
      })
      const before = (await store.quarantined()).length
      expect(await store.restoreCreds('cannot be used'), title).toEqual({ savedAt: expect.any(Number) })
      const opening = await store.open()
      expect(opening.state.creds.registrationId, title).toBe(creds.registrationId)
      await opening.fence()
      const after = await store.quarantined()
      expect(after.length - before, title).toBe(damaged === null ? 0 : 1)
      if (damaged === null) continue
      const id = after.at(-1)?.id
      expect(text((await everything(folder)).get(`quarantine/${id}/creds.json`)), title).toBe(damaged)
    }
  })

  test('are left alone where the creds are good, those of a fresh pairing of the same user elsewhere too', async () => {
    const { folder, store } = await linked()
    const before = await everything(folder)
    expect(await store.restoreCreds('test')).toBeUndefined()
    expect(await everything(folder)).toEqual(before)
    const again = linkedCreds()
    await behind(store, () => plant(folder, 'creds.json', written(again)))
    const opening = await store.open()
    expect(opening.state.creds.registrationId).toBe(again.registrationId)
    // Once they are opened they are kept, too.
    expect((await kept(folder)).map(([, content]) => field(content, 'registrationId'))).toContain(again.registrationId)
    await opening.fence()
    expect(await store.restoreCreds('test')).toBeUndefined()
  })

  test('that are damaged themselves are passed over, and where none is left the damaged creds stay', async () => {
    const { folder, store } = await linked()
    const opening = await store.open()
    for (const mark of ['first', 'second']) {
      opening.state.creds.myAppStateKeyId = mark
      await opening.saveCreds()
    }
    await opening.fence()
    const [name = '', content = ''] = (await kept(folder)).at(-1) ?? []
    expect(field(content, 'myAppStateKeyId')).toBe('second')
    await behind(store, async () => {
      // Still complete JSON: only the digest in the name tells.
      await plant(folder, name, content.replace('second', 'sekond'), 'generation')
      await plant(folder, 'creds.json', '{"half')
    })
    await store.restoreCreds('test')
    const again = await store.open()
    expect(again.state.creds.myAppStateKeyId).toBe('first')
    await again.fence()

    const bare = await freshFolder()
    const other = await ownedStore(bare)
    await behind(other, () => plant(bare, 'creds.json', '{"half'))
    expect(await other.restoreCreds('test')).toBeUndefined()
    expect(text((await stored(bare)).get('creds.json'))).toBe('{"half')
    expect(await other.quarantined()).toEqual([])
  })

  test('are five, of the newest changes of what matters; of counters alone the newest is at most three saves old', async () => {
    const { folder, store } = await linked({ now: () => 0 })
    const opening = await store.open()
    for (let change = 0; change < 9; change++) {
      opening.state.creds.myAppStateKeyId = `key ${change}`
      await opening.saveCreds()
    }
    const marks = async () => (await kept(folder)).map(([, content]) => field(content, 'myAppStateKeyId'))
    // By a clock that stands still, too.
    expect((await marks()).sort()).toEqual([4, 5, 6, 7, 8].map((change) => `key ${change}`))
    for (let next = 100; next < 112; next++) {
      opening.state.creds.nextPreKeyId = next
      await opening.saveCreds()
      const counters = (await kept(folder)).map(([, content]) => Number(field(content, 'nextPreKeyId')))
      expect(counters).toHaveLength(5)
      if (next > 103) expect(next - Math.max(...counters)).toBeLessThan(4)
    }
    const before = await kept(folder)
    Object.assign(opening.state.creds, { noiseKey: undefined, myAppStateKeyId: 'changed' })
    await opening.saveCreds()
    expect(await kept(folder)).toEqual(before)
    expect(text((await stored(folder)).get('creds.json'))).toContain('changed')
  })

  test('are of linked creds alone once there are such, and of new ones before', async () => {
    const { folder, store, opening } = await opened()
    await opening.saveCreds()
    await opening.fence()
    expect(await kept(folder)).toHaveLength(1)
    const linkedOnes = await linked()
    const before = await kept(linkedOnes.folder)
    const again = await linkedOnes.store.open()
    Object.assign(again.state.creds, { me: undefined, account: undefined, myAppStateKeyId: 'x' })
    await again.saveCreds()
    await again.fence()
    expect(await kept(linkedOnes.folder)).toEqual(before)
    await store.release()
  })

  test('are taken from what is there when the account is claimed: another owner may have made others since', async () => {
    const { folder, store } = await linked()
    const save = async (owner: typeof store, mark: string) => {
      const opening = await owner.open()
      opening.state.creds.myAppStateKeyId = mark
      await opening.saveCreds()
      await opening.fence()
    }
    await save(store, 'a')
    await store.release()
    const other = await ownedStore(folder)
    await save(other, 'b')
    await other.release()
    await store.acquire()
    await save(store, 'a')
    expect((await kept(folder)).map(([, content]) => field(content, 'myAppStateKeyId')).at(-1)).toBe('a')
  })
})

describe.each(everyKind())('the pre-key repair of the $kind store', (kind) => {
  const { plant, stored, everything } = kind
  const { ownedStore, linked, save, behind } = accountsIn(kind)

  test('raises both numbers past the highest stored id, changes nothing else, and keeps the creds that it replaced', async () => {
    const { folder, store, creds } = await linked()
    await behind(store, () => plant(folder, 'pre-key-812.json', '{}'))
    // A save that changes counters alone makes a copy only now and then: these are in none.
    const numbers = { nextPreKeyId: 31, firstUnuploadedPreKeyId: 31, accountSyncCounter: 32 }
    await save(store, creds)
    await save(store, { ...creds, ...numbers })
    const replaced = (await stored(folder)).get('creds.json')
    const copies = async () => [...(await everything(folder))].filter(([place]) => place.startsWith('generation/'))
    expect((await copies()).map(([, content]) => content)).not.toContain(replaced)
    const codes = async () => (await store.inspect()).findings.map(({ code }) => code)
    expect(await codes()).toContain('pre-key-regressed')
    expect(await store.repairPreKeys()).toBe(true)
    expect(await codes()).not.toContain('pre-key-regressed')
    expect((await copies()).map(([, content]) => content)).toContain(replaced)
    const opening = await store.open()
    expect(opening.state.creds).toMatchObject({
      registrationId: creds.registrationId,
      accountSyncCounter: 32,
      nextPreKeyId: 1813,
      firstUnuploadedPreKeyId: 1813,
    })
    await opening.fence()
    expect(await store.repairPreKeys()).toBe(false)
  })

  test('leaves sound numbering alone unless forced, refuses creds that cannot be read, and has nothing to do without any', async () => {
    const { folder, store, creds } = await linked()
    await save(store, { ...creds, nextPreKeyId: 3, firstUnuploadedPreKeyId: 3 })
    const before = await everything(folder)
    expect(await store.repairPreKeys()).toBe(false)
    expect(await everything(folder)).toEqual(before)
    expect(await store.repairPreKeys({ force: true })).toBe(true)
    const opening = await store.open()
    expect(opening.state.creds).toMatchObject({ nextPreKeyId: 1003, firstUnuploadedPreKeyId: 1003 })
    await opening.fence()
    await behind(store, () => plant(folder, 'creds.json', '{}'))
    await expect(store.repairPreKeys()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
    expect(await (await ownedStore(await freshFolder())).repairPreKeys({ force: true })).toBe(false)
  })
})
