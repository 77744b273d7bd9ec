import { describe, expect, test, vi } from 'vitest'
import { ConnectGate } from '../../src/fleet/connect-gate.ts'

const faked = async (step: () => Promise<void>): Promise<void> => {
  vi.useFakeTimers()
  try {
    await step()
  } finally {
    vi.useRealTimers()
  }
}

describe('the gate through which connections go', () => {
  test('lets so many through at once, each after a pause of its own', () =>
    faked(async () => {
      const pauses = [0, 1, 0.5]
      const gate = new ConnectGate({ connecting: 2, spacingMs: 100 }, () => pauses.shift() ?? 0)
      const through: string[] = []
      for (const account of ['a', 'b', 'c']) void gate.enter(account).then(() => through.push(account))
      await vi.advanceTimersByTimeAsync(0)
      expect(through).toEqual(['a'])
      await vi.advanceTimersByTimeAsync(49)
      expect(through).toEqual(['a'])
      await vi.advanceTimersByTimeAsync(1)
      expect(through).toEqual(['a', 'b'])
      await vi.advanceTimersByTimeAsync(10_000)
      expect(through).toEqual(['a', 'b'])
      gate.leave('a')
      await vi.advanceTimersByTimeAsync(150)
      expect(through).toEqual(['a', 'b', 'c'])
      expect(gate.load).toEqual({ inside: 2, waiting: 0, most: 2 })
      gate.end()
    }))

  test('can be used again after its end, at once', () =>
    faked(async () => {
      const gate = new ConnectGate({ connecting: 1, spacingMs: 100 })
      await gate.enter('a')
      gate.leave('a')
      gate.end()
      expect(vi.getTimerCount()).toBe(0)
      let through = false
      void gate.enter('a').then(() => {
        through = true
      })
      await vi.advanceTimersByTimeAsync(0)
      expect(through).toBe(true)
      gate.end()
    }))

  test('gives up a wait that its account has given up', async () => {
    const gate = new ConnectGate({ connecting: 1, spacingMs: 0 })
    await gate.enter('a')
    const first = gate.enter('b')
    const second = gate.enter('b')
    await expect(first).rejects.toMatchObject({ code: 'FLEET_GATE' })
    gate.leave('a')
    await second
    gate.end()
  })
})
