import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { keyMaterial, secretsShownIn } from './key-material.ts'

const key = Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256))
const folder = join(await mkdtemp(join(tmpdir(), 'lifeline-keys-')), 'auth')
await mkdir(join(folder, '.lifeline', 'creds'), { recursive: true })
await writeFile(
  join(folder, '.lifeline', 'creds', '1.json'),
  JSON.stringify({ noiseKey: { private: { type: 'Buffer', data: key.toString('base64') } } }),
)
const secrets = await keyMaterial(folder)

test.each([
  ['base64', key.toString('base64')],
  ['base64 without its end', key.toString('base64').replace('=', '')],
  ['base64url', key.toString('base64url')],
  ['hex', key.toString('hex')],
  ['the JSON of a Buffer', JSON.stringify(key)],
  ['the console', inspect({ key })],
])('a key that is shown as %s is found, wherever it stands, and is not told itself', (_, text) => {
  const found = secretsShownIn(`before it ${text} after it, and again: ${text}`, secrets)
  expect(found.length).toBeGreaterThanOrEqual(2)
  expect(found[0]).toContain('before it')
  expect(found.join('')).not.toContain(key.toString('hex').slice(0, 12))
})

test('what is no key is not found, and neither is a key that breaks off', () => {
  expect(secretsShownIn(`nothing of it: ${key.toString('hex').slice(0, 20)} …`, secrets)).toEqual([])
})

test('a secret of eight characters is found at the very end', () => {
  expect(secretsShownIn('type this: ABCD1234', ['ABCD1234'])).toEqual(['…type this: '])
})
