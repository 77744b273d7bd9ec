import { expect, test } from 'vitest'
import { gatewayScreen } from '../../src/cli/demo-gateway.ts'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import type { GatewayDemoEvent, SceneResult } from '../../src/rehearsal/demo/gateway-events.ts'

const paint: Paint = {
  ...paintFor({ isTTY: false } as never, {}),
  ...{ width: 80, good: (text: string) => `good:${text}`, bad: (text: string) => `bad:${text}` },
}
const told = (...events: readonly GatewayDemoEvent[]): readonly string[] => {
  const lines: string[] = []
  const tell = gatewayScreen((line) => lines.push(line), paint)
  for (const event of events) tell(event)
  return lines
}
const scene: SceneResult = {
  title: 'A scene',
  alone: { back: false, end: 'asks to be linked anew, which takes somebody with the phone at hand', ms: 1_000 },
  exec: { back: true, end: 'answers', ms: 2_000 },
}

test('each of the two has its half of a terminal of 80 columns, and what it says has its time', () => {
  const [left, right, ...more] = told(
    { type: 'said', side: 'alone', text: 'left' },
    { type: 'said', side: 'exec', text: 'right' },
  )
  expect([left, right, more]).toEqual([
    expect.stringMatching(/^ 0\.\d s {2}left$/),
    expect.stringMatching(/^ 0\.\d s {38}right$/),
    [],
  ])
  const long = told({ type: 'said', side: 'alone', text: 'word '.repeat(20).trim() })
  expect([long[0], long.length]).toEqual([expect.stringMatching(/^ 0\.\d s {2}(?:word ){6}word$/), 3])
  expect(long.slice(1)).toEqual([
    ' '.repeat(8) + 'word '.repeat(7).trim(),
    `${' '.repeat(8)}${'word '.repeat(6).trim()}`,
  ])
})

test('a scene has a head, the two and what it is about; at its end one that came back says after how long', () => {
  const [empty, head, text, under, titles] = told({ type: 'scene', title: 'A scene', text: 'It begins.' })
  expect([empty, text, under]).toEqual(['', 'It begins.', ''])
  expect(head).toContain('A scene')
  expect(titles).toMatch(/^ {8}as it is {28}under lifeline exec$/)
  expect(told({ type: 'result', ...scene })).toEqual([
    `${' '.repeat(8)}${'asks to be linked anew, which'.padEnd(36)}answers again, after 2.0 s`,
    `${' '.repeat(8)}takes somebody with the phone at`,
    `${' '.repeat(8)}hand`,
  ])
})

test('at the end each scene says what became of the two, and the last line whether it came back each time', () => {
  const summary = (ok: boolean) => told({ type: 'summary', ok, totalMs: 3_000, scenes: [scene] })
  const [empty, head, ...rest] = summary(true)
  expect([empty, head]).toEqual(['', expect.stringContaining('What became of them')])
  expect(rest).toEqual([
    '',
    'A scene',
    `  ${'as it is'.padEnd(22)}bad:${scene.alone.end}`,
    `  ${'under lifeline exec'.padEnd(22)}good:answers again, after 2.0 s`,
    '',
    'good:Under lifeline exec the same file came back each time; 3.0 s.',
  ])
  expect(summary(false).at(-1)).toBe('bad:Under lifeline exec it did not come back each time; 3.0 s.')
})
