import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { connectionMachine, stateNameOf } from '../../machines/index.ts'
import { litPlaces, trailOf } from '../../src/dashboard/chart.ts'
import { placeOf } from '../../src/diagram/bundle.ts'
import { graphOf } from '../../src/diagram/graph.ts'
import type { HistoryEntry } from '../../src/index.ts'
import { inProject } from '../root.ts'

const drawing = (name: string) => readFile(inProject(`diagrams/${name}.svg`), 'utf8')
const [overview, full] = await Promise.all(['overview', 'connection'].map(drawing))
const ids = (svg: string | undefined, name: string): ReadonlySet<string> =>
  new Set(
    [...(svg ?? '').matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, id = '']) => id.replaceAll('&#62;', '>')),
  )

const graph = graphOf(connectionMachine.root)
const nested = (id: string): unknown =>
  id.split('.').reduceRight<unknown>((inner, key) => (inner === undefined ? key : { [key]: inner }), undefined)
const step = (entry: Partial<Extract<HistoryEntry, { type: 'transition' }>>): HistoryEntry => ({
  ...{ type: 'transition', at: 1, from: 'healthy', to: 'reconnecting', event: 'x', generation: 1 },
  ...entry,
})

describe('The light on the statechart', () => {
  test('falls on a state of each drawing, whatever the machine is in', () => {
    const [small, large] = [ids(overview, 'data-state'), ids(full, 'data-state')]
    for (const { id, children } of graph.states) {
      if (children.length > 0) continue
      const value = nested(id)
      const places = litPlaces(stateNameOf(value), value)
      expect(
        places.some((place) => small.has(place)),
        id,
      ).toBe(true)
      expect(places, id).toContain(id)
      for (const place of places) expect(small.has(place) || large.has(place), place).toBe(true)
    }
  })

  test('falls on the state that an owner knows, where there is no machine to ask', () => {
    expect(litPlaces('healthy', undefined)).toEqual(['online', 'healthy'])
    expect(litPlaces('awaitingQr', undefined)).toEqual(['awaitingQr'])
  })
})

describe('The trace on the statechart', () => {
  test('finds the transition that was taken for everything that can lead from one state to another', () => {
    const drawn = ids(full, 'data-transition')
    const edges = ids(overview, 'data-edge')
    const traced = new Set([...ids(overview, 'data-transitions')].flatMap((all) => all.split(' ')))
    let looked = 0
    for (const transition of graph.transitions) {
      const { trigger, target, source, why } = transition
      if (target === undefined || source === '' || trigger.kind === 'always') continue
      const [from, to] = [placeOf(source), placeOf(target)]
      if (from === to || from === 'online' || to === 'online') continue
      const event = {
        event: trigger.name,
        after: `xstate.after.${trigger.name}.connection.${source}`,
        done: `xstate.done.actor.${trigger.name}`,
        error: `xstate.error.actor.${trigger.name}`,
      }[trigger.kind]
      const [found] = trailOf([step({ from, to, event, ...(why === undefined ? {} : { why }) })])
      looked += 1
      expect(drawn.has(found?.transition ?? ''), `${transition.id} ${event}`).toBe(true)
      const meant = graph.transitions.find(({ id }) => id === found?.transition)
      expect([meant && placeOf(meant.source), meant?.target && placeOf(meant.target), meant?.why]).toEqual([
        from,
        to,
        why,
      ])
      if (traced.has(found?.transition ?? '')) expect(edges.has(found?.edge ?? ''), transition.id).toBe(true)
    }
    expect(looked).toBeGreaterThan(20)
  })

  test('knows of no transition where a service ended by which none is taken', () => {
    const steps = ['nobody', 'prepareAuth'].map((name) =>
      step({ from: 'preparing', to: 'connecting', event: `xstate.done.actor.${name}` }),
    )
    expect(trailOf(steps).map(({ transition }) => transition !== undefined)).toEqual([false, true])
  })

  test('shows closes by the reason that the verdict gave, on the edge that they took', () => {
    const [lost] = trailOf([step({ event: 'socket.close', why: 'the link was lost' })])
    expect(lost).toMatchObject({ edge: 'online>reconnecting', why: 'the link was lost' })
    expect(ids(full, 'data-transition').has(lost?.transition ?? '')).toBe(true)
  })

  test('holds the last eight changes of state, and no step within one', () => {
    const history = Array.from({ length: 30 }, (_, n) =>
      step({ at: n, ...(n % 3 === 0 ? { from: 'healthy', to: 'healthy' } : {}) }),
    )
    const trail = trailOf(history)
    expect(trail.map(({ at }) => at)).toEqual([19, 20, 22, 23, 25, 26, 28, 29])
  })
})
