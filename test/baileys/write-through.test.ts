import { EventEmitter } from 'node:events'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { writeThrough } from '../../src/baileys/write-through.ts'
import { closedPort } from './lines.ts'
import { baileysLines, MemoryKeys, party, turnsOfTheLoop } from './party.ts'

const [, v6] = baileysLines
let url: string
const ends: (() => unknown)[] = []
beforeAll(async () => {
  url = await closedPort()
})
afterAll(() => Promise.all(ends.map((end) => end())))

/** The keys of a real socket of Baileys 6, over a store in memory, on a connection that the test opens and closes. */
function keysOf(through: boolean, store = new MemoryKeys()) {
  const { socket, creds } = party(v6.baileys, url, store)
  Object.assign(socket.authState, { creds })
  ends.push(() => socket.end(undefined))
  const ws = Object.assign(new EventEmitter(), { isOpen: true, isClosed: false })
  const { keys } = socket.authState
  if (through) writeThrough({ authState: Object.assign({ keys }, { creds }), ws })
  const transaction = <T>(work: () => Promise<T>) => keys.transaction?.(work, 'me') ?? work()
  return { keys, creds, transaction, store, ws }
}

/** The ids of the pre-keys that are taken at once for three contacts, each as Baileys takes one with a question. */
async function takenAtOnce({ keys, creds }: ReturnType<typeof keysOf>): Promise<readonly string[]> {
  const take = async () => {
    const { update, preKeys } = await v6.baileys.getNextPreKeys({ creds, keys: keys as never }, 1)
    Object.assign(creds, update)
    return Object.entries(preKeys).map(([id, { private: secret }]) => `${id} ${Buffer.from(secret).toString('hex')}`)
  }
  const taken = (await Promise.all([take(), take(), take()])).flat()
  return [...new Set(taken)].map((one) => one.split(' ')[0] ?? '')
}

test('three contacts who are asked at once are given three pre-keys; Baileys 6 alone gives them one id', async () => {
  const through = keysOf(true)
  expect(await takenAtOnce(through)).toEqual(['1', '2', '3'])
  expect([through.creds.nextPreKeyId, through.creds.firstUnuploadedPreKeyId]).toEqual([4, 4])
  const alone = await takenAtOnce(keysOf(false))
  expect(new Set(alone).size).toBe(1)

  // Those that are not uploaded yet come first; a supply for the server counts only when the server has it.
  const stocked = keysOf(true)
  Object.assign(stocked.creds, { nextPreKeyId: 3 })
  const pair = v6.baileys.Curve.generateKeyPair()
  await stocked.keys.set({ 'pre-key': { 1: pair, 2: pair } })
  expect([stocked.creds.nextPreKeyId, stocked.creds.firstUnuploadedPreKeyId]).toEqual([3, 1])
  const { preKeys } = await v6.baileys.getNextPreKeys({ creds: stocked.creds, keys: stocked.keys as never }, 1)
  expect([Object.keys(preKeys), stocked.creds.firstUnuploadedPreKeyId]).toEqual([['1'], 2])
  await stocked.keys.set({ 'pre-key': { 2: null } })
  expect(stocked.creds.firstUnuploadedPreKeyId).toBe(2)
  for (const [next, first, given] of [
    [5, 2, 3],
    [5, 2, 1],
    [3, 4, 4],
  ] as const) {
    Object.assign(stocked.creds, { nextPreKeyId: next, firstUnuploadedPreKeyId: first })
    await stocked.keys.set({ 'pre-key': { [given]: pair } })
    expect([stocked.creds.nextPreKeyId, stocked.creds.firstUnuploadedPreKeyId]).toEqual([next, first])
  }
})

/** Two transactions, of which the second sets something while what the first has set is being stored. */
async function beside({ keys, transaction, store }: ReturnType<typeof keysOf>) {
  store.before = () => turnsOfTheLoop(5)
  const first = transaction(async () => void (await keys.set({ tctoken: { one: 1 } })))
  await turnsOfTheLoop(2)
  const second = transaction(async () => void (await keys.set({ tctoken: { two: 2 } })))
  await Promise.all([first, second])
  return [store.stored.get('tctoken one'), store.stored.get('tctoken two')]
}

