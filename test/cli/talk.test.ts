import { afterEach, expect, test, vi } from 'vitest'
import { introduce } from '../../src/cli/talk.ts'
import { Talker } from './talker.ts'

afterEach(() => void vi.useRealTimers())

test('each hears what the other says, and that it has hung up, until the end', () => {
  const [manager, program] = [new Talker(), new Talker()]
  const talk = introduce(manager, program)
  manager.emit('message', 'from the manager')
  program.emit('message', 'from the program')
  program.emit('disconnect')
  expect([manager.told, program.told]).toEqual([['from the program', 'hung up'], ['from the manager']])
  manager.connected = true
  talk.end()
  for (const one of [manager, program]) for (const event of ['message', 'disconnect']) one.emit(event, 'later')
  expect([manager.told.length, program.told.length]).toEqual([2, 1])
})

test('who has gone is told nothing more', () => {
  const [manager, program] = [new Talker(), new Talker()]
  introduce(manager, program)
  program.connected = false
  manager.emit('message', 'too late')
  manager.emit('disconnect')
  expect(program.told).toEqual([])
})

test('what does not reach anybody fails nothing', () => {
  const [manager, program] = [new Talker(), new Talker()]
  const unreached: unknown[] = []
  const send: Talker['send'] = (message, handle, options, told: (error?: Error) => void) => {
    unreached.push([message, handle, options])
    told(new Error('write EPIPE'))
  }
  Object.assign(program, { send })
  introduce(manager, program)
  manager.emit('message', 'now', 'a handle')
  expect(unreached).toEqual([['now', 'a handle', undefined]])
})

/** The manager takes its time over each message. */
function slowManager() {
  const [manager, program] = [new Talker(), new Talker()]
  const arrivals: (() => void)[] = []
  Object.assign(manager, { send: (...given: Parameters<Talker['send']>) => void arrivals.push(given[3]) })
  return { manager, program, arrivals, talk: introduce(manager, program) }
}

test('who hangs up is heard out first', async () => {
  const { manager, program, arrivals, talk } = slowManager()
  const heard: string[] = []
  for (const word of ['one', 'two']) program.emit('message', word)
  program.emit('disconnect')
  void talk.lastWords().then(() => heard.push('all'))
  arrivals[0]?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect([manager.told, heard]).toEqual([[], []])
  arrivals[1]?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect([manager.told, heard]).toEqual([['hung up'], ['all']])
})

test.each([
  ['does not hang up', false],
  ['is not heard', true],
])('of a program that has ended and %s nothing more is awaited after a second', async (_, hangsUp) => {
  vi.useFakeTimers()
  const { program, talk } = slowManager()
  const heard: string[] = []
  program.emit('message', 'one')
  if (hangsUp) program.emit('disconnect')
  void talk.lastWords().then(() => heard.push('all'))
  await vi.advanceTimersByTimeAsync(999)
  expect(heard).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect([heard, vi.getTimerCount()]).toEqual([['all'], 0])
})
