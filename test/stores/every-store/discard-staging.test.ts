import { expect, test } from 'vitest'
import { freshFolder, link } from '../account.ts'
import { storeKinds } from './store-kinds.ts'

test.each(storeKinds)(
  'a pairing in the staging area of a $kind store goes into the quarantine, and the account stays as it is',
  async ({ create, stored }) => {
    const folder = await freshFolder()
    const store = create(folder)
    await store.acquire()
    const own = await store.open({ mint: true })
    link(own.state.creds, '49111')
    await own.saveCreds()
    await own.fence()
    const staged = await store.openStaging()
    link(staged.state.creds, '49222')
    await staged.saveCreds()
    await staged.state.keys.set({ 'pre-key': { '1': staged.state.creds.noiseKey } })
    await staged.fence()

    const entry = await store.discardStaging?.('scanned by somebody else')
    expect(entry?.reason).toBe('scanned by somebody else')
    expect(entry?.files.map(({ name }) => name).sort()).toEqual(['creds.json', 'pre-key-1.json'])
    expect(await store.quarantined()).toHaveLength(1)
    expect(await store.stagingPaired()).toBe(false)
    expect((await store.inspect()).linked).toBe(true)
    expect(await store.discardStaging?.('again')).toBeUndefined()
    await store.release()
    const creds = (await stored(folder)).get('creds.json') ?? ''
    expect(Buffer.from(creds, 'base64').toString()).toContain('49111')
  },
)
