import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkConfig, configIn } from '../../../src/drop-in/register/config.ts'
import { settingsIn, settingsVariable } from '../../../src/drop-in/register/settings.ts'
import type { LifelineError } from '../../../src/errors/errors.ts'

const place = mkdtempSync(join(tmpdir(), 'lifeline-config-'))
function moduleOf(name: string, content: string): string {
  const path = join(place, `${name}.mjs`)
  writeFileSync(path, content)
  return path
}
const thrown = async (path: string): Promise<LifelineError> =>
  configIn(path).then(
    () => expect.unreachable(),
    (error) => error,
  )

test('options are what a module exports by default, or by name', async () => {
  const options = { mode: 'observe', dashboard: { port: 0 }, exitWhenDeaf: 1 }
  expect(await configIn(moduleOf('default', `export default ${JSON.stringify(options)}`))).toEqual(options)
  const named = 'export const mode = "observe", dashboard = { port: 0 }, exitWhenDeaf = 1'
  expect(await configIn(moduleOf('named', named))).toEqual(options)
  expect(await configIn(moduleOf('none', ''))).toEqual({})
})

test('a module that cannot be used is told with what is wrong, and what to do', async () => {
  const missing = join(place, 'missing.mjs')
  const broken = moduleOf('broken', 'throw new Error("no password in the environment")')
  const number = moduleOf('number', 'export default 7')
  expect(await thrown(missing)).toMatchObject({
    code: 'CONFIG_FAILED',
    message: `There is no ${missing}. Nothing was started.`,
    remediation: 'Give --config, or LIFELINE_CONFIG, the path of a module.',
  })
  expect(await thrown(broken)).toMatchObject({
    code: 'CONFIG_FAILED',
    message: `${broken} cannot be loaded: no password in the environment. Nothing was started.`,
    remediation: 'Correct it.',
    cause: expect.objectContaining({ message: 'no password in the environment' }),
  })
  for (const path of [number, moduleOf('null', 'export default null; export const mode = "observe"')])
    if (path === number)
      expect(await thrown(path)).toMatchObject({
        code: 'CONFIG_FAILED',
        message: `${number} exports no options. Nothing was started.`,
        remediation: expect.stringContaining('export default {'),
      })
    else expect(await configIn(path)).toEqual({ mode: 'observe' })
})

test('options that exec has beside those of supervise are looked at, too', () => {
  for (const good of [{}, { dashboard: true }, { dashboard: false }, { dashboard: { port: 1 } }, { exitWhenDeaf: 3 }])
    expect(() => checkConfig(good)).not.toThrow()
  for (const dashboard of [7, 'yes', null])
    expect(() => checkConfig({ dashboard } as never)).toThrow(/dashboard.*true, or an object with port, host/)
  for (const exitWhenDeaf of [0, -1, 1.5, '3', null])
    expect(() => checkConfig({ exitWhenDeaf } as never)).toThrow(/exitWhenDeaf.*a whole number from 1/)
  expect(() => checkConfig({ mode: 'look' } as never)).toThrow(/mode/)
})

test('what a command tells the program that it starts is read back; nothing is no setting', () => {
  expect(settingsIn({ [settingsVariable]: '{"mode":"observe","webhook":{"url":"https://example.org"}}' })).toEqual({
    mode: 'observe',
    webhook: { url: 'https://example.org' },
  })
  expect([settingsIn({}), settingsIn({ [settingsVariable]: '' })]).toEqual([{}, {}])
})
