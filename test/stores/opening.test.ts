import * as seven from '@whiskeysockets/baileys'
import { expect, test, vi } from 'vitest'
import { type BaileysParts, codecOf } from '../../src/stores/codec.ts'
import { KeyCache } from '../../src/stores/key-cache.ts'
import { type AccountFiles, Opening } from '../../src/stores/opening.ts'
import type { Content } from '../../src/stores/write-ahead.ts'
import { linkedCreds } from './linked-creds.ts'

const codec = codecOf(seven as unknown as BaileysParts)
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

/** Holds whoever waits until it is passed; `reached` once somebody does. */
function gate() {
  let [pass, reach] = [(): void => undefined, (): void => undefined]
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const passed = new Promise<void>((resolve) => {
    pass = resolve
  })
  const wait = (): Promise<void> => {
    reach()
    return passed
  }
  return { reached, wait, pass: () => pass() }
}

/** An opening of files that answer what the test says, and what was asked of them. */
function opened({ cache }: { readonly cache?: KeyCache } = {}) {
  const stored = new Map<string, Content>()
  const written: (readonly (readonly [string, Content])[])[] = []
  const asked: string[] = []
  const says = {
    ahead: (_name: string): Content | undefined => undefined,
    read: (name: string): Content | Promise<Content> => stored.get(name) ?? null,
    write: async (): Promise<void> => undefined,
    learn: async (): Promise<void> => undefined,
    saved: async (): Promise<void> => undefined,
    settled: async (): Promise<void> => undefined,
    busy: false,
  }
  const files: AccountFiles = {
    ahead: (name) => says.ahead(name),
    read: (name) => {
      asked.push(`read ${name}`)
      return says.read(name)
    },
    write: async (contents) => {
      written.push([...contents])
      await says.write()
    },
    get busy() {
      return says.busy
    },
    settled: async () => {
      await says.settled()
      asked.push('settled')
    },
    keys: async () => [...stored.keys()],
    learn: async (types) => {
      await says.learn()
      asked.push(`learn ${types}`)
    },
  }
  const creds = linkedCreds()
  const onSaved = async (bytes: Buffer) => {
    await says.saved()
    asked.push(`saved ${codec.encode(creds).equals(bytes)}`)
  }
  const opening = new Opening({ files, location: 'there', codec, creds, ...(cache ? { cache } : {}), onSaved })
  return { opening, stored, written, asked, says, creds, keys: opening.state.keys }
}
const fenced = { code: 'AUTH_STORE_FENCED', message: expect.stringContaining('there') }
const memory = (value: unknown) => ({ 'sender-key-memory': { g: value } }) as never

test('keys come at once where the medium gives them at once, and null for what is absent or cannot be read', async () => {
  const { keys, stored, says } = opened()
  stored.set('session-a.json', json({ a: 1 }))
  stored.set('session-b.json', Buffer.from('{"half'))
  expect(keys.get('session', ['a', 'b', 'c'])).toEqual({ a: { a: 1 }, b: null, c: null })
  says.read = (name) => (name === 'session-a.json' ? Promise.resolve(json(2)) : json(3))
  const later = keys.get('session', ['a', 'b'])
  expect(later).toBeInstanceOf(Promise)
  expect(await later).toEqual({ a: 2, b: 3 })
})

test('what is on its way is read ahead of the medium, also if it came while the medium was read', async () => {
  const { keys, says, asked } = opened()
  says.ahead = (name) => (name === 'session-a.json' ? json('ahead') : name === 'session-b.json' ? null : undefined)
  expect(keys.get('session', ['a', 'b'])).toEqual({ a: 'ahead', b: null })
  expect(asked).toEqual([])
  const reading = gate()
  says.read = async () => {
    await reading.wait()
    return json('old')
  }
  const [one, two] = [keys.get('session', ['c']), keys.get('session', ['d'])]
  await reading.reached
  says.ahead = (name) => (name === 'session-c.json' ? null : undefined)
  reading.pass()
  expect([await one, await two]).toEqual([{ c: null }, { d: 'old' }])
})

test('one call of set is one write, told once it is taken and its types are noted, and refused as the medium does', async () => {
  const { keys, written, asked, says } = opened()
  await keys.set({ session: { a: { x: 1 }, b: null, c: undefined }, 'pre-key': undefined } as never)
  expect(written.splice(0)).toEqual([
    [
      ['session-a.json', codec.encode({ x: 1 })],
      ['session-b.json', null],
      ['session-c.json', null],
    ],
  ])
  expect(asked).toEqual(['learn session,pre-key'])
  says.write = () => Promise.reject(new Error('no room'))
  await expect(keys.set(memory(1))).rejects.toThrow('no room')
  says.write = async () => undefined
  says.learn = () => Promise.reject(new Error('no types'))
  await expect(keys.set(memory(1))).rejects.toThrow('no types')
})

