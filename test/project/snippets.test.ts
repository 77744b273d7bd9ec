// @module-tag slow/together

import { execFile, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from '@typescript/typescript6'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { type FakeWhatsApp, faults, startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { lifeline } from '../cli/command.ts'
import { inProject } from '../root.ts'
import { cli } from '../shipped.ts'
import { commandsOf, pages, shown } from '../shown.ts'
import { emptyDatabase } from '../stores/postgres/databases.ts'
import { scanned } from '../terminal/scanned.ts'

/** Below the package, so that snippets find it by its own name, as a user's program does. */
const place = fileURLToPath(inProject('dist/snippets'))
const hookSecret = 'a secret of sixteen bytes or more'
let folder = ''
let server: FakeWhatsApp
let first: Reader
let reader: Reader

/** The one block of a page that holds a word, as JavaScript. */
function block(page: string, word: string): string {
  const found = ['ts', 'js'].flatMap((language) => shown(page, language)).filter((text) => text.includes(word))
  expect(found, `${page}: ${word}`).toHaveLength(1)
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  return ts.transpileModule(found[0] ?? '', { compilerOptions }).outputText
}

/** Somebody's process that snippets are tried in, one after the other; what they print can be waited for. */
class Reader {
  printed = ''
  readonly #child
  #waiting: (() => void)[] = []

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = fork(join(place, 'reader.mjs'), { cwd: folder, env: { ...process.env, ...env }, silent: true })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.printed += String(chunk)
        for (const wake of this.#waiting.splice(0)) wake()
      })
    this.#child.on('exit', () => {
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  /** Begins a snippet under a name, with what a reader would write below it. */
  async tries(name: string, snippet: string, below = ''): Promise<void> {
    await writeFile(join(place, `${name}.mjs`), `${snippet}\n${below}\n`)
    this.printed = ''
    this.#child.send({ name })
  }

  /** Resolves with what the pattern found, as soon as it is printed. */
  async prints(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.printed)
      if (found) return found[1] ?? found[0]
      if (this.#child.exitCode !== null || this.printed.includes('it failed:'))
        throw new Error(`It ended without printing ${pattern}:\n${this.printed}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}

const drawn = /((?:^[█▀▄ ]+\n){20,})(?![█▀▄])/m

/** A program of the reader's own, which notes what it was given. */
async function program(name: string, says: string): Promise<void> {
  const path = join(folder, 'bin', name)
  await writeFile(path, `#!/bin/sh\n${says} >> ${join(folder, name)}\n`)
  await chmod(path, 0o755)
}
const noted = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeline-snippets-'))
  await mkdir(place, { recursive: true })
  await mkdir(join(folder, 'bin'))
  await program('mail-me', '{ echo "$@"; cat; }')
  await program('notify-send', 'echo "$@"')
  server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  await writeFile(
    join(place, 'reader.mjs'),
    `import * as baileys from '@whiskeysockets/baileys'
    import { trust } from 'baileys-lifeline/fake-whatsapp'
    trust(baileys, ${JSON.stringify(server.rootKey)})
    Object.assign(baileys.DEFAULT_CONNECTION_CONFIG, {
      waWebSocketUrl: ${JSON.stringify(server.url)}, fireInitQueries: false, shouldSyncHistoryMessage: () => false,
    })
    globalThis.tried = {}
    process.on('message', async ({ name }) => {
      try {
        tried[name] = await import('./' + name + '.mjs')
      } catch (error) {
        console.log('it failed:', error)
      }
    })`,
  )
  const env = { HOOK_SECRET: hookSecret, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOSTNAME: 'here' }
  first = new Reader(env)
  reader = new Reader(env)
})
afterAll(async () => {
  for (const one of [first, reader]) one.end()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
  await rm(place, { recursive: true, force: true })
})

interface Posted {
  readonly headers: object
  readonly body: string
}

/** Somebody's server that webhooks are posted to. */
async function receiving() {
  const posted: Posted[] = []
  let wake: () => void = () => undefined
  const receiver = createServer(async (request, response) => {
    posted.push({ headers: request.headers, body: await text(request) })
    response.end()
    wake()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  onTestFinished(() => void receiver.close())
  return {
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    received: async (count: number): Promise<readonly [Posted, ...Posted[]]> => {
      while (posted.length < count) await new Promise<void>((resolve) => (wake = resolve))
      const [first, ...more] = posted
      if (first === undefined) throw new Error('nothing was posted')
      return [first, ...more]
    },
  }
}

/** Connects as the pages do; what a reader adds to a snippet that makes a store alone. */
const supervised = `
  const { makeWASocket } = await import('@whiskeysockets/baileys')
  const { createLifeline } = await import('baileys-lifeline')
  export const line = createLifeline({ auth, connect: ({ auth, logger }) => makeWASocket({ auth, logger }) })
  line.on('qr', ({ code }) => console.log('code:', code))
  line.on('status', ({ state }) => console.log(state))
  await line.start()
`

test('the usual loop of the page on migration links and dials again, and what comes after it needs no code', async () => {
  await first.tries('before', block('docs/migration.md', 'useMultiFileAuthState'))
  const phone = server.phone('491700000001')
  const anna = server.contact('anna', { number: '491510000001' })
  await phone.scan(await first.prints(/scan (\S+)/))
  await first.prints(/^open$/m)
  first.printed = ''
  server.now(faults.unavailable)
  await first.prints(/^open$/m)
  await anna.send(phone, 'hello')
  await first.prints(/^1 messages$/m)
  first.end()

  await reader.tries('after', block('docs/migration.md', 'createLifeline'), 'export { line }')
  await reader.prints(/^healthy Connected\./m)
  await anna.send(phone, 'hello again')
  await reader.prints(/^1 messages$/m)
  reader.printed = ''
  server.now(faults.unavailable)
  await reader.prints(/^healthy Connected\./m)
  expect(reader.printed).not.toMatch(drawn)
  expect(reader.printed).not.toContain('awaitingQr')
})

test('the function of the page on TypeScript greets somebody over that line', async () => {
  const anna = server.contact('anna')
  const heard = anna.nextReceived()
  await reader.tries(
    'greet',
    block('docs/typescript-and-commonjs.md', 'greet'),
    `await greet(tried.after.line, '${anna.jid}')`,
  )
  expect(await heard).toBe('hello')
})

test('the function of the page on metrics counts that line, answers its probes and takes all of it back', async () => {
  const below = `
    import { register } from 'prom-client'
    const end = await observe([tried.after.line])
    console.log((await register.metrics()).match(/^baileys_lifeline_state\\{.*"healthy".*$/m)[0])
    end()
    console.log('left:', (await register.metrics()).trim().length)`
  await reader.tries('metrics', block('docs/metrics.md', 'collectMetrics'), below)
  await reader.prints(/^left: 0$/m)
  expect(reader.printed).toMatch(/^true 200 1$/m)
  expect(reader.printed).toMatch(/^baileys_lifeline_state\{account="default",state="healthy"\} 1$/m)
  await reader.tries('away', 'await tried.after.line.stop()', "console.log('stopped')")
  await reader.prints(/^stopped$/m)
})

test('the long example of a line lets its number alone in, and writes', async () => {
  const receiver = await receiving()
  const bert = server.contact('bert')
  const snippet = block('docs/line.md', 'expectedNumber')
    .replace("'./whatsapp-auth'", "'./of-line'")
    .replace('https://example.org/hook', receiver.url)
  const below = `await send('${bert.jid}', 'too early').catch(({ code }) => console.log(code))
    line.on('status', ({ state }) => console.log(state))
    export { line }`
  await reader.tries('line', snippet, below)
  await reader.prints(/^PERSON_NEEDED$/m)
  const code = await reader.prints(drawn)
  expect(reader.printed).toMatch(/^code 1$/m)
  reader.printed = ''
  await server.phone('491709999999').scan(scanned(code))
  await server.phone('491701234567').scan(scanned(await reader.prints(drawn)))
  expect(server.phone('491709999999').devices()).toEqual([])
  await reader.prints(/^healthy$/m)
  const heard = bert.nextReceived()
  await reader.tries('hello', '', `await tried.line.send('${bert.jid}', 'hello')`)
  expect(await heard).toBe('hello')
  await receiver.received(1)
  await reader.tries('no-line', 'await tried.line.line.stop()', "console.log('ended')")
  await reader.prints(/^ended$/m)
})

test('each channel of the page on notices is told its kinds, and the receiver of that page believes the webhook', async () => {
  const receiver = await receiving()
  const snippet = block('docs/notices.md', 'selfMessage')
    .replace("'./whatsapp-auth'", "'./of-notices'")
    .replace('https://example.org/hook', receiver.url)
  const below = `line.on('qr', ({ code }) => console.log('to scan:', code))\nawait line.start()\nexport { line }`
  await reader.tries('notices', snippet, below)
  const phone = server.phone('491700000003')
  await reader.prints(/^relink-needed /m)
  await phone.scan(await reader.prints(/to scan: (\S+)/))
  await reader.prints(/^relinked /m)
  await vi.waitFor(() => expect(phone.copies.join('\n')).toContain('linked'), { timeout: 30_000 })
  server.now(faults.banned)
  await reader.prints(/^blocked /m)
  const [{ headers, body }] = await receiver.received(1)
  await vi.waitFor(async () => expect(await noted('notify-send')).toContain('banned'), { timeout: 30_000 })
  expect(await noted('mail-me')).toMatch(/^--subject whatsapp\n\{.*"kind":"relink-needed".*\}\n$/)

  const own = `console.log(received(new Headers(${JSON.stringify(headers)}), ${JSON.stringify(body)}))`
  const forged = `try { received(new Headers(${JSON.stringify(headers)}), 'another') } catch ({ code }) { console.log(code) }`
  await reader.tries(
    'receiver',
    block('docs/notices.md', 'verifyWebhook'),
    `${own}\n${forged}\nawait tried.notices.line.stop()`,
  )
  await reader.prints(/^\S+: .*banned/m)
  await reader.prints(/^WEBHOOK_UNVERIFIED$/m)
})

test('each store of the page on stores holds a line', async () => {
  await reader.tries('lmdb', block('docs/stores.md', 'lmdbAuthStore'), supervised)
  await server.phone('491700000004').scan(await reader.prints(/code: (\S+)/))
  await reader.prints(/^healthy$/m)

  const rows = block('docs/stores.md', 'db.increment').replace(/createLifeline\(.*\n$/, '')
  await reader.tries(
    'rows',
    `const db = ${readersDatabase}\n${rows}`,
    `const auth = rowAuthStore({ rows })${supervised}`,
  )
  await server.phone('491700000005').scan(await reader.prints(/code: (\S+)/))
  await reader.prints(/^healthy$/m)
})

/** A database of keys and transactions, one at a time. */
const readersDatabase = `(() => {
  const all = new Map()
  let turn = Promise.resolve()
  const tx = {
    get: async (key) => all.get(key),
    put: async (key, value) => void (value === null ? all.delete(key) : all.set(key, value)),
  }
  return {
    get: async (key) => all.get(key) ?? null,
    keysBelow: async (prefix, from) => [...all.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(from)).sort(),
    transaction: (step) => (turn = turn.catch(() => undefined).then(() => step(tx))),
    increment: async (key) => {
      all.set(key, (all.get(key) ?? 0) + 1)
      return all.get(key)
    },
  }
})()`

test('the commands and the program of the page on PostgreSQL take a folder over, without a code', async () => {
  const database = await emptyDatabase()
  vi.stubEnv('DATABASE_URL', database)
  vi.stubEnv('LIFELINE_ENCRYPTION_KEYS', `2026:${randomBytes(32).toString('base64')}`)
  cpSync(join(folder, 'whatsapp-auth'), join(folder, 'copy'), { recursive: true })
  const ofDatabases = [...commandsOf('docs/stores.md'), ...commandsOf('docs/command.md')]
  const commands = ofDatabases.filter((line) => /^(?:db|import .*--account) /.test(`${line} `))
  expect(commands.map((line) => line.split(' ', 2).join(' '))).toEqual([
    'db migrate',
    'import ./whatsapp-auth',
    'db reencrypt',
  ])
  for (const line of commands) {
    const { code, stderr } = await lifeline(...line.replace('./whatsapp-auth', join(folder, 'copy')).split(' '))
    expect(code, `${line}\n${stderr}`).toBe(0)
  }
  const env = ['DATABASE_URL', 'LIFELINE_ENCRYPTION_KEYS'].map((key) => `process.env.${key} = '${process.env[key]}'`)
  vi.unstubAllEnvs()
  const imports = block('docs/stores.md', 'postgresAuthStore')
  await reader.tries('keys', env.join('\n'), "console.log('known')")
  await reader.prints(/^known$/m)
  await reader.tries('postgres', imports, supervised)
  await reader.prints(/^healthy$/m)
  expect(reader.printed).not.toContain('code:')
})

test('the fleet of its page claims its accounts and shows all of them', async () => {
  const database = await emptyDatabase()
  expect(await lifeline('db', 'migrate', '--database', database)).toMatchObject({ code: 0 })
  await reader.tries('address', `process.env.DATABASE_URL = '${database}'`, "console.log('known')")
  await reader.prints(/^known$/m)
  const snippet = block('docs/fleet.md', 'createFleet').replace('4747', '0')
  await reader.tries('fleet', snippet, "console.log('all of it ran')")
  await reader.prints(/^anna runs here now$/m)
  await reader.prints(/^all of it ran$/m)
  await server.phone('491700000006').scan(scanned(await reader.prints(drawn)))
  await reader.prints(/^here healthy /m)
})

test('each line with exec starts the gateway that it names, and ends as that does', async () => {
  await writeFile(join(folder, 'gateway.js'), 'process.exit(process.env.LIFELINE_EXEC ? 7 : 1)')
  const lines = new Set(pages.flatMap(commandsOf).filter((line) => line.startsWith('exec ')))
  expect(lines.size).toBeGreaterThan(1)
  for (const line of lines) {
    const ended = promisify(execFile)(process.execPath, [cli, ...line.split(' ')], { cwd: folder })
    await expect(ended, line).rejects.toMatchObject({ code: 7 })
  }
})

test('what is shown twice is the same', () => {
  const shortest = (page: string) => shown(page, 'ts').filter((text) => text.includes('supervise('))
  expect(shortest('docs/exec.md')).toEqual(shortest('README.md'))
  expect(pages.length).toBeGreaterThan(15)
})
