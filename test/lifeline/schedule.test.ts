import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Fault, faults } from '../../src/fake-whatsapp/index.ts'
import { fileAuthStore } from '../../src/index.ts'
import { damageSessions, sessionFiles } from './damage.ts'
import { digest, type Gateway } from './gateway.ts'
import { lines, World } from './world.ts'

/** Trouble that says nothing against the account: however much of it, no code is shown and no session set aside. */
const transport: Readonly<Record<string, Fault>> = {
  '503': faults.serviceUnavailable,
  'end of stream': { kind: 'stream-end' },
  'broken XML': faults.xmlNotWellFormed,
  reset: { kind: 'reset', at: 'login' },
  'half-open': { kind: 'half-open' },
}
const atLogin: Readonly<Record<string, Fault>> = {
  '500 at login': faults.serverError,
  'reset at hello': { kind: 'reset', at: 'hello' },
  'close at connect': { kind: 'close', at: 'connect' },
  garbage: { kind: 'garbage' },
  '405 at login': faults.outdated,
  '402 at login': faults.banned,
}
const other = ['reconnect', 'unplug', '440', '515', 'damage', 'write', 'restart', 'prune'] as const

type Step = string

async function play(world: World, gateway: Gateway, step: Step): Promise<void> {
  const fault = transport[step]
  const login = atLogin[step]
  const { server } = world
  if (fault) server.now(fault, gateway.number)
  else if (login) {
    server.onNextLogin(login, { account: gateway.number })
    await gateway.line.reconnect().catch(() => undefined)
  } else if (step === 'reconnect') await gateway.line.reconnect().catch(() => undefined)
  else if (step === 'unplug') {
    await server.unplug()
    await gateway.until(() => gateway.line.socket === undefined)
    await server.plug()
  } else if (step === '440') server.now(faults.replaced, gateway.number)
  else if (step === '515') server.now(faults.restartRequired, gateway.number)
  else if (step === 'damage')
    await damageSessions(gateway.folder, ['foreign', 'empty', 'half'], (await sessionFiles(gateway.folder)).slice(0, 2))
  else if (step === 'write') await server.contact(`friend of ${gateway.folder}`).send(gateway.number, 'hello')
  else if (step === 'prune') await gateway.line.prune('all').catch(() => undefined)
  else {
    await gateway.line.stop()
    await gateway.line.start()
  }
}

/**
 * What is checked of the promises here, on real Baileys and real files:
 *  1  who the account is, byte for byte where it counts; each way to change creds.json has its own test in pairing, disk and bad-input
 *  2  no second socket while one is open, nor any left at the end; events of old ones: races
 *  3  no prune without a fence: a write behind it would show in 4; the fence itself: races, takeover, test/auth/fence
 *  4  every file in the quarantine is what its manifest says; that it is what lay there before: healing
 *  5  prunes within the budget; across restarts: test/machine
 *  6  transport trouble alone never prunes and never shows a code
 *  7  a 440 alone never prunes; decrypt trouble never shows a code
 *  8  healthy in the end, whatever came before
 *  9  who reconnects names the time, who waits for a person names the action; the timers behind it: test/machine
 * 11  stop() works from wherever the sequence ended; that nothing is left: stop
 * 10 (throwing, disk) and 12 (secrets) are not of the kind that a sequence of failures shows.
 */
describe.each(lines)('random failures with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('however things fail, the account is healthy again in the end, and nothing is lost, shown or done twice on the way', async () => {
    const identity = (text: string) => {
      const { noiseKey, signedIdentityKey, advSecretKey } = JSON.parse(text)
      return digest(JSON.stringify([noiseKey, signedIdentityKey, advSecretKey]))
    }
    const steps = fc.array(fc.constantFrom(...Object.keys(transport), ...Object.keys(atLogin), ...other), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(steps, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), async (sequence, waits) => {
        const gateway = await world.gateway({ policy: { liveness: { silenceMs: 300, probeTimeoutMs: 300 } } })
        const before = identity(await gateway.creds())
        await gateway.start()
        for (const [at, step] of sequence.entries()) {
          if (waits[at])
            await gateway.until(() => ['healthy', 'degraded', 'blocked', 'conflicted'].includes(gateway.state))
          await play(world, gateway, step)
        }
        world.server.clear()
        const settle = () => {
          if (['blocked', 'conflicted'].includes(gateway.state)) gateway.line.reconnect().catch(() => undefined)
        }
        gateway.line.on('status', settle)
        settle()
        await gateway.until(
          () => ['healthy', 'degraded'].includes(gateway.state) && gateway.line.socket?.ws.isOpen === true,
        )
        await gateway.line.stop()

        const story = () => `${sequence.join(', ')}\n${gateway.story()}`
        expect(gateway.path, story()).not.toContain('awaitingQr')
        expect(identity(await gateway.creds()), story()).toBe(before)
        const asked = sequence.filter((step) => step === 'prune').length
        const damaged = sequence.includes('damage')
        const prunes = gateway.told.filter((kind) => kind === 'sessions-pruned').length
        if (!damaged) expect(prunes, story()).toBeLessThanOrEqual(Math.min(1, asked))
        expect(gateway.overlaps, story()).toBe(0)
        for (const entry of await fileAuthStore(gateway.folder).quarantined()) {
          for (const file of entry.files) {
            const content = await readFile(join(gateway.folder, '.lifeline', 'quarantine', entry.id, file.name))
            expect(digest(content), story()).toBe(file.sha256)
          }
        }
        for (const status of gateway.statuses) {
          if (status.state === 'reconnecting') expect(status.nextAttemptAt, story()).toBeDefined()
          if (status.state === 'blocked' || status.state === 'conflicted')
            expect(status.userAction, story()).not.toBe('none')
        }
        expect(
          gateway.sockets.filter(({ ws }) => ws.isOpen),
          story(),
        ).toEqual([])
      }),
      { numRuns: name === 'v7' ? 10 : 5, seed: 4_711, endOnFailure: true },
    )
  }, 240_000)
})
