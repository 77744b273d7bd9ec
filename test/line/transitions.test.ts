import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { transitionKeys } from './transitions/keys.ts'
import { notOnBaileys } from './transitions/not-on-baileys.ts'

const onBaileys: readonly string[] = JSON.parse(
  readFileSync(inProject('test/line/transitions/on-baileys.json'), 'utf8'),
)

test('every transition of the statechart is taken on real Baileys, or listed with the reason why not', () => {
  const listed = Object.keys(notOnBaileys)
  // `npm run transitions` writes down what the tests take; a transition that is new, renamed or gone asks for it.
  expect([...onBaileys, ...listed].sort()).toEqual([...new Set(transitionKeys.values())].sort())
  for (const reason of Object.values(notOnBaileys)) expect(reason).toMatch(/test\/(machine|model)/)
})
