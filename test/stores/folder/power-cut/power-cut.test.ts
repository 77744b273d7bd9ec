import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FileSystem } from '../../../../src/disk/file-system.ts'
import { baileysStore, divert } from './baileys-subject.ts'
import { fileStore } from './file-store-subject.ts'
import { ModelDisk } from './model-disk.ts'
import { liveThrough, story } from './story.ts'

const stories = 260
const crashPoints = 2_000
/** No set is noted ahead: each file is synced before it is put in its place. */
const never = Number.POSITIVE_INFINITY

describe('a power cut', () => {
  test('at any call, with any remnant: every acknowledged save or a newer one is there, nothing is torn, the credentials load', async () => {
    let cuts = 0
    const property = fc.asyncProperty(story, fc.constantFrom(1, 2, never), async (one, writeAheadFrom) => {
      cuts += await liveThrough(fileStore(writeAheadFrom), one)
    })
    await fc.assert(property, { numRuns: stories })
    expect(cuts).toBeGreaterThanOrEqual(crashPoints)
  })

  test.each([
    [
      'the content of its files',
      never,
      ({ writeFile }) => ({ writeFile: (path, data, options) => writeFile(path, data, { ...options, flush: false }) }),
    ],
    ['the names of its files', never, () => ({ syncFolder: async () => undefined })],
    ['a file whose set was noted ahead', 2, () => ({ syncFile: async () => undefined })],
    [
      'the removal of what was noted ahead',
      2,
      ({ syncFolder }) => ({
        syncFolder: (path) => (path.endsWith('.lifeline') ? Promise.resolve() : syncFolder(path)),
      }),
    ],
  ] satisfies readonly (readonly [string, number, (asked: FileSystem) => Partial<FileSystem>])[])(
    'would break this store if %s were not synced',
    async (_, writeAheadFrom, without) => {
      const careless = fileStore(writeAheadFrom, (asked) => ({ ...asked, ...without(asked) }))
      const property = fc.asyncProperty(story, async (one) => {
        await liveThrough(careless, one)
      })
      expect((await fc.check(property, { numRuns: 40, seed: 7, endOnFailure: true })).failed).toBe(true)
    },
  )

  describe("beside it, with Baileys' own store", () => {
    let disk = new ModelDisk()
    const baileys = baileysStore((next) => {
      disk = next
    })
    // What it returns is called after the tests.
    beforeAll(() => divert(() => disk))

    test('loses what it acknowledged, and the credentials, so this proof can fail', async () => {
      const failures = new Set<string>()
      for (const one of fc.sample(story, { numRuns: 20, seed: 7 })) {
        try {
          await liveThrough(baileys, one)
        } catch (error) {
          failures.add(
            String(error)
              .replace(/.*calls: /, '')
              .replaceAll(/\d+/g, 'n'),
          )
        }
      }
      expect([...failures]).toEqual(expect.arrayContaining(['the identity is lost', 'n is null, and may be n']))
    })
  })
})
