import * as seven from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { type BaileysParts, codecOf } from '../../src/stores/codec.ts'
import { nodeFileSystem } from '../../src/stores/disk/file-system.ts'
import { KeyCache } from '../../src/stores/key-cache.ts'
import { KeyTypes } from '../../src/stores/key-types.ts'
import { layoutOf } from '../../src/stores/layout.ts'
import { lookAtSessions } from '../../src/stores/session-look.ts'
import { modeFindings, surveyFiles } from '../../src/stores/survey.ts'
import { session } from './account.ts'
import { linkedCreds } from './linked-creds.ts'

const codec = codecOf(seven as unknown as BaileysParts)
const keyTypes = new KeyTypes({ read: async () => ['future'], write: async () => undefined })
const good = codec.encode(session('a'))
const errnoError = (code: string) => Object.assign(new Error(code), { code })

/** Undefined stands for a file that is gone by then. */
const surveyed = async (
  files: Readonly<Record<string, Buffer | string | Error | undefined>>,
  creds = linkedCreds(),
) => {
  const read = async (name: string) => {
    const content = files[name]
    if (content instanceof Error) throw content
    return content === undefined ? undefined : Buffer.from(content)
  }
  const { findings, counts } = await surveyFiles({ names: Object.keys(files), read, codec, keyTypes }, creds)
  return { said: findings.map(({ code, file, message }) => [code, file, message.replace(`${file} `, '')]), counts }
}
const none = { ...linkedCreds(), nextPreKeyId: 1, firstUnuploadedPreKeyId: 1 }

describe('a survey of the files of an account', () => {
  test.each<[string, Buffer | string | Error | undefined, string, string]>([
    ['session-1.0.json', '', 'file-unreadable', 'is empty'],
    ['session-1.0.json', Buffer.alloc(9), 'file-unreadable', 'is filled with NUL bytes'],
    ['session-1.0.json', '{"half', 'file-unreadable', 'is no complete JSON'],
    ['session-1.0.json', errnoError('EIO'), 'file-unreadable', 'cannot be read (EIO)'],
    ['session-1.0.json', new Error('x'), 'file-unreadable', 'cannot be read (unknown error)'],
    ['session-1.0.json', errnoError('EISDIR'), 'file-unreadable', 'is a folder'],
    ['session-1.0.json', 'null', 'session-empty', 'holds no session'],
    ['session-1.0.json', '{"_sessions":{},"version":"v1"}', 'session-empty', 'holds no session'],
    ['pre-key-1.json', '[]', 'file-shape', 'does not hold what a pre-key file holds'],
    ['notes.json', '{}', 'foreign-file', 'is no file of Baileys'],
    ['x.lifeline-tmp', '{}', 'temporary-file', 'is left over from an interrupted write'],
  ])('finds %s of %j: %s', async (name, content, code, message) => {
    expect((await surveyed({ [name]: content }, none)).said).toContainEqual([code, name, message])
  })

  test('finds nothing in what is sound, of a type that was learned, or gone by then, and counts by class', async () => {
    const files = { 'session-1.0.json': good, 'future-x.json': '"anything"', 'device-list-1.json': '["0"]' }
    expect(await surveyed({ ...files, 'session-2.0.json': undefined }, none)).toEqual({
      said: [],
      counts: { session: 2, unknown: 1, 'device-list': 1 },
    })
  })

  test('holds the pre-keys that are stored against what the credentials say of them', async () => {
    const preKey = codec.encode(seven.initAuthCreds().noiseKey)
    const at = (next: number, first: number) => ({
      ...linkedCreds(),
      nextPreKeyId: next,
      firstUnuploadedPreKeyId: first,
    })
    const codes = async (creds: seven.AuthenticationCreds, ...ids: readonly number[]) =>
      (await surveyed(Object.fromEntries(ids.map((id) => [`pre-key-${id}.json`, preKey])), creds)).said.map(
        ([code, , message]) => `${code}: ${message}`,
      )
    expect(await codes(at(4, 1), 1, 2, 3)).toEqual([])
    expect(await codes(at(4, 1), 1, 3)).toEqual(['pre-keys-missing: 1 of the pre-keys 1 to 3 have no file'])
    expect(await codes(at(4, 4))).toEqual(['pre-keys-gone: tells of 3 pre-keys, and none has a file'])
    expect(await codes(at(1, 1))).toEqual([])
    expect(await codes(at(3, 3), 2, 9)).toEqual(['pre-key-regressed: nextPreKeyId is 3, but pre-key 9 is stored'])
    expect(await codes({ ...at(4, 4), accountSyncCounter: -1 } as never, 3)).toEqual([
      'creds-field: holds what Baileys cannot work with: accountSyncCounter',
    ])
  })

  test('finds a session of a LID under its name of Baileys 6, and a mapping that goes one way only', async () => {
    const files = { 'session-99.0.json': good, 'session-98.0.json': good, 'lid-mapping-99_reverse.json': '"49"' }
    const { said } = await surveyed({ ...files, 'lid-mapping-49.json': '"99"' }, none)
    expect(said).toEqual([['lid-session-name', 'session-99.0.json', expect.any(String)]])
    const { said: oneWay } = await surveyed({ 'lid-mapping-49.json': '"99"' }, none)
    expect(oneWay.map(([code, file]) => [code, file])).toEqual([['lid-mapping-one-way', 'lid-mapping-49.json']])
  })
})

