import { mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { urlOfBaileys } from '../../../src/baileys/installed.ts'
import { remember } from '../../../src/drop-in/register/remember.ts'
import { remembered, rememberedPlace } from '../../../src/drop-in/register/remembered.ts'

afterEach(() => void vi.unstubAllEnvs())

test('of what lies there only what names a folder and a Baileys is taken', () => {
  const base = mkdtempSync(join(tmpdir(), 'lifeline-remembered-'))
  vi.stubEnv('XDG_STATE_HOME', base)
  expect(remembered()).toEqual([])
  const place = rememberedPlace()
  mkdirSync(place, { recursive: true })
  const good = { folder: '/srv/auth', baileys: urlOfBaileys() }
  const contents: Readonly<Record<string, unknown>> = {
    ...{ 'good.json': good, 'good.txt': good, 'no-folder.json': { baileys: good.baileys } },
    ...{ 'no-baileys.json': { folder: '/srv/auth' }, 'number.json': { folder: '/srv/auth', baileys: 7 } },
    ...{ 'other.json': { folder: '/srv/auth', baileys: 'file:///srv/other/index.js' }, 'null.json': null },
  }
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(place, name), JSON.stringify(content))
  writeFileSync(join(place, 'torn.json'), '{"folder":')
  expect(remembered()).toEqual([good])
})

test('a folder is remembered once, and with five hundred of them the oldest is forgotten', async () => {
  vi.stubEnv('XDG_STATE_HOME', mkdtempSync(join(tmpdir(), 'lifeline-remembered-')))
  const entry = { folder: '/srv/auth', baileys: urlOfBaileys() }
  for (const _ of [1, 2]) await remember(entry)
  expect(remembered()).toEqual([entry])
  const place = rememberedPlace()
  const [own = ''] = readdirSync(place)
  for (let at = 0; at < 499; at += 1) {
    writeFileSync(join(place, `other-${at}.json`), '')
    utimesSync(join(place, `other-${at}.json`), 1_000 + at, 1_000 + at)
  }
  await remember({ ...entry, folder: '/srv/second' })
  const left = readdirSync(place)
  expect([left.length, left.includes(own), left.includes('other-0.json'), left.includes('other-1.json')]).toEqual([
    500,
    true,
    false,
    true,
  ])
  expect(remembered()).toHaveLength(2)
})

test('where nothing can be remembered nothing is said, and the program goes on', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lifeline-remembered-')), 'a-file')
  writeFileSync(file, '')
  vi.stubEnv('XDG_STATE_HOME', file)
  await expect(remember({ folder: '/srv/auth', baileys: urlOfBaileys() })).resolves.toBeUndefined()
  expect(remembered()).toEqual([])
})
