import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { projectBaileys } from '../../src/cli/project-baileys.ts'
import { runAccount } from '../../src/cli/run-account.ts'
import type { RunOptions } from '../../src/cli/run-options.ts'
import { until } from '../notices/notices.ts'
import { saidBy } from './command.ts'

/** Where nobody listens. */
const url = 'ws://127.0.0.1:9/'
const signals = ['SIGINT', 'SIGTERM'] as const

beforeAll(() => projectBaileys())

/** Runs on a folder that holds nothing, without a network, until that is written; then as after Ctrl+C. */
async function ran(more: Partial<RunOptions>, written: RegExp) {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-run-'))
  onTestFinished(() => rm(place, { recursive: true }))
  const before = new Set(signals.flatMap((name) => process.rawListeners(name)))
  const own = () => signals.flatMap((name) => process.rawListeners(name)).filter((one) => !before.has(one))
  return saidBy(async () => {
    const run = runAccount({
      auth: join(place, 'auth'),
      account: 'a',
      dashboardHost: '127.0.0.1',
      logLevel: 'silent',
      qr: 'auto',
      url,
      ...more,
    })
    let over = false
    run.catch(() => undefined).finally(() => (over = true))
    const writes = () =>
      vi
        .mocked(process.stdout.write)
        .mock.calls.map(([text]) => String(text))
        .join('')
    await until(() => over || written.test(writes()), writes)
    for (const listener of own()) Reflect.apply(listener, process, [])
    return run
  })
}

test('that there is no account yet is said first, in the language of the run, and so is all that follows', async () => {
  const { value, stdout, stderr } = await ran({ language: 'de' }, /awaitingQr/)
  expect([value, stderr]).toEqual([0, ''])
  const lines = stdout.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
  expect(lines).toEqual([
    expect.stringMatching(/^In .*auth ist noch kein Konto\. /),
    expect.stringMatching(/^preparing .* ← Der Start wurde angefordert\.$/),
    expect.stringMatching(/^notice relink-needed: Dieses Konto .*„Code zeigen“ von lifeline run --dashboard/),
    expect.stringMatching(/^awaitingQr .*Dieses Konto ist noch nicht verknüpft\. /),
    expect.stringMatching(/^stopped {2,}Die Überwachung ist angehalten\./),
    '',
  ])
})

test('without a language it speaks English, and to programs it writes JSON alone', async () => {
  const { stdout } = await ran({}, /awaitingQr/)
  expect(stdout).toMatch(/^There is no account in .* yet\. If you expected one, check the path\.\n/)
  const { stdout: lines } = await ran({ json: true }, /awaitingQr/)
  const kinds = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ type, state }) => state ?? type)
  expect(kinds).toEqual(['preparing', 'notice', 'awaitingQr', 'stopped'])
})

test('a server that is not on this machine, a policy that is none and a phone that is none are refused', async () => {
  const none = /(?!)/
  await expect(ran({ url: 'wss://192.0.2.1/' }, none)).rejects.toThrow('is not on this machine')
  await expect(ran({ policy: '/nowhere.json' }, none)).rejects.toThrow('cannot be read')
  await expect(ran({ phone: 'mine' }, none)).rejects.toThrow('is no phone number')
  await expect(ran({ exitWhenDeaf: '0' }, none)).rejects.toThrow('is not a count')
  await expect(ran({ waVersion: '1' }, none)).rejects.toThrow()
})
