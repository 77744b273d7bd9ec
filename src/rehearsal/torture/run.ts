import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LifelineOptions } from '../../index.ts'
import { AccountSide } from '../conversation/account-side.ts'
import { ReadIndex, toContacts } from '../conversation/judge.ts'
import { Script } from '../conversation/script.ts'
import type { FakeWhatsApp } from '../fake-whatsapp/index.ts'
import { TorturedGateway } from './gateway.ts'
import { lastTalk } from './last-talk.ts'
import { LeakMeter } from './leaks.ts'
import { TorturedLoop } from './loop.ts'
import { healsWithinMs, stopsWithinMs } from './pace.ts'
import { whyNotPaired } from './pairing.ts'
import { playStep } from './play-step.ts'
import { type Broken, brokenRules } from './rules.ts'
import type { Step } from './steps.ts'
import type { Subject } from './subject.ts'
import type { Tortured } from './tortured.ts'

export type RunOptions = Subject & {
  readonly server: FakeWhatsApp
  /**
   * Where the code of `connect` lies, with a slash at its end: what is left behind from there is named with its line.
   */
  readonly connectFolder: string
  readonly schedule: readonly Step[]
  /** XState's inspection events of a supervised account's actor. */
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
  /** What contacts wrote, and how much of it the account was told. */
  readonly messages: { readonly sent: number; readonly read: number }
  /** What the account sent, and how much of it those could read whom it was for. */
  readonly answers: { readonly sent: number; readonly read: number }
}

let accounts = 0
const linksWithinMs = 20_000
const friendNames = ['anna', 'ben']

/** Links a new account, plays the schedule on it, lets it heal, stops it, and looks whether every promise was kept. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { server, connectFolder, schedule } = options
  const startedAt = performance.now()
  accounts += 1
  const number = String(491_700_000_000 + accounts)
  const place = await mkdtemp(join(tmpdir(), 'lifeline-torture-'))
  const meter = await LeakMeter.begin(connectFolder)
  const gateway = made(options, join(place, 'auth'), number)
  try {
    const linked = await link(server, gateway)
    const before = await identity(gateway)
    if (linked) await befriend(server, gateway)
    const bot = new AccountSide({ client: gateway, script: new Script(1), answerMs: [0, 60] })
    for (const [at, { name, settled }] of linked ? schedule.entries() : []) {
      if (settled) await gateway.until(() => gateway.up || gateway.resting, healsWithinMs)
      await playStep(name, { server, gateway, at })
    }
    const calmAt = performance.now()
    const off = linked ? await calm(server, gateway) : () => undefined
    const read = linked && (await gateway.until(() => gateway.up, healsWithinMs)) && (await lastWords(gateway))
    const healed = linked && (await gateway.until(() => gateway.up, healsWithinMs))
    const healMs = performance.now() - calmAt
    bot.end()
    const talk = read && healed ? await lastTalk(server, gateway) : undefined
    off()
    const stopAt = performance.now()
    await gateway.stop()
    const stopMs = performance.now() - stopAt
    const leaks = await meter.end()
    const evidence = {
      ...{ server, gateway, schedule, healed, read, talk, stopMs, stopsWithinMs, leaks },
      identity: [before, await identity(gateway)] as const,
    }
    const missing = gateway.sent.filter((text) => !gateway.texts.has(text)).length
    const answers = toContacts(bot.said, new ReadIndex(), server, { contacts: gateway.friends, groups: [] })
    return {
      schedule,
      broken: linked
        ? await brokenRules(evidence)
        : [whyNotPaired({ gateway, server, afterMs: Math.round(calmAt - startedAt) })],
      path: gateway.path,
      healMs,
      tookMs: performance.now() - startedAt,
      messages: {
        sent: gateway.sent.length + (talk?.toAccount.sent ?? 0),
        read: gateway.sent.length - missing + (talk?.toAccount.read ?? 0),
      },
      answers: {
        sent: answers.sent + (talk?.toContacts.sent ?? 0),
        read: answers.read + (talk?.toContacts.read ?? 0),
      },
    }
  } finally {
    await gateway.stop()
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
  }
}

function made(options: RunOptions, auth: string, number: string): Tortured {
  const { clientOptions } = options.server
  if ('loop' in options) return new TorturedLoop({ auth, number, clientOptions, loop: options.loop })
  const { connect, inspect } = options
  return new TorturedGateway({ auth, number, clientOptions, connect, inspect })
}

async function link(server: FakeWhatsApp, gateway: Tortured): Promise<boolean> {
  const linking = gateway.link(server.phone(gateway.number))
  linking.catch(() => undefined)
  // A socket that went elsewhere, two calls of connect that were given up, or a second scan: it will not come any more.
  const hopeless = () =>
    gateway.astray.size > 0 ||
    gateway.pending > 1 ||
    server.events.filter(({ kind, account }) => kind === 'paired' && account === gateway.number).length > 1
  const healthy = () => gateway.up && gateway.state !== 'degraded'
  await gateway.until(() => healthy() || hopeless(), linksWithinMs)
  return healthy()
}

/** Contacts with a session on each side, whose ratchet has turned. */
async function befriend(server: FakeWhatsApp, gateway: Tortured): Promise<void> {
  await gateway.until(() => gateway.drained, healsWithinMs)
  for (const name of friendNames) {
    const friend = server.contact(`${name} of ${gateway.number}`)
    gateway.friends.push(friend)
    await gateway.hears(friend)
    await gateway.until(() => gateway.allRead, healsWithinMs)
    await gateway.send(friend.jid, 'hello').catch(() => undefined)
  }
}

/**
 * Nothing goes wrong any more, and a person says so where one is asked, until the function that it returns is called.
 */
async function calm(server: FakeWhatsApp, gateway: Tortured): Promise<() => void> {
  server.clear()
  await server.plug()
  return gateway.calm()
}

/** Every friend writes once more. Whether all that was ever sent has been read. */
async function lastWords(gateway: Tortured): Promise<boolean> {
  for (const friend of gateway.friends) await gateway.hears(friend)
  return gateway.until(() => gateway.allRead, healsWithinMs)
}

/** Of what makes the account this one; a digest, since it is compared and never told. */
async function identity({ folder }: Tortured): Promise<string | undefined> {
  try {
    const { signedIdentityKey, noiseKey, advSecretKey } = JSON.parse(await readFile(join(folder, 'creds.json'), 'utf8'))
    return createHash('sha256')
      .update(JSON.stringify([signedIdentityKey, noiseKey, advSecretKey]))
      .digest('hex')
  } catch {
    return undefined
  }
}
