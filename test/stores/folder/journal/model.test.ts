import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberOf } from '../../../share.ts'
import { ModelDisk } from '../power-cut/model-disk.ts'
import { folder } from '../power-cut/subject.ts'
import { Life, step } from './life.ts'

const lives = Number(process.env.LIVES ?? numberOf(400, 25))

const drawFrom = (seed: number) => {
  let state = seed >>> 0
  return (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

test('a life of sets, reads, kills, power cuts, failing disks and other programs loses nothing that was acknowledged, mixes no set, and ends in plain files', async () => {
  let begun = 0
  const life = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), fc.nat(), async (steps, luck) => {
    begun += 1
    const disk = new ModelDisk()
    await disk.fileSystem.mkdir(folder, 0o700)
    await disk.fileSystem.syncFolder('/')
    const one = new Life(disk, drawFrom(luck))
    await one.begin()
    for (const each of steps) await one.live(each)
    await one.end()
  })
  await fc.assert(life, { numRuns: lives })
  expect(begun).toBeGreaterThanOrEqual(lives)
})
