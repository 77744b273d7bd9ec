// @module-tag slow

import { describe, expect, test } from 'vitest'
import type { GatewayDemoEvent } from '../../src/rehearsal/demo/gateway-events.ts'
import { day, whole } from '../share.ts'
import { lifelineProcess } from './process.ts'

describe('lifeline demo --gateway', () => {
  // Every other day: test/gateways plays such scenes each day.
  test.runIf(whole || day % 2 === 0)(
    'has the same loop come back under exec from what ends it or has it ask for a code alone',
    {
      timeout: 120_000,
    },
    async () => {
      const startedAt = performance.now()
      const { code, stdout, stderr } = await lifelineProcess('demo', '--gateway', '--json')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(performance.now() - startedAt).toBeLessThan(90_000)
      const events: GatewayDemoEvent[] = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      const summary = events.at(-1)
      if (summary?.type !== 'summary') throw new Error(stdout)
      expect(summary.scenes.map(({ alone, exec }) => [alone.end, exec.end])).toEqual([
        ['is silent', 'answers'],
        ['asks to be linked anew', 'answers'],
        ['dials no more', 'answers'],
      ])
      expect(stdout).not.toMatch(/linked_devices|2@/)
    },
  )
})
