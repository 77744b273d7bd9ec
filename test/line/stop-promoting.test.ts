import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import type { Gateway } from './gateway.ts'
import { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.open(undefined, { seed: 'stop promoting' })
})
afterEach(() => world.calm())
afterAll(() => world.close())

test('a stop while a new pairing is put in its place: it is in its place, and that is told and in the history', async () => {
  const folder = world.folder()
  const store = fileAuthStore(folder)
  const promote = store.promoteStaging.bind(store)
  let stopped: Promise<void> | undefined
  store.promoteStaging = async (reason) => {
    stopped = gateway.line.stop()
    return promote(reason)
  }
  const gateway: Gateway = world.newcomer({ store }, folder, '491700000021')
  await gateway.start()
  await world.scan(gateway)
  await gateway.until('stopped')
  await stopped
  expect(gateway.told).toContain('relinked')
  expect(gateway.line.history().some((entry) => entry.type === 'notice' && entry.kind === 'relinked')).toBe(true)
  const later = await world.newcomer({}, folder, '491700000021').up()
  expect(later.codes).toEqual([])
})

test('a stop as soon as the new pairing has opened: nothing is moved, and the next start goes on without a scan', async () => {
  const folder = world.folder()
  const gateway = world.newcomer({}, folder, '491700000022')
  let stopped: Promise<void> | undefined
  gateway.line.ev.on('connection.update', ({ connection }) => {
    if (connection === 'open') stopped ??= gateway.line.stop()
  })
  await gateway.start()
  await world.scan(gateway)
  await gateway.until('stopped')
  await stopped
  expect(gateway.told).not.toContain('relinked')
  const later = await world.newcomer({}, folder, '491700000022').up()
  expect(later.codes).toEqual([])
  expect(later.told).toContain('relinked')
})
