import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnyStateNode } from 'xstate'
import { connectionMachine } from '../../machines/index.ts'
import { inProject } from '../root.ts'
import { shareOf, whole } from '../share.ts'
import { aspects as all } from './aspects.ts'
import { idleRing, lost } from './fairness.ts'
import { explore, type Graph } from './graph.ts'
import { ofSituations, ofSteps } from './promises.ts'
import { withQuickCopies } from './quick-copies.ts'
import { report, row } from './report.ts'
import type { Step } from './situation.ts'

const leavesOf = (node: AnyStateNode): string[] => {
  const inner = Object.values(node.states)
  return inner.length === 0 ? [node.path.join('.')] : inner.flatMap(leavesOf)
}
/** Every fourth one each day. */
const aspects = shareOf(all, all.length / 4)
const written = fileURLToPath(inProject('test/model/report.md'))

/** States that are left in the step that enters them. */
const passing = (leaf: string): boolean => /(^|\.)(judging|choosing|climbing)$/.test(leaf)

describe('in every situation that any order of events leads to', () => {
  const graphs = new Map<string, Graph>()
  const checks = new Map<string, number>()
  const add = (promise: string, times: number): void => {
    checks.set(promise, (checks.get(promise) ?? 0) + times)
  }
  const broken: string[] = []
  const onStep = (step: Step): void => {
    for (const { promise, when, holds } of ofSteps) {
      if (!when(step)) continue
      add(promise, 1)
      if (!holds(step)) broken.push(`${promise} Not so: ${step.from.key} by ${step.by.name} to ${step.to.key}`)
    }
  }
  // An event that throws, or one of an old socket that changes something, ends the walk.
  beforeAll(() => {
    for (const { promise } of ofSteps) add(promise, 0)
    for (const aspect of aspects)
      graphs.set(
        aspect.name,
        withQuickCopies(() => explore({ aspect, againOneIn: 150, onStep })),
      )
  })
  // The files after this one must not find their memory full.
  afterAll(() => graphs.clear())
  const graphOf = (name: string): Graph => {
    const graph = graphs.get(name)
    if (!graph) throw new Error(`${name} was not explored`)
    return graph
  }

  test.for(aspects)(
    'no event throws, old sockets change nothing, and wherever it stands every promise holds: $name',
    (aspect) => {
      const { situations, tried } = graphOf(aspect.name)
      add('No event throws.', tried)
      add('2. Events of an older generation change nothing.', situations.size)
      for (const { promise, when, holds } of ofSituations) {
        const spoken = [...situations.values()].filter((one) => when(one, aspect))
        const wrong = spoken.find((one) => !holds(one))
        expect(wrong && `${promise} Not so: ${wrong.key}`).toBeUndefined()
        add(promise, spoken.length)
      }
    },
  )

  test('no step breaks a promise', () => {
    expect(broken.slice(0, 5)).toEqual([])
  })

  test.for(aspects)('what needs nobody leads to healthy once all is well: $name', ({ name }) => {
    expect(lost(graphOf(name))).toEqual([])
    add('8. What needs no person leads to healthy.', graphOf(name).situations.size)
  })

  test.for(aspects)('nothing goes round without the progress of a count, a timer or a person: $name', ({ name }) => {
    expect(idleRing(graphOf(name))).toBeUndefined()
    add('8. No ring of steps without the progress of a count, a timer or a person.', graphOf(name).ways.length)
  })

  test.for(aspects)('what the abstraction leaves out does not matter: $name', ({ name }) => {
    const { different, again } = graphOf(name)
    expect(different.slice(0, 5)).toEqual([])
    expect(again).toBeGreaterThan(0)
  })

  test.for(aspects)('the report says how large it is: $name', async ({ name }) => {
    expect(await readFile(written, 'utf8')).toContain(row({ name, graph: graphOf(name) }))
  })

  test.runIf(whole)(
    'every state of the chart is reached, every promise had something to say, and the report is up to date',
    async () => {
      const reached = new Set(
        [...graphs.values()].flatMap(({ situations }) => [...situations.values()].map(({ state }) => state)),
      )
      const leaves = leavesOf(connectionMachine.root).filter((leaf) => !passing(leaf))
      expect(leaves.filter((leaf) => !reached.has(leaf))).toEqual([])
      expect([...checks].filter(([, times]) => times === 0)).toEqual([])
      const explored = [...graphs].map(([name, graph]) => ({ name, graph }))
      await expect(report(explored, leaves.length, checks)).toMatchFileSnapshot(written)
    },
  )
})
