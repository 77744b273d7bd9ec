import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lifeline, lifelineProcess } from './command.ts'

const folder = await mkdtemp(join(tmpdir(), 'lifeline-usage-'))
const policy = join(folder, 'policy.json')
await writeFile(policy, '{"reconnect":{"maxMs":-1}}')
const noObject = join(folder, 'array.json')
await writeFile(noObject, '[]')
const auth = join(folder, 'auth')

test.each([
  ['no command at all', [], /Usage: lifeline/],
  ['an unknown command', ['heal'], /unknown command 'heal'/],
  ['an unknown option', ['demo', '--fast'], /unknown option '--fast'/],
  ['a folder that is not named', ['doctor'], /--auth/],
  ['a restore without an entry', ['quarantine', 'restore', '--auth', auth], /missing required argument 'id'/],
  ['a prune that does not say of what', ['prune', '--auth', auth], /--all, or their addresses/],
  ['a prune of all and of some', ['prune', '--all', '1.0', '--auth', auth], /either --all or addresses/],
  ['a log level that does not exist', ['run', '--auth', auth, '--log-level', 'loud'], /Allowed choices/],
  ['a policy file that is not there', ['run', '--auth', auth, '--policy', join(folder, 'none')], /cannot be read/],
  ['a policy file without an object', ['run', '--auth', auth, '--policy', noObject], /holds no object/],
  ['a threshold out of bounds', ['run', '--auth', auth, '--policy', policy], /policy\.reconnect\.maxMs is -1/],
  ['a version that is none', ['run', '--auth', auth, '--wa-version', '2.x'], /2\.x is no version/],
  ['a server on another machine', ['run', '--auth', auth, '--url', 'wss://example.org'], /not on this machine/],
  ['a demo in a folder that holds something', ['demo', '--keep', folder], /is not empty/],
])('%s is wrong usage: exit code 2, said on stderr, nothing on stdout, nothing made', async (_title, args, said) => {
  const { code, stdout, stderr } = await lifeline(...args)
  expect(stderr).toMatch(said)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(await readdir(folder)).toEqual(['array.json', 'policy.json'])
})

test('help and version are no errors, and a process ends with what its command came to', async () => {
  const [help, version, unknown] = await Promise.all(
    ['--help', '--version', 'heal'].map((word) => lifelineProcess(word)),
  )
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(unknown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining("unknown command 'heal'") })
  for (const command of ['demo', 'run', 'doctor', 'prune', 'quarantine'])
    expect(help?.stdout).toContain(`  ${command} `)
  expect(version).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('a failure is told with its cure and without a stack, unless the stack is asked for', async () => {
  const plain = await lifelineProcess('doctor', '--auth', auth)
  expect(plain).toMatchObject({ code: 1, stdout: '' })
  expect(plain.stderr).toBe(
    `lifeline: ${auth} is not there.\nGive --auth the folder that Baileys' credentials lie in.\n`,
  )
  const debug = await lifeline('doctor', '--auth', auth, '--debug')
  expect(debug.stderr).toContain('at ')
})
