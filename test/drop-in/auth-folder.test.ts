import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemProcesses } from '../../src/stores/process-identity.ts'
import { freshFolder, link, storeOf } from '../stores/account.ts'
import type { Bot } from './bot.ts'
import { ScriptedBots, turn } from './scripted-bots.ts'

const closed = { isBoom: true, message: 'Connection Closed', output: { statusCode: 428 } }
const lockOf = (folder: string) => readdir(join(folder, '.lifeline', 'lock'))
const credsIn = async (folder: string) => JSON.parse(await readFile(join(folder, 'creds.json'), 'utf8'))
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
const question = { tag: 'iq', attrs: {} }
const gone = { ...systemProcesses, stateOf: () => 'gone' as const }
/** Looks at the folder often, and soon takes it for locked or lost. */
const watchful = {
  policy: { liveness: { silenceMs: 100, probeTimeoutMs: 1_000 }, reconnect: { closeTimeoutMs: 100, maxMs: 100 } },
}
/** A pause that no test waits for. */
const long = { maxMs: 3_600_000, slowMinMs: 3_600_000, slowMaxMs: 3_600_000 }

const bots = new ScriptedBots()

/** Loggers by name, and what they were told. */
function loggers() {
  const said: string[] = []
  const logger = (name: string) => {
    const say = (_fields: unknown, words: string) => void said.push(`${name}: ${words}`)
    const own = { level: 'trace', child: () => own, trace: say, debug: say, info: say, warn: say, error: say }
    return own as never
  }
  return { said, logger }
}

describe('a folder that several sockets share', () => {
  test('has one connection, which the first starts and the last that is let go ends, and nothing of it stays', async () => {
    const before = timers()
    const begun = vi.spyOn(globalThis, 'setInterval')
    onTestFinished(() => begun.mockRestore())
    const folder = await bots.linkedFolder()
    const bot = bots.bot()
    const first = await bots.up(bot, folder)
    // What keeps the process between two dials, when no connection does.
    const kept = begun.mock.calls.findIndex(([, ms = 0]) => ms >= 2 ** 30)
    expect(begun.mock.results[kept]?.value?.hasRef()).toBe(true)
    const second = await bot.open(folder)
    await second.until(() => second.opens === 1)
    const [socket] = bots.sockets
    await first.letGo()
    expect([second.line.status.state, socket?.asked]).toEqual(['healthy', []])
    const ended = second.letGo()
    // Let go once more, it does not end what others hold.
    await first.letGo()
    await ended
    expect([socket?.asked, bots.sockets.length, await lockOf(folder)]).toEqual([['end'], 1, []])
    expect([first.connections, second.connections]).toEqual(
      Array(2).fill(['connecting', 'open', 'close without an error']),
    )
    expect(timers()).toBeLessThanOrEqual(before)
    // As before the first connection: what is called waits for one.
    expect(typeof Reflect.get(second.sock, 'sendMessage')).toBe('function')
    // Begun anew, it is open again, with nothing of what was before.
    const third = await bots.up(bot, folder)
    expect([third.connections, bots.sockets.length]).toEqual([['connecting', 'open'], 2])
  })

  test('connects with the config and the logger of the newest that was not let go', async () => {
    const { said, logger } = loggers()
    const folder = await bots.linkedFolder()
    const bot = bots.bot()
    const cache = { get: () => undefined }
    await bots.up(bot, folder, { version: [1, 1, 1], logger: logger('first') })
    const second = await bot.open(folder, {
      version: [2, 2, 2],
      msgRetryCounterCache: cache as never,
      logger: logger('second'),
    })
    bots.sockets[0]?.close(515)
    const next = await bots.opened(1)
    expect(next.given).toMatchObject({ version: [2, 2, 2] })
    expect(Reflect.get(next.given, 'msgRetryCounterCache')).toBe(cache)
    expect(Reflect.get(bots.sockets[0]?.given ?? {}, 'msgRetryCounterCache')).not.toBe(cache)
    next.given.logger.info({}, 'two')
    await second.letGo()
    next.close(515)
    const last = await bots.opened(2)
    expect(last.given).toMatchObject({ version: [1, 1, 1] })
    last.given.logger.info({}, 'one')
    await bot.held[0]?.letGo()
    // Nobody holds it any more: its end is told to the last.
    last.given.logger.info({}, 'over')
    expect(said.filter((words) => /(?:two|one|over)$/.test(words))).toEqual([
      'second: two',
      'first: one',
      'first: over',
    ])
  })

  test('connects with the logger of the options, where they have one', async () => {
    const { said, logger } = loggers()
    const bot = bots.bot({ logger: logger('the options') })
    await bots.up(bot, undefined, { logger: logger('the socket') })
    bots.sockets[0]?.given.logger.info({}, 'one')
    expect(said.filter((words) => words.endsWith(': one'))).toEqual(['the options: one'])
  })

  test('logs as Baileys itself does where it is started without a socket', async () => {
    const said: string[] = []
    const say = (_fields: unknown, words: string) => void said.push(words)
    const logger = { level: 'trace', child: () => logger, trace: say, debug: say, info: say, warn: say, error: say }
    const bot = bots.bot({}, { DEFAULT_CONNECTION_CONFIG: { logger } })
    await bot.auth(await bots.linkedFolder())
    const [line] = bot.folders.lines()
    await line?.start()
    await expect.poll(() => said, { interval: 1 }).not.toEqual([])
    await line?.stop()
  })

  test('takes from Baileys what all of them have taken off, on each connection, until one needs it', async () => {
    bots.made = ({ ws }) => void ws.on('CB:message', () => undefined)
    const heard = () => bots.sockets.at(-1)?.ws.listenerCount('CB:message')
    const folder = await bots.linkedFolder()
    const bot = bots.bot()
    const first = await bots.up(bot, folder)
    const before = heard() ?? 0
    first.sock.ws.removeAllListeners('CB:message')
    expect(heard()).toBe(before - 1)
    bots.sockets[0]?.close(515)
    await bots.opened(1)
    expect(heard()).toBe(before - 1)
    const second = await bot.open(folder)
    expect(heard()).toBe(before)
    second.sock.ws.removeAllListeners('CB:other')
    expect(heard()).toBe(before)
    second.sock.ws.removeAllListeners('CB:message')
    expect(heard()).toBe(before - 1)
    const third = await bot.open(folder)
    expect(heard()).toBe(before)
    await third.letGo()
    expect(heard()).toBe(before - 1)
  })
})

