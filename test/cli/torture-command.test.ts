import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { addTorture } from '../../src/cli/torture.ts'
import type { FromChild } from '../../src/rehearsal/torture/messages.ts'
import type { Begin } from '../../src/rehearsal/torture/torture.ts'
import { inProject } from '../root.ts'
import { alone } from './command.ts'

const module = fileURLToPath(inProject('package.json'))
const rule = { rule: 'heals', found: 'It is down.', remedy: 'Dial again.' }

/** A process that plays what it is told, and in which the schedules with this step break a promise. */
function playing(breaking = 'none') {
  const begun: unknown[] = []
  const played: string[] = []
  const begin: Begin = (...stranger) => {
    begun.push(stranger)
    return {
      alive: true,
      kill: async () => undefined,
      answer: async (_, message): Promise<FromChild> => {
        if (message === undefined) return { type: 'ready' }
        played.push(message.schedule)
        const broken = message.schedule.includes(breaking) ? [rule] : []
        return {
          type: 'result',
          heapBytes: 1,
          result: {
            ...{ schedule: message.schedule, broken, path: ['healthy'], healMs: 1_000, tookMs: 2_000 },
            ...{ messages: { sent: 4, read: 4 }, answers: { sent: 3, read: 3 } },
          } as never,
        }
      },
    }
  }
  const torture = (...args: string[]) => alone((program) => addTorture(program, begin), 'torture', ...args)
  return { torture, begun, played }
}

test('so many runs are played on the module, by the steps that are given or by a seed, and told as a table', async () => {
  const { torture, begun, played } = playing()
  const { code, stdout, stderr } = await torture('--connect', module, '--runs', '2', '--seed', '7', '--steps', '503')
  expect({ code, stderr, begun, played }).toEqual({
    ...{ code: 0, stderr: '', played: ['503', '503'] },
    begun: [[module, 'connect', ['@whiskeysockets/baileys', 'baileys']]],
  })
  const [head, ...rows] = stdout.split('\n')
  expect(head).toMatch(/^seed /)
  expect(rows.slice(0, 2)).toEqual([expect.stringMatching(/^7 +ok .*503$/), expect.stringMatching(/^8 +ok .*503$/)])
  expect(stdout).toContain('2 runs, every promise held.')
  const drawn = playing()
  await drawn.torture('--loop', module, '--baileys', 'wa', '--runs', '1', '--seed', '0')
  await drawn.torture('--loop', module, '--runs', '1', '--seed', '0')
  expect(drawn.begun[0]).toEqual([module, 'loop', ['wa']])
  expect(drawn.played[0]).toBe(drawn.played[1])
})

test('a broken promise is exit code 1, and how to have it again is said by the flag that was given', async () => {
  const { torture } = playing('440')
  const { code, stdout } = await torture('--loop', module, '--runs', '1', '--seed', '7', '--steps', '503 440')
  expect(code).toBe(1)
  expect(stdout).toMatch(/^7 +BROKEN .*503 440$/m)
  expect(stdout).toContain(`lifeline torture --loop ${module} --runs 1 --steps "440"`)
})

test('to programs each run is a line, and the last one is the summary with the seeds that failed', async () => {
  const lines = async (breaking: string, ...args: string[]) => {
    const told = await playing(breaking).torture('--connect', module, '--json', '--runs', '2', ...args)
    return [
      told.code,
      told.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ] as const
  }
  const [code, [first, second, summary, ...more]] = await lines('440', '--seed', '3', '--steps', '440')
  expect([code, more]).toEqual([1, []])
  expect([first, second]).toMatchObject([3, 4].map((seed) => ({ type: 'run', seed, schedule: '440', broken: [rule] })))
  expect(summary).toEqual({
    type: 'summary',
    ok: false,
    leftOut: 0,
    heapBytesPerRun: 0,
    seed: 3,
    runs: 2,
    failed: [3, 4],
  })
  const [well, all] = await lines('none')
  const { seed } = all[2]
  expect([well, all[2].failed, all[0].seed, all[1].seed]).toEqual([0, [], seed, seed + 1])
  expect(seed).toBeGreaterThanOrEqual(0)
})

test('a count that is none, a module that is none and a step that is none are refused before a process begins', async () => {
  const { torture, begun } = playing()
  const at = ['--connect', module]
  for (const [args, words] of [
    [[], 'Nothing is given to torture.'],
    [['--connect', `${module}.js`], 'There is no '],
    [[...at, '--runs', '0'], '--runs is 0.'],
    [[...at, '--runs', '1.5'], '--runs is 1.5.'],
    [[...at, '--seed', '-1'], '--seed is -1.'],
    [[...at, '--seed', 'x'], '--seed is x.'],
    [[...at, '--steps', '503 earthquake'], 'There is no step earthquake.'],
    [[...at, '--loop', module], "'--loop <module>' cannot be used with option '--connect <module>'"],
  ] as const)
    await expect(torture(...args), words).rejects.toThrow(words)
  expect(begun).toEqual([])
})
