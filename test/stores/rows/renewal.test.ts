import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { olderForms, renew } from '../../../src/stores/renewal.ts'
import { rowAuthStore } from '../../../src/stores/rows/index.ts'
import { copyIntoRows } from '../../../src/stores/rows/transfer.ts'
import type { AuthStore } from '../../../src/stores/store.ts'
import { linkedAccount, session, storeOf } from '../account.ts'
import { Memory, MemoryRows } from '../memory-rows.ts'

/** A resting account of which every file is in an older form. */
async function olderAccount() {
  const { folder, store, creds } = await linkedAccount()
  const opening = await store.open()
  await opening.state.keys.set({ 'sender-key': { '1-2@g.us::491::0': Buffer.from('[]') } })
  await opening.fence()
  await store.release()
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8')
    const numbers = (_: string, data: string) => `"data":${JSON.stringify([...Buffer.from(data, 'base64')])}`
    await writeFile(join(folder, name), `\uFEFF${text.replaceAll(/"data":"([^"]*)"/g, numbers)}`)
  }
  return { folder, creds, names: names.sort() }
}

test('every file of a folder is named, written anew, and kept as it was; creds and keys say what they said', async () => {
  const { folder, creds, names } = await olderAccount()
  const store = storeOf(folder)
  await store.acquire()
  const found = olderForms((await store.inspect()).findings)
  expect([...found].sort()).toEqual(names)
  const entry = await renew(store, found)
  expect(entry?.files.map(({ name }) => name).sort()).toEqual(names)
  // Nothing of it is open any more.
  expect(await store.quarantine({ kind: 'sessions', addresses: ['never'] }, 'test')).toBeUndefined()
  expect(olderForms((await store.inspect()).findings)).toEqual([])
  const { state } = await store.open()
  expect(state.creds).toEqual(creds)
  expect(await state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('a') })
  expect((await readdir(folder)).filter((name) => name.endsWith('.json')).sort()).toEqual(names)
})

test('nothing is written where nothing is older, and what is torn meanwhile stays as it is', async () => {
  const { folder, names } = await olderAccount()
  const store = storeOf(folder)
  await store.acquire()
  expect(await renew(store, [])).toBeUndefined()
  await writeFile(join(folder, 'session-491.0.json'), '{"half')
  await renew(store, names)
  expect(await readFile(join(folder, 'session-491.0.json'), 'utf8')).toBe('{"half')
})

test('an import takes an older form, and the store that it lands in reads it and writes it anew', async () => {
  const { folder, creds, names } = await olderAccount()
  const rows = new MemoryRows(new Memory())
  const store = rowAuthStore({ rows })
  const { files } = await copyIntoRows(folder, { store, rows }, {})
  expect(files).toBeGreaterThanOrEqual(names.length)
  await store.acquire()
  const found = olderForms((await store.inspect()).findings)
  expect([...found].sort()).toEqual(names)
  await renew(store, found)
  expect(olderForms((await store.inspect()).findings)).toEqual([])
  const { state } = await store.open()
  expect(state.creds).toEqual(creds)
  await store.release()
})

test('an account whose forms are old is closed once each of them is written, also if one could not be', async () => {
  const done: unknown[] = []
  const later = async (...what: unknown[]) => {
    await new Promise(setImmediate)
    done.push(what.length > 1 ? what : what[0])
  }
  let error: Error | undefined
  const store = {
    copyAside: async (which: object, why: string) => {
      await later('aside', which, why)
      return { id: 'entry' }
    },
    open: async () => ({
      state: {
        keys: {
          get: async (_: string, ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, id.at(0)])),
          set: async (data: object) => {
            await later('set', data)
            if (error) throw error
          },
        },
      },
      saveCreds: () => later('saved'),
      close: () => later('closed'),
    }),
  } as unknown as AuthStore
  const names = ['session-a.0.json', 'creds.json', 'session-b.0.json', 'pre-key-7.json']
  expect(await renew(store, names)).toEqual({ id: 'entry' })
  const aside = ['aside', { kind: 'files', names }, 'written anew in the form of today']
  expect(done.slice(-2)).toEqual(['saved', 'closed'])
  expect(done[0]).toEqual(aside)
  expect(done.slice(1, -2)).toEqual(
    expect.arrayContaining([
      ['set', { session: { 'a.0': 'a', 'b.0': 'b' } }],
      ['set', { 'pre-key': { '7': '7' } }],
    ]),
  )
  expect(done).toHaveLength(5)
  done.length = 0
  await renew(store, ['pre-key-7.json'])
  expect(done.at(-1)).toBe('closed')
  expect(done).not.toContain('saved')
  error = new Error('EIO')
  done.length = 0
  await expect(renew(store, names)).rejects.toBe(error)
  expect([done.length, done.at(-1)]).toEqual([3, 'closed'])
})