test('a real socket that is gone is left as it is, whatever the gateway takes off the next', async () => {
  bots.made = ({ ws }) => void ws.on('CB:message', () => undefined)
  const bot = bots.bot()
  const held = await bots.up(bot)
  await held.letGo()
  const left = bots.sockets[0]?.ws.listenerCount('CB:message')
  const next = bot.hold(held)
  bot.held.push(next)
  next.sock.ws.removeAllListeners('CB:message')
  expect(bots.sockets[0]?.ws.listenerCount('CB:message')).toBe(left)
})

test('a pairing is told by its code and its scan, and its creds once they are the account’s', async () => {
  const bot = bots.bot()
  const held = await bot.open(await freshFolder())
  const told: string[] = []
  held.sock.ev.process((events) => {
    for (const event in events) if (event !== 'connection.update') told.push(event)
  })
  const pairing = await bots.dialled(0)
  pairing.update({ qr: 'a,b,c,d' })
  await held.until(() => held.codes.length === 1)
  link(pairing.given.auth.creds as AuthenticationCreds, '4917')
  pairing.ev.emit('creds.update', {})
  pairing.update({ isNewLogin: true })
  await held.until(() => held.updates.some(({ isNewLogin }) => isNewLogin === true))
  expect([told, held.state.creds.me]).toEqual([[], undefined])
  pairing.close(515, 'Stream Errored (restart required)')
  // The one that completes the pairing.
  await bots.opened(1)
  const account = await bots.opened(2)
  await held.until(() => held.drained)
  expect(held.connections.filter((one) => one !== 'connecting')).toEqual(['open'])
  account.ev.emit('creds.update', { lastAccountSyncTimestamp: 1 })
  await turn()
  expect([told, held.state.creds.me?.id]).toEqual([['creds.update'], '4917:7@s.whatsapp.net'])
})