test.runIf(process.platform !== 'win32')(
  'permissions are looked at where there are credentials, and matter where others reach the folder',
  async () => {
    const modes: Record<string, number> = {}
    const fs = {
      ...nodeFileSystem,
      stat: async (path: string) => {
        const mode = modes[path.endsWith('creds.json') ? 'file' : 'folder']
        if (mode === undefined) throw errnoError('ENOENT')
        return { mode } as never
      },
    }
    const found = async (folder: number, file: number | undefined, names = ['creds.json']) => {
      Object.assign(modes, { folder, file })
      return (await modeFindings(fs, layoutOf('/nowhere'), names)).map(({ message }) => message)
    }
    expect(await found(0o777, 0o666, [])).toEqual([])
    expect([await found(0o700, 0o666), await found(0o755, 0o600), await found(0o755, undefined)]).toEqual([[], [], []])
    expect(await found(0o755, 0o644)).toEqual(['Other users may read the folder and creds.json'])
    expect(await found(0o777, 0o600)).toEqual(['Other users may put files into the folder and take some away'])
  },
)

test('sessions are looked at from the newest on, those of one time by their names, and those that are no sessions not at all', async () => {
  const names = Array.from({ length: 70 }, (_, at) => `session-${100 + at}.0.json`)
  const read: string[] = []
  const parts = {
    names: async () => [...names].reverse().concat('creds.json', 'session-x.txt'),
    changedAt: async (name: string) =>
      name === 'session-150.0.json' ? 9 : name === 'session-101.0.json' ? Promise.reject(new Error()) : 5,
    read: async (name: string) => {
      read.push(name)
      return good
    },
    codec,
  }
  const { left, findings } = await lookAtSessions(parts, { now: () => 0, withinMs: 1 })
  const rest = names.filter((name) => !['session-150.0.json', 'session-101.0.json'].includes(name))
  expect(read).toEqual(['session-150.0.json', ...rest, 'session-101.0.json'])
  expect([left, findings]).toEqual([[], []])
})

test('a session in the cache is one frozen value for all who read it, also where it holds bytes; others get copies', () => {
  const cache = new KeyCache(codec.decode)
  const bytes = { type: 'Buffer', data: 'AAEC' }
  const texts = {
    'session-1.0.json': { version: 'v1', inner: { bytes } },
    'session-2.0.json': { version: 'v0', inner: {} },
    'sender-key-memory-1.json': { a: [{ bytes }] },
    'sender-key-memory-2.json': { version: 'v1' },
    'x-1.json': null,
  }
  for (const [name, value] of Object.entries(texts)) cache.keep(name, Buffer.from(JSON.stringify(value)), cache.turn)
  const first = cache.read('session-1.0.json') as { inner: { bytes: unknown } }
  expect(first).toBe(cache.read('session-1.0.json'))
  expect([Object.isFrozen(first), Object.isFrozen(first.inner), first.inner.bytes]).toEqual([
    true,
    true,
    Buffer.from([0, 1, 2]),
  ])
  for (const name of ['session-2.0.json', 'sender-key-memory-1.json', 'sender-key-memory-2.json']) {
    expect(cache.read(name)).toEqual(cache.read(name))
    expect(cache.read(name)).not.toBe(cache.read(name))
    expect(Object.isFrozen(cache.read(name))).toBe(false)
  }
  expect(cache.read('sender-key-memory-1.json')).toEqual({ a: [{ bytes: Buffer.from([0, 1, 2]) }] })
  expect([cache.read('x-1.json'), cache.read('never')]).toEqual([null, undefined])
})