test('what is set while another transaction is stored stays; Baileys 6 alone drops it', async () => {
  expect(await beside(keysOf(true))).toEqual([1, 2])
  expect(await beside(keysOf(false))).toEqual([1, undefined])
})

describe('within a transaction', () => {
  test('nothing is read twice, what was written is read at once, and what is gone stays gone', async () => {
    const { keys, transaction, store } = keysOf(true)
    store.stored.set('tctoken old', 'old')
    const get = vi.spyOn(store, 'get')
    await transaction(async () => {
      expect(await keys.get('tctoken', ['old', 'none'])).toEqual({ old: 'old' })
      expect(await keys.get('tctoken', ['old', 'none'])).toEqual({ old: 'old' })
      void keys.set({ tctoken: { none: 'new', old: null } })
      expect(await keys.get('tctoken', ['old', 'none'])).toEqual({ none: 'new' })
      expect(keys.isInTransaction?.()).toBe(true)
    })
    expect(get).toHaveBeenCalledTimes(1)
    expect(keys.isInTransaction?.()).toBe(false)
    store.stored.set('tctoken old', 'by another hand')
    expect(await keys.get('tctoken', ['old'])).toEqual({ old: 'by another hand' })
    store.stored.set('tctoken old', 'once more')
    expect(await keys.get('tctoken', ['old'])).toEqual({ old: 'once more' })
  })

  test('a read that outlasts it leaves nothing for the next one, and one that is overtaken by a write is not remembered', async () => {
    const { keys, transaction, store } = keysOf(true)
    store.stored.set('tctoken a', 'before')
    let late: Promise<unknown> = Promise.resolve()
    await transaction(async () => {
      late = Promise.resolve(keys.get('tctoken', ['a']))
    })
    await transaction(async () => {
      await late
      store.stored.set('tctoken a', 'after')
      expect(await keys.get('tctoken', ['a'])).toEqual({ a: 'after' })
      const read = keys.get('tctoken', ['b'])
      await keys.set({ tctoken: { b: 'written meanwhile' } })
      await read
      expect(await keys.get('tctoken', ['b'])).toEqual({ b: 'written meanwhile' })
    })
  })
})

describe('a write that fails', () => {
  const failing = (times: number) => {
    const made = keysOf(true)
    let left = times
    let tries = 0
    made.store.before = async () => {
      tries += 1
      left -= 1
      if (left >= 0) throw new Error('no space left')
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    return { ...made, tries: () => tries }
  }

  test('is tried again after 3 s, and resolves when it is stored', async () => {
    const { keys, store, tries } = failing(2)
    const written = Promise.resolve(keys.set({ tctoken: { a: 1 } }))
    await vi.advanceTimersByTimeAsync(2_999)
    expect(tries()).toBe(1)
    await vi.advanceTimersByTimeAsync(3_001)
    await written
    expect([tries(), store.stored.get('tctoken a')]).toEqual([3, 1])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is given up after ten tries with the error of the store, and nothing of it is read back', async () => {
    const { keys, transaction, tries } = failing(100)
    const ended = transaction(async () => {
      const written = Promise.resolve(keys.set({ tctoken: { a: 1 } })).catch(String)
      await vi.advanceTimersByTimeAsync(27_000)
      expect(await written).toBe('Error: no space left')
      expect(await keys.get('tctoken', ['a'])).toEqual({})
    })
    await vi.advanceTimersByTimeAsync(27_000)
    await ended
    expect(tries()).toBe(10)
  })

  test('is given up when the connection ends, and no timer or listener is left', async () => {
    const { keys, ws, tries } = failing(100)
    const written = Promise.resolve(keys.set({ tctoken: { a: 1 } })).catch(String)
    await vi.advanceTimersByTimeAsync(1)
    ws.isOpen = false
    ws.emit('close')
    expect(await written).toBe('Error: no space left')
    expect([tries(), vi.getTimerCount(), ws.listenerCount('close')]).toEqual([1, 0, 0])
    expect(await Promise.resolve(keys.set({ tctoken: { a: 1 } })).catch(String)).toBe('Error: no space left')
    expect([tries(), vi.getTimerCount()]).toEqual([2, 0])
  })
})
