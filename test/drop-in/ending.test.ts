// @module-tag slow

import { existsSync } from 'node:fs'
import { readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { UserFacingSocketConfig } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { Folders } from '../../src/drop-in/folders.ts'
import { superviseWith } from '../../src/drop-in/supervise.ts'
import { fast } from '../line/fast-policy.ts'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

const lockOf = (folder: string) => readdir(join(folder, '.lifeline', 'lock'))

describe.each(today)('the end of virtual sockets with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  test('end(error) tells that error once, closes at once for the gateway, and resolves when supervision has ended', async () => {
    const gateway = await bots.up()
    const folder = gateway.bot.folders.of({ creds: gateway.state.creds })?.path ?? ''
    const wsClosed = new Promise<void>((resolve) => gateway.sock.ws.on('close', () => resolve()))
    const error = Object.assign(new Error('enough'), { output: { statusCode: 499 } })
    const ended = gateway.sock.end(error)
    expect(gateway.sock.ws.isClosed).toBe(true)
    await Promise.resolve()
    expect(gateway.connections.at(-1)).toBe('close 499')
    expect(gateway.updates.at(-1)?.lastDisconnect?.error).toBe(error)
    await wsClosed
    expect((await lockOf(folder)).length).toBeGreaterThan(0)
    await ended
    expect(await lockOf(folder)).toEqual([])
    expect(bots.world.server.connections).toEqual([])
    await gateway.sock.end(undefined)
    await gateway.sock.ws.close()
    expect(gateway.connections.filter((one) => one.startsWith('close'))).toEqual(['close 499'])
  })

  test('end() without an error tells none, ws.close() tells 428: as Baileys alone', async () => {
    const plain = bots.bot('plain')
    const supervised = bots.bot()
    const told: string[][] = []
    for (const bot of [plain, supervised]) {
      const first = await bot.up(await bots.world.linkedFolder())
      await first.sock.end(undefined)
      await bot.until(
        () => first.connections.at(-1)?.startsWith('close') === true,
        () => first.connections.join(),
      )
      const second = await bot.up(await bots.world.linkedFolder())
      await second.sock.ws.close()
      await bot.until(
        () => second.connections.at(-1)?.startsWith('close') === true,
        () => second.connections.join(),
      )
      told.push([first.connections.at(-1) ?? '', second.connections.at(-1) ?? ''])
    }
    expect(told).toEqual([
      ['close without an error', 'close 428'],
      ['close without an error', 'close 428'],
    ])
  })

  test('the close is told within end() or once it has returned, as Baileys alone does', async () => {
    const told: boolean[] = []
    for (const bot of [bots.bot('plain'), bots.bot()]) {
      const { sock, connections } = await bot.up(await bots.world.linkedFolder())
      let within: boolean | undefined
      let returned = false
      sock.ev.on('connection.update', ({ connection }) => {
        if (connection === 'close') within = !returned
      })
      const ended = sock.end(undefined)
      returned = true
      await ended
      await bot.until(
        () => within !== undefined,
        () => connections.join(),
      )
      told.push(within === true)
    }
    expect(told[1]).toBe(told[0])
  })

  test('a Baileys whose end() is not an async function and gives a promise is known from the first socket that ended', async () => {
    const { makeWASocket } = baileys
    const make = (config: UserFacingSocketConfig) => {
      const socket = makeWASocket(config)
      const end = socket.end.bind(socket)
      return Object.assign(socket, { end: (error: Error | undefined) => Promise.resolve(end(error)) })
    }
    const fork = superviseWith(
      { ...baileys, makeWASocket: make },
      { policy: fast() },
      { folders: new Folders(), say: () => undefined },
    )
    const told: boolean[] = []
    for (let count = 0; count < 2; count += 1) {
      const { state } = await fork.useMultiFileAuthState(await bots.world.linkedFolder())
      const sock = fork.makeWASocket({ ...bots.bot().config, auth: state })
      await sock.waitForSocketOpen()
      let returned = false
      sock.ev.on('connection.update', ({ connection }) => {
        if (connection === 'close') told.push(returned)
      })
      const ended = sock.end(undefined)
      returned = true
      await ended
    }
    expect(told.at(-1)).toBe(true)
  })

  test('several sockets on one folder, by whatever path, are one connection; the last one that is let go ends it', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const link = world.folder()
    await symlink(folder, link)
    const bot = bots.bot()
    const first = await bot.up(folder)
    const second = await bot.up(link)
    expect(second.connections).toEqual(['connecting', 'open'])
    expect(world.server.connections.length).toBe(1)
    const anna = world.server.contact(`anna of ${name}`)
    await anna.send(world.number, 'to both')
    await Promise.all([first.reads('to both'), second.reads('to both')])
    await first.sock.end(undefined)
    expect(world.server.connections.length).toBe(1)
    expect(second.sock.ws.isOpen).toBe(true)
    await anna.send(world.number, 'to one')
    await second.reads('to one')
    expect(first.texts).toEqual(['to both'])
    await second.sock.end(undefined)
    expect(world.server.connections).toEqual([])
    expect(world.server.logins(world.number).length).toBeGreaterThan(0)
    expect(bot.overlaps).toBe(0)
  })

  test('without us a second socket on the folder pushes the first one out: 440', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const bot = bots.bot('plain')
    const first = await bot.up(folder)
    await bot.up(folder)
    await bot.until(
      () => first.connections.at(-1) === 'close 440',
      () => first.connections.join(),
    )
  })

  test('useMultiFileAuthState waits for a supervision that is ending, so that a restart finds the folder free', async () => {
    const gateway = await bots.up()
    const { bot } = gateway
    const folder = bot.folders.of({ creds: gateway.state.creds })?.path ?? ''
    void gateway.sock.end(undefined)
    await bot.auth(folder)
    expect(await lockOf(folder)).toEqual([])
    const next = await bot.up(folder)
    expect(next.connections).toEqual(['connecting', 'open'])
  })

  test('logout closes every socket of the folder with 401 once the device is unlinked and nothing holds the folder', async () => {
    const { world } = bots
    const number = '491700000013'
    const bot = bots.bot()
    const folder = world.folder()
    const gateway = await bot.open(folder)
    await gateway.until(() => gateway.codes.length > 0)
    await world.server.phone(number).scan(gateway.codes[0] ?? '')
    await gateway.until(() => gateway.drained)
    // As the gateways do that log out with a socket of its own and then remove the folder.
    const second = await bot.up(folder)
    let lock: readonly string[] | undefined
    second.sock.ev.on('connection.update', async ({ connection }) => {
      if (connection === 'close') lock = await lockOf(folder)
    })
    await second.sock.logout('bye')
    await rm(folder, { recursive: true })
    expect([gateway.connections.at(-1), second.connections.at(-1)]).toEqual(['close 401', 'close 401'])
    expect(second.updates.at(-1)?.lastDisconnect?.error?.message).toBe('bye')
    expect(lock).toEqual([])
    expect(world.server.phone(number).devices()).toEqual([])
    expect(existsSync(folder)).toBe(false)
    await expect(second.sock.logout()).rejects.toMatchObject({ output: { statusCode: 428 } })
  })

  test('logout of an account that was never linked closes with 401 and nothing else', async () => {
    const gateway = await bots.bot().open(bots.world.folder())
    await gateway.until(() => gateway.codes.length > 0)
    await gateway.sock.logout()
    expect(gateway.connections.at(-1)).toBe('close 401')
  })

  test('credentials that did not come from useMultiFileAuthState pass through, and that is said once', async () => {
    const { world } = bots
    const warned: unknown[] = []
    const logger = { ...bots.bot().config.logger, warn: (...words: unknown[]) => warned.push(words[1]) }
    const supervised = superviseWith(baileys, {}, { folders: bots.bot().folders })
    const { state } = await baileys.useMultiFileAuthState(await world.linkedFolder())
    for (let socket = 1; socket <= 2; socket += 1) {
      const sock = supervised.makeWASocket({ ...bots.bot().config, auth: state, logger: logger as never })
      await new Promise<void>((resolve) => {
        sock.ev.on('connection.update', ({ connection }) => {
          if (connection === 'open') resolve()
        })
      })
      await sock.end(undefined)
    }
    expect(warned.filter((words) => String(words).includes('not supervised')).length).toBe(1)
  })
})

test('the two lines of Baileys cannot share a folder at one time', async () => {
  const { World } = await import('../line/world.ts')
  const world = await World.open()
  const { Bot } = await import('./bot.ts')
  try {
    const bot = new Bot(world)
    const folder = await world.linkedFolder()
    const gateway = await bot.up(folder)
    const [, v6] = lines
    const other = superviseWith(v6?.baileys ?? {}, {}, { folders: bot.folders }) as typeof bot.baileys
    await expect(other.useMultiFileAuthState(folder)).rejects.toMatchObject({ code: 'BAILEYS_MIXED' })
    expect(() => other.makeWASocket({ ...bot.config, auth: gateway.state })).toThrow(/Baileys 7 in this process/)
    await gateway.letGo()
    await other.useMultiFileAuthState(folder)
  } finally {
    await world.close()
  }
})
