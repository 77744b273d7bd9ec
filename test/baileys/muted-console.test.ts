import { expect, test, vi } from 'vitest'
import { muteConsole } from '../../src/baileys/muted-console.ts'

test('a muted console says nothing by any of its methods, and is as before afterwards, but for what others changed', () => {
  const names = ['error', 'warn', 'info', 'log', 'debug'] as const
  const before = names.map((name) => console[name])
  const said = vi.fn()
  for (const name of names) console[name] = said
  try {
    const end = muteConsole()
    for (const name of names) console[name]('a key')
    expect(said).not.toHaveBeenCalled()
    const others = vi.fn()
    console.warn = others
    end()
    for (const name of names) console[name]('a word')
    expect([said.mock.calls.length, others.mock.calls.length, console.warn]).toEqual([4, 1, others])
  } finally {
    for (const [at, name] of names.entries()) console[name] = before[at] as typeof console.log
  }
})
