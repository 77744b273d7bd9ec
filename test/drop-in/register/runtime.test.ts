import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { optionsHere } from '../../../src/drop-in/register/runtime.ts'
import { configVariable, settingsVariable, webhookSecretVariable } from '../../../src/drop-in/register/settings.ts'

const says: string[] = []
beforeEach(() => {
  says.length = 0
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => says.push(String(text)) > 0)
  for (const name of [settingsVariable, configVariable]) vi.stubEnv(name, undefined)
  vi.stubEnv(webhookSecretVariable, 'a-secret-of-more-than-16')
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const place = mkdtempSync(join(tmpdir(), 'lifeline-runtime-'))
let modules = 0
/** What flags and the code of a module come to. */
const options = (flags?: object, code?: string) => {
  vi.stubEnv(settingsVariable, flags && JSON.stringify(flags))
  modules += 1
  const path = join(place, `${modules}.mjs`)
  if (code !== undefined) writeFileSync(path, code)
  vi.stubEnv(configVariable, code === undefined ? code : path)
  return optionsHere()
}

test('what flags say counts before what the module says, group by group of the thresholds', async () => {
  expect(await options()).toEqual({ policy: {} })
  vi.stubEnv(configVariable, '')
  expect(await optionsHere()).toEqual({ policy: {} })
  expect(await options(undefined, 'export const mode = "observe"')).toEqual({ mode: 'observe', policy: {} })
  const policy = '{ reconnect: { maxMs: 5000 }, notices: { quietMs: 3 } }'
  const flags = { mode: 'heal', policy: { reconnect: { maxMs: 6_000 } } }
  expect(await options(flags, `export const mode = "observe", language = "es", policy = ${policy}`)).toEqual({
    ...{ mode: 'heal', language: 'es', policy: { reconnect: { maxMs: 6_000 }, notices: { quietMs: 3 } } },
  })
  await expect(options({}, 'export const mode = "sleep"')).rejects.toThrow('mode')
})

test('a webhook that a flag names is told beside all whom the module names', async () => {
  const webhook = { url: 'https://example.org/hook' }
  const told = async (code?: string) =>
    ((await options({ webhook }, code)).notify as readonly unknown[]).map((one) => typeof one)
  expect(await told()).toEqual(['object'])
  expect(await told('export const notify = () => undefined')).toEqual(['function', 'object'])
  expect(await told('export const notify = [() => 1, () => 2]')).toEqual(['function', 'function', 'object'])
  expect(await options({}, 'export const notify = () => undefined')).toMatchObject({ notify: expect.any(Function) })
  vi.stubEnv(webhookSecretVariable, undefined)
  await expect(told()).rejects.toThrow('webhook.secret')
})

test('an inspector is named where it was asked for, and a dashboard that cannot be served is said to be none', async () => {
  const inspected = await options({ inspect: true })
  expect([inspected.inspect, says.splice(0)]).toEqual([
    expect.any(Function),
    [expect.stringMatching(/^lifeline: inspector: http:\/\/127\.0\.0\.1:\d+\/\n$/)],
  ])
  expect((await options({ dashboard: false })).dashboard).toBe(false)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  await options({ dashboard: { port } })
  await vi.waitFor(() => expect(says.length).toBe(1), { interval: 1, timeout: 5_000 })
  expect(says[0]).toMatch(
    new RegExp(`^lifeline: no dashboard: Port ${port} of 127\\.0\\.0\\.1 is in use\\. Give another port`),
  )
})
