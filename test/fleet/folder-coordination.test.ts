import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { CommandDesk } from '../../src/fleet/command-desk.ts'
import { FleetLine } from '../../src/fleet/fleet-line.ts'
import { FolderCoordination } from '../../src/fleet/folder-coordination.ts'
import { createFleet, type FleetOptions } from '../../src/fleet/index.ts'
import { Teller } from '../../src/fleet/teller.ts'
import { fileAuthStore } from '../../src/index.ts'
import { nodeFileSystem } from '../../src/stores/disk/file-system.ts'
import { until } from './until.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeline-fleet-'))
})

const fleet = (options: Partial<FleetOptions<never>> = {}) =>
  createFleet<never>({ store: folder, connect: () => Promise.reject(new Error('no network')), drainOn: [], ...options })
const desired = async (one: FolderCoordination) =>
  (await one.accounts()).map(({ account, desired: what }) => `${account} ${what}`)

describe('accounts in a folder of folders', () => {
  test.each(['', '.hidden', 'a/b', 'a\\b', 'a\0b', 'x'.repeat(201), 'Ж'.repeat(128), '漢'.repeat(86)])(
    'have no name that is none for a folder: %j',
    async (name) => {
      const one = new FolderCoordination(folder)
      expect(() => one.seat(name)).toThrow(expect.objectContaining({ path: 'accounts' }))
      await expect(one.add(['anna', name])).rejects.toMatchObject({ path: 'accounts' })
    },
  )

  test.each(['Ж'.repeat(127), '漢字', 'ملف', 'a b', '😀'])('have any name that a folder can have: %j', async (name) => {
    const one = new FolderCoordination(folder)
    await one.add([name])
    expect(await desired(one)).toEqual([`${name} running`])
  })

  test('are refused in words if their folder is a link, or their name is none', async () => {
    await mkdir(join(folder, 'elsewhere'))
    await symlink(join(folder, 'elsewhere'), join(folder, 'anna'))
    await symlink(join(folder, 'nowhere'), join(folder, 'bert'))
    for (const name of ['anna', 'bert'])
      await expect(fleet().add(name)).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
        message: 'The folder of this account is a link, and a fleet takes folders of its own alone.',
      })
    for (const name of ['', 'a\u001b', 'x'.repeat(201), '\ud800'])
      await expect(fleet().add(name), name).rejects.toMatchObject({ code: 'OPTIONS_INVALID', path: 'account' })
    await expect(fileAuthStore(join(folder, 'bert')).acquire()).rejects.toMatchObject({
      code: 'AUTH_STORE_FOLDER',
      message: expect.stringContaining('is a link that leads nowhere'),
    })
  })

  test.each(['{"half', 'null', '7', '{}', '{"stopped":7}', '{"stopped":null}'])(
    'are all to run if the file of those that are not cannot be read, which is written anew with the next word: %s',
    async (text) => {
      await writeFile(join(folder, '.fleet.json'), text)
      const one = new FolderCoordination(folder)
      await one.add(['anna', 'bert'])
      await writeFile(join(folder, 'a-file'), '')
      await mkdir(join(folder, '.hidden'))
      expect(await desired(one)).toEqual(['anna running', 'bert running'])
      await one.desire('bert', 'stopped', { why: 'x' })
      await one.end()
      expect(JSON.parse(await readFile(join(folder, '.fleet.json'), 'utf8'))).toEqual({
        stopped: { bert: { why: 'x' } },
      })
      expect(await desired(new FolderCoordination(folder))).toEqual(['anna running', 'bert stopped'])
    },
  )

  test('are stored one after the other, in the order in which they were asked for', async () => {
    const one = new FolderCoordination(folder)
    const { rename } = nodeFileSystem
    let go: () => void = () => undefined
    const held = new Promise<void>((resolve) => (go = resolve))
    const renamed = vi.spyOn(nodeFileSystem, 'rename').mockImplementationOnce(async (from, to) => {
      await held
      await rename(from, to)
    })
    const written = vi.spyOn(nodeFileSystem, 'writeFile')
    onTestFinished(() => void vi.restoreAllMocks())
    const first = one.desire('anna', 'stopped', 1)
    await until(() => renamed.mock.calls.length > 0, 20_000)
    const second = one.desire('anna', 'stopped', 2)
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
    expect(written).toHaveBeenCalledTimes(1)
    go()
    await Promise.all([first, second])
    expect(JSON.parse(await readFile(join(folder, '.fleet.json'), 'utf8'))).toEqual({ stopped: { anna: 2 } })
  })

  test('are all stored where several are asked for at once, also after one that could not be', async () => {
    const one = new FolderCoordination(folder)
    const file = join(folder, '.fleet.json')
    await mkdir(join(file, 'in-the-way'), { recursive: true })
    await expect(one.desire('anna', 'stopped', 0)).rejects.toThrow()
    await rm(file, { recursive: true })
    await Promise.all([1, 2, 3].map((n) => one.desire(`a${n}`, 'stopped', n)))
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ stopped: { a1: 1, a2: 2, a3: 3 } })
  })

  test('have one host, which tells what it said of itself last', async () => {
    const one = new FolderCoordination(folder, 'here')
    expect(await one.hosts()).toEqual([{ host: 'here', seenAgoMs: 0 }])
    await one.announce({ most: 3, has: 1 })
    await one.announce({ most: 5, leaving: true })
    expect(await one.hosts()).toEqual([{ host: 'here', seenAgoMs: 0, most: 5, leaving: true }])
  })

  test('are none where there is no folder yet, and cannot be told where there is something else', async () => {
    expect(await new FolderCoordination(join(folder, 'new')).accounts()).toEqual([])
    await writeFile(join(folder, 'file'), '')
    await expect(new FolderCoordination(join(folder, 'file')).accounts()).rejects.toMatchObject({ code: 'ENOTDIR' })
    await mkdir(join(folder, '.fleet.json'))
    await expect(new FolderCoordination(folder).accounts()).rejects.toMatchObject({ code: 'EISDIR' })
  })

  test('belong to the seat that holds them, and not to another one of the same name that is given up', async () => {
    const one = new FolderCoordination(folder)
    expect(one.host).toBe(hostname())
    const [first, second] = [one.seat('anna'), one.seat('anna')]
    expect(first.epoch).toBeUndefined()
    await first.auth.acquire()
    expect(first.epoch).toBe(1)
    await expect(second.auth.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    await second.auth.release()
    expect(await one.holders()).toEqual([{ account: 'anna', host: one.host }])
    expect(await one.holders('anna')).toEqual([{ account: 'anna', host: one.host }])
    expect(await one.holders('bert')).toEqual([])
    await first.auth.release()
    expect(first.epoch).toBeUndefined()
    expect(await one.holders('anna')).toEqual([])
  })

  test('are held by nobody once the host has left, and whoever listens hears of each word until it does no more', async () => {
    const one = new FolderCoordination(folder, 'here')
    const wakes: string[] = []
    const off = await one.listen(({ kind, of }) => wakes.push(`${kind} ${of}`), 3_600_000)
    await one.desire('anna', 'running', null)
    const id = await one.send('here', 'anna', {})
    await one.answer({ id, account: 'anna', content: {} }, 'done')
    expect(wakes).toEqual(['lease anna', 'inbox here', `answer ${id}`])
    off()
    await one.desire('anna', 'stopped', null)
    expect(wakes).toHaveLength(3)
    const seat = one.seat('anna')
    await seat.auth.acquire()
    expect(await one.survey(1)).toMatchObject({ wanted: 0, owned: new Map([['here', 0]]), free: [] })
    expect(await one.holders()).toHaveLength(1)
    await one.leave()
    expect(await one.holders()).toEqual([])
    await seat.auth.release()
  })

  test('are asked by commands that are taken once and answered once', async () => {
    const one = new FolderCoordination(folder)
    const id = await one.send(one.host, 'anna', { type: 'stop' })
    expect(await one.answerTo(id)).toBeUndefined()
    const command = { id, account: 'anna', content: { type: 'stop' } }
    expect(await one.take()).toEqual([command])
    expect(await one.take()).toEqual([])
    await one.answer(command, 'done')
    expect(await one.answerTo(id)).toEqual({ content: 'done' })
    await one.answer(command, 'again')
    expect(await one.answerTo(id)).toBeUndefined()
  })

  test('are told of by the newest word for each, which waits for the store', async () => {
    const one = new FolderCoordination(folder)
    const onTrouble = vi.fn()
    const teller = new Teller(one, onTrouble)
    await writeFile(join(folder, 'anna'), '')
    teller.desire('anna', 'running', null)
    await teller.flush()
    expect([teller.waiting, onTrouble.mock.calls.length]).toEqual([1, 1])
    teller.desire('anna', 'stopped', { why: 'x' })
    await teller.flush()
    expect(teller.waiting).toBe(0)
    expect(JSON.parse(await readFile(join(folder, '.fleet.json'), 'utf8'))).toEqual({ stopped: { anna: { why: 'x' } } })
    expect(await one.statuses()).toEqual([])
  })

  test('are told to be without an answer when nobody answers for them', async () => {
    const coordination = new FolderCoordination(folder, 'a')
    const onTrouble = vi.fn()
    const desk = new CommandDesk({ coordination, answerMs: 0, act: async () => undefined, onTrouble })
    await expect(desk.ask('b', 'anna', { type: 'stop' })).rejects.toMatchObject({ code: 'FLEET_NO_ANSWER' })
    coordination.take = () => Promise.reject(new Error('gone'))
    await desk.take()
    expect(onTrouble).toHaveBeenCalledWith(new Error('gone'))
  })
})

