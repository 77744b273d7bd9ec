import { expect, test } from 'vitest'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const minute = 60_000
const day = 24 * 60 * minute
const contacts = ['a.0', 'b.0', 'c.0', 'd.0', 'e.0', 'f.0']

const damaged = (rig: Rig): void => {
  for (const address of contacts) {
    rig.world.contacts.add(address)
    rig.world.poisoned.add(address)
  }
}

test('a week of observing says each day what would have been done, and does none of it', async () => {
  const rig = new Rig({ mode: 'observe' })
  rig.world.talkMs = 9 * minute
  await rig.healthy()
  expect(rig.status.message).toBe('Connected. Observing only: nothing is healed.')
  await rig.advance(day)
  damaged(rig)
  rig.world.close(cause('closed'))
  await rig.until(() => rig.context.withheld !== undefined, day)
  expect(rig.status).toMatchObject({
    state: 'degraded',
    message: expect.stringMatching(/cannot be read\. Observing only: 6 sessions would be set aside now\.$/),
    remediation: "Switch to mode 'heal' to let the sessions be set aside.",
  })
  await rig.advance(6 * day)
  const told = rig.notices.filter(({ kind }) => kind === 'pruning-exhausted')
  expect(told.length).toBeGreaterThanOrEqual(6)
  expect(rig.status.message).toContain('6 sessions would be set aside now')
  expect(rig.world.prunes).toEqual([])
  expect(rig.world.credsChanges).toEqual([])
  expect(rig.context.budget).toEqual({ addresses: {}, all: [] })

  rig.world.poisoned.clear()
  await rig.until('healthy', day)
  expect(rig.context.withheld).toBeUndefined()
  expect(rig.status.message).toBe('Connected. Observing only: nothing is healed.')
})

test('a prune that closes would have led to is named, and the account dials on', async () => {
  const rig = await new Rig({ mode: 'observe' }).healthy()
  rig.world.login = cause('restart-required', { code: 515 })
  rig.world.close(cause('restart-required', { code: 515 }))
  await rig.until(() => rig.context.withheld !== undefined, 10 * minute)
  expect(rig.context.withheld).toMatchObject({ scope: 'all', addresses: [] })
  expect(rig.context).toMatchObject({ attempt: 1, delay: { cadence: 'fast' } })
  expect(rig.status.message).toBe(
    'WhatsApp asked for a restart of the connection. Observing only: all sessions would have been set aside.',
  )
  rig.world.login = undefined
  await rig.until('healthy', 10 * minute)
  expect(rig.context.withheld).toBeUndefined()
  expect(rig.world.prunes).toEqual([])
})

test('while healing nothing is said of observing', async () => {
  const rig = new Rig()
  damaged(rig)
  await rig.healthy()
  expect(rig.status.message).not.toMatch(/observing/i)
  await rig.advance(10 * minute)
  expect(rig.context.withheld).toBeUndefined()
  expect(rig.world.prunes.length).toBeGreaterThan(0)
})

test('what pruning could not cure is not said to be withheld', async () => {
  const rig = await new Rig({ mode: 'observe' }).healthy()
  rig.unreadable(contacts, ['1', '2', '3'], 'pre-key', true)
  await rig.advance(20 * minute)
  expect(rig.path.join('\n')).toContain('exhausted')
  expect(rig.context.withheld).toBeUndefined()
})

test('while observing, a second client is found and told although messages cannot be read, and is not fought', async () => {
  const rig = await new Rig({ mode: 'observe' }).healthy()
  rig.unreadable(contacts, ['1', '2', '3'])
  rig.world.otherClientAfterMs = 2_000
  rig.world.close(cause('replaced', { code: 440 }))
  expect(rig.context).toMatchObject({ delay: { cadence: 'conflict' }, withheld: { scope: 'failing' } })
  await rig.until('conflicted', 5 * minute)
  expect(rig.notices.map(({ kind }) => kind)).toContain('conflict')
  expect(rig.status.message).toMatch(/keeps connecting.* Observing only: 6 sessions would have been set aside\.$/)
  const { length } = rig.world.opened
  await rig.advance(59 * minute)
  expect(rig.world.opened).toHaveLength(length)
  expect(rig.world.prunes).toEqual([])
})
