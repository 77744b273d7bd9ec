import { expect, test } from 'vitest'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const minute = 60_000
const contacts = (count: number): string[] => Array.from({ length: count }, (_, index) => `contact${index}.0`)

/** Contacts of whom these are damaged. */
const people = (rig: Rig, all: number, poisoned = all): void => {
  for (const address of contacts(all)) rig.world.contacts.add(address)
  for (const address of contacts(poisoned)) rig.world.poisoned.add(address)
}
const kinds = (rig: Rig): string[] => rig.notices.map(({ kind }) => kind)

test('after a power cut that damaged ten contacts, with a 440 and a 515 on top, all is readable within 150 s', async () => {
  const rig = new Rig()
  people(rig, 10)
  await rig.start()
  await rig.until('healthy', minute)
  await rig.advance(2_000)
  rig.world.close(cause('replaced', { code: 440 }))
  await rig.until(() => rig.state.startsWith('online.connecting'), minute)
  rig.world.login = cause('restart-required', { code: 515 })
  await rig.until(() => rig.context.restarts === 1, minute)
  rig.world.login = undefined
  await rig.until(() => rig.status.state === 'healthy' && rig.world.poisoned.size === 0, 150_000 - rig.clock.now())
  expect(rig.world.prunes).toHaveLength(1)
  expect(rig.world.prunes[0]?.addresses.toSorted()).toEqual(contacts(10).toSorted())
  expect(rig.world.creds).toBe('good')
  expect(rig.world.codes).toEqual([])
  expect(rig.world.credsChanges).toEqual([])
  expect(kinds(rig)).toEqual(['sessions-pruned'])
  await rig.advance(10 * minute)
  expect(rig.context.verifying).toBeUndefined()
  expect(rig.status.state).toBe('healthy')
})

test('a storm leads to a prune after 30 s, without the live cure and without the grace', async () => {
  const rig = new Rig()
  people(rig, 5)
  await rig.healthy()
  await rig.until('pruningSessions', minute)
  expect(rig.clock.now()).toBe(200 + 100 + 30_000)
  await rig.until('healthy', minute)
  expect(rig.world.heals).toEqual([])
  expect(rig.world.prunes).toHaveLength(1)
  expect(rig.context.verifying).toMatchObject({ scope: 'failing' })
  await rig.until(() => rig.context.reason?.why.endsWith('the prune helped.') === true, minute)
})

test('in a storm of missing sessions nothing is set aside and no exhaustion is told: the retries of Baileys mend it', async () => {
  const rig = await new Rig().healthy()
  for (let round = 0; round < 6; round += 1) {
    rig.unreadable(contacts(8), [`id${round}`], 'no-session')
    await rig.advance(10_000)
  }
  expect(rig.context.evidence.level).toBe('storm')
  expect(rig.state).toBe('online.open.degraded.watching')
  for (const address of contacts(8)) rig.readable(address)
  expect(rig.status.state).toBe('healthy')
  expect(kinds(rig)).toEqual([])
})

test('one failing contact is cured live first; the socket stays open and no file is moved', async () => {
  const rig = new Rig()
  people(rig, 3, 1)
  rig.world.liveCureWorks = true
  await rig.healthy()
  await rig.until('degraded', 3 * minute)
  await rig.until('healthy', minute)
  expect(rig.world.heals).toEqual([['contact0.0']])
  expect(rig.world.opened).toHaveLength(1)
  expect(rig.world.prunes).toEqual([])
})

test('when the live cure does not help, the failing sessions are set aside after 10 min, counted over reconnects', async () => {
  const rig = new Rig()
  people(rig, 3, 1)
  await rig.healthy()
  await rig.until('degraded', 3 * minute)
  const since = rig.clock.now()
  await rig.advance(4 * minute)
  rig.world.close(cause('closed'))
  await rig.until('degraded', minute)
  await rig.advance(3 * minute)
  rig.world.close(cause('link-lost'))
  await rig.until('pruningSessions', 10 * minute)
  expect(rig.clock.now() - since).toBe(10 * minute)
  expect(rig.world.heals).toHaveLength(1)
  await rig.until('healthy', minute)
  expect(rig.world.prunes.map(({ addresses }) => addresses)).toEqual([['contact0.0']])
})

test('a live cure that hangs does not hold up the next rung', async () => {
  const rig = new Rig()
  people(rig, 3, 1)
  rig.world.hangs.healAddress = true
  await rig.healthy()
  await rig.until('degraded', 3 * minute)
  await rig.until('pruningSessions', 10 * minute)
  await rig.until('healthy', minute)
})