describe('a host of such a folder', () => {
  test('that could not start is started again once the folder can be used', async () => {
    const store = join(folder, 'accounts')
    await writeFile(store, '')
    const one = fleet({ store, accounts: ['anna'] })
    await expect(one.start()).rejects.toMatchObject({ code: expect.stringMatching(/ENOTDIR|EEXIST/) })
    await rm(store)
    await one.start()
    expect(one.own.map(({ account }) => account)).toEqual(['anna'])
    await one.stop()
    expect(one.own).toEqual([])
  })

  test('tells in its log which account it could not claim, whatever becomes of that word, and has the others', async () => {
    for (const account of ['anna', 'bert']) await mkdir(join(folder, account))
    await writeFile(join(folder, 'anna', '.lifeline'), 'in the way')
    const warn = vi.fn(() => {
      throw new Error('the log is full')
    })
    const none = () => undefined
    const one = fleet({ logger: { level: 'warn', trace: none, debug: none, info: none, warn, error: none } })
    one.line('bert')
    one.line('anna')
    await one.start()
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ doing: 'claiming the account anna' }),
      expect.any(String),
    )
    expect(one.own.map(({ account }) => account)).toEqual(['bert'])
    await until(() => one.hosts().length === 1)
    expect(one.hosts()).toMatchObject([{ host: one.hostId, seenAgoMs: 0 }])
    expect(one.lines().map(({ account, host }) => [account, host])).toEqual([
      ['anna', undefined],
      ['bert', one.hostId],
    ])
    await one.stop()
  })

  test('leaves at the signal that it is given, and lets whoever else listens decide how the process ends', async () => {
    const others = vi.fn()
    process.on('SIGUSR2', others)
    const one = fleet({ accounts: ['anna'], drainOn: ['SIGUSR2'] })
    await one.start()
    process.emit('SIGUSR2', 'SIGUSR2')
    // The same signal once more ends the process, as it does without a fleet.
    expect(process.listeners('SIGUSR2')).toEqual([others])
    await until(() => one.own.length === 0)
    await one.stop()
    expect(others).toHaveBeenCalledOnce()
    expect(process.listeners('SIGUSR2')).toEqual([others])
    process.off('SIGUSR2', others)
  })

  test('tells that its store is gone, and that it is back', async () => {
    const told: boolean[] = []
    const one = fleet({ pace: { planMs: 10, pollMs: 10 } })
    one.on('store', ({ reachable }) => told.push(reachable))
    one.lines()
    await one.start()
    await rm(folder, { recursive: true })
    await writeFile(folder, '')
    await until(() => !one.store.reachable)
    await rm(folder)
    await until(() => one.store.reachable)
    expect(told.slice(0, 3)).toEqual([true, false, true])
    await one.stop()
  })
})

