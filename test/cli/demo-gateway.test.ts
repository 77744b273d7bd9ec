// @module-tag slow

import { describe, expect, test } from 'vitest'
import { gatewayScreen } from '../../src/cli/demo-gateway.ts'
import { paintFor } from '../../src/cli/paint.ts'
import type { GatewayDemoEvent, SceneResult } from '../../src/rehearsal/demo/gateway-events.ts'
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

  test('has each of the two in its half of a terminal of 80 columns', () => {
    const lines: string[] = []
    const tell = gatewayScreen((line) => lines.push(line), { ...paintFor({ isTTY: false } as never), width: 80 })
    const scene: SceneResult = {
      title: 'A scene',
      alone: { back: false, end: 'asks to be linked anew, which takes somebody with the phone at hand', ms: 1_000 },
      exec: { back: true, end: 'answers', ms: 2_000 },
    }
    tell({ type: 'scene', title: 'A scene', text: 'It begins.' })
    tell({ type: 'said', side: 'alone', text: 'left' })
    tell({ type: 'said', side: 'exec', text: 'right' })
    tell({ type: 'result', ...scene })
    tell({ type: 'summary', ok: false, totalMs: 1, scenes: [scene] })
    expect(lines.filter((line) => line.length > 80 && !line.startsWith('  '))).toEqual([])
    const column = (word: string) => lines.find((line) => line.includes(word))?.indexOf(word) ?? 0
    expect(column('left')).toBeLessThan(column('right') - 30)
    expect(lines.at(-1)).toContain('did not come back')
  })
})
