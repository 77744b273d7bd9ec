import { expect, test } from 'vitest'
import { atExit } from '../../src/drop-in/process-end.ts'

const events = ['exit', 'uncaughtExceptionMonitor'] as const
const counts = () => events.map((event) => process.listenerCount(event))
/** What the process would do with that event; the newest listener is the one that is meant. */
const tell = (event: (typeof events)[number], what: unknown) =>
  Reflect.apply(process.listeners(event as 'exit').at(-1) ?? (() => undefined), undefined, [what])

test('the steps of the exit are taken while there are some, each once, and nothing listens otherwise', () => {
  const before = counts()
  const told: unknown[] = []
  const steps = ['one', 'two'].map((name) => atExit((clean) => told.push([name, clean])))
  expect(counts()).toEqual(before.map((count) => count + 1))
  tell('exit', 1)
  expect(told.splice(0)).toEqual([
    ['one', true],
    ['two', true],
  ])
  steps[0]?.()
  steps[0]?.()
  expect(counts()).toEqual(before.map((count) => count + 1))
  tell('exit', 0)
  expect(told.splice(0)).toEqual([['two', true]])
  // An exception that nobody catches ends it otherwise, unless somebody has it exit well all the same.
  tell('uncaughtExceptionMonitor', new Error('x'))
  tell('exit', 1)
  tell('exit', 0)
  expect(told).toEqual([
    ['two', false],
    ['two', true],
  ])
  steps[1]?.()
  steps[0]?.()
  expect(counts()).toEqual(before)
})
