import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { describe, expect, test, vi } from 'vitest'
import type { BaileysSocket } from '../../../src/baileys/socket.ts'
import { link } from '../../stores/account.ts'
import { ScriptedSocket, scriptedLine } from '../scripted-line.ts'
import { storeWith } from '../stores.ts'

const lastClose = (one: Awaited<ReturnType<typeof scriptedLine>>) => one.line.status.lastClose?.cause

describe('what connect gives', () => {
  test.each<[string, (socket: BaileysSocket) => unknown, string]>([
    ['no socket', () => ({}), 'connect did not return a Baileys socket; return what makeWASocket() gives'],
    ['nothing', () => undefined, 'connect did not return a Baileys socket; return what makeWASocket() gives'],
    [
      'a socket that is closed',
      (socket) => {
        Object.assign(socket.ws, { isOpen: false, isClosed: true })
        return socket
      },
      'connect returned a socket that is closed already',
    ],
    ['an error', () => Promise.reject(new Error('no network')), 'no network'],
  ])('if it is %s is a failed connect, told and tried again', async (_, give, message) => {
    let times = 0
    const one = await scriptedLine({
      connect: (given) => {
        times += 1
        return give(new ScriptedSocket(given) as unknown as BaileysSocket) as BaileysSocket
      },
    })
    await one.line.start()
    await one.settled()
    expect(lastClose(one)).toEqual({ kind: 'connect-failed', message })
    expect(one.troubles).toEqual([`calling connect: ${message}`])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(times).toBeGreaterThan(1)
  })

  test('is given the credentials, a logger, caches and which socket it is for what', async () => {
    const one = await scriptedLine()
    await one.up()
    one.socket.close()
    await one.reconnected()
    expect(one.sockets.map(({ given }) => [given.generation, given.purpose])).toEqual([
      [1, 'account'],
      [2, 'account'],
    ])
    const { given } = one.socket
    expect(given.auth.creds.me?.id).toBe('491700000001:7@s.whatsapp.net')
    expect(given.caches).toBe(one.sockets[0]?.given.caches)
    expect(await given.getMessage({ id: 'unknown', remoteJid: '4915@s.whatsapp.net' })).toBeUndefined()
    await one.line.relink()
    await one.dialled(2)
    expect(one.socket.given).toMatchObject({ purpose: 'pairing' })
    expect(one.socket.given.auth.creds.me).toBeUndefined()
  })

  test('if it comes after the end is ended at once, and nobody hears of it', async () => {
    let give: (socket: BaileysSocket) => void = () => undefined
    let late: ScriptedSocket | undefined
    const one = await scriptedLine({
      connect: (given) => {
        late = new ScriptedSocket(given)
        return new Promise((resolve) => {
          give = resolve
        })
      },
    })
    await one.line.start()
    await one.settled()
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(5_000)
    await stopping
    give(late as unknown as BaileysSocket)
    await one.settled()
    expect([late?.asked, one.live, one.state]).toEqual([['end'], [], 'stopped'])
    late?.open()
    await one.settled()
    expect([one.state, one.line.socket]).toEqual(['stopped', undefined])
  })
})

describe('the lists of devices of a socket', () => {
  const cacheOf = (keeps: boolean) => {
    const kept = new Map<string, unknown>()
    const asked: string[] = []
    return {
      asked,
      get: async (key: string) => kept.get(key),
      set: async (key: string, value: unknown) => {
        asked.push('set')
        if (keeps) kept.set(key, value)
      },
      mset: async (entries: readonly { key: string; value: unknown }[]) => {
        asked.push('mset')
        if (keeps) for (const { key, value } of entries) kept.set(key, value)
      },
      mget: async (keys: readonly string[]) =>
        Object.fromEntries(keys.flatMap((key) => (kept.has(key) ? [[key, kept.get(key)]] : []))),
      del: async (key: string) => void kept.delete(key),
    }
  }

  test.each<[string, unknown, readonly RegExp[]]>([
    [
      'that keep nothing are told of, once for the account',
      cacheOf(false),
      [/^looking at the userDevicesCache of connect: it keeps/],
    ],
    ['that keep what they are given are well', cacheOf(true), []],
    ['that are none are not looked at', null, []],
    ['that are something else are not looked at', 'redis', []],
  ])('%s', async (_, userDevicesCache, troubles) => {
    const one = await scriptedLine({
      connect: (given) => {
        const socket = Object.assign(new ScriptedSocket(given), { userDevicesCache })
        one.sockets.push(socket)
        return socket as unknown as BaileysSocket
      },
    })
    await one.up()
    one.socket.close()
    await one.reconnected()
    expect(one.allTroubles.filter((said) => said.includes('userDevicesCache'))).toEqual(
      troubles.map((words) => expect.stringMatching(words)),
    )
  })

  test('that are our own are not looked at', async () => {
    const set = vi.fn()
    const one = await scriptedLine({
      connect: (given) => {
        const { userDevicesCache: own } = given.caches
        for (const name of ['set', 'mset'] as const) if (Reflect.has(own, name)) Object.assign(own, { [name]: set })
        const socket = Object.assign(new ScriptedSocket(given), { userDevicesCache: own })
        one.sockets.push(socket)
        return socket as unknown as BaileysSocket
      },
    })
    await one.up()
    expect(set).not.toHaveBeenCalled()
  })
})

