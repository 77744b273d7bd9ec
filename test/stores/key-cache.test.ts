import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test as property } from '@fast-check/vitest'
import { Curve } from '@whiskeysockets/baileys'
import { afterAll, expect, test } from 'vitest'
import { KeyCache } from '../../src/stores/key-cache.ts'
import { lmdbAuthStore } from '../../src/stores/lmdb/index.ts'
import { numberOf } from '../share.ts'
import { session } from './account.ts'

const bytes = (text: string) => Buffer.from(JSON.stringify(text))
const counting = () => {
  let decoded = 0
  const cache = new KeyCache((content) => {
    decoded += 1
    return JSON.parse(Buffer.from(content).toString())
  })
  return { cache, decoded: () => decoded }
}

const names = (count: number) => Array.from({ length: count }, (_, at) => String(at + 1))

test('a value that was read once is decoded once more and never again, and each reader has a copy of its own', () => {
  const { cache, decoded } = counting()
  cache.keep('a', Buffer.from('{"list":[{"deep":1}]}'), cache.turn)
  const first = cache.read('a') as { list: { deep: number }[] }
  first.list.push({ deep: 2 })
  for (const one of first.list) one.deep = 9
  expect(cache.read('a')).toEqual({ list: [{ deep: 1 }] })
  expect(decoded()).toBe(1)
})

test('a session is the same for all readers, and nobody can change it; one of an old version, which libsignal migrates in place, is copied', () => {
  const { cache } = counting()
  cache.keep('session-1.0.json', Buffer.from(JSON.stringify(session('a'))), cache.turn)
  const read = cache.read('session-1.0.json')
  expect(read).toEqual(session('a'))
  expect(cache.read('session-1.0.json')).toBe(read)
  const inner = Object.values((read as { _sessions: Record<string, object> })._sessions)[0] ?? {}
  expect(() => Object.assign(inner, { registrationId: 2 })).toThrow(TypeError)
  cache.keep('session-2.0.json', Buffer.from('{"_sessions":{}}'), cache.turn)
  Object.assign(cache.read('session-2.0.json') ?? {}, { version: 'v1' })
  expect(cache.read('session-2.0.json')).toEqual({ _sessions: {} })
})

test('what was read while a write began is not kept: the write is the newer truth', () => {
  const { cache } = counting()
  const turn = cache.turn
  const end = cache.begin(new Map([['a', bytes('new')]]))
  cache.keep('a', bytes('old'), turn)
  cache.keep('a', bytes('old'), cache.turn)
  expect(cache.read('a')).toBeUndefined()
  end(true)
  expect(cache.read('a')).toBe('new')
  cache.keep('a', bytes('old'), turn)
  expect(cache.read('a')).toBe('new')
})

test('of two writes that are on their way the later one counts, in whichever order they end', () => {
  const { cache } = counting()
  const first = cache.begin(new Map([['a', bytes('first')]]))
  const second = cache.begin(new Map([['a', bytes('second')]]))
  second(true)
  first(true)
  expect(cache.read('a')).toBe('second')
})

test('a write that was refused, and a removal, leave nothing behind', () => {
  const { cache } = counting()
  cache.keep('a', bytes('old'), cache.turn)
  cache.begin(new Map([['a', bytes('refused')]]))(false)
  expect(cache.read('a')).toBeUndefined()
  cache.begin(new Map([['b', bytes('kept')]]))(true)
  cache.begin(new Map([['b', null]]))(true)
  expect(cache.read('b')).toBeUndefined()
})

test('what was cleared away is not known any more, nor what was being read at that moment', () => {
  const { cache } = counting()
  cache.keep('a', bytes('1'), cache.turn)
  const { turn } = cache
  cache.clear()
  cache.keep('b', bytes('2'), turn)
  expect([cache.read('a'), cache.read('b')]).toEqual([undefined, undefined])
  cache.keep('b', bytes('3'), cache.turn)
  expect(cache.read('b')).toBe('3')
})

test('a large set is not kept, and what it replaced is not told any more', () => {
  const { cache } = counting()
  cache.keep('old', bytes('before'), cache.turn)
  const set = (count: number) =>
    new Map([['old', bytes('after')], ...names(count).map((name) => [name, bytes(name)] as const)])
  cache.begin(set(63))(true)
  expect([cache.read('old'), cache.read('1')]).toEqual(['after', '1'])
  cache.begin(set(64))(true)
  expect([cache.read('old'), cache.read('1')]).toEqual([undefined, undefined])
})

test('it holds a megabyte of what is stored, and lets the longest unused go first', () => {
  const { cache } = counting()
  const large = bytes('x'.repeat(300_000))
  for (const name of ['a', 'b', 'c']) cache.keep(name, large, cache.turn)
  cache.read('a')
  cache.keep('d', large, cache.turn)
  expect(['a', 'b', 'c', 'd'].filter((name) => cache.read(name) !== undefined)).toEqual(['a', 'c', 'd'])
})

test('a name that would change what an object is stays a name', () => {
  const { cache } = counting()
  cache.keep('a', Buffer.from('{"__proto__":{"x":1},"y":2}'), cache.turn)
  const value = cache.read('a') as object
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(JSON.stringify(value)).toBe('{"__proto__":{"x":1},"y":2}')
})

const folder = await mkdtemp(join(tmpdir(), 'lifeline-cache-'))
const store = lmdbAuthStore(join(folder, 'account'))
await store.acquire()
afterAll(() => store.release())

const ids = fc.constantFrom('1.0', '2.0', '3.0')
const step = fc.oneof(
  fc.record({
    type: fc.constant('set' as const),
    id: ids,
    mark: fc.constantFrom('a', 'b', 'c', null),
    awaited: fc.boolean(),
  }),
  fc.record({ type: fc.constant('get' as const), id: ids, spoil: fc.boolean() }),
  fc.record({ type: fc.constant('reopen' as const) }),
)

property.prop({ steps: fc.array(step, { maxLength: 30 }) }, { numRuns: numberOf(40, 12) })(
  'reads say what was written last, whatever is done to what they handed out, before and after the account is opened anew',
  async ({ steps }) => {
    let opening = await store.open({ mint: true })
    await opening.state.keys.clear?.()
    const keyPair = Curve.generateKeyPair()
    await opening.state.keys.set({ 'pre-key': { '1': keyPair } })
    const expected = new Map<string, unknown>()
    const pending: (void | Promise<void>)[] = []
    for (const one of steps) {
      const { keys } = opening.state
      if (one.type === 'set') {
        const value = one.mark === null ? null : session(one.mark)
        const written = keys.set({ session: { [one.id]: value } })
        pending.push(written)
        expected.set(one.id, value)
        if (one.awaited) await written
      } else if (one.type === 'get') {
        const { [one.id]: found } = await keys.get('session', [one.id])
        expect(found ?? null).toEqual(expected.get(one.id) ?? null)
        const { '1': pair } = await keys.get('pre-key', ['1'])
        expect(Buffer.from(pair?.private ?? [])).toEqual(Buffer.from(keyPair.private))
        if (one.spoil) {
          if (!Object.isFrozen(found ?? {})) Object.assign(found ?? {}, { _sessions: {}, version: 'spoiled' })
          pair?.private.fill(0)
        }
      } else {
        await Promise.all(pending.splice(0))
        await opening.close()
        opening = await store.open({ mint: true })
      }
    }
    await Promise.all(pending)
    await opening.close()
  },
)
