import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FileSystem } from '../../../../src/stores/disk/file-system.ts'
import { numberOf } from '../../../share.ts'
import { baileysStore, divert } from './baileys-subject.ts'
import { fileStore, type Pace } from './file-store-subject.ts'
import { ModelDisk } from './model-disk.ts'
import { liveThrough, story } from './story.ts'

const stories = Number(process.env.STORIES ?? numberOf(260, 15))
const crashPoints = numberOf(2_000, 80)

type Careless = (disk: ModelDisk) => Partial<FileSystem>

describe('a power cut', () => {
  test('at any call, with any remnant: every acknowledged save or a newer one is there, sets are whole, nothing is torn, the credentials load', async () => {
    let cuts = 0
    const pace = fc.constantFrom<Pace>('at once', 'after a while', 'never')
    const property = fc.asyncProperty(story, pace, async (one, pace) => {
      cuts += await liveThrough(fileStore(pace), one)
    })
    await fc.assert(property, { numRuns: stories })
    expect(cuts).toBeGreaterThanOrEqual(crashPoints)
  })

  test.each([
    ['the frames of the journal', (disk) => ({ create: (path) => disk.create(path, false) })],
    [
      'the name of the journal',
      ({ fileSystem: { syncFolder } }) => ({
        syncFolder: (path) => (path.endsWith('.lifeline') ? Promise.resolve() : syncFolder(path)),
      }),
    ],
    [
      'the content of a file before the journal is emptied',
      ({ fileSystem: { writeFile } }) => ({
        syncFile: async () => undefined,
        writeFile: (path, data, options) => writeFile(path, data, { ...options, flush: false }),
      }),
    ],
    [
      'the name of a file before the journal is emptied',
      ({ fileSystem: { syncFolder } }) => ({
        syncFolder: (path) => (path.endsWith('.lifeline') ? syncFolder(path) : Promise.resolve()),
      }),
    ],
  ] satisfies readonly (readonly [string, Careless])[])(
    'would break this store if %s were not synced',
    async (_, without: Careless) => {
      const careless = fileStore('at once', (disk) => ({ ...disk.fileSystem, ...without(disk) }))
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
