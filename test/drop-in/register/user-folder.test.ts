import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { userFolder } from '../../../src/drop-in/register/user-folder.ts'

afterEach(() => void vi.unstubAllEnvs())

const kinds = [
  ['state', 'XDG_STATE_HOME', join(homedir(), '.local', 'state')],
  ['cache', 'XDG_CACHE_HOME', join(homedir(), '.cache')],
] as const

test.each(kinds)('our %s lies where %s says, else where systems have it', (kind, variable, usual) => {
  const folder = (platform: NodeJS.Platform) => userFolder(kind, 'of-this-test', platform)
  const below = (base: string) => join(base, 'baileys-lifeline', 'of-this-test')
  const other = variable === 'XDG_STATE_HOME' ? 'XDG_CACHE_HOME' : 'XDG_STATE_HOME'
  vi.stubEnv(other, '/srv/other')
  vi.stubEnv('LOCALAPPDATA', '/srv/local')
  vi.stubEnv(variable, '/srv/own')
  expect([folder('linux'), folder('win32')]).toEqual([below('/srv/own'), below('/srv/own')])
  for (const none of [undefined, '', 'a/path/that/depends']) {
    vi.stubEnv(variable, none)
    expect([folder('linux'), folder('darwin'), folder('win32')]).toEqual([usual, usual, '/srv/local'].map(below))
  }
  vi.stubEnv('LOCALAPPDATA', undefined)
  expect(folder('win32')).toBe(below(usual))
})
