import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { noteImport, tellLeftOut } from '../../../src/drop-in/register/left-out.ts'
import { seen } from '../../../src/drop-in/register/seen.ts'
import { settingsVariable } from '../../../src/drop-in/register/settings.ts'

const socket = '@whiskeysockets/baileys/lib/Socket/index.js'
const says: string[] = []

beforeEach(() => {
  says.length = 0
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => says.push(String(text)) > 0)
  vi.useFakeTimers({ toFake: ['setTimeout'] })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  vi.unstubAllEnvs()
  for (const all of Object.values(seen())) all.clear()
})

/** What a program of this name says at its end, and the exit code that it ends with where its own is `code`. */
function ends(program: string | undefined, code = 0) {
  const { argv, exitCode } = process
  const before = new Set(process.listeners('exit'))
  tellLeftOut()
  const [tell] = process.listeners('exit').filter((one) => !before.has(one))
  onTestFinished(() => void (tell && process.removeListener('exit', tell)))
  process.argv = program === undefined ? [argv[0] ?? ''] : [argv[0] ?? '', program]
  process.exitCode = undefined
  says.length = 0
  try {
    tell?.(code)
    return { said: says.join(''), code: process.exitCode }
  } finally {
    process.argv = argv
    process.exitCode = exitCode
  }
}

/** A program of so many bytes with these texts in it. */
function bundle(bytes: number, ...texts: readonly string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'lifeline-bundle-')), 'program.js')
  writeFileSync(path, texts.join('\n'))
  truncateSync(path, bytes)
  return path
}

test('what is imported past the main file is told once everything has been, and again at the end', () => {
  for (const other of [
    'express',
    'express/lib/Socket/index.js',
    '@whiskeysockets/baileys',
    '@whiskeysockets/baileys/lib/Types/Auth.js',
  ])
    noteImport(other)
  expect(vi.getTimerCount()).toBe(0)
  noteImport(socket)
  noteImport('baileys/lib/Utils/use-multi-file-auth-state.js')
  vi.advanceTimersByTime(2_999)
  expect(says).toEqual([])
  vi.advanceTimersByTime(1)
  expect(says).toEqual([
    expect.stringContaining(`lifeline: nothing is supervised: this program imports ${socket}, past`),
  ])
  expect(ends('/srv/gateway.js').said).toContain(
    `lifeline: nothing was supervised: this program imports ${socket}, past`,
  )
})

test('a program whose Baileys was supervised is told nothing, whatever else it imports', () => {
  seen().hooked.add('file:///srv/node_modules/baileys/lib/index.js')
  seen().refused.set('file:///srv/node_modules/whaileys/lib/index.js', 'it has no makeWASocket')
  noteImport(socket)
  vi.advanceTimersByTime(3_000)
  expect([says, ends('/srv/gateway.js')]).toEqual([[], { said: '', code: undefined }])
})

test('the exit code shows it under lifeline exec, where the program itself ends well', () => {
  seen().refused.set('file:///srv/node_modules/whaileys/lib/index.js', 'it has no makeWASocket')
  const said = 'lifeline: nothing was supervised: its Baileys is none that can be supervised, as was said.\n'
  vi.stubEnv(settingsVariable, undefined)
  expect(ends('/srv/gateway.js')).toEqual({ said, code: undefined })
  vi.stubEnv(settingsVariable, '{}')
  expect([ends('/srv/gateway.js'), ends('/srv/gateway.js', 3)]).toEqual([
    { said, code: 1 },
    { said, code: undefined },
  ])
})

test('a Baileys that was built in is told by its handshake and its auth state, in a file as large as a bundle is', () => {
  const signs = ['Noise_XX_25519_AESGCM_SHA256', 'useMultiFileAuthState']
  const built = bundle(50_000, ...signs)
  expect(ends(built).said).toContain(`nothing was supervised: ${built} has Baileys built in by a bundler.`)
  const others = [
    bundle(49_999, ...signs),
    ...signs.map((sign) => bundle(50_000, sign)),
    // A file of this size is not read.
    bundle(64 * 2 ** 20 + 1, ...signs),
    '/srv/no/such/program.js',
    undefined,
  ]
  for (const other of others) expect(ends(other).said).toBe('')
})
