import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults, startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { tenLines } from '../../src/stores/rows/bare-state.ts'
import { type Ended, lifeline } from '../cli/command.ts'
import { linkedFolder } from '../cli/linked-folder.ts'
import { Running } from '../cli/process.ts'
import { inProject } from '../root.ts'
import { slow } from '../share.ts'
import { cli } from '../shipped.ts'
import { commandsOf, pages, shown } from '../shown.ts'
import { scanned } from '../terminal/scanned.ts'

const root = fileURLToPath(inProject('.'))
const recordedRows = fileURLToPath(inProject('test/cli/tables/mysql-baileys.json'))
const fences = (language: string): readonly string[] => shown('README.md', language)
/** The one block of a page that holds a word. */
const blockWith = (page: string, language: string, word: string): string =>
  shown(page, language).find((text) => text.includes(word)) ?? ''

/** Snippets run below the package, so that they find it by its own name, as a user's program does. */
const place = join(root, 'dist', 'readme')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeline-readme-'))
  await mkdir(place, { recursive: true })
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  await rm(place, { recursive: true, force: true, maxRetries: 10 })
})

/** Points a program that knows nothing of it at the fake server. */
const preload = (url: string, rootKey: string, address = '') => `
  const baileys = await import(import.meta.resolve('@whiskeysockets/baileys') + '${address}')
  import { trust } from 'baileys-lifeline/fake-whatsapp'
  trust(baileys, ${JSON.stringify(rootKey)})
  Object.assign(baileys.DEFAULT_CONNECTION_CONFIG, {
    waWebSocketUrl: ${JSON.stringify(url)}, fireInitQueries: false, shouldSyncHistoryMessage: () => false,
  })
`

/** One that dials no more by itself: whatever outlives a drop does so by the supervision. */
const gateway = (baileys: string, before = '') => `
  ${before}
  const { makeWASocket: make, useMultiFileAuthState: open } = ${baileys}
  const { state, saveCreds } = await open(process.argv[2])
  const sock = make({ auth: state })
  let opens = 0
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('connection.update', ({ connection, qr }) => {
    if (qr) console.log('code:', qr)
    if (connection === 'open') console.log('open', ++opens)
    if (connection === 'close') console.log('close')
  })
`

