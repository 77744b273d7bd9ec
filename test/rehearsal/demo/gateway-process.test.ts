import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { GatewayProcess } from '../../../src/rehearsal/demo/gateway-process.ts'

function made() {
  const told: unknown[] = []
  const signals: string[] = []
  const child = Object.assign(new EventEmitter(), {
    pid: 42,
    exitCode: null as number | null,
    signalCode: null as string | null,
    kill: (signal: string) => {
      signals.push(signal)
      if (child.exitCode === null) setImmediate(exits, null, signal)
    },
  })
  const exits = (code: number | null, signal: string | null) => {
    Object.assign(child, { exitCode: code, signalCode: signal })
    child.emit('exit', code, signal)
  }
  const gateway = new GatewayProcess(child as unknown as ChildProcess, (message) => told.push(message))
  return { gateway, child, told, signals, exits }
}

test('what the gateway tells is heard, and it lives until it is killed', async () => {
  const { gateway, child, told, signals } = made()
  child.emit('message', { type: 'code', code: 'one', number: 1 })
  expect([told, gateway.pid, gateway.alive]).toEqual([[{ type: 'code', code: 'one', number: 1 }], 42, true])
  expect(await gateway.kill()).toBe('SIGKILL')
  expect([gateway.alive, signals]).toEqual([false, ['SIGKILL']])
})

test('one that has ended by itself is dead, and says with which code', async () => {
  const { gateway, exits } = made()
  exits(3, null)
  expect(gateway.alive).toBe(false)
  expect(await gateway.kill()).toBe('exit code 3')
})
