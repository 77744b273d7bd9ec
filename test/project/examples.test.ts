// @module-tag slow

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { defaultPolicy, stateNames } from '../../machines/index.ts'
import { type FakeWhatsApp, faults, startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { lifeline } from '../cli/command.ts'
import { inProject } from '../root.ts'
import { shareOf } from '../share.ts'
import { cli } from '../shipped.ts'
import { emptyDatabase } from '../stores/postgres/databases.ts'
import { scanned } from '../terminal/scanned.ts'

const path = (name: string): string => fileURLToPath(inProject(`examples/${name}`))
const read = (name: string) => readFile(path(name), 'utf8')
const all = readdirSync(path('.'), { recursive: true, withFileTypes: true })
  .filter((one) => one.isFile())
  .map((one) => join(one.parentPath, one.name))

test('each example but a store has 40 lines at most', async () => {
  expect(all.length).toBeGreaterThan(12)
  const sizes = await Promise.all(
    all.map(async (file) => [file, (await readFile(file, 'utf8')).split('\n').length - 1]),
  )
  expect(sizes.filter(([file, lines]) => !String(file).includes('/rows/') && Number(lines) > 40)).toEqual([])
})

/** How each manager starts a gateway. */
const commands: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  systemd: async () => /^ExecStart=(.*)$/m.exec(await read('systemd/gateway.service'))?.[1]?.split(' ') ?? [],
  PM2: async () => {
    const { apps } = createRequire(import.meta.url)(path('pm2/ecosystem.config.cjs'))
    return [apps[0].script, ...apps[0].args.split(' ')]
  },
  Docker: async () => JSON.parse(/^CMD (.*)$/m.exec(await read('docker/Dockerfile'))?.[1] ?? '[]'),
  Kubernetes: async () => (await pod()).containers[0].command,
  openclaw: async () => {
    const [, line = ''] = /^ExecStart=(.*)$/m.exec(await read('openclaw/openclaw.service')) ?? []
    return line.replace('node_modules/openclaw/openclaw.mjs gateway', 'gateway.js').split(' ')
  },
}

