import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Begin, TorturedRun } from '../rehearsal/torture/torture.ts'
import { exitCodeOf, UsageError } from './failure.ts'
import { print } from './output.ts'
import { paintFor } from './paint.ts'

interface TortureCommandOptions {
  readonly connect?: string
  readonly loop?: string
  readonly runs: number
  readonly seed?: number
  readonly steps?: string
  readonly baileys?: string
  readonly json?: boolean
}

/**
 * `lifeline torture`: the chaos suite against a stranger's own `connect`. Exit code 1 with the schedule that broke a
 * promise. `begin` as for `torture`.
 */
export function addTorture(program: Command, begin?: Begin): void {
  program
    .command('torture')
    .description('test a gateway of your own with random faults, on a fake WhatsApp server, never the real one')
    .option('--connect <module>', 'a module that exports connect, which is then supervised')
    .addOption(
      new Option('--loop <module>', 'a module that exports loop, which keeps itself connected').conflicts('connect'),
    )
    .addOption(new Option('--runs <number>', 'how many schedules to play').default(10).argParser(whole('--runs', 1)))
    .addOption(
      new Option('--seed <number>', 'the seed of the first schedule (default: random)').argParser(whole('--seed', 0)),
    )
    .option('--steps <schedule>', 'play this in each run, as a failed run names it: "440 +503"')
    .option('--baileys <name>', 'the name by which the module imports Baileys, if it is an alias')
    .option('--json', 'one JSON line for each run, the last one the summary')
    .action(async (options: TortureCommandOptions) => {
      const kind = options.loop === undefined ? 'connect' : 'loop'
      const given = options[kind]
      if (given === undefined)
        throw new UsageError('Nothing is given to torture.', 'Give --connect <module>, or --loop <module>.')
      const module = resolve(given)
      if (!existsSync(module)) throw new UsageError(`There is no ${given}.`, 'Give the path of your module.')
      const { torture } = await import('../rehearsal/torture/torture.ts')
      const { parseSchedule } = await import('../rehearsal/torture/schedule.ts')
      const schedule = options.steps === undefined ? undefined : parseSchedule(options.steps)
      if (schedule && 'unknown' in schedule) {
        const { stepNames } = await import('../rehearsal/torture/steps.ts')
        throw new UsageError(`There is no step ${schedule.unknown}.`, `Steps are: ${stepNames.join(', ')}.`)
      }
      const seed = options.seed ?? Math.floor(Math.random() * 1_000_000)
      const { headLines, runLines, summaryLines } = await import('./torture-lines.ts')
      const paint = paintFor(process.stdout)
      const say = (lines: readonly string[]) => {
        if (!options.json) for (const line of lines) print(line)
      }
      const baileys = options.baileys === undefined ? ['@whiskeysockets/baileys', 'baileys'] : [options.baileys]
      const { runs } = options
      const onRun = (run: TorturedRun) =>
        options.json ? print(JSON.stringify({ type: 'run', ...run })) : say(runLines(run, paint))
      say(headLines(paint))
      const result = await torture({ module, kind, baileys, seed, runs, schedule, onRun }, begin)
      if (options.json) {
        const { runs: all, ...rest } = result
        const failed = all.filter(({ broken }) => broken.length > 0).map((run) => run.seed)
        print(JSON.stringify({ type: 'summary', ...rest, seed, runs: all.length, failed }))
      } else say(summaryLines(result, `--${kind} ${given}`, paint))
      process.exitCode = exitCodeOf(result.ok)
    })
}

function whole(name: string, least: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (Number.isSafeInteger(number) && number >= least) return number
    throw new UsageError(`${name} is ${text}.`, `Give a whole number from ${least} on.`)
  }
}
