import { describe, expect, test } from 'vitest'
import { chartLayout } from '../../diagrams/chart-picture.ts'
import { widthOf } from '../../diagrams/font.ts'
import { type Stand, stands } from '../../diagrams/overview.ts'
import { overviewLayout } from '../../diagrams/overview-layout.ts'
import { edgeTextPitch, edgeTextSize } from '../../diagrams/panel.ts'
import { type Box, grown, holds, legs, overlap, type Point } from '../../diagrams/shape.ts'
import { labelOf } from '../../src/diagram/words.ts'
import { graph } from './machine.ts'

type Named = readonly [name: string, box: Box]

/** Every pair of boxes that overlap, by their names. */
const clashes = (boxes: readonly Named[]): readonly string[] =>
  boxes.flatMap(([name, box], index) =>
    boxes.slice(index + 1).flatMap(([other, second]) => (overlap(box, second) ? [`${name} / ${other}`] : [])),
  )

const happyPath = ['stopped', 'preparing', 'connecting', 'healthy'] as const

describe('The overview', () => {
  const { paths, labels } = overviewLayout()
  const places = Object.entries(stands).map(([name, { box }]: [string, Stand]): Named => [name, box])
  const leaves = places.filter(([name]) => name !== 'online')

  test('keeps its labels clear of each other and of the boxes', () => {
    expect(clashes([...leaves, ...labels.map(({ id, box }): Named => [id, box])])).toEqual([])
    const { box: frame } = stands.online
    expect(labels.filter(({ box }) => overlap(box, frame) && !holds(frame, box))).toEqual([])
  })

  test('lets no edge run through the label of another', () => {
    const together = new Set(['conflicted>preparing', 'blocked>preparing'])
    const struck = labels.flatMap(({ id, box }) =>
      [...paths].flatMap(([other, points]) =>
        other !== id && !(together.has(id) && together.has(other)) && legs(points).some((leg) => overlap(box, leg))
          ? [`${other} through ${id}`]
          : [],
      ),
    )
    expect(struck).toEqual([])
  })

  test('lets no edge run through a box', () => {
    const through = [...paths].flatMap(([id, points]) =>
      leaves.flatMap(([name, box]) => (legs(points).some((leg) => overlap(leg, box)) ? [`${id} through ${name}`] : [])),
    )
    expect(through).toEqual([])
  })

  test('lets at most one pair of edges cross', () => {
    const crossings = [...paths].flatMap(([id, points], index) =>
      [...paths]
        .slice(index + 1)
        .filter(([, others]) => legs(points).some((leg) => legs(others).some((other) => overlap(leg, other))))
        .map(([other]) => `${id} / ${other}`),
    )
    expect(crossings.length).toBeLessThanOrEqual(1)
  })

  test('goes down the happy path, heals to its left and calls people to its right', () => {
    const tops = happyPath.map((name) => stands[name].box.y)
    expect(tops).toEqual(tops.toSorted((a, b) => a - b))
    const spine = stands.healthy.box.x
    for (const name of ['degraded', 'pruningSessions', 'reconnecting'] as const)
      expect(stands[name].box.x).toBeLessThan(spine)
    for (const name of ['awaitingQr', 'conflicted', 'blocked'] as const)
      expect(stands[name].box.x).toBeGreaterThan(spine)
  })

  test('has room in each box for its words', () => {
    const wide = Object.entries(stands).filter(([, { box, caption }]) => widthOf(caption, 12) > box.w - 8)
    expect(wide).toEqual([])
  })
})

describe('The statechart', async () => {
  const { panels, anywhere } = await chartLayout(graph)
  const byName = panels.map(({ panel }) => [panel.id, panel] as const)

  test('keeps its panels apart', () => {
    const boxes = panels.map(({ panel, at }): Named => [panel.id, { ...at, w: panel.w, h: panel.h }])
    expect(clashes([['anywhere', anywhere.box], ...boxes])).toEqual([])
  })

  test.each(byName)('keeps labels clear of each other and of the boxes in %s', (_, panel) => {
    const labels = panel.wires.flatMap(({ id, label }): Named[] => (label ? [[id, label]] : []))
    const cards = [...panel.cards.values()]
    const leaves = cards.filter(({ card }) => card.state.children.length === 0)
    // The head of an outer box is as wide as what is written there.
    const heads = cards
      .filter(({ card }) => card.state.children.length > 0)
      .map(({ card, box }): Named => [card.state.id, { x: box.x, y: box.y, w: card.inner, h: card.h }])
    expect(clashes([...labels, ...heads, ...leaves.map(({ card, box }): Named => [card.state.id, box])])).toEqual([])
  })

  test.each(byName)('lets no edge run through a label or a box in %s', (_, panel) => {
    const obstacles = [
      ...panel.wires.flatMap(({ id, label }) => (label ? [{ id, box: label }] : [])),
      ...[...panel.cards].flatMap(([id, { card, box }]) => (card.state.children.length === 0 ? [{ id, box }] : [])),
    ]
    const struck = panel.wires.flatMap((wire) =>
      obstacles
        .filter(({ id, box }) => id !== wire.id && legs(wire.points).some((leg) => overlap(leg, box, -1)))
        .map(({ id }) => `${wire.id} through ${id}`),
    )
    expect(struck).toEqual([])
  })

  test.each(byName)('leads each edge from the border of its source to that of its target in %s', (_, panel) => {
    const boxes = new Map([...panel.cards].map(([id, { box }]) => [id, box]))
    const touches = (box: Box | undefined, at: Point | undefined): boolean =>
      box !== undefined &&
      at !== undefined &&
      overlap(grown({ ...at, w: 0, h: 0 }, 1), box) &&
      !holds(box, grown({ ...at, w: 0, h: 0 }, 1))
    const astray = panel.wires.filter(({ source, target, points }) => {
      const from = boxes.get(source)
      return !touches(boxes.get(target), points.at(-1)) || (from !== undefined && !touches(from, points[0]))
    })
    expect(astray.map(({ id }) => id)).toEqual([])
  })

  test.each(byName)('has room in each label for its words in %s', (_, panel) => {
    const tight = panel.wires.filter(
      ({ label, transitions }) =>
        transitions.length * edgeTextPitch > (label?.h ?? 0) ||
        transitions.some((transition) => widthOf(labelOf(transition), edgeTextSize) > (label?.w ?? 0)),
    )
    expect(tight.map(({ id }) => id)).toEqual([])
  })

  test('goes down the happy path', () => {
    const top = (name: string): number => {
      const found = panels.find(({ panel }) => [...panel.cards.keys()].some((id) => id.split('.').at(-1) === name))
      const card = [...(found?.panel.cards ?? [])].find(([id]) => id.split('.').at(-1) === name)
      return (found?.at.y ?? Number.NaN) + (card?.[1].box.y ?? Number.NaN)
    }
    const tops = happyPath.map(top)
    expect(tops.every(Number.isFinite)).toBe(true)
    expect(tops).toEqual(tops.toSorted((a, b) => a - b))
  })
})
