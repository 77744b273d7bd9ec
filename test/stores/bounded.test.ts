import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eachBounded, mapBounded } from '../../src/stores/bounded.ts'

test('results come in the order of the items, whichever ended first, and no more than the width run at a time', async () => {
  const ended: number[] = []
  let running = 0
  let most = 0
  const results = await mapBounded([5, 4, 3, 2, 1, 0], 3, async (turns) => {
    running += 1
    most = Math.max(most, running)
    for (let left = turns; left > 0; left -= 1) await turn()
    running -= 1
    ended.push(turns)
    return turns * 10
  })
  expect(ended).not.toEqual([5, 4, 3, 2, 1, 0])
  expect(results).toEqual([50, 40, 30, 20, 10, 0])
  expect(most).toBe(3)
})

test('after a failure no further item starts, and it is thrown once what runs has ended', async () => {
  const told: string[] = []
  const all = eachBounded([1, 2, 3, 4], 2, async (item) => {
    told.push(`begun ${item}`)
    await turn()
    if (item === 1) throw new Error('the first')
    await turn()
    told.push(`ended ${item}`)
  })
  await expect(all).rejects.toThrow('the first')
  expect(told).toEqual(['begun 1', 'begun 2', 'ended 2'])
})