describe('a connection', () => {
  test('that is refused for its version says which one it was', async () => {
    const one = await scriptedLine()
    await one.line.start()
    await one.settled()
    Object.assign(one.socket.ws, { config: { version: [2, 3000, 1] } })
    one.socket.close(405, 'Connection Failure')
    await one.settled()
    expect(lastClose(one)).toMatchObject({ kind: 'outdated' })
    expect(lastClose(one)?.detail).toMatch(/^2\.3000\.1/)
  })

  test.each([
    ['is unknown', undefined],
    ['is none', { version: [2, 3000] }],
    ['has no numbers', { version: ['2', '3000', '1'] }],
  ])('that is refused for a version that %s says nothing of it', async (_, config) => {
    const one = await scriptedLine()
    await one.line.start()
    await one.settled()
    Object.assign(one.socket.ws, { config })
    one.socket.close(405, 'Connection Failure')
    await one.settled()
    expect(lastClose(one)).toMatchObject({ kind: 'outdated' })
    expect(lastClose(one)?.detail).toBeUndefined()
  })

  test('that closes is told to those who listen to the account, and its late events are told to nobody', async () => {
    const one = await scriptedLine()
    const heard: unknown[] = []
    one.line.ev.on('connection.update', ({ connection }) => heard.push(connection))
    await one.up()
    const { socket } = one
    socket.close()
    await one.settled()
    socket.update({ connection: 'open' })
    await one.settled()
    expect(heard.filter(Boolean)).toEqual(['open', 'close', 'open'].slice(0, heard.filter(Boolean).length))
    expect([one.state, one.line.socket]).toEqual(['reconnecting', undefined])
  })

  test('whose credentials change has them saved', async () => {
    const one = await scriptedLine()
    await one.up()
    Object.assign(one.socket.given.auth.creds, { nextPreKeyId: 4_711 })
    one.socket.ev.emit('creds.update', {})
    await one.settled()
    expect(await one.store.inspect({ depth: 'creds' })).toMatchObject({ creds: { value: { nextPreKeyId: 4_711 } } })
  })

  test("of a pairing is nobody's to send with, and leads to the account once it was scanned", async () => {
    const one = await scriptedLine({ linked: false })
    await one.line.start()
    await one.settled()
    one.socket.update({ qr: 'code' })
    await one.settled()
    link(one.socket.given.auth.creds as AuthenticationCreds, '4917')
    one.socket.ev.emit('creds.update', {})
    one.socket.update({ isNewLogin: true })
    one.socket.close(515, 'Stream Errored (restart required)')
    await one.dialled(1)
    one.socket.open()
    await one.dialled(2)
    expect(one.live).toEqual([])
    expect(one.sockets.map(({ given }) => given.purpose)).toEqual(['pairing', 'pairing', 'account'])
    one.socket.open()
    await one.settled()
    expect(one.line.status).toMatchObject({
      state: 'healthy',
      self: { id: '4917:7@s.whatsapp.net', name: 'Gateway' },
    })
    expect(one.live).toEqual([one.socket])
    expect(one.notices.map(({ kind }) => kind)).toContain('relinked')
  })

  test('of an account that another owner took is shut off at once, and asked of the store which it is', async () => {
    let lose: () => void = () => undefined
    const one = await scriptedLine({
      store: (store) =>
        storeWith(store, {
          onLost: (listener) => {
            lose = listener
            return () => undefined
          },
          owned: async () => false,
          acquire: async () => store.acquire(),
        }),
    })
    await one.line.start()
    await one.settled()
    one.sockets.at(-1)?.open()
    await one.settled()
    lose()
    await one.settled()
    expect(one.state).not.toBe('healthy')
  })
})

