import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { environmentOf } from '../../src/cli/exec-environment.ts'
import { configVariable, settingsVariable, webhookSecretVariable } from '../../src/drop-in/register/settings.ts'

afterEach(() => void vi.unstubAllEnvs())
const folder = mkdtempSync(join(tmpdir(), 'lifeline-environment-'))
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const host = { dashboardHost: '127.0.0.1' }
const settingsOf = async (options: object) =>
  JSON.parse((await environmentOf({ ...host, ...options }))[settingsVariable] ?? '')

test('a program is told what the flags say, and nothing of those that are not given', async () => {
  expect(await environmentOf(host)).toEqual({ [settingsVariable]: '{}' })
  expect(await settingsOf({ observe: true, expectedNumber: '491700000001', language: 'de', inspect: true })).toEqual({
    ...{ mode: 'observe', expectedNumber: '491700000001', language: 'de', inspect: true },
  })
  const policy = file('policy.json', JSON.stringify({ reconnect: { initialMs: 5 } }))
  expect(await settingsOf({ policy, exitWhenDeaf: '3' })).toEqual({
    ...{ policy: { reconnect: { initialMs: 5 } }, exitWhenDeaf: 3 },
  })
})

test('the dashboard is served if it is asked for, or has an address for browsers', async () => {
  expect(await settingsOf({ dashboard: true })).toEqual({ dashboard: { host: '127.0.0.1' } })
  expect(await settingsOf({ dashboard: 8_080, dashboardHost: '0.0.0.0', trustLoopback: true })).toEqual({
    dashboard: { host: '0.0.0.0', port: 8_080, trustLoopback: true },
  })
  expect(await settingsOf({ publicUrl: 'https://a.example/' })).toEqual({
    dashboard: { host: '127.0.0.1', publicUrl: 'https://a.example/' },
  })
  expect(await settingsOf({ trustLoopback: true })).toEqual({})
})

test('a webhook needs a secret, which is in no setting', async () => {
  const notifyWebhook = 'https://a.example/hook'
  for (const none of [undefined, '']) {
    vi.stubEnv(webhookSecretVariable, none)
    await expect(environmentOf({ ...host, notifyWebhook })).rejects.toThrow('needs a secret')
  }
  vi.stubEnv(webhookSecretVariable, 'a-secret-of-more-than-16')
  expect(await environmentOf({ ...host, notifyWebhook })).toEqual({
    [settingsVariable]: JSON.stringify({ webhook: { url: notifyWebhook } }),
  })
})

test('a module with options is loaded before the program is started, and its path is whole from then on', async () => {
  const good = file('good.mjs', 'export default { mode: "observe" }')
  const bad = file('bad.mjs', 'export default { mode: "sleep" }')
  expect(await environmentOf({ ...host, config: relative(process.cwd(), good) })).toEqual({
    ...{ [settingsVariable]: '{}', [configVariable]: resolve(good) },
  })
  await expect(environmentOf({ ...host, config: bad })).rejects.toThrow('mode')
  await expect(environmentOf({ ...host, config: join(folder, 'none.mjs') })).rejects.toThrow('none.mjs')
  // Named by the environment it reaches the program by itself, and is looked at all the same.
  vi.stubEnv(configVariable, good)
  expect(await environmentOf(host)).toEqual({ [settingsVariable]: '{}' })
  vi.stubEnv(configVariable, bad)
  await expect(environmentOf(host)).rejects.toThrow('mode')
  vi.stubEnv(configVariable, '')
  expect(await environmentOf(host)).toEqual({ [settingsVariable]: '{}' })
})
