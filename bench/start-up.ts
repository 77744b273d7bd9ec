import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { defaultPolicy } from '../machines/index.ts'
import { startFakeWhatsApp } from '../src/rehearsal/fake-whatsapp/index.ts'
import { fileAuthStore } from '../src/stores/folder/file-store.ts'
import { nodeBinary } from '../test/drop-in/register/node-binary.ts'
import { inProject } from '../test/root.ts'
import { register } from '../test/shipped.ts'
import { linkedFolder } from './account.ts'
import { runToFirstDial } from './first-dial.ts'
import { median, type Row } from './table.ts'

const run = promisify(execFile)
/** `LIFELINE_BENCH_ROUNDS=5` for less. */
const rounds = Number(process.env.LIFELINE_BENCH_ROUNDS ?? 20)

/**
 * Each ends as soon as it has done its work, and prints what it took: processor time, which a busy machine changes
 * least, in ms, and memory, in MB.
 */
const taking = 'console.log(JSON.stringify({ cpu: process.cpuUsage(), mb: process.memoryUsage.rss() / 1e6 }))'
const imported = (path: string): string => JSON.stringify(inProject(path).href)
const baileys = imported('node_modules/@whiskeysockets/baileys/lib/index.js')
const quiet =
  "const quiet = { level: 'silent', child: () => quiet, trace() {}, debug() {}, info() {}, warn() {}, error() {} }"

const programs = {
  'without Baileys': taking,
  'with Baileys, to its first socket': `
    import { makeWASocket, useMultiFileAuthState } from ${baileys}
    const { state } = await useMultiFileAuthState(process.argv[2])
    ${quiet}
    makeWASocket({ auth: state, waWebSocketUrl: 'ws://127.0.0.1:9/', logger: quiet })
    ${taking}
    process.exit(0)`,
} as const
const most: Readonly<Record<keyof typeof programs, number>> = {
  'without Baileys': 20,
  'with Baileys, to its first socket': 150,
}

/** The same on a server that it is told. */
const dials = `
    import { makeWASocket, useMultiFileAuthState } from ${baileys}
    const { state } = await useMultiFileAuthState(process.argv[2])
    ${quiet}
    makeWASocket({ auth: state, waWebSocketUrl: process.argv[3], logger: quiet })`

/** The same socket, made by a line that the library has started. */
const supervised = `
    import { makeWASocket } from ${baileys}
    import { createLifeline } from ${imported('lib/index.js')}
    ${quiet}
    const connect = ({ auth, logger, caches }) => {
      const socket = makeWASocket({ auth, logger, ...caches, waWebSocketUrl: 'ws://127.0.0.1:9/' })
      ${taking}
      process.exit(0)
      return socket
    }
    await createLifeline({ auth: process.argv[2], logger: quiet, connect }).start()`

interface Taken {
  readonly ms: number
  readonly wallMs: number
  readonly mb: number
}

