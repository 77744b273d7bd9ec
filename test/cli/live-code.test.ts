import { expect, test } from 'vitest'
import { LiveCode } from '../../src/cli/live-code.ts'
import { saidBy } from './command.ts'

const drawn = async (rows: number | undefined, step: (live: LiveCode) => void, onTerminal = true) => {
  const { stdout } = await saidBy(() => step(new LiveCode(onTerminal ? { rows } : undefined)))
  return stdout
}
const code = ['c1', 'c2', 'c3']

test('a code goes when it is over, and what was told beneath it stays', async () => {
  const told = await drawn(undefined, (live) => {
    live.print(['before'])
    live.draw(code)
    live.print(['beneath'])
    live.clear()
    live.print(['after'])
    live.clear()
  })
  expect(told).toBe('before\nc1\nc2\nc3\nbeneath\n\u001b[4A\r\u001b[Jbeneath\nafter\n')
})

test('the next code takes the place of the one before, without what was told beneath that', async () => {
  const told = await drawn(undefined, (live) => {
    live.draw(code)
    live.print(['beneath'])
    live.draw(['n1'])
    live.clear()
  })
  expect(told).toBe('c1\nc2\nc3\nbeneath\n\u001b[4A\r\u001b[Jbeneath\nn1\n\u001b[1A\r\u001b[J')
})

test('what has left the screen at its top is left alone, and is not told again', async () => {
  const told = await drawn(3, (live) => {
    live.draw(code)
    live.print(['b1', 'b2', 'b3'])
    live.clear()
  })
  expect(told).toBe('c1\nc2\nc3\nb1\nb2\nb3\n\u001b[2A\r\u001b[Jb2\nb3\n')
})

test('where there is no terminal nothing goes', async () => {
  const told = await drawn(
    24,
    (live) => {
      live.draw(code)
      live.clear()
      live.draw(['n1'])
    },
    false,
  )
  expect(told).toBe('c1\nc2\nc3\nn1\n')
})