test('a storm that breaks out while the live cure hangs is not held up either', async () => {
  const rig = await new Rig().healthy()
  rig.world.hangs.healAddress = true
  await rig.advance(2 * minute)
  rig.unreadable(['a.0'], ['1', '2', '3'])
  expect(rig.state).toBe('online.open.degraded.healing')
  rig.unreadable(contacts(5), ['1'])
  await rig.until('pruningSessions', 30_000)
})

test('a prune that did not help leads to all sessions, then to a person, and the connection stays up', async () => {
  const rig = new Rig()
  people(rig, 6)
  rig.world.pruningCures = false
  await rig.healthy()
  await rig.until(() => kinds(rig).includes('pruning-exhausted'), 60 * minute)
  expect(rig.world.prunes.map(({ scope }) => scope)).toEqual(['failing', 'all'])
  expect(rig.state).toBe('online.open.degraded.exhausted')
  expect(rig.status).toMatchObject({ state: 'degraded', userAction: 'wait' })
  expect(rig.status.message).toContain('did not help')
  const sockets = rig.world.opened.length
  rig.world.talkMs = 5 * minute
  await rig.advance(12 * 60 * minute)
  expect(rig.world.opened).toHaveLength(sockets)
  expect(rig.world.prunes).toHaveLength(2)
  expect(kinds(rig).filter((kind) => kind === 'pruning-exhausted')).toHaveLength(1)
})

test('an exhausted ladder begins anew after a day, however often the link flapped, and within its budget', async () => {
  const rig = new Rig()
  people(rig, 6)
  rig.world.pruningCures = false
  await rig.healthy()
  await rig.until(() => kinds(rig).includes('pruning-exhausted'), 60 * minute)
  const at = rig.clock.now()
  rig.world.talkMs = 5 * minute
  for (let hour = 0; hour < 23; hour += 1) {
    await rig.advance(60 * minute)
    rig.world.close(cause('closed'))
  }
  rig.world.pruningCures = true
  await rig.until('healthy', 3 * 60 * minute)
  expect(rig.clock.now() - at).toBeLessThan(24.2 * 60 * minute)
})

test('after a prune that helped, new damage climbs the ladder from its first rung', async () => {
  const rig = new Rig()
  people(rig, 6)
  await rig.healthy()
  await rig.until('pruningSessions', minute)
  await rig.until('healthy', minute)
  await rig.advance(6 * minute)
  expect(rig.context).toMatchObject({ verifying: undefined, tried: { live: false, failing: false, all: false } })
  rig.world.contacts.add('late.0')
  rig.world.poisoned.add('late.0')
  await rig.until('degraded', 5 * minute)
  expect(rig.world.heals).toEqual([['late.0']])
  await rig.until('pruningSessions', 11 * minute)
})

test('a link that flaps does not put off the judgement of a prune', async () => {
  const rig = new Rig()
  people(rig, 6)
  rig.world.pruningCures = false
  await rig.healthy()
  await rig.until('pruningSessions', minute)
  await rig.until('healthy', minute)
  const opened = rig.clock.now()
  for (let round = 0; round < 4; round += 1) {
    await rig.advance(70_000)
    rig.world.close(cause('closed'))
  }
  await rig.until('pruningSessions', 5 * minute)
  expect(rig.clock.now() - opened).toBeLessThanOrEqual(5 * minute + 5_000)
})

test('a prune has 5 min to show its effect, though what it cannot cure has failed for longer; then a person is told on the same socket', async () => {
  const rig = await new Rig().healthy()
  await rig.advance(2 * minute)
  rig.unreadable(['torn.0'], ['1', '2', '3'])
  const ownDevice = async (minutes: number): Promise<void> => {
    for (let round = 0; round < minutes; round += 1) {
      const at = rig.clock.now()
      rig.unreadable(['own.1'], [`a${at}`, `b${at}`, `c${at}`], 'pre-key', true)
      await rig.advance(minute)
    }
  }
  await ownDevice(11)
  expect(rig.world.prunes.map(({ addresses }) => addresses)).toEqual([['torn.0']])
  expect(rig.state).toBe('online.open.degraded.watching')
  await ownDevice(3)
  expect(rig.state).toBe('online.open.degraded.watching')
  expect(kinds(rig)).toEqual(['sessions-pruned'])
  const sockets = rig.world.opened.length
  await ownDevice(3)
  expect(rig.state).toBe('online.open.degraded.exhausted')
  expect(kinds(rig)).toEqual(['sessions-pruned', 'pruning-exhausted'])
  expect(rig.world.opened).toHaveLength(sockets)
})

