import { existsSync } from 'node:fs'
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import { describe, expect, test, vi } from 'vitest'
import { Folders, folders, nameOf } from '../../src/drop-in/folders.ts'
import { baileysIn, lacks } from '../../src/drop-in/namespace.ts'
import { supervise, superviseWith } from '../../src/drop-in/supervise.ts'
import { lines } from '../line/world.ts'
import { silentLogger } from '../silent-logger.ts'
import { freshFolder } from '../stores/account.ts'

describe('the folders of a process', () => {
  const made = () => {
    const all = new Folders()
    const opened: string[] = []
    const baileys = superviseWith(v7, {}, { folders: all, onOpened: (path) => opened.push(path), say: () => undefined })
    return { all, opened, baileys }
  }

  test('are known by their real path, made where they are missing, and told of once each', async () => {
    const { all, opened, baileys } = made()
    const changed = vi.fn()
    const off = all.on('change', changed)
    const folder = join(await freshFolder(), 'deep')
    const { state } = await baileys.useMultiFileAuthState(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    const link = await freshFolder()
    await symlink(folder, link)
    const again = await baileys.useMultiFileAuthState(link)
    expect([again.state.creds === state.creds, changed.mock.calls.length, opened]).toEqual([true, 1, [folder, folder]])
    off()
    await baileys.useMultiFileAuthState(await freshFolder())
    expect([changed.mock.calls.length, all.lines().length]).toEqual([1, 2])
    const file = await freshFolder()
    await writeFile(file, '')
    const refused = [baileys, v7].map((one) => one.useMultiFileAuthState(file).catch(({ message }: Error) => message))
    expect(new Set(await Promise.all(refused)).size).toBe(1)
  })

  test('are named even at the root of a disk, and where every name is taken', () => {
    expect(nameOf('/', new Set())).toBe('/')
    expect(nameOf('/a/b', new Set(['b', 'a/b']))).toBe('a/b')
  })

  test('are named by the last part of their path, and by as much more as tells them apart', async () => {
    const { all, baileys } = made()
    const place = await freshFolder()
    const other = await freshFolder()
    const long = join(place, ...Array(3).fill('x'.repeat(90)))
    for (const path of [
      join(place, 'auth'),
      join(place, 'b', 'auth'),
      join(other, 'b', 'auth'),
      join(place, 'c'),
      long,
    ])
      await baileys.useMultiFileAuthState(path)
    const [, , third] = all.lines().map(({ account }) => account)
    expect(third).toBe(`${basename(other)}/b/auth`)
    expect(all.lines().map(({ account }) => account)).toEqual(['auth', 'b/auth', third, 'c', 'x'.repeat(90)])
    await baileys.useMultiFileAuthState(dirname(long))
    const last = all.lines().at(-1)?.account ?? ''
    expect([last.length <= 200, last.endsWith(`/${'x'.repeat(90)}`)]).toEqual([true, true])
  })

  test('are found by their creds, by a copy of these, or by their keys, and by nothing else', async () => {
    const { all, baileys } = made()
    const { state } = await baileys.useMultiFileAuthState(await freshFolder())
    const folder = all.of({ creds: state.creds })
    expect(folder?.line.account).toBe('account')
    const cached = baileys.makeCacheableSignalKeyStore(state.keys, silentLogger as never)
    const finds = [{ creds: { ...state.creds } }, { keys: state.keys }, { keys: cached }, { creds: 'x', keys: cached }]
    for (const auth of finds) expect(all.of(auth)).toBe(folder)
    const mark = Object.getOwnPropertySymbols({ ...state.creds })[0] ?? Symbol('none')
    const strangers = [undefined, {}, { creds: null }, { creds: 'x', keys: 'y' }, { keys: { ...state.keys } }]
    for (const auth of [...strangers, { creds: { [mark]: 1 } }, { creds: { [mark]: '/elsewhere' } }])
      expect(all.of(auth)).toBeUndefined()
  })

  test('are the same for every copy of this package, unless others are given', () => {
    expect(folders()).toBe(folders())
    expect(Object.keys(globalThis)).not.toContain('baileys-lifeline.folders')
    expect(Reflect.get(globalThis, Symbol.for('baileys-lifeline.folders'))).toBe(folders())
  })
})

describe('a Baileys in whose place a supervised one stands', () => {
  const warned = () => {
    const warn = vi.fn()
    return { warn, logger: { ...silentLogger, warn } }
  }
  const notOurs = expect.stringContaining('the credentials of this socket do not come from useMultiFileAuthState')

  test('makes the sockets whose credentials are not its own, which is said once', () => {
    const [own, theirs] = [warned(), warned()]
    const make = vi.fn(() => 'a socket' as never)
    const given = { ...v7, makeWASocket: make, default: make, DEFAULT_CONNECTION_CONFIG: { logger: theirs.logger } }
    const supervised = superviseWith(given as unknown as typeof v7, {}, { folders: new Folders() })
    const config = { auth: { creds: {}, keys: {} }, logger: own.logger } as never
    expect([supervised.makeWASocket(config), supervised.default(config)]).toEqual(['a socket', 'a socket'])
    expect(make.mock.calls).toEqual([[config], [config]])
    expect([own.warn.mock.calls, theirs.warn.mock.calls]).toEqual([[[{}, notOurs]], []])
    const again = superviseWith(given as unknown as typeof v7, {}, { folders: new Folders() })
    expect(again.makeWASocket(undefined as never)).toBe('a socket')
    expect(theirs.warn.mock.calls).toEqual([[{}, notOurs]])
    expect(supervised.jidDecode).toBe(v7.jidDecode)
  })

  test('caches keys that are not its own as Baileys does, and its own not twice', async () => {
    const cacheable = vi.fn((..._: unknown[]) => 'cached' as never)
    const all = new Folders()
    const supervised = superviseWith({ ...v7, makeCacheableSignalKeyStore: cacheable }, {}, { folders: all })
    const args = [{ get: () => ({}), set: () => undefined }, silentLogger, { a: 'cache' }] as never[]
    expect(Reflect.apply(supervised.makeCacheableSignalKeyStore, undefined, args)).toBe('cached')
    expect(cacheable.mock.calls).toEqual([args])
    const { state } = await supervised.useMultiFileAuthState(await freshFolder())
    expect(supervised.makeCacheableSignalKeyStore(state.keys as never)).toBe(all.of(state)?.keys.cached)
    expect(cacheable).toHaveBeenCalledOnce()
  })

  test('says what goes wrong to the logger of the options, else to Baileys’ own', async () => {
    const said = async (options: object, logger: object | undefined) => {
      const folder = await freshFolder()
      await mkdir(folder)
      const all = new Folders()
      const config = logger === undefined ? undefined : { logger }
      const given = { ...v7, DEFAULT_CONNECTION_CONFIG: config } as unknown as typeof v7
      const baileys = superviseWith(given, options, { folders: all })
      const { state } = await baileys.useMultiFileAuthState(folder)
      await writeFile(join(folder, '.lifeline'), 'in the way')
      const sock = baileys.makeWASocket({ auth: state })
      await expect(sock.waitForSocketOpen()).rejects.toThrow('Connection Closed')
      await sock.end(undefined)
    }
    const [own, theirs] = [warned(), warned()]
    await said({ logger: own.logger }, theirs.logger)
    const words = [{}, expect.stringMatching(/^lifeline: .* cannot be supervised: /)]
    expect([own.warn.mock.calls, theirs.warn.mock.calls]).toEqual([[words], []])
    await said({}, theirs.logger)
    expect(theirs.warn.mock.calls).toContainEqual(words)
    await said({}, undefined)
  })

  test.each(lines)('is $name, by what it has', ({ baileys }) => {
    expect(lacks(baileys)).toEqual([])
    expect(baileysIn(baileys).makeWASocket).toBe(baileys.makeWASocket)
    const { makeWASocket, ...others } = baileys
    expect(baileysIn(others).makeWASocket).toBe(baileys.default)
    const { default: _, ...bare } = others
    expect(() => baileysIn(bare)).toThrow(
      expect.objectContaining({ code: 'BAILEYS_UNKNOWN', message: expect.stringContaining('it has no makeWASocket.') }),
    )
    const proto = () => undefined
    expect([
      lacks({ ...baileys, proto }),
      lacks({ ...baileys, proto: 1 }),
      lacks({ ...baileys, BufferJSON: proto }),
    ]).toEqual([...[[], ['proto'], ['BufferJSON']]])
    expect(lacks({ makeWASocket })).toEqual([
      ...['useMultiFileAuthState', 'makeCacheableSignalKeyStore', 'makeEventBuffer', 'initAuthCreds'],
      ...['bindWaitForConnectionUpdate', 'BufferJSON', 'proto'],
    ])
  })

  test('is no other thing', async () => {
    for (const other of [null, 'baileys', undefined])
      expect(() => supervise(other as never)).toThrow(expect.objectContaining({ code: 'BAILEYS_UNKNOWN' }))
    const folder = await freshFolder()
    expect(() => supervise({})).toThrow(/it has no makeWASocket, useMultiFileAuthState/)
    expect(existsSync(folder)).toBe(false)
  })
})
