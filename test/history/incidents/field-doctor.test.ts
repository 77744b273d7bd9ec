import { spawnSync } from 'node:child_process'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { lifeline } from '../../cli/command.ts'
import { slow } from '../../share.ts'
import { cli } from '../../shipped.ts'
import { linkedAccount, session } from '../../stores/account.ts'

type Damage = (folder: string) => Promise<unknown>
type Fields = Readonly<Record<string, unknown>>

async function useless(folder: string): Promise<void> {
  const path = join(folder, 'session-491.0.json')
  const { _sessions, ...rest } = JSON.parse(await readFile(path, 'utf8')) as { _sessions: Record<string, object> }
  const without = Object.entries(_sessions).map(([key, entry]) => [key, { ...entry, _chains: {} }])
  await writeFile(path, JSON.stringify({ ...rest, _sessions: Object.fromEntries(without) }))
}

// The project's own trials in November 2026: a doctor that said "Nothing is wrong" of accounts that could not be read.
test.for<[what: string, code: string, damage: Damage]>([
  [
    'creds.json alone, with a counter of pre-keys and no pre-key',
    'pre-keys-gone',
    async (folder) => {
      const path = join(folder, 'creds.json')
      const creds = JSON.parse(await readFile(path, 'utf8')) as object
      await writeFile(path, JSON.stringify({ ...creds, nextPreKeyId: 813, firstUnuploadedPreKeyId: 813 }))
      for (const file of await readdir(folder)) if (file.startsWith('pre-key-')) await rm(join(folder, file))
    },
  ],
  ['a session that loads and has lost its chains', 'session-useless', useless],
  ['creds.json that is torn', 'creds-unreadable', (folder) => writeFile(join(folder, 'creds.json'), '{"noiseKey":')],
])('the doctor names %s, with effect, cure and exit code 1', async ([, code, damage]) => {
  const { folder, store } = await linkedAccount()
  await store.release()
  await damage(folder)
  const said = await lifeline('doctor', '--auth', folder, '--json')
  expect(said.code).toBe(1)
  const { ok, findings } = JSON.parse(said.stdout)
  expect(ok).toBe(false)
  expect(findings).toContainEqual(
    expect.objectContaining({ code, consequence: expect.stringMatching(/\w/), cure: expect.stringMatching(/\w/) }),
  )
})

/** A session of which some part is as another fault leaves it. */
async function spoilt(folder: string, address: string, how: (entry: Fields) => Fields): Promise<void> {
  const path = join(folder, `session-${address}.json`)
  const { _sessions, ...rest } = JSON.parse(await readFile(path, 'utf8')) as { _sessions: Record<string, Fields> }
  const entries = Object.entries(_sessions).map(([key, entry]) => [key, how(entry)])
  await writeFile(path, JSON.stringify({ ...rest, _sessions: Object.fromEntries(entries) }))
}

test('the doctor names each session that loads and cannot work by what it lacks, with exit code 1', async () => {
  const { folder, store } = await linkedAccount()
  const opening = await store.open()
  await opening.state.keys.set({ session: { '494.0': session('d') } })
  await store.release()
  await spoilt(folder, '491.0', ({ _chains, ...entry }) => {
    const chains = Object.entries(_chains as Fields)
    const without = chains.map(([key, chain]) => [key, { ...Object(chain), chainKey: { counter: 0 } }])
    return { ...entry, _chains: Object.fromEntries(without) }
  })
  await spoilt(folder, '492.0', (entry) => ({
    ...entry,
    currentRatchet: { ...Object(entry.currentRatchet), rootKey: '' },
  }))
  await spoilt(folder, '493.12', (entry) => ({ ...entry, indexInfo: { ...Object(entry.indexInfo), closed: 1 } }))
  await spoilt(folder, '494.0', ({ registrationId: _, ...entry }) => entry)
  const { code, stdout } = await lifeline('doctor', '--auth', folder, '--json')
  const found = (JSON.parse(stdout) as { findings: Record<string, string>[] }).findings
  expect(code).toBe(1)
  expect(
    found.filter(({ code }) => code?.startsWith('session-')).map(({ code, message }) => `${code}: ${message}`),
  ).toEqual([
    'session-useless: session-491.0.json has lost the keys of its chains',
    'session-useless: session-492.0.json has no root key',
    'session-mute: session-493.12.json has no session that is open',
    'session-mute: session-494.0.json has no registration id',
  ])
  for (const { consequence, cure } of found) expect([consequence, cure].every(Boolean)).toBe(true)
})

test('the folder above an account is told by the name of the one below it, and a torn creds.json is not called unlinked', async () => {
  const { folder, store } = await linkedAccount()
  await store.release()
  const above = await lifeline('doctor', '--auth', dirname(folder))
  expect(above.code).toBe(1)
  expect(above.stdout.replace(/\s+/g, ' ')).toMatch(/account-below: .*account/)
  await writeFile(join(folder, 'creds.json'), '{')
  const torn = await lifeline('doctor', '--auth', folder)
  expect(torn.stdout).not.toContain('not linked')
  expect(torn.stdout).toContain('creds.json cannot be used')
})

test.skipIf(process.platform === 'win32')(
  'a folder that this user cannot write is named, with effect, cure and exit code 1',
  { tags: [slow] },
  async () => {
    const { folder, store } = await linkedAccount()
    await store.release()
    // Who may do everything is made another user: the files are read, and none can be written.
    for (const path of [folder, dirname(folder)]) await chmod(path, 0o755)
    for (const file of await readdir(folder, { recursive: true })) await chmod(join(folder, file), 0o755)
    await chmod(folder, 0o555)
    const source = `process.getuid?.() === 0 && process.setuid?.(65534)
    process.argv.splice(1, 0, ${JSON.stringify(cli)})
    await import(${JSON.stringify(pathToFileURL(cli).href)})`
    const args = ['--input-type=module', '-e', source, 'doctor', '--auth', folder, '--json']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    await chmod(folder, 0o755)
    expect(stderr).toBe('')
    const found = expect.objectContaining({
      code: 'not-writable',
      consequence: expect.stringMatching(/\w/),
      cure: expect.stringMatching(/\w/),
    })
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, findings: expect.arrayContaining([found]) })
    expect(status).toBe(1)
  },
)
