import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { incidentsOf } from '../../src/history/incidents/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { damageSessions, sessionFiles, uncleanEnd } from './damage.ts'
import { World } from './world.ts'

describe('mode observe', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('sets nothing aside, says what it would do, and leaves the folder to Baileys', async () => {
    const before = await (await world.gateway()).up()
    const friends = await world.friends(before, ['anna', 'berta', 'carla', 'dora', 'emma'])
    await before.line.stop()
    for (const friend of friends) friend.resends = false
    const damaged = await damageSessions(before.folder, ['foreign'], await sessionFiles(before.folder))
    await damageSessions(before.folder, ['half'], [[...damaged.keys()][0] ?? ''])
    await uncleanEnd(before.folder)
    const names = await readdir(before.folder)
    const half = await readFile(join(before.folder, names.find((name) => name === [...damaged.keys()][0]) ?? ''))

    const gateway = world.newcomer({ mode: 'observe' }, before.folder)
    await gateway.up()
    for (let round = 0; round < 3; round++) {
      await Promise.all(friends.map((friend) => friend.send(gateway.number, `round ${round}`)))
    }
    await gateway.until(() => gateway.told.includes('pruning-exhausted'), 20_000)
    world.server.onNextLogin(faults.restartRequired, { account: gateway.number, times: 3 })
    await gateway.line.reconnect()
    const made = gateway.sockets.length
    await gateway.until(() => gateway.sockets.length >= made + 3 && gateway.line.socket !== undefined)
    world.server.now(faults.replaced, gateway.number)
    await gateway.until(
      () => gateway.line.status.lastClose?.cause.kind === 'replaced' && gateway.line.socket !== undefined,
    )
    world.server.now(faults.replaced, gateway.number)
    await gateway.until('conflicted')
    expect(gateway.told).toContain('conflict')
    await gateway.line.stop()

    for (const { message, details } of gateway.notices) {
      expect(message).toMatch(/Observing only/)
      expect(details.observing).toBe(true)
    }
    expect(
      gateway.statuses.filter(({ state, message }) => state !== 'stopped' && !/observing only/i.test(message)),
    ).toEqual([])
    const incident = incidentsOf(gateway.line.history(), Date.now()).find(({ wouldHave }) => wouldHave)
    expect(incident?.sentence).toMatch(/would have set (\d+|all) sessions? aside.*observing only$/)
    expect(gateway.path).not.toContain('pruningSessions')
    expect(gateway.told).not.toContain('sessions-pruned')
    const left = await readdir(gateway.folder)
    for (const name of names) expect(left).toContain(name)
    expect(half.length).toBeGreaterThan(0)
    expect(await readdir(join(gateway.folder, '.lifeline', 'quarantine')).catch(() => [])).toEqual([])
    const words = JSON.stringify(gateway.line.history())
    const would = gateway.line.history().flatMap((entry) => (entry.type === 'would' ? [entry] : []))
    expect(would).toContainEqual(expect.objectContaining({ act: 'sessions-set-aside', sessions: 1 }))
    expect(would).toContainEqual(expect.objectContaining({ act: 'sessions-renewed' }))
    expect(words).toMatch(/observing only: \d+ sessions? would be set aside now/)
    expect(words).toContain('observing only, so no session is set aside')
  })
})
