import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults, startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { tenLines } from '../../src/stores/rows/bare-state.ts'
import { type Ended, lifeline, Running } from '../cli/command.ts'
import { inProject } from '../root.ts'
import { cli } from '../shipped.ts'

const root = fileURLToPath(inProject('.'))
const readme = await readFile(join(root, 'README.md'), 'utf8')
const fences = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text)

/** Snippets run below the package, so that they find it by its own name, as a user's program does. */
const place = join(root, 'dist', 'readme')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeline-readme-'))
  await mkdir(place, { recursive: true })
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await rm(place, { recursive: true, force: true })
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

async function ranForAMoment(args: readonly string[]): Promise<Ended> {
  const program = new Running([...args, '--url', 'ws://127.0.0.1:9/'])
  await program.says(/reconnecting|awaitingQr/)
  program.signal('SIGTERM')
  return program.ended()
}

describe('the README', () => {
  test('embeds the library in ten lines that pair, answer a contact and say their state', async () => {
    const [snippet = ''] = fences('ts')
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
      await phone.scan(await program.prints(/scan code 1: (\S+)/))
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
    const [, line = ''] = fences('ts')
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
    expect(fences('js')).toContain(`${tenLines}\n`)
  })

  test('shows how a gateway pulls the plug on itself in a test of ten lines', async () => {
    const [, , snippet = ''] = fences('ts')
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

  test('takes the keys of a database in a program from where its commands take them', async () => {
    const snippet = fences('js').find((text) => text.includes('postgresAuthStore')) ?? ''
    const [commands = ''] = fences('bash').filter((text) => text.includes('LIFELINE_ENCRYPTION_KEYS'))
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

  test('names commands that are there', async () => {
    const commands = fences('sh')
      .flatMap((block) => block.trim().split('\n'))
      .filter((line) => line.startsWith('npx baileys-lifeline '))
      .map((line) =>
        line.replace('npx baileys-lifeline ', '').replace('./whatsapp-auth', join(folder, 'whatsapp-auth')),
      )
    expect(commands.map((line) => line.split(' ')[0])).toEqual([
      'exec',
      'run',
      'doctor',
      'explain',
      'quarantine',
      'demo',
      'doctor',
    ])
    for (const line of commands) {
      const [command = ''] = line.split(' ')
      // `demo` runs whole in its own test, `exec` in the one above. `run` is given a port where nobody listens: tests
      // do not reach out for WhatsApp itself.
      if (command === 'demo' || command === 'exec') continue
      const args = line.split(' ')
      const { code, stderr } = await (command === 'run' ? ranForAMoment(args) : lifeline(...args))
      expect(code, `${line}\n${stderr}`).toBe(0)
    }
  })

  test('has npm scripts for its two commands, and the files that it points to', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    expect(fences('sh').slice(1, 4)).toEqual([
      'npm ci && npm start\n',
      'npm ci && npm test\n',
      'npm install baileys-lifeline @whiskeysockets/baileys@7.0.0-rc14\n',
    ])
    expect(scripts.start).toContain('lifeline.js demo')
    expect(scripts.test).toMatch(/^tsc && .*"vitest run [^"]*--project=real" "vitest run [^"]*--project=!real"/)
    for (const part of ['biome check', 'knip', 'publint']) expect(scripts.test).toContain(part)
    const pointed = [...readme.matchAll(/(?:srcset="|src="|\]\()(?!https?:)([^")#]+)/g)].map(([, path = '']) => path)
    expect(pointed.length).toBeGreaterThan(2)
    for (const path of pointed) expect(existsSync(join(dirname(join(root, 'README.md')), path)), path).toBe(true)
  })
})
