import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { type KillLoopResult, killLoop } from '../../bench/kills/kill-loop.ts'

/**
 * Kills of a writing process that holds an account of each kind. Each needs a process that has loaded Baileys, more than a second of a processor, so there
 * are as many here as the time of all tests allows; `LIFELINE_KILLS=200` for more, and 2,000 with `npm run soak`.
 */
const kills = Number(process.env.LIFELINE_KILLS ?? 16)
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

let result: KillLoopResult
beforeAll(async () => {
  result = await killLoop({ kills, writer: path('../../dist/bench/kills/writer.js') })
}, 600_000)

const unhurt = { torn: 0, killsThatTore: 0, credsLost: 0, acknowledgedLost: 0 }

test('a killed process leaves no torn file, loses no creds and no acknowledged write in the file store', () => {
  expect(result.kills).toBe(kills)
  expect(result.file.acknowledged).toBeGreaterThan(kills)
  expect(result.file).toMatchObject(unhurt)
})

test('nor does it in the LMDB store, where a set of keys is written as one, too', () => {
  expect(result.lmdb.acknowledged).toBeGreaterThan(kills)
  expect(result.lmdb).toMatchObject({ ...unhurt, setsMixed: 0 })
})

test("the same kills tear files and lose creds in Baileys' own store beside them", () => {
  expect(result.baileys.killsThatTore).toBeGreaterThan(kills / 10)
  expect(result.baileys.credsLost).toBeGreaterThan(0)
  expect(result.baileys.acknowledgedLost).toBeGreaterThan(0)
})
