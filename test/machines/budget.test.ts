import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { affordable, affordsAll, defaultPolicy, emptyBudget, spend } from '../../machines/index.ts'
import { numberOf } from '../share.ts'
import { Rig } from './rig.ts'

const policy = defaultPolicy.prune
const hour = 3_600_000
const day = 24 * hour
const t0 = 1_700_000_000_000

test('an address is pruned again only after its cool-down', () => {
  const budget = spend(emptyBudget, 'failing', ['a.0'], policy, t0)
  expect(affordable(budget, ['a.0', 'b.0'], policy, t0 + hour - 1)).toEqual(['b.0'])
  expect(affordable(budget, ['a.0', 'b.0'], policy, t0 + hour)).toEqual(['a.0', 'b.0'])
})

test('an address is pruned three times in a day and not a fourth time', () => {
  let budget = emptyBudget
  for (const at of [0, 2, 4]) budget = spend(budget, 'failing', ['a.0'], policy, t0 + at * hour)
  expect(affordable(budget, ['a.0'], policy, t0 + 6 * hour)).toEqual([])
  expect(affordable(budget, ['a.0'], policy, t0 + day - 1)).toEqual([])
  expect(affordable(budget, ['a.0'], policy, t0 + day)).toEqual(['a.0'])
})

test('all sessions are pruned once a day, and that leaves the budget of the addresses alone', () => {
  const budget = spend(emptyBudget, 'all', [], policy, t0)
  expect(affordsAll(budget, policy, t0 + day - 1)).toBe(false)
  expect(affordsAll(budget, policy, t0 + day)).toBe(true)
  expect(affordable(budget, ['a.0'], policy, t0)).toEqual(['a.0'])
})

test('a policy of no prunes affords none', () => {
  expect(affordable(emptyBudget, ['a.0'], { ...policy, addressPerDay: 0 }, t0)).toEqual([])
  expect(affordsAll(emptyBudget, { ...policy, allPerDay: 0 }, t0)).toBe(false)
})

test('a clock set back never adds to the budget', () => {
  const budget = spend(spend(emptyBudget, 'all', [], policy, t0), 'failing', ['a.0'], policy, t0)
  expect(affordsAll(budget, policy, t0 - 400 * day)).toBe(false)
  expect(affordable(budget, ['a.0'], policy, t0 - 400 * day)).toEqual([])
})

test('entries that no rule looks at any more are dropped, so the budget does not grow for ever', () => {
  let budget = emptyBudget
  for (let index = 0; index < 100; index += 1)
    budget = spend(budget, index % 2 ? 'all' : 'failing', [`${index}.0`], policy, t0 + index * day)
  expect(Object.keys(budget.addresses).length).toBeLessThanOrEqual(1)
  expect(budget.all.length).toBeLessThanOrEqual(1)
})

test('no address is mistaken for something that objects inherit', () => {
  const names = ['__proto__', 'constructor', 'toString']
  expect(affordable(emptyBudget, names, policy, t0)).toEqual(names)
  const budget = spend(emptyBudget, 'failing', names, policy, t0)
  expect(affordable(budget, names, policy, t0)).toEqual([])
})

test('whoever asks whenever: no more is spent than the policy allows', () => {
  const moments = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 * day }), fc.constantFrom('all', 'a.0', 'b.0')), {
    maxLength: 80,
  })
  fc.assert(
    fc.property(moments, (asked) => {
      let budget = emptyBudget
      const done = new Map<string, number[]>()
      for (const [at, what] of asked.toSorted(([a], [b]) => a - b)) {
        const scope = what === 'all' ? 'all' : 'failing'
        const may =
          scope === 'all' ? affordsAll(budget, policy, t0 + at) : affordable(budget, [what], policy, t0 + at).length > 0
        if (!may) continue
        budget = spend(budget, scope, [what], policy, t0 + at)
        done.set(what, [...(done.get(what) ?? []), at])
      }
      for (const [what, times] of done)
        for (const at of times) {
          const inDay = times.filter((time) => time <= at && at - time < day).length
          expect(inDay).toBeLessThanOrEqual(what === 'all' ? 1 : 3)
          if (what !== 'all') expect(times.filter((time) => time <= at && at - time < hour)).toHaveLength(1)
        }
    }),
    { numRuns: numberOf(300, 60) },
  )
})

test('a crash loop cannot prune more than the budget of a day, over any number of restarts', async () => {
  const rig = new Rig()
  for (let index = 0; index < 6; index += 1) {
    rig.world.contacts.add(`c${index}.0`)
    rig.world.poisoned.add(`c${index}.0`)
  }
  rig.world.pruningCures = false
  await rig.start()
  for (let round = 0; round < 30; round += 1) {
    await rig.advance(3 * 60_000)
    await rig.crash()
  }
  expect(rig.world.prunes.map(({ scope }) => scope)).toEqual(['failing', 'all', 'failing'])
})

test('facts of the future, from a clock that was set back, hold the budget for a day and not for years', async () => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'prune', scope: 'all' })
  await rig.until('healthy', 60_000)
  rig.clock.wallOffset -= 400 * day
  await rig.crash()
  expect(rig.actor.getSnapshot().can({ type: 'prune', scope: 'all' })).toBe(false)
  await rig.advance(day)
  expect(rig.actor.getSnapshot().can({ type: 'prune', scope: 'all' })).toBe(true)
})

test('a prune of some keeps what was spent on all, and a prune of all adds to it', () => {
  const plenty = { ...policy, allPerDay: 3 }
  let budget = spend(spend(emptyBudget, 'all', [], plenty, t0), 'all', [], plenty, t0 + 1)
  budget = spend(budget, 'failing', ['a.0'], plenty, t0 + 2)
  expect(budget.all).toEqual([t0, t0 + 1])
})
