import { once } from 'node:events'
import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { examples } from '../../src/cli/examples.ts'
import { tellFailure, UsageError } from '../../src/cli/failure.ts'
import { lifeline, saidBy } from './command.ts'

const folder = await mkdtemp(join(tmpdir(), 'lifeline-usage-'))
const policy = join(folder, 'policy.json')
await writeFile(policy, '{"reconnect":{"maxMs":-1}}')
const noObject = join(folder, 'array.json')
await writeFile(noObject, '[]')
const noJson = join(folder, 'broken.json')
await writeFile(noJson, '{')
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
  ['a policy file that is no JSON', ['run', '--auth', auth, '--policy', noJson], /is not JSON/],
  ['a threshold out of bounds', ['run', '--auth', auth, '--policy', policy], /policy\.reconnect\.maxMs is -1/],
  ['a phone that is none', ['run', '--auth', auth, '--phone', '0170'], /--phone 0170 is no phone number/],
  ['a version that is none', ['run', '--auth', auth, '--wa-version', '2.x'], /2\.x is not a version/],
  ['a server on another machine', ['run', '--auth', auth, '--url', 'wss://example.org'], /not on this machine/],
  ['a key of no server', ['run', '--auth', auth, '--root-key', '00'], /--root-key goes with --url/],
  ['a server that is no address', ['run', '--auth', auth, '--url', 'here'], /not on this machine/],
  ['a port that there is not', ['demo', '--port', '65536'], /a whole number from 0 to 65535/],
  ['a port that is no number', ['run', '--auth', auth, '--dashboard', 'x'], /a whole number from 0 to 65535/],
  ['a link that holds for no time', ['link', '--auth', auth, '--minutes', '0'], /1 to 10080 minutes/],
  ['a link that holds for too long', ['link', '--auth', auth, '--minutes', '10081'], /1 to 10080 minutes/],
  ['a copy into two places', ['import', folder, '--lmdb', auth, '--account', 'a'], /Two places were named/],
  ['a copy into a database that is not named', ['import', folder, '--account', 'a'], /No database was named/],
  ['a database that is not named', ['db', 'migrate'], /No database was named/],
  [
    'a torture of a module that is not there',
    ['torture', '--connect', join(folder, 'no.js'), '--runs', '2'],
    /There is no .*no\.js/,
  ],
  ['a torture of no runs', ['torture', '--connect', policy, '--runs', '0'], /--runs is 0/],
  ['a torture by a step that there is not', ['torture', '--connect', policy, '--steps', '999'], /There is no step 999/],
  ['a demo in a folder that holds something', ['demo', '--keep', folder], /is not empty/],
])('%s is wrong usage: exit code 2, said on stderr, nothing on stdout, nothing made', async (_title, args, said) => {
  const { code, stdout, stderr } = await lifeline(...args)
  expect(stderr).toMatch(said)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(await readdir(folder)).toEqual(['array.json', 'broken.json', 'policy.json'])
})

test('a key to encrypt with that has no id is wrong usage, and is not repeated', async () => {
  vi.stubEnv('LIFELINE_ENCRYPTION_KEYS', 'b25seQ==')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { code, stderr } = await lifeline('db', 'migrate', '--database', 'postgres://127.0.0.1:1/none')
  expect(stderr).toMatch(/LIFELINE_ENCRYPTION_KEYS holds a key without its id/)
  expect(stderr).not.toContain('b25seQ')
  expect(code).toBe(2)
})

test('a demo whose port is in use plays nothing, and says so', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const { code, stdout, stderr } = await lifeline('demo', '--port', String(port))
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(`Port ${port} of 127.0.0.1 is in use.`)
})

test('help and version are no errors', async () => {
  const help = await lifeline('--help')
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const command of ['demo', 'run', 'doctor', 'prune', 'quarantine']) expect(help.stdout).toContain(`  ${command} `)
  const version = await lifeline('--version')
  expect(version).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('a failure is told with its cure and without a stack, unless the stack is asked for', async () => {
  const plain = await lifeline('doctor', '--auth', auth)
  expect(plain).toMatchObject({ code: 1, stdout: '' })
  expect(plain.stderr).toBe(
    `lifeline: ${auth} is not there.\nGive --auth the folder that Baileys' credentials lie in.\n`,
  )
  const debug = await lifeline('doctor', '--auth', auth, '--debug')
  expect(debug.stderr).toContain('at ')
})

test.each<[unknown, number, RegExp]>([
  [new UsageError('Two were named.', 'Name one.'), 2, /^lifeline: Two were named\.\nName one\.\n$/],
  [new Error('at /home/me/x.js broke'), 1, /^lifeline: at <file> broke\nThis should not happen\. .*--debug.*\n$/],
  ['a text', 1, /^lifeline: a text\nThis should not happen/],
])(
  'an error is told by what it is, and an unforeseen one without the places of files: %o',
  async (error, code, said) => {
    const told = await saidBy(() => tellFailure(error, false))
    expect(told).toMatchObject({ value: code, stdout: '', stderr: expect.stringMatching(said) })
    const { stderr } = await saidBy(() => tellFailure(error, true))
    expect(/\n {4}at /.test(stderr)).toBe(error instanceof Error)
  },
)

test.each(Object.entries(examples))('the help of %s ends with an example of it', async (path, example) => {
  const { code, stdout } = await lifeline(...path.split(' '), '--help')
  expect([code, stdout.trimEnd().endsWith(`npx baileys-lifeline ${example}`)]).toEqual([0, true])
  expect(example.startsWith(path)).toBe(true)
})

test('the help marks the options that a command cannot do without', async () => {
  const { stdout } = await lifeline('doctor', '--help')
  expect(stdout.replace(/\s+/g, ' ')).toMatch(/--auth <folder> .*layout of Baileys' multi-file store \(required\)/)
})