describe('what a folder tells as a close', () => {
  test('is neither a lost connection nor a state in which a person is needed', async () => {
    const held = await bots.up(bots.bot())
    bots.sockets[0]?.close(503)
    const next = await bots.opened(1)
    await held.until(() => held.opens === 2)
    next.close(403, 'Connection Failure')
    await held.until(() => held.line.status.state === 'blocked')
    expect(held.line.status.userAction).not.toBe('check-other-client')
    await turn()
    expect(held.connections).toEqual(['connecting', 'open', 'connecting', 'open'])
    await expect(held.sock.query(question)).rejects.toMatchObject({
      ...closed,
      data: { state: 'blocked', userAction: held.line.status.userAction },
    })
  })

  test('is not that another client takes its connection again and again', async () => {
    const bot = bots.bot()
    const held = await bots.up(bot)
    bots.made = () => void setImmediate(() => bot.look())
    const isOver = () => held.line.status.state === 'conflicted'
    for (let at = 0; !isOver(); at += 1) {
      bots.sockets[at]?.close(440, 'Stream Errored (conflict)')
      await held.until(() => isOver() || bots.sockets.length > at + 1)
      if (bots.sockets.length > at + 1) await bots.opened(at + 1)
    }
    await turn()
    expect(held.line.status.userAction).toBe('check-other-client')
    expect(held.connections.filter((one) => one.startsWith('close'))).toEqual([])
  })

  test('is that another has taken it while it was in use: 440, for each socket', async () => {
    const folder = await bots.linkedFolder()
    const bot = bots.bot(watchful)
    const first = await bots.up(bot, folder)
    const second = await bot.open(folder)
    const other = storeOf(folder, { processes: gone })
    await other.acquire()
    await first.until(() => first.connections.at(-1) === 'close 440')
    expect(second.connections.at(-1)).toBe('close 440')
    expect(first.updates.at(-1)?.lastDisconnect?.error?.message).toBe('Another process uses these credentials.')
  })

  test('is that another has it at the start and keeps it, which is said with its owner', async () => {
    const folder = await bots.linkedFolder()
    const other = storeOf(folder)
    await other.acquire()
    const lock = await lockOf(folder)
    // However long it would wait before it tries anything else again.
    const held = await bots.bot({ policy: { reconnect: { ...long, closeTimeoutMs: 100 } } }).open(folder)
    await held.until(() => held.connections.at(-1) === 'close 440')
    expect(held.bot.said).toEqual([expect.stringMatching(/in use by .+ /)])
    expect(held.updates.at(-1)?.lastDisconnect?.error?.message).toContain('in use by')
    expect([await lockOf(folder), bots.sockets]).toEqual([lock, []])
  })

  test('is none where the other gives it back in time', async () => {
    const folder = await bots.linkedFolder()
    const other = storeOf(folder)
    await other.acquire()
    const held = await bots.bot({ policy: { reconnect: { closeTimeoutMs: 1_000 } } }).open(folder)
    await turn()
    const at = bots.sockets.length
    await other.release()
    await bots.opened(at)
    await held.until(() => held.opens === 1)
    expect([held.bot.said, held.connections]).toEqual([[], ['connecting', 'open']])
  })
})

