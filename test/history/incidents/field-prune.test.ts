import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { fileAuthStore } from '../../../src/index.ts'
import { gate } from '../../gate.ts'
import { storeWith } from '../../line/stores.ts'
import { World } from '../../line/world.ts'

// Nobody has reported these either: found by reading, and seen on real files. More of each in test/line/races.test.ts.

let world: World
beforeAll(async () => {
  world = await World.open(undefined, { seed: 'field prune' })
})
afterEach(() => world.calm())
afterAll(() => world.close())

test('a stop during a prune tells of what was set aside by then: a notice, the history, and where it lies', async () => {
  const folder = await world.linkedFolder()
  const store = fileAuthStore(folder)
  const slow = gate()
  const quarantine: typeof store.quarantine = async (...args) => {
    await slow.wait()
    return store.quarantine(...args)
  }
  const gateway = await world.newcomer({ store: storeWith(store, { quarantine }) }, folder).up()
  await world.friends(gateway, ['ann'])
  const pruned = gateway.line.prune('all').catch((error: unknown) => error)
  await slow.reached
  const stopped = gateway.line.stop()
  await gateway.until('stopped')
  slow.pass()
  await stopped
  expect(await pruned).toMatchObject({ code: 'STOPPED' })
  const [entry] = await fileAuthStore(folder).quarantined()
  expect(entry?.files.length).toBeGreaterThan(0)
  expect(gateway.notices.find(({ kind }) => kind === 'sessions-pruned')?.details).toMatchObject({
    quarantine: entry?.id,
  })
  expect(JSON.stringify(gateway.line.history())).toContain('sessions-pruned')
})

test('prune() resolves when the account is connected again, not when it begins to reconnect', async () => {
  const gateway = await (await world.gateway()).up()
  await world.friends(gateway, ['bob'])
  const { generation } = gateway.line.status
  await gateway.line.prune('all')
  expect(gateway.line.status.state).toBe('healthy')
  expect(gateway.line.status.generation).toBeGreaterThan(generation)
})
