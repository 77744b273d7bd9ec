import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mayImportBaileys } from '../../../src/drop-in/register/thread.ts'

test.each([
  ['under its own name', 'node_modules/baileys', true],
  ['under a scope', 'node_modules/@whiskeysockets/baileys', true],
  ['as a fork', 'node_modules/whaileys', true],
  ['in the store of pnpm', 'node_modules/.pnpm/@whiskeysockets+baileys@7.0.0/node_modules', true],
  ['under an alias, with its protocol', 'node_modules/wa/WAProto', true],
  ['in nothing, with the packages of others', 'node_modules/express/lib', false],
  ['in a cache of tools', 'node_modules/.cache/baileys', false],
])('a program may import a Baileys that lies %s', (_, part, may) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeline-thread-'))
  mkdirSync(join(folder, part), { recursive: true })
  const program = join(folder, 'src', 'gateway.js')
  expect([mayImportBaileys('/', program), mayImportBaileys(join(folder, 'src'), undefined)]).toEqual([may, may])
  expect([mayImportBaileys('/', '/gateway.js'), mayImportBaileys('/', undefined)]).toEqual([false, false])
})

test('where packages lie in archives a program may import anything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeline-thread-'))
  writeFileSync(join(folder, '.pnp.cjs'), '')
  expect(mayImportBaileys(folder, undefined)).toBe(true)
})
