import { describe, expect, test } from 'vitest'
import { and, createMachine, not, or, setup } from 'xstate'
import { graphOf } from '../../src/diagram/graph.ts'
import { guardText } from '../../src/diagram/guard.ts'
import { toJson } from '../../src/diagram/json.ts'
import { toMermaid } from '../../src/diagram/mermaid.ts'
import { labelOf, triggerText } from '../../src/diagram/words.ts'

const yes = () => true

describe('A guard', () => {
  test.each([
    [undefined, undefined],
    ['isOn', 'isOn'],
    [{ type: 'isOn' }, 'isOn'],
    [{ type: 'isOn', params: { level: 2, of: ['a', 'b'] } }, 'isOn(2, a, b)'],
    [yes, 'inline'],
    [not('isOn'), 'not isOn'],
    [and(['isOn', { type: 'isAt', params: { at: 1 } }]), 'isOn and isAt(1)'],
    [or(['isOn', yes, not(yes)]), 'isOn or inline or not inline'],
    [and(['isOn', undefined as never]), 'isOn and inline'],
  ])('is told by its names: %#', (guard, text) => {
    expect(guardText(guard)).toBe(text)
  })
})

/** What our own machine has not: two targets, what has no name, an end at once, and no way but acts. */
const other = createMachine({
  id: 'other',
  initial: 'off',
  states: {
    off: { always: { target: 'both' } },
    both: {
      type: 'parallel',
      on: { turn: { target: ['.left.far', '.right.far'] }, newEvent: { guard: 'isVeryOdd', actions: () => undefined } },
      invoke: { src: 'work', id: 'one', onDone: { target: 'off' } },
      after: { someLongWait: { guard: 'causeIs(x)', target: 'off' } },
      states: {
        left: { initial: 'near', states: { near: {}, far: {} } },
        right: { initial: 'near', states: { near: {}, far: {} } },
      },
    },
  },
})

describe('A machine of another kind', () => {
  const graph = graphOf(other.root)
  const labels = (source: string) => graph.transitions.filter((one) => one.source === source).map(labelOf)

  test('has a transition for each of two targets, and what has no name is called inline', () => {
    expect(graph.transitions.map(({ id, target }) => [id, target]).slice(0, 6)).toContainEqual([
      'both:0:1',
      'both.right.far',
    ])
    expect(graph.transitions.find(({ guard }) => guard === 'isVeryOdd')?.actions).toEqual(['inline'])
  })

  test('has a last resort for an event where one without a guard comes behind others, and nowhere else', () => {
    const several = createMachine({
      on: { x: [{ guard: 'isOn' }, { guard: 'isOff' }, { actions: 'wait' }], y: { actions: 'wait' } },
    })
    expect(graphOf(several.root).transitions.map(({ otherwise }) => otherwise)).toEqual([false, false, true, false])
  })

  test('is told in the words of its code where there are no better ones', () => {
    expect(labels('off')).toEqual(['at once'])
    expect(labels('both')).toEqual([
      'turn',
      'turn',
      'newEvent · is very odd',
      'work done',
      'after some long wait · failed',
    ])
    expect(triggerText({ kind: 'after', name: 'connectTimeout' } as never)).toBe('after 1 min')
    expect(triggerText({ kind: 'error', name: '*' })).toBe('a late failure')
    expect(triggerText({ kind: 'error', name: 'work' })).toBe('work fails')
  })

  test('is drawn in Mermaid without notes where nothing is to be noted', () => {
    const text = toMermaid(graph)
    expect(text).toContain('[*] --> off')
    expect(text).not.toContain('note right of off')
    expect(text).toMatch(/note right of both\n.*runs work\n.*newEvent · is very odd \/ inline\n.*end note/)
    expect(text).not.toContain('anywhere')
    const parallel = toMermaid(
      graphOf(createMachine({ type: 'parallel', states: { a: {}, b: {} }, on: { x: {} } }).root),
    )
    expect(parallel).not.toContain('[*]')
    expect(parallel).not.toContain('note')
  })

  test('is JSON with the names of its functions', () => {
    const named = setup({ guards: { isOn: yes } }).createMachine({
      entry: function wake() {
        return undefined
      },
      exit: () => undefined,
      on: { x: { guard: not('isOn') } },
    })
    const config = JSON.parse(toJson(named.root))
    expect(config).toEqual({
      entry: { type: 'wake' },
      exit: { type: 'exit' },
      on: { x: { guard: { type: 'not isOn' } } },
    })
    const [nameless] = [() => undefined]
    expect(JSON.parse(toJson(createMachine({ entry: [nameless as never] }).root))).toEqual({
      entry: [{ type: 'inline' }],
    })
  })
})
