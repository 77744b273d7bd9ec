import * as seven from '@whiskeysockets/baileys'
import * as six from 'baileys-6'
import { describe, expect, test } from 'vitest'
import type { BaileysParts } from '../../../src/stores/codec.ts'
import { link, session } from '../account.ts'
import { accountsIn, anyKeys, everyKind } from './accounts.ts'
import { samples } from './samples.ts'

const baileysLines = [
  { line: '7', baileys: seven as unknown as BaileysParts, json: seven.BufferJSON, proto: seven.proto },
  { line: '6', baileys: six as unknown as BaileysParts, json: six.BufferJSON, proto: six.proto },
]

describe.each(everyKind())('keys in the $kind store', (kind) => {
  const { stored, plant } = kind
  const { ownedStore, opened } = accountsIn(kind)

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

  test('clear removes the keys of known and learned types and leaves the creds and what is foreign', async () => {
    const { folder, keys, opening } = await opened()
    await opening.saveCreds()
    await keys.set({ ...samples })
    await plant(folder, 'notes.json', '{}')
    await opening.state.keys.clear?.()
    expect([...(await stored(folder)).keys()].sort()).toEqual(['creds.json', 'notes.json'])
  })
})
