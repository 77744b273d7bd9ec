import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLifeline, type Lifeline, type Notice, type Notifier, webhook } from '../../src/index.ts'
import { inProject } from '../root.ts'
import { until } from './notices.ts'
import { Receiver, secret } from './receiver.ts'

let folder: string
let receiver: Receiver
let lines: Lifeline[]
let logged: string[]
let processes: ChildProcess[]

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'lifeline-notices-')), 'auth')
  receiver = await Receiver.open()
  lines = []
  logged = []
  processes = []
})
afterEach(async () => {
  for (const one of processes) one.kill('SIGKILL')
  await Promise.all(lines.map((line) => line.stop()))
  await receiver.down()
  await rm(join(folder, '..'), { recursive: true })
})

const log = (...parts: unknown[]) => {
  logged.push(JSON.stringify(parts))
}
const logger = { level: 'trace', trace: log, debug: log, info: log, warn: log, error: log }

/** A line that is not linked and cannot connect: it tells at once that a code must be scanned. */
function lineWith(...notify: Notifier[]): Lifeline {
  const connect = () => {
    throw new Error('no network in this test')
  }
  const line = createLifeline({ auth: folder, connect, logger, notify })
  lines.push(line)
  return line
}

/** The same in a process of its own, which runs until it is killed. Answers with the id of the notice that it told. */
async function tellInAnotherProcess(): Promise<{ readonly id: string; kill(): Promise<void> }> {
  const lifeline = inProject('dist/src/index.js').href
  const script = `
    import { createLifeline, webhook } from ${JSON.stringify(lifeline)}
    const { FOLDER: auth, URL: url, SECRET: secret } = process.env
    const line = createLifeline({ auth, connect: () => { throw new Error('no network') }, notify: webhook({ url, secret }) })
    line.on('notice', ({ id }) => console.log(id))
    await line.start()
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(inProject('.')),
    env: { ...process.env, FOLDER: folder, URL: receiver.url, SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  processes.push(child)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const over = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  await until(() => said.includes('\n') || child.exitCode !== null, 'a notice in the other process')
  return {
    id: said.trim(),
    kill: () => {
      child.kill('SIGKILL')
      return over
    },
  }
}

const keptIn = async (name: RegExp): Promise<string[]> => {
  const notices = join(folder, '.lifeline', 'notices')
  const channel = (await readdir(notices).catch(() => [])).find((one) => name.test(one))
  return channel === undefined ? [] : readdir(join(notices, channel)).catch(() => [])
}

const history = (): Promise<string> => readFile(join(folder, '.lifeline', 'history.jsonl'), 'utf8').catch(() => '')

test('a notice that could not be delivered before a power cut is delivered after it, once, and is not told again', async () => {
  await receiver.down()
  const before = await tellInAnotherProcess()
  let kept: string[] = []
  while (!kept.some((name) => name.endsWith('.json'))) kept = await keptIn(/^webhook-/)
  // Kept first and noted then: a cut between the two would have it told twice rather than never.
  while (!(await history()).includes('"type":"notice"'));
  await before.kill()
  expect(kept).toEqual([expect.stringContaining(before.id)])

  await receiver.up()
  const told: Notice[] = []
  const line = lineWith(webhook({ url: receiver.url, secret }), (notice) => told.push(notice))
  await line.start()
  await until(() => receiver.accepted.length === 1)
  await until(() => line.status.state === 'awaitingQr')
  expect(receiver.accepted[0]).toMatchObject({ id: before.id, kind: 'relink-needed' })
  await line.stop()
  expect(told).toEqual([])
  expect(receiver.tries).toHaveLength(1)
  expect(await keptIn(/^webhook-/)).toEqual([])
})

test('notifiers that throw, reject, hang or fail to open and close harm neither the line nor the others', async () => {
  const told: string[] = []
  const fails = (): never => {
    throw new Error('a notifier that fails')
  }
  const never = () => new Promise<never>(() => undefined)
  const line = lineWith(
    fails,
    () => Promise.reject('a notifier that rejects'),
    never,
    { name: 'no-open', open: fails },
    { name: 'no-tell', open: () => ({ tell: fails, close: fails }) },
    { name: 'no-close', open: () => ({ tell: never, close: never }) },
    (notice) => {
      Reflect.set(notice, 'message', 'changed')
      Reflect.set(notice.details, 'reason', 'changed')
    },
    ({ message, details }) => told.push(`${message} ${details.reason}`),
  )
  await line.start()
  await until(() => told.length > 0)
  await until(() => line.status.state === 'awaitingQr')
  expect(told[0]).toMatch(/not linked yet.* never-linked$/)
  const reported = logged.join('\n')
  expect(reported).toContain('opening the notice channel no-open')
  expect(reported).toContain('a notifier that fails')
  expect(reported).toContain('a notifier that rejects')
  const began = performance.now()
  await line.stop()
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(line.status.state).toBe('stopped')
})

test('no log and no history names the secret or the path of a webhook', async () => {
  await receiver.down()
  const line = lineWith(webhook({ url: receiver.url, secret, headers: { authorization: 'Bearer hush-hush-hush' } }))
  await line.start()
  await until(
    () => logged.some((entry) => entry.includes('ECONNREFUSED')),
    () => logged.join('\n'),
  )
  await line.stop()
  const shown = [...logged, JSON.stringify(line.history())].join('\n')
  for (const hidden of [secret, secret.slice(6), 'a-secret-path', 'hush-hush-hush']) expect(shown).not.toContain(hidden)
})