test('a clear takes every key away in one write', async () => {
  const { keys, stored, written, says } = opened({ cache: new KeyCache(codec.decode) })
  stored.set('session-a.json', json(1)).set('pre-key-1.json', json(2))
  await keys.clear?.()
  expect(written).toEqual([
    [
      ['session-a.json', null],
      ['pre-key-1.json', null],
    ],
  ])
  says.write = () => Promise.reject(new Error('no room'))
  await expect(keys.clear?.()).rejects.toThrow('no room')
})

test('with a cache a key is read once, what was written and taken not at all, and nothing of it after the fence', async () => {
  const { opening, keys, stored, asked, says } = opened({ cache: new KeyCache(codec.decode) })
  stored.set('sender-key-memory-g.json', json(1))
  const get = async () => [(await keys.get('sender-key-memory', ['g'])).g, asked.splice(0).join()]
  expect([await get(), await get()]).toEqual([
    [1, 'read sender-key-memory-g.json'],
    [1, ''],
  ])
  await keys.set(memory(2))
  asked.length = 0
  expect(await get()).toEqual([2, ''])
  says.write = () => Promise.reject(new Error('no room'))
  await Promise.allSettled([keys.set(memory(3))])
  asked.length = 0
  expect(await get()).toEqual([1, 'read sender-key-memory-g.json'])
  // One that is asked for later.
  says.read = async (name) => stored.get(name) ?? null
  await keys.get('sender-key-memory', ['h'])
  stored.set('sender-key-memory-i.json', json(4))
  expect([await keys.get('sender-key-memory', ['i']), await keys.get('sender-key-memory', ['i'])]).toEqual([
    { i: 4 },
    { i: 4 },
  ])
  expect(asked).toEqual(['read sender-key-memory-h.json', 'read sender-key-memory-i.json'])
  await opening.fence()
  asked.length = 0
  expect(await get()).toEqual([1, 'read sender-key-memory-g.json'])
})

test('what cannot be decoded is asked for again, though it is in the cache', () => {
  const { keys, stored, asked } = opened({ cache: new KeyCache(codec.decode) })
  stored.set('session-a.json', Buffer.from('{"half'))
  expect([keys.get('session', ['a']), keys.get('session', ['a'])]).toEqual([{ a: null }, { a: null }])
  expect(asked).toEqual(['read session-a.json', 'read session-a.json'])
})

test('saved creds are told of once they are durable, one after the other, and what fails then is no failure', async () => {
  const { opening, written, asked, says, creds } = opened()
  const keeping = gate()
  says.saved = () => keeping.wait()
  let ended = 0
  const saves = [1, 2].map(() => opening.saveCreds().then(() => void ended++))
  await keeping.reached
  expect([written.length, ended, asked]).toEqual([2, 0, []])
  keeping.pass()
  await Promise.all(saves)
  expect([written[0], asked]).toEqual([[['creds.json', codec.encode(creds)]], ['saved true', 'saved true']])
  says.saved = () => Promise.reject(new Error('no generation'))
  await opening.saveCreds()
  says.saved = async () => undefined
  await opening.saveCreds()
  expect(asked).toHaveLength(3)
  says.write = () => Promise.reject(new Error('no room'))
  await expect(opening.saveCreds()).rejects.toThrow('no room')
  expect(asked).toHaveLength(3)
})

test('a fence lets nothing new through, and is done once all that went before is, or was given up, and is settled', async () => {
  const { opening, keys, says, asked } = opened()
  const [writing, settling] = [gate(), gate()]
  says.write = () => writing.wait()
  says.settled = () => settling.wait()
  const set = keys.set(memory(1))
  expect(opening.live).toBe(true)
  let done = false
  const fencing = opening.fence().then(() => {
    done = true
  })
  for (const call of [() => keys.set(memory(2)), () => keys.clear?.(), () => opening.saveCreds()])
    await expect(Promise.resolve(call())).rejects.toMatchObject(fenced)
  expect([opening.live, done]).toEqual([true, false])
  writing.pass()
  await set
  await settling.reached
  expect([opening.live, done]).toEqual([false, false])
  says.busy = true
  expect(opening.live).toBe(true)
  settling.pass()
  await fencing
  expect(asked.at(-1)).toBe('settled')

  const other = opened()
  other.says.write = () => new Promise(() => undefined)
  void other.keys.set(memory(1))
  await other.opening.fence(Promise.resolve())
  expect(other.opening.live).toBe(true)
})

test('a close waits for what is under way no longer than it is given, and leaves no timer', async () => {
  vi.useFakeTimers()
  try {
    const { opening, keys, says } = opened()
    says.write = () => new Promise(() => undefined)
    void keys.set(memory(1))
    let ended = 0
    void opening.close().then(() => void ended++)
    void opening.close(100).then(() => void ended++)
    await vi.advanceTimersByTimeAsync(99)
    expect(ended).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toBe(1)
    await vi.advanceTimersByTimeAsync(4_900)
    expect(ended).toBe(2)
    await opened().opening.close()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('the keys that are stored are named as the medium does', async () => {
  const { opening, stored } = opened()
  stored.set('session-a.json', null)
  expect(await opening.keyNames()).toEqual(['session-a.json'])
})