describe('a folder that cannot be supervised', () => {
  /** Something gets into its way before it is begun. */
  const blocked = async (bot: Bot, folder: string) => {
    const auth = await bot.auth(folder)
    await rm(join(folder, '.lifeline'), { recursive: true })
    await writeFile(join(folder, '.lifeline'), 'a file in the way')
    const held = bot.hold(auth)
    bot.held.push(held)
    return held
  }

  test('is said to be so, its calls are rejected, and it is tried again until it can', async () => {
    // As long as a folder that is locked is waited for would be too long.
    const bot = bots.bot({ policy: { reconnect: { maxMs: 50, closeTimeoutMs: 3_600_000 } } })
    const folder = await bots.linkedFolder()
    const held = await blocked(bot, folder)
    await expect(held.sock.query(question)).rejects.toMatchObject(closed)
    const { remediation } = await storeOf(folder)
      .acquire()
      .catch((error) => error)
    const [said = ''] = held.bot.said
    expect([said.startsWith(`${folder} cannot be supervised: `), said.endsWith(` ${remediation}`)]).toEqual([
      true,
      true,
    ])
    expect(held.connections).toEqual(['connecting'])
    const at = bots.sockets.length
    await rm(join(folder, '.lifeline'))
    await bots.opened(at)
    await held.until(() => held.opens === 1)
  })

  test('is told as no close, however long that lasts', async () => {
    const bot = bots.bot({ policy: { reconnect: { initialMs: 20, maxMs: 25, closeTimeoutMs: 100 } } })
    const held = await blocked(bot, await bots.linkedFolder())
    // Longer than one that is locked is waited for.
    await expect.poll(() => bot.said.length, { interval: 5 }).toBeGreaterThan(6)
    expect([new Set(bot.said).size, held.connections]).toEqual([1, ['connecting']])
  })

  test('ends at once when its last socket is let go, however long it would have waited', async () => {
    const before = timers()
    const held = await blocked(bots.bot({ policy: { reconnect: long } }), await bots.linkedFolder())
    await expect(held.sock.query(question)).rejects.toMatchObject(closed)
    await held.letGo()
    expect([bots.sockets, held.bot.said.length]).toEqual([[], 1])
    expect(timers()).toBeLessThanOrEqual(before)
  })
})

describe('calls on a folder', () => {
  test('wait for the connection, go to the live socket, and never to one that is gone', async () => {
    const held = await bots.bot({ policy: { reconnect: { closeTimeoutMs: 50 } } }).open(await bots.linkedFolder())
    const early = held.sock.query(question)
    const first = await bots.dialled(0)
    first.answer = async () => 'first'
    first.open()
    expect(await early).toBe('first')
    first.close(515)
    await held.until(() => held.line.socket === undefined)
    const between = held.sock.query(question)
    const second = await bots.dialled(1)
    second.answer = async () => 'second'
    second.open()
    expect([await between, await held.sock.query(question)]).toEqual(['second', 'second'])
  })

  test('that are never answered are rejected some time after their connection has ended, or when the next is made', async () => {
    const never = () => new Promise(() => undefined)
    const slow = await bots.up(bots.bot({ policy: { reconnect: { ...long, fastAttempts: 0, closeTimeoutMs: 50 } } }))
    const [first] = bots.sockets
    if (first) first.answer = never
    const lost = slow.sock.query(question)
    first?.close(503)
    await expect(lost).rejects.toMatchObject(closed)
    expect(bots.sockets.length).toBe(1)

    // So are those of a later connection.
    const once = { ...long, initialMs: 1, fastAttempts: 1, closeTimeoutMs: 50 }
    const again = await bots.up(bots.bot({ policy: { reconnect: once } }))
    bots.sockets[1]?.close(503)
    const next = await bots.opened(2)
    await again.until(() => again.line.status.state === 'healthy')
    next.answer = never
    const later = again.sock.query(question)
    next.close(503)
    await expect(later).rejects.toMatchObject(closed)
    expect(bots.sockets.length).toBe(3)

    const quick = await bots.up(bots.bot({ policy: { reconnect: { closeTimeoutMs: 60_000 } } }))
    const second = bots.sockets[3]
    if (second) second.answer = never
    const replaced = quick.sock.query(question)
    second?.close(515)
    await expect(replaced).rejects.toMatchObject(closed)
    expect(bots.sockets.length).toBe(5)
  })

  test('are rejected when none opens in time, when a person comes to be needed, and with the end', async () => {
    const late = await bots.bot({ waitMs: 20 }).open(await bots.linkedFolder())
    await expect(late.sock.query(question)).rejects.toMatchObject(closed)
    const held = await bots.bot().open(await bots.linkedFolder())
    const waiting = held.sock.query(question)
    const heard = expect(waiting).rejects.toMatchObject({ ...closed, data: { state: 'blocked' } })
    ;(await bots.dialled(1)).close(403, 'Connection Failure')
    await heard
    const ending = await bots.bot().open(await bots.linkedFolder())
    const left = expect(ending.sock.query(question)).rejects.toMatchObject(closed)
    await ending.letGo()
    await left
  })
})

