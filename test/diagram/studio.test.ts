import { expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { connectionMachine } from '../../machines/connection.ts'
import { graphOf } from '../../src/diagram/graph.ts'
import { toJson } from '../../src/diagram/json.ts'

test('the JSON that lifeline diagram prints makes the same machine again: states, order, tags, descriptions, transitions and their why', () => {
  const again = createMachine(JSON.parse(toJson(connectionMachine.root)))
  expect(graphOf(again.root)).toEqual(graphOf(connectionMachine.root))
})

test('it holds nothing that Stately Studio would not read: no function, no inline action, every guard by its name', () => {
  const text = toJson(connectionMachine.root)
  expect(text).not.toContain('"inline"')
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      if (key === 'guard')
        expect(member).toSatisfy((guard) => typeof guard === 'string' || typeof guard.type === 'string')
      walk(member)
    }
  }
  walk(JSON.parse(text))
})
