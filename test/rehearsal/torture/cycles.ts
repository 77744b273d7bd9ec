// A process in which an account is started and stopped again and again: what a stop leaves is measured where nothing
// else runs.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLifeline } from '../../../src/index.ts'
import { type FakeWhatsApp, startFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { torturePolicy } from '../../../src/rehearsal/torture/pace.ts'
import type { Baileys } from '../../line/world.ts'
import '../../quick-keys.ts'

/** What the process holds. */
export interface Holdings {
  readonly heapBytes: number
  readonly handles: number
  readonly files: number
  readonly listeners: number
}

export interface CyclesReport {
  readonly before: Holdings
  /** After each cycle but the first. */
  readonly after: readonly Holdings[]
  /** What of these cycles was not collected in the end. */
  readonly uncollected: readonly string[]
  /** The same of one more cycle, of which somebody keeps the sockets. */
  readonly uncollectedIfKept: readonly string[]
}

interface Made {
  readonly what: string
  readonly ref: WeakRef<object>
}

const [name = '', count = ''] = process.argv.slice(2)
const number = '491700000001'
const withinMs = 20_000
for (const method of ['info', 'warn', 'error'] as const) console[method] = () => undefined

/** One life of a supervised account: linked if it is not yet, read with, connected anew, stopped. */
async function cycle(server: FakeWhatsApp, baileys: Baileys, auth: string, keep?: object[]): Promise<readonly Made[]> {
  const made: Made[] = []
  const note = (what: string, one: object | undefined) => one && made.push({ what, ref: new WeakRef(one) })
  const line = createLifeline({
    auth,
    policy: torturePolicy,
    connect: (given) => {
      const socket = baileys.makeWASocket({ ...server.clientOptions, ...given })
      note('socket', socket)
      keep?.push(socket)
      return socket
    },
  })
  const healthy = () => line.whenHealthy({ signal: AbortSignal.timeout(withinMs) })
  if (server.phone(number).devices().length === 0) await server.phone(number).link(line)
  else await line.start()
  await healthy()
  const delivery = await server.contact('anna').send(number, 'hello')
  await delivery.delivered()
  await line.reconnect()
  await healthy()
  note('line', line)
  note('actor', line.actor)
  note('emitter', line.ev)
  await line.stop()
  return made
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * What is not collected in so many turns and collections; the first may come before the last promise of a socket has
 * settled.
 */
async function uncollected(made: readonly Made[], atMost = 50): Promise<readonly string[]> {
  const left = () => made.filter(({ ref }) => ref.deref() !== undefined)
  for (let turns = 0; turns < atMost && left().length > 0; turns += 1) {
    await turn()
    global.gc?.()
  }
  return left().map(({ what }) => what)
}

const handles = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|UDP|Pipe|FS|Process|Worker/.test(kind)).length

/**
 * Measured when the connections of a stopped account are closed at both ends, which takes some turns: here is the
 * server, too. What stays open stays counted.
 */
async function holdings(): Promise<Holdings> {
  await turn()
  for (let turns = 1; turns < 1_000 && handles() > handlesAtRest; turns += 1) await turn()
  global.gc?.()
  return {
    heapBytes: process.memoryUsage().heapUsed,
    handles: handles(),
    files: (await readdir('/proc/self/fd').catch(() => [])).length,
    listeners: process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0),
  }
}

const baileys: Baileys = await import(name)
const place = await mkdtemp(join(tmpdir(), 'lifeline-cycles-'))
const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
server.trust(baileys)
const auth = join(place, 'auth')
const handlesAtRest = handles()
await cycle(server, baileys, auth)
const before = await holdings()
const after: Holdings[] = []
const made: Made[] = []
for (let at = 0; at < Number(count); at += 1) {
  made.push(...(await cycle(server, baileys, auth)))
  after.push(await holdings())
}
const report: CyclesReport = {
  before,
  after,
  uncollected: await uncollected(made),
  uncollectedIfKept: await (async (kept: object[]) => {
    const left = await uncollected(await cycle(server, baileys, auth, kept), 5)
    return kept.length > 0 ? left : []
  })([]),
}
await server.stop()
await rm(place, { recursive: true, force: true })
process.stdout.write(JSON.stringify(report), () => process.exit(0))