describe('the end of a folder', () => {
  test('in the turn in which it was begun is all that is told of it', async () => {
    const bot = bots.bot()
    const held = bot.hold(await bot.auth(await bots.linkedFolder()))
    bot.held.push(held)
    await held.letGo()
    await turn()
    expect(held.connections).toEqual(['close without an error'])
  })

  test('is a logout for each of its sockets once the device is unlinked and nothing holds it', async () => {
    const folder = await bots.linkedFolder()
    const bot = bots.bot()
    const first = await bot.open(folder)
    // It waits for the connection that it takes.
    const out = first.sock.logout('bye')
    const second = await bot.open(folder)
    const socket = await bots.opened(0)
    await out
    expect(socket.asked).toContain('logout')
    expect([first.connections.at(-1), second.connections.at(-1)]).toEqual(['close 401', 'close 401'])
    expect(second.updates.at(-1)?.lastDisconnect?.error?.message).toBe('bye')
    expect([await lockOf(folder), bots.sockets.length]).toEqual([[], 1])
    await expect(second.sock.logout()).rejects.toMatchObject(closed)
  })

  test('is a logout at once where nobody was linked', async () => {
    const held = await bots.bot().open(await freshFolder())
    ;(await bots.dialled(0)).update({ qr: 'a,b,c,d' })
    await held.until(() => held.line.status.state === 'awaitingQr')
    await held.sock.logout()
    expect(held.connections.at(-1)).toBe('close 401')
    expect(held.updates.at(-1)?.lastDisconnect?.error?.message).toBe('Intentional Logout')
  })

  test('is a logout at once where the supervision was stopped beside it', async () => {
    const held = await bots.up(bots.bot())
    await held.line.stop()
    await held.sock.logout()
    expect([held.connections.at(-1), bots.sockets[0]?.asked]).toEqual(['close 401', ['end']])
  })

  test('has come when useMultiFileAuthState gives it to the next, and its creds are those of then', async () => {
    const folder = await bots.linkedFolder()
    const bot = bots.bot()
    const held = await bots.up(bot, folder)
    const { creds } = held.state
    creds.lastAccountSyncTimestamp = 1
    await held.saveCreds()
    void held.letGo()
    await bot.auth(folder)
    expect([await lockOf(folder), creds.lastAccountSyncTimestamp]).toEqual([[], 1])
    // Another program writes there meanwhile; what this one has not saved is forgotten.
    const other = await credsIn(folder)
    await writeFile(join(folder, 'creds.json'), JSON.stringify({ ...other, lastAccountSyncTimestamp: 2 }))
    creds.lastAccountSyncTimestamp = 3
    const { saveCreds } = await bot.auth(folder)
    expect(creds.lastAccountSyncTimestamp).toBe(2)
    const { ino } = await stat(join(folder, 'creds.json'))
    await saveCreds()
    expect((await credsIn(folder)).lastAccountSyncTimestamp).toBe(2)
    expect((await stat(join(folder, 'creds.json'))).ino).toBe(ino)
  })

  test('frees it for the other line of Baileys, which is refused before', async () => {
    const folder = await bots.linkedFolder()
    const seven = bots.bot()
    const six = bots.bot({}, { isPnUser: undefined })
    Object.assign(six.folders, { of: (auth: never) => seven.folders.of(auth) })
    const held = await bots.up(seven, folder)
    const refused = (line: number) => ({
      code: 'BAILEYS_MIXED',
      message: expect.stringContaining(`is in use by Baileys ${line} in this process`),
    })
    expect(() => six.baileys.makeWASocket({ ...six.config, auth: held.state })).toThrow(
      expect.objectContaining(refused(7)),
    )
    expect(held.bot.folders.lines().length).toBe(1)
    await held.letGo()
    const other = six.baileys.makeWASocket({ ...six.config, auth: held.state })
    await bots.opened(1)
    expect(() => seven.baileys.makeWASocket({ ...seven.config, auth: held.state })).toThrow(
      expect.objectContaining(refused(6)),
    )
    await other.end(undefined)
  })
})

