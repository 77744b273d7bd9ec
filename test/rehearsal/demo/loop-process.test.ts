import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { argumentsOf, LoopProcess, type LoopSaid } from '../../../src/rehearsal/demo/loop-process.ts'

afterEach(() => void vi.restoreAllMocks())

function made() {
  const said: LoopSaid[] = []
  const child = Object.assign(new EventEmitter(), {
    pid: 4_000_000 as number | undefined,
    exitCode: null as number | null,
    signalCode: null as string | null,
    stdout: new PassThrough(),
    kill: (signal: string) => exits(null, signal),
  })
  const exits = (code: number | null, signal: string | null) => {
    Object.assign(child, { exitCode: code, signalCode: signal })
    child.emit('exit', code, signal)
    return true as const
  }
  const kill = vi.spyOn(process, 'kill').mockImplementation((_, signal) => exits(null, String(signal)))
  const loop = new LoopProcess(child as unknown as ChildProcess, (one) => said.push(one))
  return { loop, child, said, exits, kill }
}

test('what the loop tells is heard line by line, what others print is not, and of its exit the code', async () => {
  const { loop, child, said, exits } = made()
  child.stdout.write('{"type":"open"}\nsomebody else\n{"type":"close",')
  child.stdout.write('"code":503}\n{"other":1}\n')
  await new Promise(setImmediate)
  expect([said.splice(0), loop.ended]).toEqual([[{ type: 'open' }, { type: 'close', code: 503 }], false])
  exits(1, null)
  expect([said, loop.ended]).toEqual([[{ type: 'exit', code: 1 }], true])
})

test('it is killed with all that it has started, once, and says nothing of that', async () => {
  const { loop, said, kill } = made()
  await loop.kill()
  expect([loop.ended, said]).toEqual([true, []])
  await loop.kill()
  expect(kill.mock.calls).toEqual(process.platform === 'win32' ? [] : [[-4_000_000, 'SIGKILL']])
})

test('one that could not be started is not killed, nor anybody else', async () => {
  const { loop, child, kill } = made()
  child.pid = undefined
  await loop.kill()
  expect(kill).not.toHaveBeenCalled()
})

test('it is begun as it is, or the same under lifeline exec with its policy', () => {
  const of = { policy: '/p/policy.json', folder: '/p/auth' }
  const alone = argumentsOf({ ...of, side: 'alone' })
  expect([alone[0], alone.at(-1)]).toEqual(['--import', '/p/auth'])
  expect(argumentsOf({ ...of, side: 'exec' })).toEqual([
    ...[expect.stringMatching(/lifeline\.js$/), 'exec', '--policy', '/p/policy.json', '--', process.execPath],
    ...alone,
  ])
})
