import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboard } from '../../src/dashboard/index.ts'
import { incidentsOf } from '../../src/history/incidents/index.ts'
import { replayFile } from '../../src/history/incidents/replay-file.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { codeParts, keyMaterial, secretsShownIn } from '../key-material.ts'
import { inTurn, slow } from '../share.ts'
import { damageSessions, sessionFiles } from './damage.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('secrets with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name, claimedPreKeys: 0 })
  })
  afterAll(() => world.close())

  test('no key, credential or code is in a log, a notice, the history, the status, the inspector, the console, an error, a kept file, a replay or what the dashboard and the metrics answer', {
    tags: [slow],
  }, async () => {
    const said: string[] = []
    const say = (...what: unknown[]) => {
      for (const one of what)
        said.push(
          typeof one === 'string' ? one : inspect(one, { depth: 8, maxArrayLength: 2_000, maxStringLength: 20_000 }),
        )
    }
    const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation(say),
    )
    const log = new Writable({
      write(chunk, _, done) {
        say(String(chunk))
        done()
      },
    })
    const codes: string[] = []
    const gateway = world.newcomer({
      policy: { reconnect: { connectTimeoutMs: 20_000 } },
      logger: pino({ level: 'trace' }, log),
      inspect: (event) => {
        const { actorRef, ...shown } = event
        say(JSON.stringify(shown, (key, value) => (key === 'machine' || key === '_transitions' ? undefined : value)))
      },
    })
    const dashboard = createDashboard(gateway.line, { trustLoopback: true })
    gateway.line.on('qr', ({ code, pairingCode }) => {
      codes.push(...codeParts(code))
      if (pairingCode) codes.push(pairingCode)
    })
    await gateway.start()
    codes.push(await gateway.line.requestPairingCode(gateway.number))
    await world.scan(gateway)
    await gateway.until(() => gateway.state === 'healthy' && gateway.drained)
    const friends = await world.friends(gateway, ['anna', 'berta', 'carla'])
    const keys = await keyMaterial(gateway.folder)
    await gateway.line.stop()
    await damageSessions(gateway.folder, ['foreign', 'half', 'empty'], await sessionFiles(gateway.folder))
    await gateway.up()
    await Promise.all(friends.map((friend) => friend.send(gateway.number, 'can you read this')))
    await gateway.until(() => gateway.texts.filter((text) => text === 'can you read this').length === 3)
    await gateway.line.prune('all')
    world.server.now(faults.deviceRemoved, gateway.number)
    world.server.onNextLogin(faults.loggedOut, { account: gateway.number, times: 2 })
    await gateway.until('awaitingQr')
    for (const key of await keyMaterial(gateway.folder)) keys.add(key)
    await gateway.line.prune('failing').catch(say)
    await gateway.line.stop()
    await gateway.line.whenHealthy().catch(say)
    say(
      gateway.notices,
      gateway.line.history(),
      gateway.statuses.map((status) => ({ ...status, qr: undefined })),
    )
    for (const file of ['state.json', 'history.jsonl'])
      say(await readFile(join(gateway.folder, '.lifeline', file), 'utf8'))
    const kept = (await readFile(join(gateway.folder, '.lifeline', 'history.jsonl'), 'utf8')).trimEnd().split('\n')
    const incidents = incidentsOf(gateway.line.history(), Date.now())
    expect(incidents.length).toBeGreaterThan(0)
    for (const incident of incidents) {
      const replay = replayFile(
        incident,
        kept.map((line) => JSON.parse(line)),
      )
      say(JSON.stringify(replay))
    }
    // Supervision has stopped, so every code is an old one: even the owner of the dashboard is not shown it any more.
    const base = `http://127.0.0.1/api/accounts/${gateway.line.account}`
    const pages = ['/status.json', '/metrics', '/healthz', '/readyz', '/', '/link'].map(
      (path) => `http://127.0.0.1${path}`,
    )
    for (const address of [...pages, `${base}/timeline`, `${base}/quarantine`]) {
      const answer = await dashboard.fetch(new Request(address), { remoteAddress: '127.0.0.1' })
      expect([address, answer.status]).toEqual([address, address.endsWith('z') ? 503 : 200])
      say(await answer.text())
    }
    const stream = await dashboard.fetch(new Request('http://127.0.0.1/api/stream'), { remoteAddress: '127.0.0.1' })
    const reader = stream.body?.getReader()
    const first = Buffer.from((await reader?.read())?.value ?? []).toString()
    expect(first).toContain(gateway.line.account)
    say(first)
    await reader?.cancel()
    await dashboard.close()
    for (const spy of consoles) spy.mockRestore()

    const text = said.join('\n')
    expect(said.length).toBeGreaterThan(200)
    expect(keys.size).toBeGreaterThan(300)
    expect(codes.length).toBeGreaterThan(4)
    expect(secretsShownIn(text, [...keys, ...codes])).toEqual([])
  })
})
