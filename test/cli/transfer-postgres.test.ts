// @module-tag slow

import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { beforeAll, expect, test, vi } from 'vitest'
import { exportFolder, importFolder, postgresAuthStore } from '../../src/stores/postgres/index.ts'
import { inProject } from '../root.ts'
import { cli as program } from '../shipped.ts'
import { filesBelow, freshFolder, linkedAccount, session } from '../stores/account.ts'
import { emptyDatabase, testDatabase } from '../stores/postgres/databases.ts'
import { lifeline as lifelineHere } from './command.ts'

const at = testDatabase()
const keys = `first:${Buffer.alloc(32, 1).toString('base64')}`
const encryptionKeys = [{ id: 'first', key: Buffer.alloc(32, 1) }]
let url = ''
beforeAll(() => {
  url = at.url
})

/** The built command; the address of the database and the keys come by the environment, which no process list shows. */
const lifeline = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DATABASE_URL: url, LIFELINE_ENCRYPTION_KEYS: keys, ...env },
  })
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.on('data', (chunk) => out.push(String(chunk)))
  child.stderr.on('data', (chunk) => err.push(String(chunk)))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, stdout: out.join(''), stderr: err.join('') }
}

/** The same in this process, for what does not ask about another one. */
const here = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries({ LIFELINE_ENCRYPTION_KEYS: keys, ...env })) vi.stubEnv(name, value)
  try {
    return await lifelineHere(...args)
  } finally {
    vi.unstubAllEnvs()
  }
}

const restingFolder = async () => {
  const { folder, store, creds } = await linkedAccount()
  await store.writeFacts({ budget: 3 })
  await store.release()
  return { folder, creds }
}

const accountFiles = async (folder: string) => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')]))
}

test('an account moves into the database by command, encrypted, and back into a folder that Baileys reads, each file as it was', async () => {
  const { folder, creds } = await restingFolder()
  const before = await filesBelow(folder)
  const moved = await lifeline(['import', folder, '--account', 'anna', '--database', url, '--json'])
  expect(moved).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(moved.stdout)).toMatchObject({ from: folder, files: expect.any(Number) })
  expect(moved.stdout).not.toContain(new URL(url).password)
  expect(await filesBelow(folder)).toEqual(before)
  const { rows } = await at.pool.query(`SELECT DISTINCT key_id FROM lifeline.item WHERE account = 'anna'`)
  expect(rows).toEqual([{ key_id: 'first' }])

  const store = postgresAuthStore({ database: at.connect({ encryptionKeys }), account: 'anna' })
  await store.acquire()
  const { state } = await store.open()
  expect(state.creds).toEqual(creds)
  expect(await state.keys.get('session', ['493.12'])).toEqual({ '493.12': session('c') })
  expect(await store.readFacts()).toEqual({ budget: 3 })

  const back = await freshFolder()
  const owned = await lifeline(['export', back, '--account', 'anna'])
  expect(owned).toMatchObject({ code: 1, stdout: '' })
  expect(owned.stderr).toContain(`is in use by process ${process.pid}`)
  await store.release()

  expect(await lifeline(['export', back, '--account', 'anna'])).toMatchObject({ code: 0, stderr: '' })
  expect(await accountFiles(back)).toEqual(await accountFiles(folder))
  expect((await useMultiFileAuthState(back)).state.creds).toEqual(creds)
})

test('an import is refused while the folder has an owner, if its creds cannot be used, and over an account; nothing is changed', async () => {
  const { folder, store } = await linkedAccount()
  const into = (account: string) => importFolder(folder, { database: at.connect({ encryptionKeys }), account })
  await expect(into('bert')).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
  await store.release()
  expect((await into('bert')).files).toBeGreaterThan(6)
  await expect(into('bert')).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_EMPTY' })
  await writeFile(join(folder, 'creds.json'), '{"half')
  await expect(into('clara')).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_UNREADABLE' })
  const { rows } = await at.pool.query(`SELECT account FROM lifeline.item WHERE account = 'clara'`)
  expect(rows).toEqual([])
})

test('an export of what is not there, or over an account, is refused', async () => {
  const out = (account: string, folder: string) =>
    exportFolder({ database: at.connect({ encryptionKeys }), account }, folder)
  await expect(out('nobody', await freshFolder())).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_FOUND' })
  const { folder } = await restingFolder()
  await importFolder(folder, { database: at.connect({ encryptionKeys }), account: 'dora' })
  const before = await filesBelow(folder)
  await expect(out('dora', folder)).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_EMPTY' })
  expect(await filesBelow(folder)).toEqual(before)
})

test('migrate and reencrypt say what they did; what is missing is said before anything is connected', async () => {
  const fresh = { DATABASE_URL: await emptyDatabase() }
  const folder = await freshFolder()
  await mkdir(folder)
  const early = await here(['export', join(folder, 'x'), '--account', 'a'], fresh)
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('lifeline db migrate')])
  const made = await here(['db', 'migrate', '--json'], fresh)
  expect(JSON.parse(made.stdout)).toMatchObject({ from: 0, to: 2 })
  expect(await here(['db', 'migrate'], fresh)).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/is up to date \(version 2\)/),
  })
  const sealed = await here(['db', 'reencrypt', '--json'], fresh)
  expect(JSON.parse(sealed.stdout)).toMatchObject({ key: 'first', rows: 0, skipped: 0, damaged: 0 })
  for (const [args, env, said] of [
    [['db', 'reencrypt'], { ...fresh, LIFELINE_ENCRYPTION_KEYS: '' }, /No key for the encryption was given/],
    [['db', 'migrate'], { ...fresh, LIFELINE_ENCRYPTION_KEYS: 'a:short' }, /encryptionKeys\.0\.key/],
    [['import', folder, '--account', 'a'], { DATABASE_URL: '' }, /No database was named/],
  ] as const) {
    const { code, stdout, stderr } = await here(args, env)
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(said)])
  }
})

test('what the page on stores shows is what works: tables, an import, and a store on them', async () => {
  const root = fileURLToPath(inProject('.'))
  const page = await readFile(join(root, 'docs', 'stores.md'), 'utf8')
  const section = page.slice(page.indexOf('## Accounts in PostgreSQL'))
  const [, shell = '', , script = ''] = /```bash\n([\s\S]*?)```([\s\S]*?)```js\n([\s\S]*?)```/.exec(section) ?? []
  const { folder } = await restingFolder()
  const fresh = await emptyDatabase()
  const lines = shell.split('\n').filter((line) => line.startsWith('npx baileys-lifeline '))
  expect(lines).toHaveLength(2)
  for (const line of lines) {
    const args = line.replace('npx baileys-lifeline ', '').replace('./whatsapp-auth', folder).split(' ')
    expect(await lifeline(args, { DATABASE_URL: fresh })).toMatchObject({ code: 0, stderr: '' })
  }
  const program = `${script}
    await auth.acquire()
    console.log((await auth.inspect()).linked, auth.epoch)
    await auth.release()
    await pool.end()`
  const env = { ...process.env, DATABASE_URL: fresh, LIFELINE_ENCRYPTION_KEYS: keys }
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const printed: string[] = []
  child.stdout.on('data', (chunk) => printed.push(String(chunk)))
  await new Promise((resolve) => child.on('close', resolve))
  expect(printed.join('')).toBe('true 2\n')
})
