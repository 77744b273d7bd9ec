import { describe, expect, test } from 'vitest'
import { allHeard, unheardSaid } from '../../machines/index.ts'
import { Rig, type RigOptions } from './rig.ts'
import { cause } from './world.ts'

const minute = 60_000
const day = 24 * 60 * minute
const contacts = (count: number): string[] => Array.from({ length: count }, (_, index) => `contact${index}.0`)

/** Contacts who write and are answered, and of whom these cannot read the answers. */
const people = (rig: Rig, all: number, cannotRead = all): void => {
  for (const address of contacts(all)) rig.world.contacts.add(address)
  for (const address of contacts(cannotRead)) rig.world.cannotRead.add(address)
}
const talking = async (all: number, cannotRead = all, options?: RigOptions): Promise<Rig> => {
  const rig = new Rig(options)
  people(rig, all, cannotRead)
  return rig.healthy()
}
const kinds = (rig: Rig): string[] => rig.notices.map(({ kind }) => kind)
const told = (rig: Rig): number => kinds(rig).filter((kind) => kind === 'pruning-exhausted').length

test('three contacts who cannot read what is sent are named, get new sessions on the open socket, and then read', async () => {
  const rig = await talking(5, 3)
  rig.world.hangs.healAddress = true
  rig.world.liveCureWorks = true
  await rig.until('degraded', minute)
  expect(rig.clock.now()).toBe(200 + 100 + 30_000)
  expect(rig.status).toMatchObject({
    message: '3 contacts cannot read what you send.',
    remediation: 'Nothing to do yet: this is being healed.',
    userAction: 'none',
  })
  rig.world.letGo()
  await rig.until('healthy', minute)
  expect(rig.world.renewals).toEqual([contacts(3)])
  expect(rig.world.heals).toEqual([])
  expect(rig.world.opened).toHaveLength(1)
  expect(rig.world.pruneCalls).toEqual([])
  expect(kinds(rig)).toEqual([])
  expect(rig.context).toMatchObject({ outbound: allHeard, renewed: {}, told: {} })
})

test('one contact who cannot read three messages is enough, and is said to be one', async () => {
  const rig = await talking(5, 1)
  await rig.until('degraded', 2 * minute)
  expect(rig.status.message).toBe('1 contact cannot read what you send.')
})

test('where new sessions do not help a person is told once, after 5 min, and the connection stays', async () => {
  const rig = await talking(5, 3)
  await rig.until('degraded', minute)
  const since = rig.clock.now()
  await rig.until(() => told(rig) > 0, 10 * minute)
  expect(rig.clock.now() - since).toBe(5 * minute)
  expect(rig.status).toMatchObject({
    state: 'degraded',
    message: '3 contacts cannot read what you send. New sessions did not help.',
    remediation: expect.stringMatching(/^Ask them to write to this account.*relink\(\)\.$/),
    userAction: 'wait',
  })
  await rig.advance(6 * 60 * minute)
  expect(told(rig)).toBe(1)
  expect(rig.world.renewals).toEqual([contacts(3)])
  expect(rig.world.opened).toHaveLength(1)
  expect(rig.world.pruneCalls).toEqual([])
  rig.world.cannotRead.clear()
  await rig.until('healthy', minute)
})

test('of what goes on for a day a person is told again', async () => {
  const rig = await talking(3)
  rig.world.talkMs = 3 * minute
  await rig.until(() => told(rig) === 1, 10 * minute)
  rig.world.close(cause('closed'))
  await rig.advance(day - 10 * minute)
  expect(told(rig)).toBe(1)
  rig.world.close(cause('closed'))
  await rig.advance(20 * minute)
  rig.world.close(cause('closed'))
  await rig.until(() => told(rig) === 2, 10 * minute)
  expect(Object.keys(rig.context.told)).toEqual(contacts(3))
})

test('whoever fails later gets a new session too, each one once, and a person is told of those alone', async () => {
  const rig = await talking(5, 3)
  await rig.until(() => told(rig) === 1, 10 * minute)
  rig.world.cannotRead.add('contact4.0')
  await rig.until(() => rig.world.renewals.length > 1, 2 * minute)
  const since = rig.clock.now()
  expect(rig.world.renewals).toEqual([contacts(3), ['contact4.0']])
  expect(rig.status.message).toMatch(/^4 contacts cannot read/)
  await rig.until(() => told(rig) === 2, 10 * minute)
  expect(rig.clock.now() - since).toBe(5 * minute)
  await rig.advance(60 * minute)
  expect(told(rig)).toBe(2)
  expect(rig.world.renewals).toHaveLength(2)
})

