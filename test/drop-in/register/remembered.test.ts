import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { urlOfBaileys } from '../../../src/baileys/installed.ts'
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