describe('the creds of a folder', () => {
  test('are written when they were changed, by the gateway or by Baileys, and not otherwise', async () => {
    const held = await bots.up(bots.bot())
    const { path: folder = '' } = held.bot.folders.of({ creds: held.state.creds }) ?? {}
    const file = async () => (await stat(join(folder, 'creds.json'))).ino
    held.state.creds.accountSettings = { unarchiveChats: true }
    await held.saveCreds()
    expect((await credsIn(folder)).accountSettings).toEqual({ unarchiveChats: true })
    const before = await file()
    await held.saveCreds()
    expect(await file()).toBe(before)
    // Another program of the gateway's asks for the folder; what this one has changed is still to be saved.
    held.state.creds.accountSyncCounter = 4
    await held.bot.auth(folder)
    await held.saveCreds()
    expect((await credsIn(folder)).accountSyncCounter).toBe(4)
    held.state.creds.lastAccountSyncTimestamp = 5
    bots.sockets[0]?.ev.emit('creds.update', { lastAccountSyncTimestamp: 5 })
    // The gateway's own save, which comes with the event, is the one that is under way.
    await held.saveCreds()
    expect((await credsIn(folder)).lastAccountSyncTimestamp).toBe(5)
  })

  test('are put there by a program that makes no socket, one step after the other, and let go of', async () => {
    const folder = await freshFolder()
    const bot = bots.bot()
    const { state, saveCreds } = await bot.auth(folder)
    state.creds.lastAccountSyncTimestamp = 7
    const saved = saveCreds()
    const keys = state.keys.set({ 'lid-mapping': { a: 'b' } })
    await saved
    expect((await credsIn(folder)).lastAccountSyncTimestamp).toBe(7)
    await keys
    expect(await state.keys.get('lid-mapping', ['a'])).toEqual({ a: 'b' })
    expect(await lockOf(folder)).toEqual([])
    // What cannot be written is told to whoever wrote it, and the folder is let go of all the same.
    await expect(state.keys.set({ 'lid-mapping': { a: 1n as never } })).rejects.toThrow(TypeError)
    Object.assign(state.creds, { nonsense: 1n })
    await expect(saveCreds()).rejects.toThrow(TypeError)
    expect([await lockOf(folder), (await credsIn(folder)).nonsense]).toEqual([[], undefined])
    const other = storeOf(folder)
    await other.acquire()
    await expect(state.keys.set({ 'lid-mapping': { a: 'd' } })).rejects.toThrow('in use by')
    await other.release()
    await state.keys.set({ 'lid-mapping': { a: 'c' } })
    expect(await state.keys.get('lid-mapping', ['a'])).toEqual({ a: 'c' })
  })

  test('wait for the supervision that is being started, and are not written past it', async () => {
    const folder = await bots.linkedFolder()
    const bot = bots.bot()
    const held = await bot.open(folder)
    held.state.creds.lastAccountSyncTimestamp = 9
    await held.saveCreds()
    expect((await credsIn(folder)).lastAccountSyncTimestamp).toBeUndefined()
    await bots.opened(0)
    await held.until(() => held.drained)
    expect(await held.sock.requestPairingCode('4917012345678').catch(({ code }) => code)).toBe('REFUSED')
  })
})

test('a folder that was deleted is begun anew by the gateway that makes it again, whoever still holds a socket', async () => {
  const folder = await bots.linkedFolder()
  const bot = bots.bot(watchful)
  const held = await bots.up(bot, folder)
  await rm(folder, { recursive: true, maxRetries: 5 })
  await held.until(() => held.line.status.state === 'blocked')
  await expect(held.sock.query(question)).rejects.toMatchObject({ data: { userAction: 'check-disk' } })
  // It may dial while it is being opened.
  const at = bots.sockets.length
  const next = await bot.open(folder)
  ;(await bots.dialled(at)).update({ qr: 'a,b,c,d' })
  await next.until(() => next.codes.length > 0)
  expect([held.codes, held.line.status.state, next.state.creds.registered]).toEqual([next.codes, 'awaitingQr', false])
})

test('a folder that was deleted and is made again before that was noticed is left to the supervision', async () => {
  const folder = await bots.linkedFolder()
  const bot = bots.bot()
  const held = await bots.up(bot, folder)
  await rm(folder, { recursive: true, maxRetries: 5 })
  await bot.auth(folder)
  // Behind whatever is to be started or stopped.
  await held.sock.requestPairingCode('4917012345678').catch(() => undefined)
  expect([bots.sockets.length, bots.sockets[0]?.asked, held.line.status.state]).toEqual([1, [], 'healthy'])
})
