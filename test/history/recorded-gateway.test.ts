import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectionMachine } from '../../machines/index.ts'
import { isEntry } from '../../src/history/entry.ts'
import { incidentsOf } from '../../src/history/incidents/index.ts'
import { parseReplay, replayFile } from '../../src/history/incidents/replay-file.ts'
import { replay } from '../../src/history/replay.ts'
import { fileAuthStore } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { damageSessions, sessionFiles, uncleanEnd } from '../line/damage.ts'
import { World } from '../line/world.ts'
import { slow } from '../share.ts'

describe('an incident of a real gateway', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('a storm of Bad MAC, a 440 and a run of 515 are told in a sentence, exported, and replayed to the same states', {
    tags: [slow],
    timeout: 60_000,
  }, async () => {
    const before = await world.linked('491700000021')
    const names = ['anna', 'berta', 'carla', 'dora', 'emma', 'frieda']
    const friends = await world.friends(before, names, { resends: false })
    await before.line.stop()
    await damageSessions(before.folder, ['foreign'], await sessionFiles(before.folder))
    await uncleanEnd(before.folder)

    const gateway = await world.newcomer({}, before.folder, before.number).up()
    await Promise.all(friends.map((friend) => friend.send(gateway.number, 'unread')))
    await gateway.until(() => gateway.told.includes('sessions-pruned'))
    await gateway.until('healthy')
    world.server.onNextLogin(faults.restartRequired, { account: gateway.number, times: 3 })
    world.server.now(faults.replaced, gateway.number)
    await gateway.until(() => gateway.path.filter((state) => state === 'pruningSessions').length === 2)
    await gateway.until('healthy')
    await gateway.line.stop()

    const kept = await fileAuthStore(gateway.folder).readHistory(100_000)
    const incidents = incidentsOf(kept.filter(isEntry), Date.now())
    const [cut, incident] = incidents.slice(-2)
    if (!cut || !incident) throw new Error('no incident')
    expect([cut.cause, incident.cause]).toEqual(['unclean-end', 'replaced'])
    expect([cut.outcome, incident.outcome]).toEqual(['healed', 'healed'])
    expect(cut.sentence).toMatch(
      /^down (?:\d+ s|less than a second); \d contacts unreadable; (\d+ sessions made anew; )?\d+ sessions set aside; credentials untouched; healed in (?:\d+ s|less than a second)$/,
    )
    expect(cut.tally.contacts).toBeGreaterThanOrEqual(5)
    expect(incident.tally.closes).toMatchObject({ 440: 1, 515: 3 })

    const file = parseReplay(JSON.stringify(replayFile(cut, kept)))
    const replayed = [file, parseReplay(JSON.stringify(replayFile(incident, kept)))].map(({ runs }) => replay(runs))
    expect(replayed.flatMap(({ differences }) => differences)).toEqual([])
    const passed = replayed.flatMap(({ steps }) => steps.map(({ state }) => state))
    for (const state of [
      'online.open.degraded.healing',
      'pruningSessions.pruning',
      'online.open.healthy',
      'reconnecting.waiting',
    ])
      expect(passed).toContain(state)

    const other = connectionMachine.provide({ guards: { stormUnwatched: () => false, rungLeft: () => false } })
    expect(replay(file.runs, other).differences[0]?.words).toMatch(/ this version goes to .+; recorded was /)

    const numbers = [gateway.number, ...friends.flatMap(({ number, lid }) => [number, lid?.split('@')[0] ?? number])]
    const stored = await readFile(join(gateway.folder, '.lifeline', 'history.jsonl'), 'utf8')
    for (const number of numbers) {
      expect(JSON.stringify(file)).not.toContain(number)
      expect(stored).not.toContain(number)
    }
  })
})
