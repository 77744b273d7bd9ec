// @module-tag slow/together

import { beforeAll, expect, test } from 'vitest'
import { numberOf } from '../../share.ts'
import { type KillLoopResult, killLoop } from './kill-loop.ts'

/** Kills of a writing process that holds an account of each kind. */
const kills = numberOf(200, 25)

let result: KillLoopResult
beforeAll(async () => {
  result = await killLoop({ kills })
}, 300_000)

const unhurt = { torn: 0, killsThatTore: 0, credsLost: 0, acknowledgedLost: 0, setsMixed: 0 }

test('a killed process leaves no torn file, loses no creds and no acknowledged write in the file store, and a set of keys is written as one', () => {
  expect(result.kills).toBe(kills)
  expect(result.file.acknowledged).toBeGreaterThan(kills)
  expect(result.file).toMatchObject(unhurt)
})

test('nor does it in the LMDB store', () => {
  expect(result.lmdb.acknowledged).toBeGreaterThan(kills)
  expect(result.lmdb).toMatchObject(unhurt)
})

test("the same kills tear files and lose creds in Baileys' own store beside them", () => {
  expect(result.baileys.killsThatTore).toBeGreaterThan(kills / 10)
  expect(result.baileys.credsLost).toBeGreaterThan(0)
  expect(result.baileys.acknowledgedLost).toBeGreaterThan(0)
})
