import { expect, test } from 'vitest'
import { waVersion } from '../../src/cli/wa-version.ts'

const baileys = (...answers: readonly (readonly [number[], boolean])[]) => {
  let asked = 0
  return {
    fetchLatestWaWebVersion: async () => {
      const [version, isLatest] = answers[asked++] ?? [[0, 0, 0], false]
      return { version, isLatest }
    },
  }
}

test('the version is the one that was given, and none where none was', async () => {
  expect(await waVersion('2.3000.7', () => undefined)(baileys())).toEqual([2, 3000, 7])
  expect(await waVersion(undefined, () => undefined)(baileys())).toBeUndefined()
  expect(() => waVersion('2.3000', () => undefined)).toThrow('2.3000 is not a version.')
})

test('latest is asked for at each connect; where it cannot be fetched the last one known stays, and that is said once', async () => {
  const told: string[] = []
  const version = waVersion('latest', (line) => told.push(line))
  const own: readonly [number[], boolean] = [[2, 3000, 1], false]
  const source = baileys(own, own, [[2, 3000, 9], true], own)
  expect(await version(source)).toBeUndefined()
  expect(await version(source)).toBeUndefined()
  expect(told).toEqual([expect.stringContaining('cannot be fetched')])
  expect(await version(source)).toEqual([2, 3000, 9])
  expect(await version(source)).toEqual([2, 3000, 9])
  expect(told).toHaveLength(1)
})