/** A snippet as a process; what it prints can be waited for. */
class Snippet {
  printed = ''
  readonly #child
  #waiting: (() => void)[] = []

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (chunk) => {
        this.printed += String(chunk)
        for (const wake of this.#waiting.splice(0)) wake()
      })
    this.#child.on('exit', () => {
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  async prints(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.printed)
      if (found) return found[1] ?? found[0]
      if (this.#child.exitCode !== null) throw new Error(`It ended without printing ${pattern}:\n${this.printed}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

/** Run whole in tests of their own, or beside what they need: a dashboard, a database. */
const elsewhere: ReadonlySet<string> = new Set(['exec', 'demo', 'link', 'torture', 'db'])

const aSession = (auth: string): string =>
  readdirSync(auth)
    .find((name) => name.startsWith('session-'))
    ?.slice('session-'.length, -'.json'.length) ?? ''
const lastAside = (auth: string): string =>
  readdirSync(join(auth, '.lifeline', 'quarantine'))
    .toSorted()
    .at(-1) ?? ''

async function ranForAMoment(args: readonly string[]): Promise<Ended> {
  const program = new Running([...args, '--url', 'ws://127.0.0.1:9/'])
  await program.says(/reconnecting|awaitingQr/)
  program.signal('SIGTERM')
  return program.ended()
}

describe('the README', () => {
  test('embeds the library in ten lines that pair, answer a contact and say their state', async () => {
    const snippet = blockWith('README.md', 'ts', 'createLifeline')
    expect(
      snippet
        .trim()
        .split('\n')
        .filter((line) => line.trim() !== '' && !line.startsWith('import')).length,
    ).toBeLessThanOrEqual(11)
    const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    await writeFile(join(place, 'preload.mjs'), preload(server.url, server.rootKey))
    await writeFile(join(place, 'embed.mjs'), snippet)
    const program = new Snippet(['--import', join(place, 'preload.mjs'), join(place, 'embed.mjs')])
    try {
      const phone = server.phone('491700000001')
      await phone.scan(scanned(await program.prints(/((?:^[█▀▄ ]+\n){20,})(?![█▀▄])/m)))
      await program.prints(/healthy Connected\./)
      const anna = server.contact('anna')
      const answer = anna.nextReceived()
      await anna.send(phone, 'ping')
      expect(await answer).toBe('pong')
      expect(existsSync(join(folder, 'whatsapp-auth', 'creds.json'))).toBe(true)
    } finally {
      program.kill()
      await server.stop()
    }
  })

  test('supervises a gateway that one has with its first two commands, or with one line', {
    tags: [slow],
    timeout: 120_000,
  }, async () => {
    const [commands = ''] = fences('sh')
    const [install, exec = ''] = commands.trim().split('\n')
    expect(install).toBe('npm install baileys-lifeline')
    const [, , , ...command] = exec.split(' ')
    expect(command).toEqual(['--', 'node', 'gateway.js'])
    const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    await writeFile(join(place, 'lead.mjs'), preload(server.url, server.rootKey, '?plain'))
    await writeFile(join(place, 'gateway.js'), gateway("await import('@whiskeysockets/baileys')"))
    const line = blockWith('README.md', 'ts', 'supervise(')
    await writeFile(join(place, 'drop-in.js'), gateway('{ makeWASocket, useMultiFileAuthState }', line))
    const lead = ['--import', join(place, 'lead.mjs')]
    const programs = [
      new Snippet([cli, 'exec', '--', process.execPath, ...lead, join(place, 'gateway.js'), 'one']),
      new Snippet([...lead, join(place, 'drop-in.js'), 'two']),
    ]
    try {
      for (const [at, program] of programs.entries()) {
        await server.phone(`49170000000${at + 1}`).scan(await program.prints(/code: (\S+)/))
        await program.prints(/open 1/)
      }
      server.now(faults.unavailable)
      for (const program of programs) {
        await program.prints(/open 2/)
        expect(program.printed).not.toMatch(/^close$/m)
      }
    } finally {
      for (const program of programs) program.kill()
      await server.stop()
    }
  })

  test('names the ten lines that the refusal of a bare state names', () => {
    expect(shown('docs/stores.md', 'js')).toContain(`${tenLines}\n`)
  })

  test('shows how a gateway pulls the plug on itself in a test of ten lines', { tags: [slow] }, async () => {
    const snippet = blockWith('docs/testing.md', 'ts', 'withFakeWhatsApp')
    const body = /async \(server, auth\) => {\n([\s\S]*?)\n {2}}\)/.exec(snippet)?.[1] ?? ''
    expect(body.split('\n').length).toBeLessThanOrEqual(11)
    await writeFile(join(place, 'plug.mjs'), snippet)
    const program = new Snippet([join(place, 'plug.mjs')])
    try {
      await program.prints(/^(?:✔|ok 1 -) the gateway reads on after the plug was pulled/m)
    } finally {
      program.kill()
    }
  })

  test('takes the keys of a database in a program from where its commands take them', { tags: [slow] }, async () => {
    const snippet = blockWith('docs/stores.md', 'js', 'postgresAuthStore')
    const commands = blockWith('docs/stores.md', 'bash', 'LIFELINE_ENCRYPTION_KEYS')
    const [, id] = /LIFELINE_ENCRYPTION_KEYS=(\w+):/.exec(commands) ?? []
    const keys = `${id}:${randomBytes(32).toString('base64')},old:${randomBytes(32).toString('base64')}`
    await writeFile(
      join(place, 'keys.mjs'),
      `${snippet}\nconsole.log(encryptionKeys.map(({ id }) => id), auth.location)`,
    )
    const { stdout } = await promisify(execFile)(process.execPath, [join(place, 'keys.mjs')], {
      env: { ...process.env, LIFELINE_ENCRYPTION_KEYS: keys, DATABASE_URL: 'postgres://127.0.0.1:9/none' },
    })
    expect(stdout).toMatch(/^\[ '2026', 'old' \] .*default/)
  })

  test('and its pages name commands that do what they say', { tags: [slow] }, async () => {
    const auth = await linkedFolder()
    const lines = [...new Set(pages.flatMap(commandsOf))].filter((line) => !elsewhere.has(line.split(' ')[0] ?? ''))
    expect(lines.map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['run', 'doctor', 'explain', 'quarantine', 'prune', 'diagram', 'import', 'export']),
    )
    const account = join(folder, 'account')
    for (const line of lines) {
      if (line.includes('--account ')) continue
      // It asks a running gateway.
      if (line.includes('--live')) continue
      const args = line
        .replace('import ./whatsapp-auth --from', `import ${join(folder, 'imported')} --from`)
        // As such a module would read them.
        .replace('rows.mjs', recordedRows)
        .replace('./whatsapp-auth', auth)
        .replace('./whatsapp-account', account)
        .replace('./whatsapp-copy', join(folder, 'copy'))
        .replace('491700000001.0', () => aSession(auth))
        .replace(/restore \S+/, () => `restore ${lastAside(auth)}`)
        .split(' ')
      const { code, stdout, stderr } = await (args[0] === 'run' ? ranForAMoment(args) : lifeline(...args))
      expect(code, `${line}\n${stdout}${stderr}`).toBe(0)
    }
  })

  test('has npm scripts for its two commands', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    expect(fences('sh').slice(1)).toEqual([
      'npm install baileys-lifeline @whiskeysockets/baileys@7.0.0-rc14\n',
      'npm ci && npm start\n',
      'npm ci && npm test\n',
    ])
    expect(scripts.start).toContain('lifeline.js demo')
    const whole = (script = ''): string =>
      script.replace(/npm run --silent (\w+)/g, (_, name: string) => (name === 'compile' ? name : whole(scripts[name])))
    const test = whole(scripts.test)
    expect(test).toMatch(/"compile && .*"rollup .* vitest run [^"]*--project=real" "vitest run [^"]*--project=!real"/)
    for (const part of ['biome check', 'knip', 'publint']) expect(test).toContain(part)
  })
})
