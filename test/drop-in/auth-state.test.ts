import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type * as v7 from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { Folders } from '../../src/drop-in/folders.ts'
import { superviseWith } from '../../src/drop-in/supervise.ts'
import { filesStanding } from '../../src/rehearsal/demo/standing.ts'
import { fileAuthStore } from '../../src/stores/folder/file-store.ts'
import { digest } from '../line/gateway.ts'
import { lines } from '../line/world.ts'
import { Bots } from './bots.ts'

const credsIn = (folder: string) => readFile(join(folder, 'creds.json'), 'utf8')

describe.each(lines)('useMultiFileAuthState of a supervised Baileys, $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)
  const { BufferJSON } = baileys
  const asJson = (creds: v7.AuthenticationCreds) => digest(JSON.stringify(creds, BufferJSON.replacer))

  test('shows the stored creds before a socket is there, and the live ones afterwards, as one object', async () => {
    const folder = await bots.world.linkedFolder()
    const bot = bots.bot()
    const { state } = await bot.auth(folder)
    const { state: plain } = await baileys.useMultiFileAuthState(folder)
    const { creds } = state
    expect(Object.keys(creds)).toEqual(Object.keys(plain.creds))
    expect(asJson(creds)).toBe(asJson(plain.creds))
    expect('me' in creds).toBe(true)
    expect(Object.getOwnPropertyDescriptor(creds, 'me')).toMatchObject({ value: plain.creds.me, enumerable: true })
    expect(asJson({ ...creds })).toBe(asJson(plain.creds))
    expect(await state.keys.get('session', ['nobody'])).toEqual(await plain.keys.get('session', ['nobody']))

    const gateway = await bot.up(folder)
    expect(gateway.state.creds).toBe(creds)
    expect(gateway.sock.authState.creds).toBe(creds)
    // Another program of the gateway's reads what the live one has.
    const again = await bot.auth(folder)
    expect(again.state.creds).toBe(creds)
    creds.accountSettings = { unarchiveChats: true }
    await gateway.saveCreds()
    expect(asJson(JSON.parse(await credsIn(folder), BufferJSON.reviver))).toBe(asJson(creds))
    expect(JSON.parse(await credsIn(folder)).accountSettings).toEqual({ unarchiveChats: true })
  })

  test('no identity is made for a folder that has one', async () => {
    const folder = await bots.world.linkedFolder()
    let made = 0
    const initAuthCreds = () => {
      made += 1
      return baileys.initAuthCreds()
    }
    const supervised = superviseWith({ ...baileys, initAuthCreds }, {}, { folders: new Folders() })
    const { state } = await supervised.useMultiFileAuthState(folder)
    expect(state.creds.me?.id).toMatch(/^49/)
    expect(made).toBe(0)
  })

  test('a copy of the creds, and keys in a wrapper, are still known for the folder’s', async () => {
    const folder = await bots.world.linkedFolder()
    const bot = bots.bot()
    const { state } = await bot.auth(folder)
    const keys = bot.baileys.makeCacheableSignalKeyStore(state.keys, bot.config.logger as never)
    const gateway = await bot.up(folder, { auth: { creds: { ...state.creds }, keys: { ...keys } } })
    expect(gateway.line.status.state).toBe('healthy')
  })

  test('the folder of a newcomer has an identity that is written nowhere until a pairing has opened', async () => {
    const { world } = bots
    const folder = join(world.folder(), 'deep', 'down')
    const bot = bots.bot()
    const gateway = await bot.open(folder)
    expect(gateway.state.creds.registered).toBe(false)
    expect(gateway.state.creds.me).toBeUndefined()
    await gateway.saveCreds()
    await gateway.until(() => gateway.codes.length > 0)
    expect(await readdir(folder)).toEqual(['.lifeline'])
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    let told = 0
    const heard = new Promise<void>((resolve) => {
      gateway.sock.ev.on('creds.update', () => {
        told += 1
        resolve()
      })
    })
    const number = '491700000031'
    await world.server.phone(number).scan(gateway.codes[0] ?? '')
    await gateway.until(() => gateway.updates.some(({ isNewLogin }) => isNewLogin === true))
    expect(told).toBe(0)
    await gateway.until(() => gateway.drained)
    await heard
    expect(gateway.state.creds.me?.id).toContain(number)
    expect(existsSync(join(folder, 'creds.json'))).toBe(true)
  })

  test('a file in the place of the folder is refused in Baileys’ own words', async () => {
    const path = bots.world.folder()
    await writeFile(path, 'no folder')
    const said = await Promise.all(
      [bots.bot(), bots.bot('plain')].map((bot) => bot.auth(path).catch(({ message }: Error) => message)),
    )
    expect(said[0]).toBe(said[1])
    expect(await readFile(path, 'utf8')).toBe('no folder')
  })

  test('a torn creds.json shows the last good generation and is healed by the supervision, without a code', async () => {
    const folder = await bots.world.linkedFolder()
    const good = JSON.parse(await credsIn(folder)).me.id
    await truncate(join(folder, 'creds.json'), 200)
    // Baileys alone takes it for nobody's, and shows a code.
    const { state: plain } = await baileys.useMultiFileAuthState(folder)
    expect(plain.creds.me).toBeUndefined()
    const gateway = await bots.bot().open(folder)
    expect(gateway.state.creds.me?.id).toBe(good)
    await gateway.until(() => gateway.drained)
    expect(gateway.codes).toEqual([])
    expect(
      gateway.line.history().some((entry) => entry.type === 'notice' && entry.kind === 'credentials-restored'),
    ).toBe(true)
  })

  test('a gateway that writes creds.json itself from state.creds writes what is right', async () => {
    const { world } = bots
    const folder = world.folder()
    const bot = bots.bot()
    const { state } = await bot.auth(folder)
    const sock = bot.baileys.makeWASocket({ ...bot.config, auth: state })
    const written: string[] = []
    let writing = Promise.resolve()
    sock.ev.on('creds.update', () => {
      const content = JSON.stringify(state.creds, BufferJSON.replacer)
      written.push(content)
      writing = writing.then(() => writeFile(join(folder, 'creds.json'), content))
    })
    const codes: string[] = []
    let up = false
    sock.ev.on('connection.update', ({ qr, connection }) => {
      if (qr) codes.push(qr)
      up ||= connection === 'open'
      bot.look()
    })
    const number = '491700000032'
    await bot.until(
      () => codes.length > 0,
      () => 'no code',
    )
    await world.server.phone(number).scan(codes[0] ?? '')
    await bot.until(
      () => up,
      () => 'not up',
    )
    await writing
    expect(written.length).toBeGreaterThan(0)
    expect(written.every((content) => JSON.parse(content).me.id.includes(number))).toBe(true)
    await sock.end(undefined)
    const again = await bots.bot().up(folder)
    expect(again.codes).toEqual([])
  })

  test('a wrapper of the gateway’s own is not what a connection writes through, so that none writes past its end', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const bot = bots.bot()
    const { state } = await bot.auth(folder)
    let used = 0
    const counted =
      <A extends unknown[], T>(call: (...args: A) => T) =>
      (...args: A) => {
        used += 1
        return call(...args)
      }
    const keys = { get: counted(state.keys.get), set: counted(state.keys.set) } as typeof state.keys
    const gateway = await bot.up(folder, { auth: { creds: state.creds, keys } })
    const anna = world.server.contact(`anna of ${name}`)
    await anna.send(world.number, 'hello')
    await gateway.reads('hello')
    expect(used).toBe(0)
    await keys.get('session', ['nobody'])
    expect(used).toBe(1)
  })

  test('keys in Baileys’ cache never serve a session that a prune has set aside', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const bot = bots.bot()
    const { state } = await bot.auth(folder)
    const keys = bot.baileys.makeCacheableSignalKeyStore(state.keys, bot.config.logger as never)
    const gateway = await bot.up(folder, { auth: { creds: state.creds, keys } })
    const anna = world.server.contact(`anna of ${name}`)
    await anna.send(world.number, 'hello')
    await gateway.reads('hello')
    await filesStanding(folder)
    const [file = ''] = (await readdir(folder)).filter((one) => one.startsWith('session-'))
    const address = file.replace(/^session-|\.json$/g, '')
    const read = async () => (await keys.get('session', [address]))[address]
    expect(await read()).toBeTruthy()
    await gateway.line.prune('all')
    await gateway.until(() => gateway.opens === 2)
    expect(await read()).toBeFalsy()
    expect((await gateway.sock.authState.keys.get('session', [address]))[address]).toBeFalsy()
  })

  test('keys that are durable and not in their files yet, as after a kill, are read before anything is started', async () => {
    const folder = await bots.world.linkedFolder()
    const soon = (step: () => void) => queueMicrotask(step)
    // Its files never follow, as if it were killed at this moment.
    const delays = { soon, setTimeout: () => ({}), clearTimeout: () => undefined }
    const killed = fileAuthStore(folder, { delays, baileys: async () => baileys as never })
    await killed.acquire()
    const written = (await killed.open()).state.keys
    await written.set({ session: { 'someone.0': Buffer.from('new') } })
    const own = await baileys.useMultiFileAuthState(folder)
    expect(await own.state.keys.get('session', ['someone.0'])).toEqual({ 'someone.0': null })
    const { state } = await bots.bot().auth(folder)
    expect(await state.keys.get('session', ['someone.0', 'nobody.0'])).toEqual({
      'someone.0': Buffer.from('new'),
      'nobody.0': null,
    })
    await killed.release()
  })

  test('without us such a cache goes on serving what was taken away under it', async () => {
    const folder = await bots.world.linkedFolder()
    const { state } = await baileys.useMultiFileAuthState(folder)
    await state.keys.set({ session: { 'someone.0': Buffer.from('old') } })
    const keys = baileys.makeCacheableSignalKeyStore(state.keys, bots.bot().config.logger as never)
    await keys.get('session', ['someone.0'])
    await state.keys.set({ session: { 'someone.0': null } })
    expect((await keys.get('session', ['someone.0']))['someone.0']).toBeTruthy()
  })

  test('a program that only puts credentials into a folder finds them there, as with Baileys alone', async () => {
    const source = await baileys.useMultiFileAuthState(await bots.world.linkedFolder())
    const folder = bots.world.folder()
    await mkdir(folder)
    const { state, saveCreds } = await bots.bot().auth(folder)
    Object.assign(state.creds, source.state.creds)
    await saveCreds()
    await state.keys.set({ session: { 'someone.0': Buffer.from('kept') } })
    const { state: read } = await baileys.useMultiFileAuthState(folder)
    expect(asJson(read.creds)).toBe(asJson(source.state.creds))
    expect((await read.keys.get('session', ['someone.0']))['someone.0']).toEqual(Buffer.from('kept'))
    expect((await state.keys.get('session', ['someone.0']))['someone.0']).toEqual(Buffer.from('kept'))
    expect(await readdir(join(folder, '.lifeline', 'lock'))).toEqual([])
  })
})
