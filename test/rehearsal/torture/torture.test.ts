// @module-tag slow

import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { lifeline } from '../../cli/command.ts'
import { inProject } from '../../root.ts'
import { shareOf, whole } from '../../share.ts'

vi.setConfig({ testTimeout: 180_000 })

const module = (name: string) => fileURLToPath(inProject(`test/rehearsal/torture/connects/${name}.js`))
const argsOf = (name: string, ...args: string[]) => ['torture', '--connect', module(name), ...args]
const torture = (name: string, ...args: string[]) => lifeline(...argsOf(name, ...args))
const onceOf = (steps: string) => ['--runs', '1', '--seed', '7', '--steps', steps]
const once = onceOf('503 +440')

describe('torture of a connect function', () => {
  const [sound] = shareOf(['v7', 'v6'], 1)
  test.runIf(whole || sound === 'v7')(
    'finds nothing wrong with the one of the README, in a table of 80 columns',
    async () => {
      // With the ban messages arrive on a connection that is being closed, which must not end the process.
      const steps = '503 +440 402-at-login'
      const { code, stdout, stderr } = await torture('good', '--runs', '1', '--seed', '7', '--steps', steps)
      expect(code, stdout + stderr).toBe(0)
      expect(stdout).toMatch(/^7 +ok +\d+\.\d s +(\d+)\/\1 +\d+\/\d+ +503 \+440 402-at-login$/m)
      expect(stdout).toContain('1 run, every promise held.')
    },
  )

  test.runIf(whole || sound === 'v6')('knows Baileys 6 under another name, and speaks JSON', async () => {
    // After a prune version 6 would ask the phone for each message, five seconds each, while this policy loses its
    // patience.
    const steps = '503 +440 prune'
    const { code, stdout, stderr } = await torture('good-6', '--baileys', 'baileys-6', '--json', ...onceOf(steps))
    expect(code, stdout + stderr).toBe(0)
    const [run, summary] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(run).toMatchObject({ type: 'run', seed: 7, schedule: steps, broken: [] })
    expect(summary).toMatchObject({ type: 'summary', ok: true, runs: 1, failed: [], leftOut: 0 })
  })

  const wrongs: readonly (readonly [string, RegExp])[] = [
    ['strays', /links: connect made a socket to 127\.0\.0\.1:9 in place of the fake server/],
    ['never', /links: connect did not return/],
    ['swallows', /links: .*creds\.update was not heard/],
    ['dies', /survives: its process ended \(exit code 1\).*nobody catches this/],
  ]
  const saysOf = async (name: string, words: RegExp) => {
    const { code, stdout, stderr } = await torture(name, ...once)
    expect(code, stdout + stderr).toBe(1)
    expect(stdout.replace(/\s+/g, ' ')).toMatch(words)
  }
  const found: Readonly<Record<string, () => Promise<void>>> = {
    ...Object.fromEntries(
      wrongs.map(([name, words]) => [`says of one that ${name} what it did`, () => saysOf(name, words)]),
    ),
    'names the line that leaves a timer and a listener behind at every call, and says that it takes no fault for that':
      async () => {
        const { code, stdout } = await torture('leaks', ...once)
        expect(code).toBe(1)
        const text = stdout.replace(/\s+/g, ' ')
        expect(text).toMatch(
          /nothing left: .*\d × timer \(from leaks\.js:6\), \d × process listener of SIGUSR2 \(from leaks\.js:5\)/,
        )
        expect(text).toContain('enough: no fault at all')
        expect(text).toMatch(/Again: lifeline torture --connect \S+ --seed 7 --runs 1/)
        for (const line of stdout.split('\n').filter((one) => !one.startsWith('Again')))
          expect(line.length).toBeLessThan(81)
      },
    'finds in a bare loop on Baileys 6, with a disk that takes 10 ms, that contacts cannot read what it sends':
      async () => {
        const args = [
          'torture',
          '--loop',
          module('loop-6-slow'),
          '--baileys',
          'baileys-6',
          '--json',
          ...onceOf('write'),
        ]
        const { code, stdout, stderr } = await lifeline(...args)
        expect(code, stdout + stderr).toBe(1)
        const [run, summary] = stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
        expect(summary).toMatchObject({ ok: false, failed: [7] })
        const [{ rule, found }] = run.broken
        expect([rule, run.broken.length]).toEqual(['contacts read', 1])
        expect(found).toMatch(/^when all was well, [1-9]\d* of \d+ messages of the account could not be read/)
        expect(run.answers.read).toBeLessThan(run.answers.sent)
        expect(run.shortest).toBe('')
      },
  }
  test.each(shareOf(Object.keys(found), 2))('%s', (what) => found[what]?.())

  test('is used wrongly with no module, a module without connect, a step that is none, or a number that is none', async () => {
    const wrong = [
      await lifeline('torture', '--connect', '/nowhere.js'),
      await lifeline(...argsOf('good', '--steps', '503 earthquake')),
      await lifeline(...argsOf('good', '--runs', 'many')),
      await lifeline('torture'),
      await lifeline(...argsOf('good', '--loop', module('loop-6-slow'))),
    ]
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2])
    expect(wrong[1]?.stderr).toContain('There is no step earthquake.')
    expect(wrong[3]?.stderr).toContain('Give --connect <module>, or --loop <module>.')
    const empty = await torture('empty', ...once)
    expect(empty.code).toBe(1)
    expect(empty.stderr).toContain('exports no function')
  })
})
