import { cpSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { beforeAll, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/stores/folder/file-store.ts'
import { session } from '../stores/account.ts'
import { crashed, HandDelays } from '../stores/folder/journal/crash.ts'
import { chainsIn, grownSenderKey, grownSession, keptChains } from '../stores/grown-keys.ts'
import { lifeline } from './command.ts'
import { linkedFolder } from './linked-folder.ts'

let good = ''

beforeAll(async () => {
  good = await linkedFolder()
})

/** A copy that a test may damage, and the names of its session files. */
async function copy(): Promise<{ folder: string; sessions: string[] }> {
  const folder = join(await mkdtemp(join(tmpdir(), 'lifeline-doctor-')), 'auth')
  cpSync(good, folder, { recursive: true })
  return { folder, sessions: await sessionsIn(folder) }
}

const sessionsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('session-')).sort()

test('a good folder is well: exit code 0, and nothing in it changes', async () => {
  const { folder } = await copy()
  const before = await readdir(folder, { recursive: true })
  const text = await lifeline('doctor', '--auth', folder)
  const json = await lifeline('doctor', '--auth', folder, '--json')
  expect(text).toMatchObject({ code: 0, stderr: '' })
  expect(text.stdout).toContain('linked as 491700000001')
  expect(text.stdout).toContain('Nothing is wrong.')
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, linked: true, creds: { kind: 'present' }, fixed: [] })
  expect(await readdir(folder, { recursive: true })).toEqual(before)
})

test('damage is found, named with its effect and cure, and told by exit code 1', async () => {
  const { folder, sessions } = await copy()
  const [torn = '', poisoned = ''] = sessions
  await writeFile(join(folder, torn), '{"_sess')
  await writeFile(join(folder, poisoned), '{"_sessions":{"a":{}},"version":"v1"}')
  const text = await lifeline('doctor', '--auth', folder)
  const json = await lifeline('doctor', '--auth', folder, '--json')
  expect(text.code).toBe(1)
  expect(text.stdout).toMatch(/effect\s+\S/)
  expect(text.stdout).toMatch(/cure\s+\S/)
  expect(json.code).toBe(1)
  const { ok, findings } = JSON.parse(json.stdout)
  expect(ok).toBe(false)
  expect(findings).toContainEqual(expect.objectContaining({ code: 'file-unreadable', file: torn }))
  expect(findings).toContainEqual(expect.objectContaining({ code: 'session-poison', file: poisoned }))
})

test('torn creds without a good copy are told with why, to programs too, and of many files of one kind three are named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-doctor-'))
  await chmod(folder, 0o700)
  await writeFile(join(folder, 'creds.json'), '{"me"')
  for (let id = 1; id <= 5; id += 1) await writeFile(join(folder, `session-49170000000${id}.0.json`), '')
  const { stdout } = await lifeline('doctor', '--auth', folder, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, creds: { kind: 'unreadable', why: expect.any(String) } })
  const text = (await lifeline('doctor', '--auth', folder)).stdout.replaceAll(/\s+/g, ' ')
  expect(text.match(/session-\d+\.0\.json/g)).toHaveLength(3)
  expect(text).toMatch(/And 2 more\./)
  expect(text).toMatch(/linked or not: creds\.json cannot be used, so it does not say Files: 1 creds, 5 session\./)
})

test('torn creds of a linked account are headed by whom it is linked as, and by the good copy that is there', async () => {
  const { folder } = await copy()
  const { me } = JSON.parse(await readFile(join(folder, 'creds.json'), 'utf8'))
  await writeFile(join(folder, 'creds.json'), '{"me"')
  const [, head = ''] = (await lifeline('doctor', '--auth', folder)).stdout.split('\n')
  expect(head).toContain(`linked as ${me.id}: creds.json cannot be used, a good copy of 20`)
})

test('a folder that others may read is warned of, and --fix closes it', async () => {
  const { folder } = await copy()
  await chmod(folder, 0o755)
  await chmod(join(folder, 'creds.json'), 0o644)
  const warned = await lifeline('doctor', '--auth', folder)
  expect(warned).toMatchObject({ code: 1, stdout: expect.stringMatching(/\n1 warning\. What can be cured/) })
  const fixed = await lifeline('doctor', '--auth', folder, '--fix')
  expect(fixed).toMatchObject({ code: 0, stdout: expect.stringMatching(/fixed Other users may no longer read/) })
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

test('a file name or a replay file of somebody else gives the terminal no command', async () => {
  const { folder } = await copy()
  const command = '\u001b]0;title\u0007\u001b[2J\u009b2J'
  await writeFile(join(folder, `note${command}.txt`), 'x')
  const incident = { id: `i${command}`, beganAt: 0, outcome: 'healed', cause: `c${command}`, sentence: `s${command}` }
  const file = join(folder, 'replay.json')
  const replay = {
    format: 'baileys-lifeline-replay',
    version: 1,
    incident: { ...incident, wouldHave: false },
    runs: [],
  }
  await writeFile(file, JSON.stringify(replay))
  for (const args of [
    ['doctor', '--auth', folder],
    ['doctor', '--auth', folder, '--json'],
    ['explain', '--replay', file],
  ]) {
    const { stdout, stderr } = await lifeline(...args)
    expect(stdout).toContain('u001b]0;title')
    expect(stdout + stderr, args.join(' ')).not.toMatch(/[^\P{Cc}\n]/u)
  }
})

test('a lock that nobody signed and nobody renews is told as left behind', async () => {
  const { folder } = await copy()
  const claim = join(folder, '.lifeline', 'lock', 'claim-aa.json')
  await mkdir(dirname(claim), { recursive: true })
  await writeFile(claim, 'null', { mode: 0o600 })
  await utimes(claim, 0, 0)
  const { stdout } = await lifeline('doctor', '--auth', folder)
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('A lock of process (unknown) on (unknown), which is gone, is left.')
})

test('an empty folder is not linked, and nothing is wrong with it', async () => {
  const { code, stdout } = await lifeline('doctor', '--auth', await mkdtemp(join(tmpdir(), 'lifeline-doctor-')))
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\nnot linked\nNo files of Baileys\./),
  })
})