async function taken(
  node: string,
  args: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Taken> {
  const begun = performance.now()
  const env = { ...process.env, XDG_STATE_HOME: tmpdir(), XDG_CACHE_HOME: tmpdir(), ...more }
  const { stdout } = await run(node, args, { cwd, env })
  const wallMs = performance.now() - begun
  const { cpu, mb } = JSON.parse(stdout) as { cpu: { user: number; system: number }; mb: number }
  return { ms: (cpu.user + cpu.system) / 1_000, wallMs, mb }
}

/** Where a program lies that never imports Baileys: far from any, or beside one. */
const cases: readonly (readonly [program: keyof typeof programs, beside: boolean])[] = [
  ['without Baileys', false],
  ['without Baileys', true],
  ['with Baileys, to its first socket', true],
]

/** What the preload adds to the start of a process, and what a line does until it dials, side by side. */
export async function startUp(): Promise<Row[]> {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-bench-'))
  const server = await startFakeWhatsApp()
  const account = await linkedFolder(server, '491700000001')
  await server.stop()
  const rows: Row[] = []
  for (const [major, node] of [
    [20, process.execPath],
    [22, await nodeBinary(22)],
  ] as const)
    for (const [what, beside] of cases) {
      const file = join(place, 'program.mjs')
      await writeFile(file, programs[what])
      const folder = join(place, 'auth')
      await cp(account, folder, { recursive: true })
      const cwd = beside ? fileURLToPath(inProject('.')) : place
      // What the preload has Node keep, a program alone can have kept, too.
      const compiled = what !== 'without Baileys' && major > 20 ? { NODE_COMPILE_CACHE: join(place, 'compiled') } : {}
      const pairs: { readonly plain: Taken; readonly kept: Taken; readonly ours: Taken }[] = []
      for (let round = -2; round < rounds; round += 1) {
        const plain = await taken(node, [file, folder], cwd)
        const kept = 'NODE_COMPILE_CACHE' in compiled ? await taken(node, [file, folder], cwd, compiled) : plain
        const ours = await taken(node, ['--require', fileURLToPath(register), file, folder], cwd)
        if (round >= 0) pairs.push({ plain, kept, ours })
      }
      await rm(folder, { recursive: true, force: true })
      const more = (of: (one: Taken) => number) => median(pairs.map(({ plain, ours }) => of(ours) - of(plain)))
      rows.push({
        what: `start of a process ${what}${beside ? '' : ', far from any'}, Node ${major}, under the preload (${rounds} pairs)`,
        ours: `+${more(({ ms }) => ms).toFixed(0)} ms of processor time, +${more(({ wallMs }) => wallMs).toFixed(0)} ms, +${more(({ mb }) => mb).toFixed(1)} MB`,
        beside: `alone: ${median(pairs.map(({ plain }) => plain.ms)).toFixed(0)} ms of processor time, ${median(pairs.map(({ plain }) => plain.wallMs)).toFixed(0)} ms${'NODE_COMPILE_CACHE' in compiled ? `; with NODE_COMPILE_CACHE ${median(pairs.map(({ kept }) => kept.ms)).toFixed(0)} ms of processor time` : ''}`,
        target: `+${most[what]} ms${what === 'without Baileys' ? ', +5 MB' : ''}`,
      })
    }
  rows.push(await toFirstDial(account, place))
  const bare = join(place, 'dials.mjs')
  await writeFile(bare, dials)
  rows.push(await runToFirstDial(account, place, bare, rounds))
  rows.push(await lookingAtMany(account, place))
  await rm(place, { recursive: true, force: true })
  return rows
}

/** From the start of the process to its first socket: a line of the library beside a bare script. */
async function toFirstDial(account: string, place: string): Promise<Row> {
  const file = { bare: join(place, 'bare.mjs'), supervised: join(place, 'supervised.mjs') }
  await writeFile(file.bare, programs['with Baileys, to its first socket'])
  await writeFile(file.supervised, supervised)
  const folder = { bare: join(place, 'bare'), supervised: join(place, 'supervised') }
  for (const one of Object.values(folder)) await cp(account, one, { recursive: true })
  const cwd = fileURLToPath(inProject('.'))
  const pairs: { readonly bare: Taken; readonly ours: Taken }[] = []
  for (let round = -2; round < rounds; round += 1) {
    const bare = await taken(process.execPath, [file.bare, folder.bare], cwd)
    const ours = await taken(process.execPath, [file.supervised, folder.supervised], cwd)
    if (round >= 0) pairs.push({ bare, ours })
  }
  const told = ({ ms, wallMs }: Taken) => `${ms.toFixed(0)} ms of processor time, ${wallMs.toFixed(0)} ms`
  const middle = (of: (pair: (typeof pairs)[number]) => Taken): Taken => ({
    ms: median(pairs.map((pair) => of(pair).ms)),
    wallMs: median(pairs.map((pair) => of(pair).wallMs)),
    mb: median(pairs.map((pair) => of(pair).mb)),
  })
  return {
    what: `start of a process to its first dial after an end without stop(), Node ${process.versions.node} (${rounds} pairs)`,
    ours: told(middle(({ ours }) => ours)),
    beside: `a bare script: ${told(middle(({ bare }) => bare))}`,
    ratio: median(pairs.map(({ bare, ours }) => ours.ms / bare.ms)),
    target: '≤ 1.15',
  }
}

const manySessions = 10_000

/** The look at sessions that a start after an unclean end waits for, beside the look at every file that it was. */
async function lookingAtMany(account: string, place: string): Promise<Row> {
  const folder = join(place, 'many')
  await cp(account, folder, { recursive: true })
  const content = JSON.stringify(sessionLike())
  for (let at = 0; at < manySessions; at += 1)
    await writeFile(join(folder, `session-${1_000_000 + at}.0.json`), content)
  const store = fileAuthStore(folder)
  const look = { withinMs: defaultPolicy.prune.lookMs, now: () => performance.now() }
  const took: { readonly ours: number; readonly all: number; readonly looked: number }[] = []
  for (let round = -1; round < Math.min(5, rounds); round += 1) {
    const begun = performance.now()
    const left = (await store.lookAtSessions?.(look))?.left.length ?? 0
    const between = performance.now()
    await store.inspect()
    const all = performance.now() - between
    if (round >= 0) took.push({ ours: between - begun, all, looked: manySessions - left })
  }
  const middle = (of: (one: (typeof took)[number]) => number) => median(took.map(of)).toFixed(0)
  return {
    what: `preparing after an unclean end, ${manySessions} sessions in a folder`,
    ours: `${middle(({ ours }) => ours)} ms, the ${middle(({ looked }) => looked)} newest looked at`,
    beside: `a look at every file: ${middle(({ all }) => all)} ms`,
    target: '200 ms',
  }
}

/** What libsignal's record serialises to. */
function sessionLike(): object {
  const bytes = Buffer.alloc(33, 'a').toString('base64')
  const ratchet = {
    ephemeralKeyPair: { pubKey: bytes, privKey: bytes },
    lastRemoteEphemeralKey: bytes,
    previousCounter: 0,
    rootKey: bytes,
  }
  const indexInfo = { baseKey: bytes, baseKeyType: 1, closed: -1, used: 1, created: 1, remoteIdentityKey: bytes }
  const chains = { [bytes]: { chainKey: { counter: 0, key: bytes }, chainType: 1, messageKeys: {} } }
  const entry = { registrationId: 1, currentRatchet: ratchet, indexInfo, _chains: chains }
  return { _sessions: { [bytes]: entry }, version: 'v1' }
}
