import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { beginFile } from './faked-clock.ts'

afterEach(() => void vi.useRealTimers())

/** Another file of the process waits for `go`, and then for a timer. */
function leftBehind() {
  beginFile('another file')
  const go = new EventTarget()
  return { go, waits: once(go, 'go').then(() => ({ fired: new Promise((resolve) => setTimeout(resolve, 1)) })) }
}

test('who fakes the clock counts its own timers, and what another file left behind goes on by the real one', async () => {
  const { go, waits } = leftBehind()
  beginFile(import.meta.filename)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let told = 0
  setTimeout(() => (told += 1), 5_000)
  go.dispatchEvent(new Event('go'))
  const { fired } = await waits
  expect(vi.getTimerCount()).toBe(1)
  await fired
  expect(told).toBe(0)
  vi.advanceTimersByTime(5_000)
  expect(told).toBe(1)
})
