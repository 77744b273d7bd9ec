import { afterEach, expect, test } from 'vitest'
import { codecOf, loadBaileys } from '../../src/stores/codec.ts'
import { KeyCache } from '../../src/stores/key-cache.ts'
import { KeyTypes } from '../../src/stores/key-types.ts'
import { lmdbParts } from '../../src/stores/lmdb/lmdb-store.ts'
import { Opening } from '../../src/stores/opening.ts'
import { OwnRows } from '../../src/stores/rows/own-rows.ts'
import { RowFiles } from '../../src/stores/rows/row-files.ts'
import type { OpenAuth } from '../../src/stores/store.ts'
import type { Content } from '../../src/stores/write-ahead.ts'
import { freshFolder, session } from './account.ts'

let owned: { release(): Promise<void> } | undefined
afterEach(() => owned?.release())

/** An account in rows, which nobody else writes to: what is known of it is kept in memory. */
const account = async () => {
  const location = await freshFolder()
  const parts = lmdbParts(location, {})
  owned = parts.store
  await parts.store.acquire()
  return { ...parts, location }
}

/** Whether it is the very same session, which nobody decoded again, from the second read on. */
const readsOnce = async ({ state: { keys } }: OpenAuth): Promise<boolean> => {
  const read = async () => (await keys.get('session', ['1.0']))['1.0']
  expect(await read()).toEqual(session('a'))
  const second = await read()
  return second === (await read())
}

test('what an opening wrote or has read comes from memory', async () => {
  const { store } = await account()
  const first = await store.open({ mint: true })
  await first.state.keys.set({ session: { '1.0': session('a') } })
  expect(await readsOnce(first)).toBe(true)
  await first.close()
  const second = await store.open({ mint: true })
  expect(await readsOnce(second)).toBe(true)
  await second.close()
})

/** Rows of a database that answers later, and may refuse. */
class FarRows extends RowFiles {
  refuses = false

  override async read(name: string): Promise<Content> {
    return super.read(name)
  }

  override write(files: Iterable<readonly [name: string, content: Content]>): Promise<void> {
    return this.refuses ? Promise.reject(new Error('refused')) : super.write(files)
  }
}

test('so does what a medium said later, and what it would not give up', async () => {
  const { rows, location } = await account()
  const codec = codecOf(await loadBaileys())
  const files = new FarRows(rows, location, 'account', new KeyTypes(new OwnRows(rows).keyTypes))
  const parts = { files, location, codec, creds: codec.mint(), onSaved: async () => undefined }
  const opening = () => new Opening({ ...parts, cache: new KeyCache(codec.decode) })
  await opening().state.keys.set({ session: { '1.0': session('a') } })
  const later = opening()
  expect(await readsOnce(later)).toBe(true)
  files.refuses = true
  await expect(later.state.keys.clear?.()).rejects.toThrow('refused')
  expect(await readsOnce(later)).toBe(true)
})
