import { expect, test } from 'vitest'
import { Rig } from './rig.ts'

const minute = 60_000
const contacts = ['a.0', 'b.0', 'c.0', 'd.0', 'e.0', 'f.0']

/** All contacts write, and nothing of them can be read. */
async function storm(options: ConstructorParameters<typeof Rig>[0], works: boolean): Promise<Rig> {
  const rig = await new Rig(options).healthy()
  rig.world.liveCureWorks = works
  for (const contact of contacts) {
    rig.world.contacts.add(contact)
    rig.world.poisoned.add(contact)
  }
  rig.world.close({ kind: 'closed', message: '' })
  return rig
}

test('a storm that no session may be set aside for gets the live cure, and leaves nobody unread', async () => {
  const rig = await storm({ policy: { prune: { allPerDay: 0, addressPerDay: 0 } } }, true)
  await rig.until(() => rig.world.heals.length > 0, 5 * minute)
  await rig.until('healthy', 5 * minute)
  await rig.advance(10 * minute)
  expect(rig.status.state).toBe('healthy')
  expect([...(rig.world.heals[0] ?? [])].sort()).toEqual(contacts)
  expect(rig.world.pruneCalls).toEqual([])
  expect(rig.notices).toEqual([])
})

test('where the live cure does not help in a storm either, a person is told', async () => {
  const rig = await storm({ policy: { prune: { allPerDay: 0, addressPerDay: 0 } } }, false)
  await rig.until(() => rig.notices.some(({ kind }) => kind === 'pruning-exhausted'), 15 * minute)
  expect(rig.world.heals.length).toBe(1)
})

test('a storm that sessions may be set aside for does not wait for the live cure', async () => {
  const rig = await storm({}, true)
  rig.world.hangs.healAddress = true
  await rig.until(() => rig.world.pruneCalls.length > 0, 5 * minute)
})
