import { describe, expect, test } from 'vitest'
import { factsOf, initialContext } from '../../machines/context.ts'
import { defaultPolicy, type Facts } from '../../machines/index.ts'

const now = 1_700_000_000_000
const facts: Facts = {
  version: 1,
  savedAt: now,
  attempt: 3,
  restartRun: 2,
  budget: { addresses: {}, all: [] },
  conflicts: [],
  closes: [],
  clean: true,
}
const begun = (changed: Partial<Facts>) =>
  initialContext({
    env: { now: () => now, random: () => 0.5 },
    account: 'model',
    policy: defaultPolicy,
    facts: { ...facts, ...changed },
  })

describe('a run that follows another', () => {
  const { slowMaxMs } = defaultPolicy.reconnect

  test.for([
    [slowMaxMs - 1, 3, 2],
    [slowMaxMs, 0, 0],
  ])('%i ms after its last save begins with %i attempts charged and %i restarts', ([ago = 0, attempt, restartRun]) => {
    expect(begun({ savedAt: now - ago })).toMatchObject({ attempt, restartRun })
  })

  test('keeps a ban as long as it has left, also by a clock that was set back', () => {
    const block = (savedAt: number, heldUntil: number) => begun({ savedAt, heldUntil }).block
    expect(block(now, now + 5_000)).toEqual({ reason: 'temporary-ban', until: now + 5_000, holdMs: 5_000 })
    expect(block(now + 1_000, now + 6_000)).toEqual({ reason: 'temporary-ban', until: now + 5_000, holdMs: 5_000 })
    expect(block(now, now)).toBeUndefined()
  })

  test('is left a ban no longer than it was told, also by a clock that was set back before its facts were saved', () => {
    const heldUntil = (setBackMs: number) => {
      const context = begun({ heldUntil: now + 5_000 })
      return factsOf({ ...context, env: { ...context.env, now: () => now - setBackMs } }).heldUntil
    }
    expect(heldUntil(0)).toBe(now + 5_000)
    expect(heldUntil(-2_000)).toBe(now + 5_000)
    expect(heldUntil(60_000)).toBe(now - 60_000 + 5_000)
  })

  test('has charged nothing later than now, also by a clock that was set back', () => {
    const later = [now - 1, now + 60_000]
    const { budget, conflicts } = begun({
      savedAt: now + 60_000,
      budget: { addresses: { 'a.0': later }, all: later },
      conflicts: later,
    })
    expect([budget.addresses['a.0'], budget.all, conflicts]).toEqual(Array(3).fill([now - 1, now]))
  })
})
