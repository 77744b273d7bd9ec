import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Victim } from '../../../src/rehearsal/torture/victim.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A process that does what the test says, as its parent sees it. */
function made() {
  const sent: unknown[] = []
  const killed: unknown[] = []
  const child = Object.assign(new EventEmitter(), {
    exitCode: null as number | null,
    signalCode: null as string | null,
    stderr: new PassThrough(),
    unreachable: false,
    // As Node does, which tells the process where nobody asked for it.
    send: (message: unknown, told: (error?: Error) => void = (error) => error && child.emit('error', error)) => {
      sent.push(message)
      told(child.unreachable ? new Error('write EPIPE') : undefined)
    },
    kill: (signal: string) => {
      killed.push(signal)
      exits(null, signal)
    },
  })
  const exits = (code: number | null, signal: string | null) => {
    Object.assign(child, { exitCode: code, signalCode: signal })
    child.emit('exit', code, signal)
  }
  return { victim: new Victim(child as unknown as ChildProcess), child, sent, killed, exits }
}

test('a process answers what it is told, each question its own answer, and leaves no timer and no listener', async () => {
  const { victim, child, sent } = made()
  const ready = victim.answer(1_000)
  expect([sent, vi.getTimerCount(), child.listenerCount('message')]).toEqual([[], 1, 1])
  child.emit('message', { type: 'ready' })
  child.emit('message', { type: 'late' })
  expect(await ready).toEqual({ type: 'ready' })
  expect([vi.getTimerCount(), child.listenerCount('message')]).toEqual([0, 0])
  const answer = victim.answer(1_000, { schedule: '503' })
  expect(sent).toEqual([{ schedule: '503' }])
  child.emit('message', { type: 'result' })
  expect(await answer).toEqual({ type: 'result' })
})

test('one that does not answer in time is silent, and its late answer is to nobody', async () => {
  const { victim, child } = made()
  const answer = victim.answer(1_000)
  await vi.advanceTimersByTimeAsync(999)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect([await answer, child.listenerCount('message')]).toEqual([{ type: 'silent' }, 0])
})

test.each<[number | null, string | null, string]>([
  [1, null, 'exit code 1'],
  [0, null, 'exit code 0'],
  [null, 'SIGSEGV', 'SIGSEGV'],
])('one that ends with code %s and signal %s says how, and its last words', async (code, signal, how) => {
  const { victim, child, exits, sent, killed } = made()
  expect(victim.alive).toBe(true)
  const answer = victim.answer(1_000)
  child.stderr.write(`${'x'.repeat(3_000)} one`)
  child.stderr.write(' two')
  await new Promise(setImmediate)
  exits(code, signal)
  const { type, ...rest } = await answer
  expect([type, victim.alive, vi.getTimerCount()]).toEqual(['ended', false, 0])
  expect(rest).toEqual({ how, stderr: `${'x'.repeat(2_000 - ' one two'.length)} one two` })
  // Asked again, it says the same, and is told nothing any more.
  expect(await victim.answer(1_000, { schedule: '503' })).toMatchObject({ type: 'ended', how })
  expect([sent, killed]).toEqual([[], []])
})

test('one that is killed is gone when that has been said', async () => {
  const { victim, killed } = made()
  await victim.kill()
  expect([killed, victim.alive]).toEqual([['SIGKILL'], false])
  expect(await victim.answer(1_000)).toMatchObject({ type: 'ended', how: 'SIGKILL', stderr: '' })
})

test('one that ended as it was told something is not blamed for that', async () => {
  const { victim, child, exits } = made()
  child.unreachable = true
  const answer = victim.answer(1_000, { schedule: '503' })
  exits(3, null)
  expect(await answer).toMatchObject({ type: 'ended', how: 'exit code 3' })
})
