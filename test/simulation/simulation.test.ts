// @module-tag slow

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../machines/index.ts'
import { numberOf, shareOf } from '../share.ts'
import { healthyWithinMs } from './bound.ts'
import { type Fault, faultKinds } from './faults.ts'
import { live, type Outcome } from './life.ts'
import { drawFaults } from './schedule.ts'
import { shrink } from './shrink.ts'
import { SimulatedWorld } from './world.ts'

const hourMs = 3_600_000

/** What a failed life says: enough to replay it. */
const told = ({ seed, days, failure }: Outcome) =>
  failure && `seed ${seed}, ${days} days: ${failure.promise}: ${failure.what}`

describe('a simulated life', () => {
  test('is the same for the same seed, to the millisecond', async () => {
    const [once, again, another] = [
      await live({ seed: 24, days: numberOf(10, 2) }),
      await live({ seed: 24, days: numberOf(10, 2) }),
      await live({ seed: 25, days: numberOf(10, 2) }),
    ]
    expect(again.trace).toBe(once.trace)
    expect(again.steps).toBe(once.steps)
    expect(another.trace).not.toBe(once.trace)
  })

  /** 150 days where it is whole. */
  const seeds = Array.from({ length: 15 }, (_, at) => 1_000 + at)
  test.each(shareOf(seeds, 1))(
    'keeps every promise over ten days of faults, and is healthy again after them: seed %i',
    async (seed) => {
      expect(told(await live({ seed, days: 10 }))).toBeUndefined()
    },
  )

  const once: readonly (readonly [string, Parameters<typeof live>[0]])[] = [
    [
      'a process that stops on a failing disk, and could not remove its claim, is not locked out by it',
      {
        seed: 7,
        days: 1,
        faults: [
          { at: hourMs, kind: 'disk', number: 93 }, // EIO for 73 s
          { at: hourMs + 5_000, kind: 'stop', number: 6 }, // and started again a second later
        ],
      },
    ],
    ['a month in which the clock is set back by hours while messages cannot be read', { seed: 5123, days: 30 }],
    [
      'a stop on a disk that takes seconds for each call leaves the lock and its heartbeat no longer than the disk takes',
      {
        seed: 7,
        days: 1,
        faults: [
          { at: hourMs, kind: 'slow', number: 942_104_177 }, // up to several seconds a call for 216 s
          { at: hourMs + 136, kind: 'stop', number: 1_860_129_019 }, // and started again after a minute
        ],
      },
    ],
  ]
  test.each(shareOf(once, 1))('once broke: %s', async (_, life) => {
    expect(told(await live(life))).toBeUndefined()
  })

  test.each(shareOf(faultKinds, 2))('outlives three of %s within an hour', async (kind) => {
    const faults: Fault[] = [1, 2, 3].map((number) => ({ at: number * hourMs * 0.3, kind, number: number * 7_919 }))
    expect(told(await live({ seed: 7, days: 1, faults }))).toBeUndefined()
  })
})

describe('a library that forgets at a restart what it has set aside', () => {
  const { launch } = SimulatedWorld.prototype
  const facts = '/auth/.lifeline/state.json'
  beforeAll(() => {
    SimulatedWorld.prototype.launch = function (this: SimulatedWorld, ...host) {
      const kept = this.disk.peek(facts)?.toString('utf8')
      if (kept?.endsWith('}\n')) this.disk.poke(facts, Buffer.from(JSON.stringify({ ...JSON.parse(kept), budget: {} })))
      return launch.apply(this, host)
    }
  })
  afterAll(() => {
    SimulatedWorld.prototype.launch = launch
  })

  test('is found out by chance alone within a hundred days; the seed shows it again, and most faults have no part in it', async () => {
    let failing: Outcome | undefined
    for (let seed = 1; seed <= 10 && !failing; seed++) {
      const outcome = await live({ seed, days: 10 })
      if (outcome.failure) failing = outcome
    }
    if (!failing) throw new Error('not found out')
    expect(failing.failure?.promise).toBe('budget')
    const again = await live(failing)
    expect([again.failure, again.trace]).toEqual([failing.failure, failing.trace])
    const least = await shrink(failing, 20)
    expect(least.failure?.promise).toBe('budget')
    expect(least.faults.length).toBeLessThan(failing.faults.length / 2)
    expect(least.faults.map(({ kind }) => kind)).toContain('relapse')
  })
})

test('faults are drawn from the seed alone', () => {
  expect(drawFaults(3, 50)).toEqual(drawFaults(3, 50))
  expect(drawFaults(3, 50)).not.toEqual(drawFaults(4, 50))
})

test('the default policy bounds the way back to health by a day and two hours and a half, most of it a budget that has to renew itself', () => {
  expect(healthyWithinMs(defaultPolicy) / hourMs).toBeCloseTo(26.4, 0)
})
