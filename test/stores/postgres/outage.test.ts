// @module-tag slow

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { postgresAuthStore } from '../../../src/stores/postgres/index.ts'
import { inProject } from '../../root.ts'
import { link } from '../account.ts'
import { testDatabase } from './databases.ts'
import { Way } from './way.ts'

const at = testDatabase()
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

let accounts = 0
const value = (n: number) => ({ n }) as unknown as Uint8Array

/** An opened account on the other end of a way that can fail. */
const distant = async (options: { patienceMs?: number; queueBytes?: number; lease?: object } = {}) => {
  const way = await new Way(at.url).open()
  ends.push(() => way.close())
  const account = `account-${++accounts}`
  const store = postgresAuthStore({ connectionString: way.url, account, ...options })
  ends.push(() => store.release().catch(() => undefined))
  await store.acquire()
  const opening = await store.open({ mint: true })
  link(opening.state.creds)
  await opening.saveCreds()
  const set = (n: number) => Promise.resolve(opening.state.keys.set({ session: { x: value(n) } }))
  const stored = async () => {
    const { rows } = await at.pool.query(
      `SELECT convert_from(content, 'UTF8') AS text FROM lifeline.item WHERE account = $1 AND name = 'session-x.json'`,
      [account],
    )
    return rows[0] && JSON.parse(rows[0].text).n
  }
  await set(0)
  return { way, store, opening, account, set, stored, keys: opening.state.keys }
}

test('writes and reads wait while the database cannot be reached, and are done in order once it can', async () => {
  const { way, set, stored, keys, store } = await distant()
  const away = way.cut()
  const writes = [set(1), set(2), set(3)]
  const read = keys.get('pre-key', ['1'])
  await away
  expect(await stored()).toBe(0)
  expect(await keys.get('session', ['x'])).toEqual({ x: value(3) })
  way.mend()
  await Promise.all(writes)
  expect([await stored(), await read, store.epoch]).toEqual([3, { 1: null }, 1])
})

test('past the patience a write fails as trouble that passes, in true words and without a value; the account stays owned, and later writes are done', async () => {
  // It ends by the clock of the test: on a busy machine a new connection takes its time, too.
  const patienceMs = 2_000
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { way, set, stored, store, keys } = await distant({ patienceMs })
  const failing = async (step: () => Promise<unknown>) => {
    const failed = step().catch((error: unknown) => error)
    await new Promise((resolve) => setImmediate(resolve))
    vi.advanceTimersByTime(patienceMs)
    return (await failed) as { cause?: { stack?: string } } & Error
  }
  void way.cut()
  const failed = await failing(() => set(1))
  expect(failed).toMatchObject({ code: 'AUTH_STORE_DISK', errno: expect.stringMatching(/ECONNRE|CLOSED/) })
  expect(failed.message).toMatch(/the database cannot be reached .* What was stored before is still there\./)
  expect(JSON.stringify(failed) + failed.stack + failed.cause?.stack).not.toContain(new URL(way.url).password)
  for (const step of [async () => keys.get('session', ['x']), () => store.owned()])
    expect(await failing(step)).toMatchObject({ code: 'AUTH_STORE_DISK' })
  way.mend()
  await set(2)
  expect([await stored(), store.epoch, await store.owned()]).toEqual([2, 1, true])
})

test('more than may wait is refused at once, and what waits is done', async () => {
  const { way, set, stored, keys } = await distant({ queueBytes: 1_000 })
  const away = way.cut()
  const first = set(1)
  await away
  const second = set(2)
  const large = Promise.resolve(keys.set({ session: { y: 'x'.repeat(1_000) as unknown as Uint8Array } }))
  await expect(large).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EQUEUE' })
  way.mend()
  await Promise.all([first, second])
  expect(await stored()).toBe(2)
})

test('a write whose answer got lost was done, and is known to be', async () => {
  const { way, set, stored, store } = await distant()
  const lost = way.loseAnswer()
  const write = set(1)
  await lost
  await write
  expect([await stored(), store.epoch]).toEqual([1, 1])
  await set(2)
  expect(await stored()).toBe(2)
})

test('a write that was held up in the network and arrives after newer ones changes nothing', async () => {
  const { way, set, stored } = await distant({ lease: { ttlMs: 5_000, renewMs: 300, marginMs: 100 } })
  const held = way.hold()
  const write = set(1)
  await held
  await write
  await set(2)
  await way.deliver()
  expect(await stored()).toBe(2)
})

test('a store that is released while the database is away ends all the same, and its account is free when the lease is over', async () => {
  const { way, store, account } = await distant({ patienceMs: 100 })
  void way.cut()
  const startedAt = performance.now()
  await store.release()
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  const { rows } = await at.pool.query('SELECT owner FROM lifeline.lease WHERE account = $1', [account])
  expect(rows[0].owner).not.toBeNull()
})

test('a process that was stopped for longer than its lease and wakes in the middle of its writes changes nothing any more', async () => {
  const account = `account-${++accounts}`
  const sleeper = spawn(process.execPath, ['--input-type=module', '-e', endlessWriter, at.url, account], {
    cwd: fileURLToPath(inProject('.')),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  ends.push(() => sleeper.kill('SIGKILL'))
  const said: string[] = []
  let heard: () => void = () => undefined
  createInterface({ input: sleeper.stdout }).on('line', (line) => {
    said.push(line)
    heard()
  })
  sleeper.on('exit', () => heard())
  const says = async (pattern: RegExp) => {
    while (!said.some((line) => pattern.test(line))) {
      if (sleeper.exitCode !== null) throw new Error(`it ended: ${said.join(', ')}`)
      await new Promise<void>((resolve) => (heard = resolve))
    }
  }
  await says(/^wrote 20$/)
  const successor = postgresAuthStore({ database: at.connect({ host: 'successor' }), account })
  ends.push(() => successor.release())
  await expect(successor.acquire()).rejects.toMatchObject({
    code: 'AUTH_STORE_LOCKED',
    owner: { pid: sleeper.pid, host: 'sleeper' },
  })
  sleeper.kill('SIGSTOP')
  // The database says when the lease is over.
  await at.pool.query(
    `SELECT pg_sleep(extract(epoch FROM expires_at - clock_timestamp())) FROM lifeline.lease WHERE account = $1`,
    [account],
  )
  await successor.acquire()
  expect(successor.epoch).toBe(2)
  const opening = await successor.open()
  await opening.state.keys.set({ session: { x: value(-1) } })
  sleeper.kill('SIGCONT')
  await once(sleeper, 'close')
  expect(said.filter((line) => !line.startsWith('wrote')).sort()).toEqual(['lost', 'refused AUTH_STORE_FENCED'])
  expect(await opening.state.keys.get('session', ['x'])).toEqual({ x: value(-1) })
})

const endlessWriter = `
  import { postgresAuthStore } from 'baileys-lifeline/postgres'
  const [connectionString, account] = process.argv.slice(1)
  const lease = { ttlMs: 3_000, renewMs: 800, marginMs: 500 }
  const store = postgresAuthStore({ connectionString, account, host: 'sleeper', lease })
  store.onLost(() => console.log('lost'))
  await store.acquire()
  const { state, saveCreds } = await store.open({ mint: true })
  await saveCreds()
  try {
    for (let n = 0; ; n++) {
      await state.keys.set({ session: { x: { n } } })
      console.log('wrote ' + n)
    }
  } catch (error) {
    console.log('refused ' + error.code)
  }
  process.exit()
`
