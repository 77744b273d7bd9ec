import NodeCache from 'node-cache'
import { expect, test } from 'vitest'
import { AccountCaches } from '../../../src/baileys/caches/account-caches.ts'
import { keepsDevices } from '../../../src/baileys/caches/cache-check.ts'

/** What Baileys calls, on a Map. */
const simple = () => {
  const map = new Map<string, unknown>()
  return {
    map,
    get: (key: string) => map.get(key),
    set: (key: string, value: unknown) => void map.set(key, value),
    del: (key: string) => void map.delete(key),
  }
}

test('node-cache keeps nothing of what version 7 hands it', async () => {
  expect(await keepsDevices(new NodeCache())).toBe(false)
})

test('what keeps its values is left without a trace', async () => {
  const cache = simple()
  expect(await keepsDevices(cache)).toBe(true)
  expect([...cache.map.keys()]).toEqual([])
  expect(await keepsDevices(new AccountCaches().forSocket.userDevicesCache)).toBe(true)
})

test('one that takes several at once is asked as Baileys asks it, whatever else it has', async () => {
  const { map, get, set, del } = simple()
  const mset = (entries: { key: string; value: unknown }[]) => {
    for (const { key, value } of entries) set(key, value)
  }
  const mget = (keys: string[]) => Object.fromEntries(keys.map((key) => [key, get(key)]))
  const none = () => undefined
  expect(await keepsDevices({ mset, mget, del })).toBe(true)
  expect(await keepsDevices({ mset, mget, del, get: none, set: none })).toBe(true)
  expect(await keepsDevices({ mset: none, mget, del, get, set })).toBe(false)
  expect(await keepsDevices({ mset, mget: none, del, get, set })).toBe(false)
  expect(await keepsDevices({ mset, mget: () => ({ lifeline: 'text' }), del })).toBe(false)
  expect([...map.keys()]).toEqual([])
})

test('one that takes its time may, and one that fails keeps nothing', async () => {
  const { map, get, set, del } = simple()
  const later = async <T>(step: () => T, turns = 5): Promise<T> => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
    return step()
  }
  expect(
    await keepsDevices({
      get: (key: string) => later(() => get(key)),
      set: (key: string, value: unknown) => later(() => set(key, value), 10),
      del: (key: string) => later(() => del(key)),
    }),
  ).toBe(true)
  expect(map.size).toBe(0)
  const fails = () => {
    throw new Error('the cache is not there')
  }
  expect(await keepsDevices({ get: fails, set: fails, del: fails })).toBe(false)
  expect(await keepsDevices({})).toBe(false)
})
