import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LifelineOptions } from '../../index.ts'
import type { FakeWhatsApp } from '../fake-whatsapp/index.ts'
import { TorturedGateway as Gateway, type TortureConnect } from './gateway.ts'
import { LeakMeter } from './leaks.ts'
import { healsWithinMs, stopsWithinMs } from './pace.ts'
import { whyNotPaired } from './pairing.ts'
import { playStep } from './play-step.ts'
import { type Broken, brokenRules } from './rules.ts'
import type { Step } from './steps.ts'

export interface RunOptions {
  readonly server: FakeWhatsApp
  readonly connect: TortureConnect
  /**
   * Where the code of `connect` lies, with a slash at its end: what is left behind from there is named with its line.
   */
  readonly connectFolder: string
  readonly schedule: readonly Step[]
  /** XState's inspection events of the account's actor. */
  readonly inspect?: LifelineOptions['inspect'] | undefined
}

export interface RunResult {
  readonly schedule: readonly Step[]
  readonly broken: readonly Broken[]
  /** The states that were passed. */
  readonly path: readonly string[]
  /** From the end of the faults until all was read. */
  readonly healMs: number
  readonly tookMs: number
  readonly messages: { readonly sent: number; readonly read: number }
}

let accounts = 0
const linksWithinMs = 20_000
const friendNames = ['anna', 'ben']

/** Links a new account, plays the schedule on it, lets it heal, stops it, and looks whether every promise was kept. */
export async function run({ server, connect, connectFolder, schedule, inspect }: RunOptions): Promise<RunResult> {
  const startedAt = performance.now()
  accounts += 1
  const number = String(491_700_000_000 + accounts)
  const place = await mkdtemp(join(tmpdir(), 'lifeline-torture-'))
  const meter = await LeakMeter.begin(connectFolder)
  const { clientOptions } = server
  const gateway = new Gateway({ auth: join(place, 'auth'), number, connect, clientOptions, inspect })
  try {
    const linked = await link(server, gateway)
    const before = await identity(gateway)
    if (linked) await befriend(server, gateway)
    for (const [at, { name, settled }] of linked ? schedule.entries() : []) {
      if (settled) await gateway.until(() => gateway.up || resting(gateway), healsWithinMs)
      await playStep(name, { server, gateway, at })
    }
    const calmAt = performance.now()
    const off = linked ? await calm(server, gateway) : () => undefined
    const read = linked && (await gateway.until(() => gateway.up, healsWithinMs)) && (await lastWords(gateway))
    const healed = linked && (await gateway.until(() => gateway.up, healsWithinMs))
    const healMs = performance.now() - calmAt
    off()
    const stopAt = performance.now()
    await gateway.line.stop()
    const stopMs = performance.now() - stopAt
    const leaks = await meter.end()
    const evidence = {
      ...{ server, gateway, schedule, healed, read, stopMs, stopsWithinMs, leaks },
      identity: [before, await identity(gateway)] as const,
    }
    const missing = gateway.sent.filter((text) => !gateway.texts.has(text)).length
    return {
      schedule,
      broken: linked
        ? await brokenRules(evidence)
        : [whyNotPaired({ gateway, server, afterMs: Math.round(calmAt - startedAt) })],
      path: gateway.path,
      healMs,
      tookMs: performance.now() - startedAt,
      messages: { sent: gateway.sent.length, read: gateway.sent.length - missing },
    }
  } finally {
    await gateway.line.stop()
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
  }
}

const resting = ({ state }: Gateway): boolean => state === 'blocked' || state === 'conflicted'

async function link(server: FakeWhatsApp, gateway: Gateway): Promise<boolean> {
  const linking = server.phone(gateway.number).link(gateway.line)
  linking.catch(() => undefined)
  // A socket that went elsewhere, two calls of connect that were given up, or a second scan: it will not come any more.
  const hopeless = () =>
    gateway.astray.size > 0 ||
    gateway.pending > 1 ||
    server.events.filter(({ kind, account }) => kind === 'paired' && account === gateway.number).length > 1
  const healthy = () => gateway.state === 'healthy' && gateway.up
  await gateway.until(() => healthy() || hopeless(), linksWithinMs)
  return healthy()
}

/** Contacts with a session on each side, whose ratchet has turned. */
async function befriend(server: FakeWhatsApp, gateway: Gateway): Promise<void> {
  await gateway.until(() => gateway.drained, healsWithinMs)
  for (const name of friendNames) {
    const friend = server.contact(`${name} of ${gateway.number}`)
    gateway.friends.push(friend)
    await gateway.hears(friend)
    await gateway.until(() => gateway.allRead, healsWithinMs)
    const socket: unknown = gateway.line.socket
    if (canSend(socket)) await socket.sendMessage(friend.jid, { text: 'hello' }).catch(() => undefined)
  }
}

interface Sender {
  sendMessage(jid: string, content: { readonly text: string }): Promise<unknown>
}

const canSend = (socket: unknown): socket is Sender => typeof Reflect.get(Object(socket), 'sendMessage') === 'function'

/**
 * Nothing goes wrong any more, and a person says so where one is asked, until the function that it returns is called.
 */
async function calm(server: FakeWhatsApp, gateway: Gateway): Promise<() => void> {
  server.clear()
  await server.plug()
  const settle = () => {
    if (resting(gateway)) gateway.line.reconnect().catch(() => undefined)
  }
  settle()
  return gateway.line.on('status', settle)
}

/** Every friend writes once more. Whether all that was ever sent has been read. */
async function lastWords(gateway: Gateway): Promise<boolean> {
  for (const friend of gateway.friends) await gateway.hears(friend)
  return gateway.until(() => gateway.allRead, healsWithinMs)
}

/** Of what makes the account this one; a digest, since it is compared and never told. */
async function identity({ folder }: Gateway): Promise<string | undefined> {
  try {
    const { signedIdentityKey, noiseKey, advSecretKey } = JSON.parse(await readFile(join(folder, 'creds.json'), 'utf8'))
    return createHash('sha256')
      .update(JSON.stringify([signedIdentityKey, noiseKey, advSecretKey]))
      .digest('hex')
  } catch {
    return undefined
  }
}
