import { vi } from 'vitest'

/** What would take seconds is looked at again and again by the clock of the machine, which is faked alone. */
export const timersAlone = (): unknown => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })

/** Until it has ended, with as much time as it takes; none goes by while the disk, which has its own, is at work. */
export async function through<T>(scene: Promise<T>, stepMs = 100): Promise<T> {
  let isOver = false
  const over = scene.finally(() => {
    isOver = true
  })
  over.catch(() => undefined)
  while (!isOver) {
    await vi.advanceTimersByTimeAsync(stepMs)
    do await new Promise(setImmediate)
    while (process.getActiveResourcesInfo().some((what) => /^(?:FSReq|CloseReq)/.test(what)))
  }
  return over
}
