import { Boom } from '@hapi/boom'
import { describe, expect, test } from 'vitest'
import { EndOrder, endOrderOf } from '../../src/drop-in/end-order.ts'
import { FolderKeys } from '../../src/drop-in/folder-keys.ts'
import { checkSuperviseOptions } from '../../src/drop-in/line-options.ts'

describe('the keys of a folder', () => {
  const made = () => {
    const asked: unknown[] = []
    const keysOf = (name: string) => ({
      get: async (...args: unknown[]) => {
        asked.push([name, 'get', ...args])
        return { of: name }
      },
      set: async (data: unknown) => void asked.push([name, 'set', data]),
      clear: async () => void asked.push([name, 'clear']),
    })
    let open: object | undefined
    const keys = new FolderKeys({
      open: () => open,
      stored: async () => keysOf('stored') as never,
      owned: async (step) => {
        asked.push('owned')
        await step(keysOf('owned'))
        asked.push('given back')
      },
    })
    const supervise = (name: string | undefined) => {
      open = name === undefined ? undefined : keysOf(name)
    }
    return { keys, asked, supervise, keysOf }
  }

  test('are those of the supervision while there is one, and of the folder as it lies there before and after', async () => {
    const { keys, asked, supervise } = made()
    const data = { session: { x: null } }
    expect(await keys.get('session', ['x'])).toEqual({ of: 'stored' })
    await keys.set(data)
    await keys.clear()
    supervise('open')
    // Gateways spread what holds them.
    const { get, set } = { ...keys }
    expect(await get('session', ['y'])).toEqual({ of: 'open' })
    await set(data)
    await keys.clear()
    supervise(undefined)
    expect(await keys.cached.get('session', ['z'])).toEqual({ of: 'stored' })
    expect(asked).toEqual([
      ['stored', 'get', 'session', ['x']],
      ...['owned', ['owned', 'set', data], 'given back'],
      ...['owned', ['owned', 'clear'], 'given back'],
      ['open', 'get', 'session', ['y']],
      ['open', 'set', data],
      ['open', 'clear'],
      ['stored', 'get', 'session', ['z']],
    ])
  })

  test('are written when the call resolves, by the supervision as by whoever owns the folder for that', async () => {
    const done: string[] = []
    const later = { set: () => new Promise((resolve) => setImmediate(resolve)).then(() => done.push('set')) }
    for (const open of [later, undefined]) {
      const keys = new FolderKeys({
        open: () => open,
        stored: async () => later as never,
        owned: (step) => step(later),
      })
      await keys.set({})
      expect(done.splice(0)).toEqual(['set'])
    }
  })

  test('are given to a socket as its own, with a cache of its own where the gateway wanted one', () => {
    const { keys, keysOf } = made()
    const own = keysOf('own')
    const wrapped: unknown[] = []
    const baileys = {
      makeCacheableSignalKeyStore: (...args: unknown[]) => {
        wrapped.push(args[0])
        return { cached: args[0] }
      },
    } as never
    const given = (value: unknown) => keys.forSocket(baileys, value, own, {} as never)
    expect(given(keys)).toBe(own)
    expect(given({ get: keys.get, set: keys.set })).toBe(own)
    expect(wrapped).toEqual([])
    for (const other of [
      keys.cached,
      { get: keys.get, set: async () => undefined },
      { get: async () => ({}), set: keys.set },
      null,
      undefined,
    ])
      expect(given(other)).toEqual({ cached: own })
    expect(wrapped).toEqual([own, own, own, own, own])
  })
})

describe('when a Baileys tells the close', () => {
  test('is told by the kind of its end(), until one has ended', async () => {
    const order = new EndOrder()
    expect(order.later).toBe(false)
    order.follow({ end: async () => undefined } as never)
    expect(order.later).toBe(true)
    const plain = { end: (error: unknown) => error as never }
    order.follow(plain as never)
    expect(order.later).toBe(false)
    const error = new Boom('x')
    expect(plain.end(error)).toBe(error)
    expect(order.later).toBe(false)
    const waits = { end: () => Promise.resolve('ended') }
    order.follow(waits as never)
    expect(await waits.end()).toBe('ended')
    expect(order.later).toBe(true)
    // What was seen counts more than the kind of the function.
    order.follow(plain as never)
    expect(order.later).toBe(true)
  })

  test('is one for each Baileys', () => {
    const [six, seven] = [{ makeWASocket: () => undefined }, { makeWASocket: () => undefined }] as never[]
    expect(endOrderOf(six as never)).toBe(endOrderOf(six as never))
    expect(endOrderOf(six as never)).not.toBe(endOrderOf(seven as never))
  })
})

describe('the options of a supervision', () => {
  test('are those of a line, with codes for as long as the gateway runs, unless it says otherwise', () => {
    expect(checkSuperviseOptions()).toMatchObject({
      ...{ waitMs: 60_000, lockedMs: 5_000, retryMs: 30_000 },
      line: { policy: { pairing: { windows: 1_000_000 } } },
    })
    const policy = { pairing: { windows: 2 }, reconnect: { maxMs: 40_000, closeTimeoutMs: 7_000 } }
    const found = checkSuperviseOptions({ waitMs: 5, mode: 'observe', policy })
    expect(found).toEqual({ waitMs: 5, lockedMs: 7_000, retryMs: 40_000, line: { mode: 'observe', policy } })
  })

  test.each([
    [{ waitMs: -1 }, 'waitMs'],
    [{ waitMs: 2_147_483_648 }, 'waitMs'],
    [{ auth: 'x' }, 'auth'],
    [{ mode: 'watch' }, 'mode'],
    [{ policy: 7 }, 'policy'],
    [{ policy: { reconnect: { initialMs: 'x' } } }, 'policy.reconnect.initialMs'],
  ])('are refused by the path of what is wrong: %j', (options, path) => {
    expect(() => checkSuperviseOptions(options as never)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining(path) }),
    )
  })
})