test.each(shareOf(Object.keys(commands), 1))(
  'the command of the example for %s runs a gateway, which is told of SIGTERM and whose exit code it has',
  async (name) => {
    const [file = '', ...args] = (await commands[name]?.()) ?? []
    expect(file).toMatch(/node_modules\/\.bin\/lifeline$/)
    const place = await mkdtemp(join(tmpdir(), 'lifeline-example-'))
    await writeFile(
      join(place, 'gateway.js'),
      `process.on('SIGTERM', () => process.exit(process.env.LIFELINE_EXEC ? 7 : 1))
       setInterval(() => undefined, 2 ** 30)
       console.log('ready')`,
    )
    const program = spawn(process.execPath, [cli, ...args], { cwd: place, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(program, 'exit')
    const ready = once(program.stdout, 'data').then(() => true)
    expect(await Promise.race([ready, ended.then(() => false)])).toBe(true)
    program.kill('SIGTERM')
    expect(await ended).toEqual([7, null])
  },
)

const stateful = async () => parse(await read('kubernetes/gateway.yaml'))
const pod = async () => (await stateful()).spec.template.spec
const composed = async () => parse(await read('docker/compose.yaml'))
const seconds = (text: unknown): number => Number(/^(\d+)s?$/.exec(String(text))?.[1])

test('the Dockerfile has nothing that a linter of Dockerfiles objects to', async () => {
  const dockerfile = await read('docker/Dockerfile')
  expect(validate(dockerfile)).toEqual([])
  expect(validate(dockerfile.replace('EXPOSE 4747', 'EXPOSE the-dashboard'))).toHaveLength(1)
})

describe('each manager', () => {
  test('gives a gateway longer to stop than the supervision needs', async () => {
    const systemd = async (name: string) => seconds(/^TimeoutStopSec=(.*)$/m.exec(await read(name))?.[1])
    const given = {
      systemd: await systemd('systemd/gateway.service'),
      openclaw: await systemd('openclaw/openclaw.service'),
      PM2: createRequire(import.meta.url)(path('pm2/ecosystem.config.cjs')).apps[0].kill_timeout / 1_000,
      compose: seconds((await composed()).services.gateway.stop_grace_period),
      Kubernetes: (await pod()).terminationGracePeriodSeconds,
    }
    // As long again for the gateway's own end.
    const needed = (2 * defaultPolicy.reconnect.closeTimeoutMs) / 1_000
    expect(Object.entries(given).filter(([, time]) => !(time >= needed))).toEqual([])
  })

  test('has one process for an account, and a place that outlives a container', async () => {
    const { services, volumes } = await composed()
    const { gateway } = services
    expect([gateway.deploy.replicas, gateway.init, gateway.stop_signal]).toEqual([1, true, 'SIGTERM'])
    const dockerfile = await read('docker/Dockerfile')
    const [, place = ''] = /^VOLUME (\S+)$/m.exec(dockerfile) ?? []
    const [volume = '', target] = gateway.volumes[0].split(':')
    expect([target, Object.keys(volumes)]).toEqual([place, [volume]])
    expect(/XDG_STATE_HOME=(\S+)/.exec(dockerfile)?.[1]?.startsWith(`${place}/`)).toBe(true)
    const { kind, spec } = await stateful()
    const [mount] = (await pod()).containers[0].volumeMounts
    expect([kind, spec.replicas, mount.mountPath]).toEqual(['StatefulSet', 1, place])
    expect(spec.volumeClaimTemplates.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual([
      mount.name,
    ])
    expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels)
    expect((await pod()).shareProcessNamespace).toBe(true)
    expect(createRequire(import.meta.url)(path('pm2/ecosystem.config.cjs')).apps[0].exec_mode).toBe('fork')
  })
})

let server: FakeWhatsApp
let place = ''
const running = new Set<Example>()

beforeAll(async () => {
  server = await startFakeWhatsApp({ claimedPreKeys: 1 })
  place = await mkdtemp(join(tmpdir(), 'lifeline-examples-'))
  // As where the packages are installed.
  await symlink(fileURLToPath(inProject('node_modules')), join(place, 'node_modules'))
  await writeFile(
    join(place, 'lead.mjs'),
    `const baileys = await import(import.meta.resolve('@whiskeysockets/baileys') + (process.env.LEAD ?? ''))
    const { trust } = await import(${JSON.stringify(inProject('lib/fake-whatsapp.js').href)})
    trust(baileys, ${JSON.stringify(server.rootKey)})
    Object.assign(baileys.DEFAULT_CONNECTION_CONFIG, {
      waWebSocketUrl: ${JSON.stringify(server.url)}, fireInitQueries: false, shouldSyncHistoryMessage: () => false,
    })`,
  )
})
afterEach(async () => {
  for (const one of running) await one.end()
})
afterAll(async () => {
  await server.stop()
  await rm(place, { recursive: true, force: true })
})

const drawn = /((?:^[█▀▄ ]+\n){20,})(?![█▀▄])/m

/** An example as a process, in a folder of its own; what it prints can be waited for. */
class Example {
  printed = ''
  readonly folder: string
  readonly #child
  readonly #ended: Promise<number | NodeJS.Signals | null>
  #waiting: (() => void)[] = []

  constructor(folder: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.folder = folder
    this.#child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const wake = () => {
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (chunk) => {
        this.printed += String(chunk)
        wake()
      })
    this.#ended = new Promise((resolve) => this.#child.on('close', (code, signal) => resolve(code ?? signal)))
    this.#child.on('exit', wake)
    running.add(this)
  }

  /** An example by its path below `examples/`, with what is before and after it on the command line. */
  static async of(name: string, { before = [], args = [], env = {} }: ExampleOptions = {}): Promise<Example> {
    const folder = join(place, name.replace(/\W/g, '-'))
    await mkdir(folder)
    return new Example(folder, [...before, '--import', join(place, 'lead.mjs'), path(name), ...args], env)
  }

  /** Resolves with what the pattern found, as soon as it is printed. */
  async prints(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.printed)
      if (found) return found[1] ?? found[0]
      if (this.#child.exitCode !== null) throw new Error(`It ended without printing ${pattern}:\n${this.printed}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Ends it as a manager does; its exit code, or the signal that ended it. */
  end(): Promise<number | NodeJS.Signals | null> {
    running.delete(this)
    this.#child.kill('SIGTERM')
    return this.#ended
  }
}

interface ExampleOptions {
  readonly before?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** A contact writes to an account and gets this answer. */
async function answered(number: string, answer: string): Promise<void> {
  const contact = server.contact(`contact of ${number}`)
  const next = contact.nextReceived()
  await contact.send(server.phone(number), 'ping')
  expect(await next).toBe(answer)
}

const played: Readonly<Record<string, () => Promise<void>>> = {
  'the bot links, answers, comes back after a drop and ends on SIGTERM': async () => {
    const bot = await Example.of('bot/bot.mjs')
    await server.phone('491700000001').scan(scanned(await bot.prints(drawn)))
    await bot.prints(/^healthy /m)
    await answered('491700000001', 'pong')
    bot.printed = ''
    server.now(faults.unavailable)
    await bot.prints(/^healthy /m)
    await answered('491700000001', 'pong')
    expect(await bot.end()).toBe(0)
  },

  'the gateway under exec hears no close when the connection drops': async () => {
    const gateway = await Example.of('exec/gateway.js', {
      before: [cli, 'exec', '--', process.execPath],
      env: { LEAD: '?plain' },
    })
    await server.phone('491700000002').scan(await gateway.prints(/code: (\S+)/))
    await gateway.prints(/^open$/m)
    gateway.printed = ''
    server.now(faults.unavailable)
    await gateway.prints(/^open$/m)
    expect(gateway.printed).not.toMatch(/^close$/m)
    await answered('491700000002', 'pong')
    await gateway.end()
    const { scripts } = JSON.parse(await read('exec/package.json'))
    expect(scripts.start).toMatch(/^lifeline exec .*-- node gateway\.js$/)
  },

  'the Express app has the dashboard, and metrics that the rules and the dashboard of Grafana ask for': async () => {
    const app = await Example.of('express/server.mjs', {
      env: { PORT: '0', PUBLIC_URL: 'http://127.0.0.1/ops/whatsapp/' },
    })
    const url = await app.prints(/listening on (\S+)/)
    await server.phone('491700000003').scan(scanned(await app.prints(drawn)))
    const token = (await readFile(join(app.folder, 'whatsapp-auth/.lifeline/dashboard-token'), 'utf8')).trim()
    const ask = (name: string, headers = {}) => fetch(`${url}${name}`, { headers })
    expect(await (await ask('')).text()).toContain('<html')
    expect((await ask('metrics')).status).toBe(401)
    const scrape = await (await ask('metrics', { authorization: `Bearer ${token}` })).text()
    const files = await Promise.all(['rules', 'messages'].map((name) => read(`prometheus/${name}.yaml`)))
    const rules: readonly { expr: string }[] = files.flatMap((text) => parse(text).groups[0].rules)
    const { panels } = JSON.parse(await read('grafana/dashboard.json'))
    const asked: readonly string[] = [
      ...rules.map(({ expr }) => expr),
      ...panels.flatMap(({ targets }: { targets: readonly { expr: string }[] }) => targets.map(({ expr }) => expr)),
    ]
    expect(asked.length).toBeGreaterThan(12)
    expect(asked.flatMap((expr) => missingFrom(scrape, expr))).toEqual([])
    expect(await app.end()).toBe(0)
  },

  'the fleet on folders runs two accounts that answer under their names': async () => {
    const fleet = await Example.of('fleet-folder/fleet.mjs', { args: ['anna', 'bert'] })
    const numbers = { anna: '491700000004', bert: '491700000005' }
    for (const [account, number] of Object.entries(numbers))
      await server
        .phone(number)
        .scan(scanned(await fleet.prints(new RegExp(`scan for ${account}:\n${drawn.source}`, 'm'))))
    for (const [account, number] of Object.entries(numbers)) {
      await fleet.prints(new RegExp(`^${account} healthy`, 'm'))
      await answered(number, `pong from ${account}`)
    }
    expect(await fleet.end()).toBe('SIGTERM')
  },

  'the fleet on PostgreSQL hands its account to the host that stays': async () => {
    const database = await emptyDatabase()
    expect(await lifeline('db', 'migrate', '--database', database)).toMatchObject({ code: 0 })
    const shared = {
      DATABASE_URL: database,
      LIFELINE_ENCRYPTION_KEYS: `2026:${randomBytes(32).toString('base64')}`,
      DASHBOARD_TOKEN: randomBytes(24).toString('base64url'),
      PORT: '0',
    }
    const name = 'fleet-postgres/fleet.mjs'
    const first = await Example.of(name, { args: ['anna'], env: { ...shared, HOSTNAME: 'one' } })
    await server.phone('491700000006').scan(scanned(await first.prints(drawn)))
    await first.prints(/^anna healthy/m)
    await rm(first.folder, { recursive: true })
    const second = await Example.of(name, { env: { ...shared, HOSTNAME: 'two' } })
    await second.prints(/all hosts and accounts: http/)
    expect(await first.end()).toBe('SIGTERM')
    await second.prints(/^anna runs on two/m)
    await second.prints(/^anna healthy/m)
  },
}

describe('on the fake server', () => {
  test.each(shareOf(Object.keys(played), 3))('%s', (what) => played[what]?.(), 120_000)
})

/** What a query asks for and a scrape does not have: a metric, a label, or a state. */
function missingFrom(scrape: string, expr: string): readonly string[] {
  const missing: string[] = []
  const types = new Map([...scrape.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]))
  const metrics = [...expr.matchAll(/\b(baileys_lifeline_\w+)(?:\{([^}]*)\})?/g)]
  if (metrics.length === 0) missing.push(`no metric of ours: ${expr}`)
  for (const [, name = '', selector = ''] of metrics) {
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    const known = types.has(name) || types.get(base) === 'histogram'
    if (!known) missing.push(name)
    const labels = labelsOf(types.has(name) ? name : base)
    const wanted = [...selector.matchAll(/(\w+)(?:=~|!=|=)"([^"]*)"/g)]
    for (const [, label = '', value = ''] of wanted) {
      if (!labels.includes(label)) missing.push(`${name}{${label}}`)
      if (label === 'state')
        missing.push(...value.split('|').filter((state) => !stateNames.some((one) => one === state)))
    }
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, */))
    missing.push(
      ...grouped.filter((label) => label !== 'le' && !labels.includes(label)).map((one) => `${name} by ${one}`),
    )
  }
  return missing
}

/** The labels of a metric, as the page on them has it: it is made from a register. */
const metricsPage = await readFile(inProject('docs/metrics.md'), 'utf8')
function labelsOf(name: string): readonly string[] {
  const [, cell = ''] = new RegExp(`^\\| \`${name}\` \\| \\w+ \\| ([^|]*) \\|`, 'm').exec(metricsPage) ?? []
  return [...cell.matchAll(/`(\w+)`/g)].map(([, label = '']) => label)
}
