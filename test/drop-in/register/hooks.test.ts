import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import {
  isBaileys,
  isWithinBaileys,
  nameOf,
  packageOf,
  standIn,
  stoodFor,
} from '../../../src/drop-in/register/entry.ts'
import { initialize, led, load, loaded, resolve } from '../../../src/drop-in/register/hooks.ts'
import { hookRequires } from '../../../src/drop-in/register/requires.ts'

/** A package with what tells a Baileys, and its main file as a URL. */
function baileysIn(folder: string, more: Readonly<Record<string, string>> = {}): string {
  for (const part of ['WAProto', 'lib/Socket']) mkdirSync(join(folder, part), { recursive: true })
  const files = { 'package.json': '{"name":"a-fork","version":"6.1.0"}', 'lib/index.js': '', ...more }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return pathToFileURL(join(folder, 'lib/index.js')).href
}
const place = () => mkdtempSync(join(tmpdir(), 'lifeline-entry-'))
const found = (url: string) => ({ url, format: 'commonjs' as const })
const from = (parentURL: string, ...conditions: string[]) => ({
  parentURL,
  conditions,
  importAttributes: {},
  importAssertions: {},
})

test('a Baileys is told by its files, whatever its name', () => {
  const whole = baileysIn(join(place(), 'any-name'))
  expect([isBaileys(whole), nameOf(whole)]).toEqual([true, 'a-fork 6.1.0'])
  const noProtocol = join(place(), 'baileys')
  mkdirSync(join(noProtocol, 'lib/Socket'), { recursive: true })
  const noSocket = join(place(), 'baileys')
  mkdirSync(join(noSocket, 'WAProto'), { recursive: true })
  for (const folder of [noProtocol, noSocket])
    expect(isBaileys(pathToFileURL(join(folder, 'lib/index.js')).href)).toBe(false)
  for (const other of [
    ...['lib/Socket/index.js', 'lib/other.js'].map((name) => packageOf(whole) + name),
    whole.slice(5),
  ])
    expect(isBaileys(other), other).toBe(false)
  expect(nameOf('file:///srv/nobody/lib/index.js')).toBe('/srv/nobody/lib/index.js')
})

test.each([
  ['@whiskeysockets/baileys/lib/Socket/index.js', true],
  ['baileys/lib/Utils', true],
  ['/srv/node_modules/@neoxr/baileys/lib/Socket.js', true],
  ['whaileys/lib/Types', true],
  ['baileys', false],
  ['@whiskeysockets/baileys/lib/index.js', false],
  ['express/lib/router', false],
])('an import of %s goes past the main file of a Baileys: %s', (specifier, past) => {
  expect(isWithinBaileys(specifier)).toBe(past)
})

test('an import of a Baileys is led to the module in its place, but not that of Baileys itself, nor a require', () => {
  const entry = baileysIn(join(place(), 'baileys'))
  const given = found(entry)
  expect(led(given, from('file:///srv/gateway.js', 'import'))).toEqual({ url: standIn(entry), format: 'module' })
  for (const context of [
    from('file:///srv/gateway.js', 'require'),
    from(standIn(entry), 'import'),
    from(`${packageOf(entry)}lib/Socket/index.js`, 'import'),
  ])
    expect(led(given, context)).toBe(given)
  const other = found('file:///srv/node_modules/express/index.js')
  expect(led(other, from('file:///srv/gateway.js', 'import'))).toBe(other)
  expect([stoodFor(standIn(entry)), stoodFor(entry)]).toEqual([entry, undefined])
})

test('the module in its place exports what the Baileys does, and is handed out without asking anybody', async () => {
  const entry = baileysIn(join(place(), 'baileys'))
  expect(loaded(entry)).toBeUndefined()
  const ours = loaded(standIn(entry))
  expect(ours).toMatchObject({ format: 'module', shortCircuit: true })
  expect(String(ours?.source)).toContain(`export * from ${JSON.stringify(entry)}`)
  const next = async () => ({ format: 'module' as const, source: 'next' })
  const context = { conditions: [], format: 'module' as const, importAttributes: {}, importAssertions: {} }
  expect(await load(standIn(entry), context, next)).toEqual(ours)
  expect(await load(entry, context, next)).toEqual({ format: 'module', source: 'next' })
})

test('in a thread of its own the hook tells the program what is imported past the main file, and nothing else', async () => {
  const entry = baileysIn(join(place(), 'baileys'))
  const told: string[] = []
  initialize({ port: { postMessage: (specifier) => told.push(specifier) } })
  onTestFinished(() => initialize({ port: undefined }))
  const context = from('file:///srv/gateway.js', 'import')
  for (const specifier of ['express', 'baileys/lib/Socket', 'baileys'])
    expect(await resolve(specifier, context, async () => found(entry))).toMatchObject({ url: standIn(entry) })
  expect(told).toEqual(['baileys/lib/Socket'])
})

test('a Baileys that is required is replaced once, and its own files have the original', () => {
  const loader = module as unknown as { _load: unknown }
  const { _load } = loader
  onTestFinished(() => void Object.assign(loader, { _load }))
  const folder = place()
  const exports = 'module.exports = { useMultiFileAuthState() {}, initAuthCreds() {}, own: () => require("./own.js") }'
  baileysIn(join(folder, 'node_modules/a-fork'), {
    'package.json': '{"name":"a-fork","main":"lib/index.js"}',
    'lib/index.js': exports,
    'lib/own.js': 'exports.main = require("./index.js")',
  })
  for (const [name, only] of [
    ['plain', 'useMultiFileAuthState'],
    ['other', 'initAuthCreds'],
  ] as const) {
    mkdirSync(join(folder, 'node_modules', name, 'lib'), { recursive: true })
    writeFileSync(join(folder, 'node_modules', name, 'lib/index.js'), `module.exports = { ${only}() {} }`)
  }
  const told: string[] = []
  let replaced = 0
  const replace = hookRequires(
    (request) => told.push(request),
    (original) => {
      replaced += 1
      return { ...original, original, ours: true }
    },
  )
  const taken = createRequire(join(folder, 'gateway.js'))
  const ours = taken('a-fork')
  expect([ours.ours, taken('a-fork') === ours, replaced]).toEqual([true, true, 1])
  expect(ours.original.own().main).toBe(ours.original)
  for (const other of ['plain', 'other']) expect(taken(`${other}/lib`)).not.toHaveProperty('ours')
  expect(told.toSorted()).toEqual(['./index.js', './own.js', 'a-fork', 'a-fork', 'other/lib', 'plain/lib'])
  expect([replace(ours.original, 'file:///srv'), replace(ours, 'file:///srv'), replace(null, 'file:///srv')]).toEqual([
    ours,
    ours,
    null,
  ])
  expect(replaced).toBe(1)
  const callable = Object.assign(() => 'socket', { useMultiFileAuthState: 1, initAuthCreds: 2 })
  expect(replace(callable, 'file:///srv/callable')).toMatchObject({ original: callable, ours: true })
  for (const none of [undefined, 'text', 7, () => undefined]) expect(replace(none, 'file:///srv')).toBe(none)
  expect(replaced).toBe(2)
})