test('a line of another host tells what is new of it, once, and each code once', () => {
  let told = { status: { state: 'stopped' } as object, mode: 'act', host: 'b' }
  const line = new FleetLine<never>({
    ...{ account: 'anna', self: 'a', seat: () => new FolderCoordination(folder).seat('anna') },
    ...{ told: () => told as never, command: async () => undefined, report: () => undefined },
  })
  const heard: string[] = []
  line.on('status', ({ state }) => heard.push(state))
  line.on('qr', ({ code }) => heard.push(`code ${code}`))
  const is = (status: object, host = 'b') => {
    told = { status, mode: 'act', host }
    for (const _ of [1, 2]) line.look()
    return heard.splice(0)
  }
  const qr = { number: 1, expiresAt: 5, code: 'one' }
  expect(is({ state: 'stopped' })).toEqual(['stopped'])
  expect(is({ state: 'awaitingQr', qr })).toEqual(['awaitingQr', 'code one'])
  expect(is({ state: 'awaitingQr', qr, message: 'x' })).toEqual(['awaitingQr'])
  expect(is({ state: 'awaitingQr', qr: { ...qr, number: 2, code: 'two' } })).toEqual(['awaitingQr', 'code two'])
  expect(is({ state: 'healthy' })).toEqual(['healthy'])
  expect(is({ state: 'healthy' }, 'c')).toEqual(['healthy'])
})

test('what a host of another version names as restored is no list of names', async () => {
  const line = new FleetLine<never>({
    account: 'anna',
    self: 'a',
    seat: () => new FolderCoordination(folder).seat('anna'),
    told: () => ({ status: { state: 'stopped' } as never, mode: 'observe', host: 'b' }),
    command: async (command) => (command.type === 'restore' && command.force ? ['a', 7] : 'all of them'),
    report: () => undefined,
  })
  expect(line.mode).toBe('observe')
  expect(await line.restore('id', { force: true })).toEqual(['a', '7'])
  expect(await line.restore('id')).toEqual([])
  expect(() => line.relinkUrl()).toThrow(expect.objectContaining({ code: 'DASHBOARD_MISSING' }))
  await expect(line.quarantined()).resolves.toEqual([])
})
