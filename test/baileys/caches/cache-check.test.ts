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

test('one that takes its time may, and one that fails keeps nothing', async () => {
  const { get, set, del } = simple()
  expect(
    await keepsDevices({
      get: async (key: string) => get(key),
      set: async (key: string, value: unknown) => set(key, value),
      del,
    }),
  ).toBe(true)
  const fails = () => {
    throw new Error('the cache is not there')
  }
  expect(await keepsDevices({ get: fails, set: fails, del: fails })).toBe(false)
  expect(await keepsDevices({})).toBe(false)
})
