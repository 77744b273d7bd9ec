import { expect, test } from 'vitest'
import { dayMs } from '../../machines/budget.ts'
import { initialContext } from '../../machines/context.ts'
import { defaultPolicy } from '../../machines/index.ts'
import * as wait from '../../machines/waits.ts'

const now = 1_700_000_000_000
const context = initialContext({ env: { now: () => now, random: () => 0.5 }, account: 'a', policy: defaultPolicy })

test('what waits for nothing is due at once', () => {
  expect(wait.retryIn(context)).toBe(0)
  expect(wait.holdIn(context)).toBe(0)
  expect(wait.holdIn({ ...context, block: { reason: 'banned' } })).toBe(0)
})

test('a wait lasts from when it was set to when it is over, and never longer than it was, wherever the clock is set to', () => {
  const waiting = { ...context, delay: { delayMs: 500, cadence: 'fast', at: now + 500 } } as const
  const at = (ms: number) => ({ ...waiting, env: { ...context.env, now: () => now + ms } })
  expect([-1_000_000, 0, 100, 500, 900].map((ms) => wait.retryIn(at(ms)))).toEqual([500, 500, 400, 0, 0])
})

const hourMs = 3_600_000
test.for([
  ['thirty hours', { holdMs: 30 * hourMs, clockMs: 24 * hourMs, leftMs: 6 * hourMs }],
  ['thirty hours, and the clock was set back', { holdMs: 30 * hourMs, clockMs: -400 * dayMs, leftMs: 6 * hourMs }],
  ['thirty hours, and the clock was set on by four', { holdMs: 30 * hourMs, clockMs: 28 * hourMs, leftMs: 2 * hourMs }],
  ['thirty hours, and the clock was set on past them', { holdMs: 30 * hourMs, clockMs: 31 * hourMs, leftMs: 0 }],
  ['a day', { holdMs: dayMs, clockMs: 0, leftMs: 0 }],
  ['a millisecond more than a day', { holdMs: dayMs + 1, clockMs: 0, leftMs: 1 }],
] as const)('of a ban of %s so much is left when its first timer, of at most a day, has run out', ([, told]) => {
  const { holdMs, clockMs, leftMs } = told
  const block = { reason: 'temporary-ban', until: now + holdMs, holdMs, detail: 'so they said' } as const
  const at = now + clockMs
  const left = wait.restOfBan({ ...context, block, env: { ...context.env, now: () => at } })
  expect(left).toEqual(leftMs === 0 ? undefined : { ...block, until: at + leftMs, holdMs: leftMs })
})

test('only a ban is held on when its timer has run out', () => {
  expect(wait.restOfBan(context)).toBeUndefined()
  const block = { reason: 'outdated', until: now + 3 * dayMs, holdMs: 3 * dayMs } as const
  expect(wait.restOfBan({ ...context, block })).toBeUndefined()
})
