import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { liveLines, liveReport } from '../../src/cli/doctor-live.ts'
import { paintFor } from '../../src/cli/paint.ts'
import { createDashboard } from '../../src/dashboard/index.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { inProject } from '../root.ts'
import { lifeline } from './command.ts'

/** An account on whose folder a gateway runs, with its dashboard. */
async function served(): Promise<{ readonly auth: string; readonly account: ScriptedAccount; end(): Promise<void> }> {
  const auth = join(await mkdtemp(join(tmpdir(), 'lifeline-live-')), 'auth')
  const account = new ScriptedAccount()
  account.ownFolder = join(auth, '.lifeline')
  const dashboard = createDashboard(account, {})
  const end = () => dashboard.close()
  onTestFinished(async () => {
    await end()
    await rm(auth, { recursive: true, force: true })
  })
  await dashboard.serve({ port: 0 })
  return { auth, account, end }
}

test('doctor --live says state, last message in and out, and what waits, in 80 columns', async () => {
  const { auth, account } = await served()
  const now = Date.now()
  account.become('healthy', { lastInboundAt: now - 3 * 60_000, messagesWaiting: 2, message: 'Connected.' })
  const { code, stdout, stderr } = await lifeline('doctor', '--auth', auth, '--live')
  expect([code, stderr]).toEqual([0, ''])
  const lines = stdout.trimEnd().split('\n')
  expect(lines.filter((line) => line.length > 80 && line !== auth)).toEqual([])
  const row = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(16)
  expect(row('state')).toBe('healthy')
  expect(row('since')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, (\d+ s|less than a second) ago$/)
  expect(row('says')).toBe('Connected.')
  expect(row('last inbound')).toMatch(/, 3 min ago$/)
  expect(row('last outbound')).toBe('none since the gateway started')
  expect(row('waiting')).toBe('2 messages')
  expect(row('gateway')).toContain(`process ${process.pid}`)
})

test('what a gateway says is told whole to programs, and to people with how long ago it was', () => {
  const status = { ...new ScriptedAccount().status, since: 1_000, message: 'Down.', messagesWaiting: 1 }
  const well = liveReport('/auth', 'http://x/', 7, status)
  expect(well).toEqual({
    ...{ location: '/auth', ok: true, gateway: { url: 'http://x/', pid: 7 }, state: 'healthy', since: 1_000 },
    ...{ message: 'Down.', lastInboundAt: null, lastOutboundAt: null, messagesWaiting: 1 },
  })
  const { messagesWaiting: _, ...none } = status
  const ill = liveReport('/auth', 'http://x/', 7, {
    ...none,
    ...{ state: 'blocked', remediation: 'Wait.', lastInboundAt: 61_000, lastOutboundAt: 119_000 },
  })
  expect(ill).toMatchObject({ ok: false, remediation: 'Wait.', lastInboundAt: 61_000, messagesWaiting: 0 })
  const paint = { ...paintFor({ isTTY: false } as never, {}), width: 80 }
  const rows = liveLines(ill, paint, 121_000).map((line) => line.replace(/\d{4}-\S+ \S+, /, ''))
  expect(rows).toEqual([
    '/auth',
    ...['state           blocked', 'since           2 min ago', 'says            Down. Wait.'],
    ...['last inbound    1 min ago', 'last outbound   2 s ago', 'waiting         0 messages'],
    'gateway         process 7, http://x/',
  ])
  expect(liveLines(well, paint, 121_000)[3]).toBe('says            Down.')
})

test('doctor --live of a gateway that is not connected says why, with exit code 1, as JSON too', async () => {
  const { auth, account } = await served()
  account.become('reconnecting', { message: 'WhatsApp cannot be reached over the network.', lastOutboundAt: 1_000 })
  const told = await lifeline('doctor', '--auth', auth, '--live')
  expect(told.code).toBe(1)
  expect(told.stdout).toContain('WhatsApp cannot be reached')
  expect(told.stdout).toMatch(/\d+ d( \d+ h)? ago/)
  const { code, stdout } = await lifeline('doctor', '--auth', auth, '--live', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    state: 'reconnecting',
    since: expect.any(Number),
    lastInboundAt: null,
    lastOutboundAt: 1_000,
    messagesWaiting: 0,
    location: auth,
    gateway: { url: expect.stringMatching(/^http:/), pid: process.pid },
  })
})

test('where no gateway answers, doctor --live says so and how to start one, with exit code 1', async () => {
  const { auth, end } = await served()
  await end()
  const { code, stdout, stderr } = await lifeline('doctor', '--auth', auth, '--live')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/No dashboard answers for .*\n.*lifeline run --dashboard/)
})

test('doctor --live reads alone: with --fix it is wrong usage', async () => {
  const { code, stderr } = await lifeline('doctor', '--auth', 'x', '--live', '--fix')
  expect(code).toBe(2)
  expect(stderr).toContain("'--live'")
})

test('the line of docs/command.md with --live asks the gateway on that folder', async () => {
  const docs = await readFile(inProject('docs/command.md'), 'utf8')
  const [, args = ''] = /^npx baileys-lifeline (doctor .*--live)$/m.exec(docs) ?? []
  const { auth } = await served()
  const { code, stdout } = await lifeline(...args.replace('./whatsapp-auth', auth).split(' '))
  expect(code).toBe(0)
  expect(stdout).toContain('last inbound')
})