test('a contact who read again meanwhile is cured afresh when it fails once more', async () => {
  const rig = await talking(5, 4)
  await rig.until('degraded', minute)
  rig.world.cannotRead.delete('contact3.0')
  await rig.until(() => rig.context.outbound.addresses.length === 3, minute)
  rig.world.cannotRead.add('contact3.0')
  await rig.until(() => rig.world.renewals.length > 1, 2 * minute)
  expect(rig.world.renewals).toEqual([contacts(4), ['contact3.0']])
})

test('a contact who read again while the live cure was under way is cured afresh as well', async () => {
  const rig = await talking(5, 4)
  rig.world.hangs.healAddress = true
  await rig.until('degraded', minute)
  rig.world.cannotRead.delete('contact3.0')
  await rig.until(() => rig.context.outbound.addresses.length === 3, minute)
  rig.world.letGo()
  await rig.clock.settle()
  expect(Object.keys(rig.context.renewed)).toEqual(contacts(3))
})

test('a live cure that fails is not tried again for the same devices', async () => {
  const rig = await talking(3)
  rig.world.failing.healAddress = 1
  await rig.until(() => told(rig) === 1, 10 * minute)
  expect(rig.world.renewals).toEqual([contacts(3)])
})

test('a few retries in a storm of reconnects are no alarm', async () => {
  const rig = await talking(20, 0)
  for (let round = 0; round < 9; round += 1) {
    rig.unheard([`contact${round}.0`], [`lost ${round}`])
    await rig.advance(15_000)
    rig.world.close(cause('closed'))
    await rig.until('healthy', minute)
  }
  expect(rig.path.filter((at) => at.includes('degraded'))).toEqual([])
})

test('what could not be read before a reconnect still counts after it, and no second cure is spent on it', async () => {
  const rig = await talking(3)
  await rig.until('degraded', minute)
  const since = rig.clock.now()
  await rig.advance(minute)
  rig.world.close(cause('closed'))
  await rig.until('degraded', minute)
  await rig.until(() => told(rig) === 1, 10 * minute)
  expect(rig.clock.now() - since).toBe(5 * minute)
  expect(rig.world.renewals).toHaveLength(1)
})

describe('while messages cannot be read in both directions', () => {
  const bothWays = async (options?: RigOptions): Promise<Rig> => {
    const rig = await talking(3, 3, options)
    await rig.advance(2 * minute)
    return rig
  }

  test('both are said, and each has a live cure of its own', async () => {
    const rig = await bothWays()
    rig.unreadable(['torn.0'], ['1', '2', '3'])
    expect(rig.status.message).toBe('3 messages from 1 device cannot be read. 3 contacts cannot read what you send.')
    expect(rig.status.remediation).toBe('Nothing to do yet: this is being healed.')
    await rig.clock.settle()
    expect(rig.world.heals).toEqual([['torn.0']])
    expect(rig.world.renewals).toEqual([contacts(3)])
    rig.readable('torn.0')
    expect(rig.status).toMatchObject({ state: 'degraded', message: '3 contacts cannot read what you send.' })
    rig.world.cannotRead.clear()
    await rig.until('healthy', minute)
  })

  test('what we cannot read climbs its ladder, counted from its own beginning, and sets aside its own sessions only', async () => {
    const rig = await bothWays()
    await rig.until(() => told(rig) === 1, 10 * minute)
    const since = rig.clock.now()
    rig.unreadable(['torn.0'], ['1', '2', '3'])
    for (let round = 0; round < 9; round += 1) {
      await rig.advance(minute)
      rig.unreadable(['torn.0'], [`more ${round}`])
    }
    expect(rig.world.pruneCalls).toEqual([])
    await rig.until('pruningSessions', 2 * minute)
    expect(rig.clock.now() - since).toBe(10 * minute)
    await rig.advance(100)
    expect(rig.world.pruneCalls.map(({ addresses }) => addresses)).toEqual([['torn.0']])
  })

  test('and the ladder has come to its end, new sessions are still made for those who cannot read', async () => {
    const rig = await new Rig().healthy()
    await rig.advance(2 * minute)
    for (let round = 0; round < 12; round += 1) {
      rig.unreadable(['group.0'], [`a${round}`, `b${round}`, `c${round}`], 'sender-key')
      await rig.advance(minute)
    }
    expect(rig.state).toBe('online.open.degraded.exhausted')
    rig.unheard(contacts(3), ['1'])
    await rig.advance(31_000)
    expect(rig.world.renewals).toEqual([contacts(3)])
    expect(rig.state).toBe('online.open.degraded.exhausted')
    expect(told(rig)).toBe(1)
    for (let round = 0; round < 6; round += 1) {
      rig.unreadable(['group.0'], [`d${round}`, `e${round}`, `f${round}`], 'sender-key')
      rig.unheard(contacts(3), [`more ${round}`])
      await rig.advance(minute)
    }
    expect(told(rig)).toBe(2)
    expect(rig.status).toMatchObject({
      message: expect.stringMatching(/cannot be read\. .* 3 contacts cannot read what you send\. New sessions did not/),
      remediation: expect.stringMatching(/^Ask the senders.*Ask them to write/),
    })
    rig.readable('group.0')
    expect(rig.context.exhausted).toBeUndefined()
    expect(rig.state).toBe('online.open.degraded.watching')
    rig.unreadable(['torn.0'], ['1', '2', '3'])
    await rig.clock.settle()
    expect(rig.world.heals.at(-1)).toEqual(['torn.0'])
  })

  test('in a storm whose ladder has come to its end, new sessions for others lead round no rung twice', async () => {
    const rig = new Rig()
    const stormy = ['s0.0', 's1.0', 's2.0', 's3.0', 's4.0', 's5.0']
    for (const address of stormy) {
      rig.world.contacts.add(address)
      rig.world.poisoned.add(address)
    }
    rig.world.pruningCures = false
    await rig.healthy()
    await rig.until(() => told(rig) === 1, 60 * minute)
    expect(rig.context.evidence.level).toBe('storm')
    rig.unheard(contacts(3), ['1'])
    await rig.advance(2 * minute)
    expect(rig.world.renewals).toEqual([contacts(3)])
    expect(rig.state).toBe('online.open.degraded.exhausted')
    expect(rig.world.prunes.map(({ scope }) => scope)).toEqual(['failing', 'all'])
    expect(told(rig)).toBe(1)
  })
})

