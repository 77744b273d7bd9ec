import { beforeAll, expect, test } from 'vitest'
import { type KillLoopResult, killLoop } from './kill-loop.ts'

/** Kills of a writing process that holds an account of each kind; as many as fit into its share of an hour with `npm run soak`. */
const kills = 200

let result: KillLoopResult
beforeAll(async () => {
  result = await killLoop({ kills })
}, 300_000)

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
