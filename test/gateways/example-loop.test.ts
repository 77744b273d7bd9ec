// @module-tag slow

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shareOf } from '../share.ts'
import { gateways } from './gateways.ts'
import { scenarios } from './scenarios.ts'
import { broken, Stages } from './stages.ts'

const [example] = gateways
const longestMs = 40_000
/** What is lost takes all of its time, and is called lost when it is over. */
const lostMs = 6_000

describe("the loop of Baileys' example, unchanged, under lifeline exec", () => {
  let stages: Stages | undefined
  beforeAll(async () => {
    if (example) stages = await Stages.open(example, 2)
  })
  afterAll(() => stages?.close())

  test.concurrent.each(shareOf(scenarios, 1))(
    'comes back: $name; alone: $alone',
    { timeout: 120_000 },
    async (scenario) => {
      if (!stages) throw new Error('there is no stage')
      const aloneMs = scenario.alone === 'back' ? longestMs : lostMs
      const { exec, alone } = await stages.play(scenario, longestMs, aloneMs)
      expect(broken(scenario, exec)).toEqual([])
      expect(alone.end === 'back' ? 'back' : 'lost', `${alone.end}\n${alone.said}`).toBe(scenario.alone)
    },
  )
})