describe('a link that is open', () => {
  const quiet = { liveness: { silenceMs: 20_000, probeTimeoutMs: 5_000 } }

  test('and silent is asked whether it is there, and lost if no answer comes', async () => {
    const one = await scriptedLine({ policy: quiet })
    await one.up()
    one.socket.sendNode = () => new Promise(() => undefined)
    one.socket.answer = () => new Promise(() => undefined)
    await vi.advanceTimersByTimeAsync(41_000)
    expect(one.path).toContain('reconnecting')
    expect(one.statuses.some(({ lastClose: close }) => close?.cause.kind === 'deaf')).toBe(true)
  })

  test('is lost when the machine slept, since nobody knows what became of it', async () => {
    const one = await scriptedLine({ policy: quiet })
    await one.up()
    vi.setSystemTime(Date.now() + 3_600_000)
    await vi.advanceTimersByTimeAsync(10_000)
    const slept = one.statuses.find(({ lastClose: close }) => close?.cause.kind === 'slept')
    expect(slept?.lastClose?.cause.message).toMatch(/^the clock jumped ahead by 36\d\d s$/)
  })

  test('and where no message comes or goes for as long as the owner expects one is lost', async () => {
    const one = await scriptedLine({ policy: { liveness: { expectTrafficEveryMs: 600_000 } } })
    await one.up()
    await vi.advanceTimersByTimeAsync(590_000)
    expect(one.state).toBe('healthy')
    await vi.advanceTimersByTimeAsync(40_000)
    expect(one.statuses.some(({ lastClose: close }) => close?.cause.kind === 'quiet')).toBe(true)
  })

  const kinds = (one: Awaited<ReturnType<typeof scriptedLine>>) =>
    new Set(one.statuses.flatMap(({ lastClose: close }) => (close === undefined ? [] : [close.cause.kind])))

  test('is found silent or quiet although the wall clock was set back', async () => {
    const policy = { liveness: { ...quiet.liveness, expectTrafficEveryMs: 600_000 } }
    const silent = await scriptedLine({ policy })
    await silent.up()
    vi.setSystemTime(Date.now() - 3_600_000)
    silent.socket.sendNode = () => new Promise(() => undefined)
    await vi.advanceTimersByTimeAsync(41_000)
    expect(kinds(silent)).toEqual(new Set(['deaf']))
  })

  test('is found quiet although the wall clock was set back', async () => {
    const one = await scriptedLine({ policy: { liveness: { expectTrafficEveryMs: 600_000 } } })
    await one.up()
    vi.setSystemTime(Date.now() - 3_600_000)
    await vi.advanceTimersByTimeAsync(631_000)
    expect(kinds(one)).toEqual(new Set(['quiet']))
  })

  test('is not taken for dead by a wall clock that goes a little ahead, and is asked once at a time', async () => {
    const one = await scriptedLine({ policy: { liveness: { ...quiet.liveness, probeTimeoutMs: 60_000 } } })
    await one.up()
    let pings = 0
    one.socket.sendNode = async () => {
      pings += 1
    }
    vi.setSystemTime(Date.now() + 59_000)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([one.state, pings]).toEqual(['healthy', 1])
    one.socket.ws.emit('TAG:tag', {})
    one.socket.ws.emit('message', {})
    await vi.advanceTimersByTimeAsync(19_000)
    expect(pings).toBe(1)
    await vi.advanceTimersByTimeAsync(11_000)
    expect(pings).toBe(2)
  })

  test('that was lost is watched no more', async () => {
    const one = await scriptedLine({ policy: quiet })
    await one.up()
    const { socket } = one
    socket.close(503)
    await one.settled()
    expect(socket.ws.listenerCount('message')).toBe(0)
    expect(socket.ev.listenerCount('creds.update')).toBe(0)
    await one.reconnected()
    expect([one.state, one.socket === socket]).toEqual(['healthy', false])
  })

  test('of an account that another owner took is left', async () => {
    let isOurs = true
    const one = await scriptedLine({ policy: quiet, store: (store) => storeWith(store, { owned: async () => isOurs }) })
    await one.up()
    isOurs = false
    await vi.advanceTimersByTimeAsync(11_000)
    expect(one.path.at(-1)).not.toBe('healthy')
    expect(one.socket.asked).toContain('end')
  })
})
