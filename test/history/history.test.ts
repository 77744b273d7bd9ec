import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { mostKept } from '../../src/history/condensing.ts'
import { LineHistory } from '../../src/history/history.ts'
import { createLifeline, type HistoryEntry, type Lifeline } from '../../src/index.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** Starts and stops supervision of a folder that nobody ever linked, with a `connect` that fails. */
async function runOf(line: Lifeline): Promise<void> {
  const tried = new Promise<void>((resolve) => {
    const off = line.on('status', ({ lastClose }) => {
      if (lastClose === undefined) return
      off()
      resolve()
    })
  })
  await line.start()
  await tried
  await line.stop()
}

const startsIn = (history: readonly HistoryEntry[]) =>
  history.filter((entry) => entry.type === 'transition' && entry.event === 'start').length

test('what happened is listed once, over stops, starts and another line on the same folder', async () => {
  const auth = await mkdtemp(join(tmpdir(), 'lifeline-history-'))
  folders.push(auth)
  const make = () => createLifeline({ auth, connect: () => Promise.reject(new Error('no network here')) })
  const line = make()
  await runOf(line)
  expect(startsIn(line.history())).toBe(1)
  await runOf(line)
  expect(startsIn(line.history())).toBe(2)

  const next = make()
  await runOf(next)
  expect(startsIn(next.history())).toBe(3)
  const times = next.history().map(({ at }) => at)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('signs of life one after the other are one entry in memory, and of too many entries the old ones are thinned', async () => {
  const written: unknown[] = []
  const history = new LineHistory({
    appendHistory: async (entry) => void written.push(entry),
    readHistory: async () => [],
  })
  const stop = (at: number) => history.add({ type: 'stop', at })
  history.add({ type: 'alive', at: 1 })
  history.add({ type: 'alive', at: 2 })
  stop(3)
  history.add({ type: 'alive', at: 4 })
  expect(history.list().map(({ at }) => at)).toEqual([2, 3, 4])
  await history.settled()
  expect(written).toHaveLength(4)
  for (let at = 5; at < mostKept + 5; at += 1) stop(at)
  expect(history.list().length).toBeLessThanOrEqual(mostKept)
  expect(history.list().at(-1)).toEqual({ type: 'stop', at: mostKept + 4 })
})