test('damage that pruning cannot cure is told after 10 min, and curable damage that comes later is still healed', async () => {
  const rig = await new Rig().healthy()
  await rig.advance(2 * minute)
  for (let round = 0; round < 12; round += 1) {
    rig.unreadable(['group.0'], [`a${round}`, `b${round}`, `c${round}`], 'sender-key')
    await rig.advance(minute)
  }
  expect(rig.state).toBe('online.open.degraded.exhausted')
  expect(rig.world.prunes).toEqual([])
  rig.unreadable(['torn.0'], ['1', '2', '3'], 'bad-session')
  expect(rig.world.heals.at(-1)).toEqual(['group.0', 'torn.0'])
  for (let round = 0; round < 12; round += 1) {
    rig.unreadable(['torn.0'], [`t${round}`])
    rig.unreadable(['group.0'], [`d${round}`, `e${round}`, `f${round}`], 'sender-key')
    await rig.advance(minute)
  }
  expect(rig.world.prunes.map(({ addresses }) => addresses)).toEqual([['torn.0']])
})

test('a prune that fails is charged, said so truly, and the next rung is tried', async () => {
  const rig = new Rig()
  people(rig, 6)
  rig.world.failing.pruneSessions = 1
  await rig.healthy()
  await rig.until('pruningSessions', minute)
  await rig.until('reconnecting', minute)
  expect(rig.status.message).toBe('The connection ended: the sessions could not be set aside: failed in the model.')
  expect(Object.keys(rig.context.budget.addresses)).toHaveLength(6)
  await rig.until(() => rig.world.poisoned.size === 0 && rig.status.state === 'healthy', 5 * minute)
  expect(rig.world.prunes.map(({ scope }) => scope)).toEqual(['all'])
})

test('the facts that a prune writes first have its budget charged already', async () => {
  const rig = new Rig()
  people(rig, 6)
  rig.world.failing.pruneSessions = 1
  await rig.healthy()
  await rig.until(() => rig.world.pruneCalls.length > 0, minute)
  expect(Object.keys(rig.world.pruneCalls[0]?.facts.budget.addresses ?? {})).toEqual(contacts(6))
})

test('while observing nothing is ever set aside; what would be done is said', async () => {
  const rig = new Rig({ mode: 'observe' })
  people(rig, 6)
  await rig.healthy()
  await rig.until('degraded', minute)
  rig.world.close(cause('replaced', { code: 440 }))
  await rig.until('degraded', 2 * minute)
  expect(rig.status.message).toContain('Observing only')
  rig.send({ type: 'prune', scope: 'all' })
  rig.world.talkMs = 5 * minute
  await rig.advance(48 * 60 * minute)
  expect(rig.world.prunes).toEqual([])
  expect(rig.context.budget).toEqual({ addresses: {}, all: [] })
})

test('a person may ask for a prune; it stays within the budget', async () => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'prune', scope: 'failing' })
  expect(rig.status.state).toBe('healthy')
  rig.send({ type: 'prune', scope: 'all' })
  expect(rig.status.state).toBe('pruningSessions')
  await rig.until('healthy', minute)
  rig.send({ type: 'prune', scope: 'all' })
  expect(rig.status.state).toBe('healthy')
  expect(rig.world.prunes).toHaveLength(1)
  await rig.advance(24 * 60 * minute)
  rig.send({ type: 'prune', scope: 'all' })
  await rig.until('healthy', minute)
  expect(rig.world.prunes).toHaveLength(2)
})

test('after a prune the wait says what happened, not what closed the connection days ago', async () => {
  const rig = await new Rig().healthy()
  rig.world.close(cause('network'))
  await rig.until('healthy', minute)
  rig.send({ type: 'prune', scope: 'all' })
  await rig.until('reconnecting', minute)
  expect(rig.status.message).toBe('Sessions were set aside. Connecting again with the same credentials.')
})

test('after a prune and silence nobody says that it helped; a message that was read proves it', async () => {
  for (const spoken of [false, true]) {
    const rig = await new Rig().healthy()
    rig.unreadable(['a.0'], ['1', '2', '3'], 'bad-session', true)
    rig.send({ type: 'prune', scope: 'failing' })
    await rig.until('healthy', minute)
    const said: string[] = []
    rig.actor.subscribe(({ context }) => said.push(context.reason?.why ?? ''))
    if (spoken) rig.readable('a.0')
    await rig.advance(6 * minute)
    expect(rig.context.verifying).toBeUndefined()
    expect(said.includes('Since sessions were set aside messages can be read.')).toBe(spoken)
    expect(said.some((why) => why.includes('nobody knows whether it helped'))).toBe(!spoken)
  }
})
