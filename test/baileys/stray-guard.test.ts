import { afterEach, expect, test, vi } from 'vitest'
import { catchStrays } from '../../src/baileys/strays.ts'

// What Node does with a fault afterwards is seen in processes of their own (strays.test.ts).

const { emit, versions } = process
const { stackTraceLimit } = Error
const offs: (() => void)[] = []
afterEach(() => {
  for (const off of offs.splice(0)) off()
  Object.assign(process, { emit })
  Object.defineProperty(process, 'versions', { value: versions })
  Error.stackTraceLimit = stackTraceLimit
})

type Event = 'unhandledRejection' | 'uncaughtException' | 'uncaughtExceptionMonitor'
const tell = (event: Event, reason: unknown): boolean => Reflect.apply(process.emit, process, [event, reason])
/** The bare close code of a WebSocket, which Baileys leaves behind. */
const stray = 1006
const ofApp = new Error('the gateway made a mistake')

function guarded() {
  const told: unknown[] = []
  const off = catchStrays((reason) => told.push(reason))
  offs.push(off)
  return { told, off }
}
/** What a handler of the app hears; the runner listens to no such event itself. */
function monitored() {
  const heard: unknown[] = []
  const listener = (error: unknown) => heard.push(error)
  process.on('uncaughtExceptionMonitor', listener)
  offs.push(() => process.off('uncaughtExceptionMonitor', listener))
  return heard
}

test('what Baileys left behind is told here once, and to no handler of the app; all else goes on to those', () => {
  const heard = monitored()
  const { told, off } = guarded()
  const others = guarded()
  expect([tell('unhandledRejection', stray), tell('uncaughtException', stray)]).toEqual([true, true])
  expect([told.splice(0), others.told]).toEqual([
    [stray, stray],
    [stray, stray],
  ])
  expect([tell('uncaughtExceptionMonitor', stray), told, heard]).toEqual([true, [], []])
  expect([tell('uncaughtExceptionMonitor', ofApp), told, heard]).toEqual([true, [], [ofApp]])
  const own = vi.fn()
  process.once('lifeline-test', own)
  expect([process.emit('lifeline-test' as never, stray as never), own.mock.calls]).toEqual([true, [[stray]]])
  off()
  off()
  tell('unhandledRejection', stray)
  expect([told, others.told.length]).toEqual([[], 3])
  others.off()
  expect(process.emit).toBe(emit)
  expect([tell('uncaughtExceptionMonitor', stray), heard]).toEqual([true, [ofApp, stray]])
})

test('an emit that somebody put before the guard stays, and meets what it would have met once the guard is off', () => {
  const heard = monitored()
  const { told, off } = guarded()
  const inner = process.emit
  const outer = (...args: unknown[]) => Reflect.apply(inner, process, args)
  Object.assign(process, { emit: outer })
  tell('uncaughtExceptionMonitor', stray)
  off()
  expect([process.emit === outer, told, heard]).toEqual([true, [], []])
  tell('uncaughtExceptionMonitor', stray)
  expect([told, heard]).toEqual([[], [stray]])
})

test('where there are listeners alone, as in Bun and Deno, one tells strays from what would have ended the process', () => {
  vi.useFakeTimers({ toFake: ['setImmediate'] })
  offs.push(() => void vi.useRealTimers())
  for (const name of ['bun', 'deno']) {
    Object.defineProperty(process, 'versions', { value: { ...versions, [name]: '1' } })
    const before = process.listeners('unhandledRejection')
    const { told, off } = guarded()
    expect(process.emit).toBe(emit)
    const [own, ...more] = process.listeners('unhandledRejection').filter((one) => !before.includes(one))
    expect([typeof own, more]).toEqual(['function', []])
    const listen = own as (reason: unknown) => void
    listen(stray)
    expect(told).toEqual([stray])
    const other = () => undefined
    process.on('unhandledRejection', other)
    listen(ofApp)
    expect([told, vi.getTimerCount()]).toEqual([[stray], 0])
    process.off('unhandledRejection', other)
    for (const one of before) process.off('unhandledRejection', one)
    listen(ofApp)
    for (const one of before) process.on('unhandledRejection', one)
    // Nobody else listened.
    expect(() => vi.runAllTimers()).toThrow(ofApp)
    off()
    expect(process.listeners('unhandledRejection')).toEqual(before)
  }
})

test('stacks are long enough while it guards, and as the owner has them otherwise', () => {
  for (const [given, meanwhile, after] of [
    [10, 50, 10],
    [49, 50, 49],
    [50, 50, 50],
    [200, 200, 200],
  ]) {
    Error.stackTraceLimit = given ?? 0
    const { off } = guarded()
    expect(Error.stackTraceLimit).toBe(meanwhile)
    off()
    expect(Error.stackTraceLimit).toBe(after)
  }
  Error.stackTraceLimit = 10
  const { off } = guarded()
  Error.stackTraceLimit = 20
  off()
  expect(Error.stackTraceLimit).toBe(20)
})

test('one listener that throws keeps no other from being told', () => {
  offs.push(
    catchStrays(() => {
      throw new Error('no')
    }),
  )
  const { told } = guarded()
  tell('uncaughtException', stray)
  expect(told).toEqual([stray])
})
