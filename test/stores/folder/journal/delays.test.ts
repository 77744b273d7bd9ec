import { expect, test, vi } from 'vitest'
import { nodeDelays } from '../../../../src/stores/folder/journal/delays.ts'

test('a piece of work is put off until the turn after, or for a time, and what is taken back never comes', async () => {
  const done: string[] = []
  await new Promise<void>((resolve) => {
    nodeDelays.soon(() => {
      done.push('soon')
      resolve()
    })
    done.push('at once')
  })
  vi.useFakeTimers()
  try {
    const back = nodeDelays.setTimeout(() => done.push('taken back'), 100)
    nodeDelays.setTimeout(() => done.push('later'), 100)
    nodeDelays.clearTimeout(back)
    vi.advanceTimersByTime(99)
    expect(done).toEqual(['at once', 'soon'])
    vi.advanceTimersByTime(1)
    expect([done, vi.getTimerCount()]).toEqual([['at once', 'soon', 'later'], 0])
  } finally {
    vi.useRealTimers()
  }
})