test('--auth that names a file says so', async () => {
  const file = join(good, 'creds.json')
  const { code, stderr } = await lifeline('doctor', '--auth', file)
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file} is no folder.`) })
})

test('--fix restores torn creds from the good copy and sets torn sessions aside, losing nothing', async () => {
  const { folder, sessions } = await copy()
  const [torn = ''] = sessions
  const creds = await readFile(join(folder, 'creds.json'), 'utf8')
  await writeFile(join(folder, 'creds.json'), creds.slice(0, 50))
  await writeFile(join(folder, torn), '')
  expect((await lifeline('doctor', '--auth', folder)).code).toBe(1)

  const fixed = await lifeline('doctor', '--auth', folder, '--fix', '--json')
  expect(fixed).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(fixed.stdout).fixed).toHaveLength(3)
  const { me } = JSON.parse(await readFile(join(folder, 'creds.json'), 'utf8'))
  expect(me).toEqual(JSON.parse(creds).me)
  expect(await sessionsIn(folder)).not.toContain(torn)
  const { entries } = JSON.parse((await lifeline('quarantine', 'list', '--auth', folder, '--json')).stdout)
  const names = entries.flatMap(({ files }: { files: { name: string }[] }) => files.map(({ name }) => name))
  expect(names.sort()).toEqual(['creds.json', torn].sort())
})

test('--fix sets a damaged sender key aside together with its group, and leaves a damaged pre-key where it is', async () => {
  const { folder } = await copy()
  const [key, memory] = ['sender-key-12-34@g.us--4917_1--0.json', 'sender-key-memory-12-34@g.us.json']
  await writeFile(join(folder, key), '{"half')
  await writeFile(join(folder, memory), '{}')
  await writeFile(join(folder, 'pre-key-5.json'), '{"half')
  const { findings } = JSON.parse((await lifeline('doctor', '--auth', folder, '--fix', '--json')).stdout)
  expect(findings).toEqual([
    expect.objectContaining({
      code: 'file-unreadable',
      file: 'pre-key-5.json',
      cure: expect.stringContaining('backup'),
    }),
  ])
  const { entries } = JSON.parse((await lifeline('quarantine', 'list', '--auth', folder, '--json')).stdout)
  expect(entries.map(({ files }: { files: { name: string }[] }) => files.map(({ name }) => name))).toEqual([
    [memory, key].sort(),
  ])
})

test('what prune sets aside is listed, and restore brings it back byte for byte', async () => {
  const { folder, sessions } = await copy()
  const [first = ''] = sessions
  const bytes = await readFile(join(folder, first))
  const address = first.replace(/^session-|\.json$/g, '')

  const pruned = await lifeline('prune', address, '--auth', folder, '--json')
  expect(pruned).toMatchObject({ code: 0, stderr: '' })
  const { id } = JSON.parse(pruned.stdout).entry
  expect(await sessionsIn(folder)).toEqual(sessions.filter((name) => name !== first))
  const list = await lifeline('quarantine', 'list', '--auth', folder)
  expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining(id) })

  const restored = await lifeline('quarantine', 'restore', id, '--auth', folder, '--json')
  expect(restored).toMatchObject({ code: 0, stdout: `${JSON.stringify({ id, restored: [first] })}\n` })
  expect(await readFile(join(folder, first))).toEqual(bytes)
  const again = await lifeline('quarantine', 'restore', id, '--auth', folder)
  expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('There is no quarantine entry') })
})

test('what prune did, or that there was nothing to do, is told to people and to programs', async () => {
  const { folder, sessions } = await copy()
  const count = sessions.length
  const pruned = await lifeline('prune', '--all', '--auth', folder)
  expect(pruned.stdout).toMatch(
    new RegExp(`^Set aside as \\S+: ${count} session files\\. Everything else stays\\.\\n$`),
  )
  const [again, json] = [
    await lifeline('prune', '--all', '--auth', folder),
    await lifeline('prune', '--all', '--auth', folder, '--json'),
  ]
  expect(again).toMatchObject({ code: 0, stdout: `There was nothing to set aside in ${folder}.\n` })
  expect(JSON.parse(json.stdout)).toEqual({ location: folder, entry: null, missing: [] })
})

test('prune --all takes every session and nothing else; an address without a session is a failure', async () => {
  const { folder, sessions } = await copy()
  const others = (await readdir(folder)).filter((name) => !sessions.includes(name))
  const all = await lifeline('prune', '--all', '--auth', folder, '--json')
  expect(all.code).toBe(0)
  expect(JSON.parse(all.stdout).entry.files).toHaveLength(sessions.length)
  expect(await readdir(folder)).toEqual(others)
  const none = await lifeline('prune', '123456.0', '--auth', folder)
  expect(none).toMatchObject({ code: 1, stdout: expect.stringContaining('There is no session of 123456.0.') })
})

test('a restore over a newer session is refused with the reason, unless it is forced', async () => {
  const { folder, sessions } = await copy()
  const [first = ''] = sessions
  const address = first.replace(/^session-|\.json$/g, '')
  const { id } = JSON.parse((await lifeline('prune', address, '--auth', folder, '--json')).stdout).entry
  await writeFile(join(folder, first), '{"_sessions":{},"version":"v1"}')
  const refused = await lifeline('quarantine', 'restore', id, '--auth', folder)
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was moved') })
  expect((await lifeline('quarantine', 'restore', id, '--force', '--auth', folder)).code).toBe(0)
})

test('after a kill it names what is still to be put in place and what another program wrote since, and --fix settles the folder', async () => {
  const { folder } = await copy()
  const store = fileAuthStore(folder, { delays: new HandDelays() })
  await store.acquire()
  await (await store.open()).state.keys.set({ session: { '491.0': session('ours'), '492.0': session('alone') } })
  const left = await crashed(folder)
  await store.release()
  const own = async () => (await useMultiFileAuthState(left)).state.keys
  await (await own()).set({ session: { '491.0': session('theirs') } })

  const found = JSON.parse((await lifeline('doctor', '--auth', left, '--json')).stdout).findings
  expect(found).toContainEqual(expect.objectContaining({ code: 'write-unfinished', severity: 'info' }))
  expect(found).toContainEqual(
    expect.objectContaining({ code: 'write-superseded', severity: 'warning', file: 'session-491.0.json' }),
  )
  const { stdout, code } = await lifeline('doctor', '--auth', left, '--fix')
  const text = stdout.replaceAll(/\s+/g, ' ')
  expect(text).toContain('The last writes before a crash: 1 file put in place.')
  expect(text).toContain('1 file that another program wrote since: the newer stayed, the others are in the quarantine.')
  expect(text).toContain('Nothing is wrong.')
  expect(code).toBe(0)
  expect(await (await own()).get('session', ['491.0', '492.0'])).toEqual({
    '491.0': session('theirs'),
    '492.0': session('alone'),
  })
})

test('sessions and sender keys that have grown for years are told, and --fix trims them and keeps the old files', async () => {
  const { folder, sessions } = await copy()
  const [name = ''] = sessions
  const senderKey = 'sender-key-120363000000000001@g.us--491700000001--1.json'
  const [record, key] = [grownSession(500), grownSenderKey(500)]
  const bytes = JSON.stringify({ type: 'Buffer', data: key.toString('base64') })
  await writeFile(join(folder, name), JSON.stringify(record))
  await writeFile(join(folder, senderKey), bytes)
  const { ok, findings } = JSON.parse((await lifeline('doctor', '--auth', folder, '--json')).stdout)
  expect(ok).toBe(true)
  const found = { code: 'keys-overgrown', severity: 'info' }
  for (const file of [name, senderKey]) expect(findings).toContainEqual(expect.objectContaining({ ...found, file }))
  const fixed = await lifeline('doctor', '--auth', folder, '--fix')
  expect(fixed).toMatchObject({ code: 0, stdout: expect.stringMatching(/fixed Trimmed: 2 files; as they were/) })
  expect(chainsIn(JSON.parse(await readFile(join(folder, name), 'utf8')))).toBe(keptChains)
  expect((await readFile(join(folder, senderKey))).length).toBeLessThan(2_000)
  const { entries } = JSON.parse((await lifeline('quarantine', 'list', '--auth', folder, '--json')).stdout) as {
    entries: { id: string; files: { name: string }[] }[]
  }
  expect(entries.flatMap(({ files }) => files.map(({ name: kept }) => kept)).sort()).toEqual([name, senderKey].sort())
  const aside = join(folder, '.lifeline', 'quarantine', entries[0]?.id ?? '')
  expect(await readFile(join(aside, name), 'utf8')).toBe(JSON.stringify(record))
  expect(await readFile(join(aside, senderKey), 'utf8')).toBe(bytes)
  expect((await lifeline('doctor', '--auth', folder)).stdout).toContain('Nothing is wrong.')
})
