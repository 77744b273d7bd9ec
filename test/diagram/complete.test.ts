import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { told, tracks } from '../../diagrams/overview.ts'
import { connectionMachine } from '../../machines/connection.ts'
import { stateNames } from '../../machines/status.ts'
import { bundlesOf } from '../../src/diagram/bundle.ts'
import { graphOf } from '../../src/diagram/graph.ts'
import { toJson } from '../../src/diagram/json.ts'
import { toMermaid } from '../../src/diagram/mermaid.ts'
import { labelOf } from '../../src/diagram/words.ts'
import { drawn } from './drawn.ts'
import { graph, moving, valuesOf } from './machine.ts'

const svg = (name: string): string => String(drawn.find((file) => file.name === name)?.content())
const chart = svg('connection.svg')
const overview = svg('overview.svg')

describe('The graph', () => {
  test('has every transition of the machine once', () => {
    const ids = graph.transitions.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const count = (node: typeof connectionMachine.root): number =>
      [...node.transitions.values()].flat().length +
      (node.always?.length ?? 0) +
      Object.values(node.states).reduce((sum, child) => sum + count(child), 0)
    expect(ids.length).toBe(count(connectionMachine.root))
  })

  test('names every guard, so that a picture can say when a transition is taken', () => {
    expect(graph.transitions.filter(({ guard }) => guard?.includes('inline'))).toEqual([])
  })

  test('names timers and services in place of the events that XState makes of them', () => {
    expect(moving.filter((transition) => labelOf(transition).includes('xstate'))).toEqual([])
    expect(
      graph.transitions.find(({ source, trigger }) => source === 'online' && trigger.kind === 'error')?.trigger,
    ).toEqual({
      kind: 'error',
      name: 'openSocket',
    })
  })
})

describe('The statechart', () => {
  test('shows every state once', () => {
    expect(valuesOf(chart, 'data-state').toSorted()).toEqual(graph.states.map(({ id }) => id).toSorted())
  })

  test('shows every transition once', () => {
    expect(valuesOf(chart, 'data-transition').toSorted()).toEqual(graph.transitions.map(({ id }) => id).toSorted())
  })

  test('tells why each transition is taken, where the machine says so', () => {
    const plain = chart.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    for (const { why } of graph.transitions) if (why !== undefined) expect(plain).toContain(why)
  })
})

describe('The overview', () => {
  test('shows every state that owners know', () => {
    expect(valuesOf(overview, 'data-state').toSorted()).toEqual(['online', ...stateNames].toSorted())
  })

  test('draws or tells every way between them, and none that the machine does not have', () => {
    const ways = ({ from, to }: { from: string; to: string }): string => `${from} → ${to}`
    expect([...tracks, ...told].map(ways).toSorted()).toEqual(bundlesOf(graph).map(ways).toSorted())
  })
})

describe('The Mermaid text', () => {
  const text = toMermaid(graph)
  const nameOf = (id: string): string => id.replaceAll('.', '_')

  test('has every state', () => {
    for (const { id, key } of graph.states.slice(1)) expect(text).toContain(`state "${key}" as ${nameOf(id)}`)
  })

  test('has an arrow for every transition that leads somewhere, and from each state for one that leads from anywhere', () => {
    const arrows = text.split('\n').filter((line) => line.includes('-->') && !line.includes('[*]'))
    const tops = graph.states.filter(({ parent }) => parent === '').length
    const anywhere = moving.filter(({ source }) => source === '').length
    expect(arrows.length).toBe(moving.length - anywhere + anywhere * tops)
    for (const { source, target = '' } of moving)
      if (source !== '') expect(text).toContain(`${nameOf(source)} --> ${nameOf(target)} : `)
  })

  test('holds no sign that Mermaid takes for syntax in a label', () => {
    const labels = text.split('\n').flatMap((line) => line.split(' --> ')[1]?.split(' : ')[1] ?? [])
    expect(labels.filter((label) => /[;"<>{}]|#(?!\d+;)/.test(label.replace(/#\d+;/g, '')))).toEqual([])
  })
})

describe('The JSON', () => {
  test('makes the same machine again: names, tags, descriptions and order', () => {
    const again = createMachine(JSON.parse(toJson(connectionMachine.root)))
    expect(graphOf(again.root)).toEqual(graph)
  })
})