test('while observing nothing is cured, what would help is said, and a person is told', async () => {
  const rig = await talking(3, 3, { mode: 'observe' })
  await rig.until('degraded', minute)
  expect(rig.status).toMatchObject({
    message: '3 contacts cannot read what you send. Observing only: nothing is healed.',
    remediation: 'Nothing to do yet: Baileys sends again by itself what it still has.',
    userAction: 'none',
  })
  await rig.until(() => told(rig) === 1, 10 * minute)
  expect(rig.status).toMatchObject({
    message: '3 contacts cannot read what you send. Observing only: nothing is healed.',
    remediation: "Switch to mode 'heal' to let new sessions be made for them.",
    userAction: 'wait',
  })
})

test('a 440 while others cannot read never prunes, and a person who asks to prune what fails is refused', async () => {
  const rig = await talking(3)
  await rig.until('degraded', minute)
  expect(rig.actor.getSnapshot().can({ type: 'prune', scope: 'failing' })).toBe(false)
  rig.world.close(cause('replaced', { code: 440 }))
  await rig.until('degraded', 2 * minute)
  expect(rig.world.pruneCalls).toEqual([])
})

test('with new credentials nothing is held against the old ones', async () => {
  const rig = await talking(3)
  await rig.until(() => told(rig) === 1, 10 * minute)
  rig.world.scansAfterMs = 1_000
  rig.world.cannotRead.clear()
  rig.world.contacts.clear()
  rig.send({ type: 'relink' })
  await rig.until(() => rig.world.credsChanges.includes('promote'), 2 * minute)
  await rig.clock.settle()
  expect(rig.context).toMatchObject({ outbound: allHeard, renewed: {}, told: {}, cure: { unread: [], unheard: [] } })
})

test.for<[contacts: number, ownPhone: boolean, companions: number, words: string]>([
  [1, false, 0, '1 contact cannot read what you send'],
  [3, false, 0, '3 contacts cannot read what you send'],
  [0, true, 0, 'your own phone cannot read what you send'],
  [0, false, 1, '1 other linked device of yours cannot read what you send'],
  [2, true, 0, '2 contacts and your own phone cannot read what you send'],
  [2, true, 2, '2 contacts, your own phone and 2 other linked devices of yours cannot read what you send'],
])('%i contacts, own phone %s, %i companions: %s', ([contacts, ownPhone, companions, words]) => {
  expect(unheardSaid({ contacts, ownPhone, companions })).toBe(words)
})
