import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { judge } from './judgement.ts'
import { mutantsOf } from './mutant.ts'
import { targets } from './targets.ts'
import { endless, Trials } from './trials.ts'

// Changes the machines, the decisions and the fence in one place after the other, and looks whether a test notices.

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    every: { type: 'string', default: '1' },
    at: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '2' },
    out: { type: 'string' },
    // What an earlier run wrote with --out: only these are tried again.
    again: { type: 'string' },
  },
})

const root = process.cwd()
const started = performance.now()
const all = targets.flatMap(({ files, operators }, target) =>
  files.flatMap((file) => mutantsOf(root, file, operators).map((mutant) => ({ mutant, target }))),
)
const again = values.again === undefined ? undefined : new Set(readFileSync(values.again, 'utf8').split('\n'))
const chosen = all.filter(
  ({ mutant }, index) =>
    mutant.id.includes(values.only) &&
    index % Number(values.every) === Number(values.at) &&
    (again === undefined || again.has(mutant.id)),
)
const trials = new Trials(Number(values.jobs))
const survivors: string[] = []
let done = 0

for (const target of new Set(chosen.map((one) => one.target))) {
  const failing = await trials.run({ mutant: undefined, target })
  if (failing !== undefined) throw new Error(`without any change there is a failure already: ${failing}`)
}
await Promise.all(
  chosen.map(async (request) => {
    const caughtBy = await trials.run(request)
    done += 1
    if (caughtBy === undefined) {
      survivors.push(request.mutant.id)
      console.info(`survives: ${request.mutant.id}`)
    }
    if (caughtBy === endless) console.info(`${endless}: ${request.mutant.id}`)
    if (done % 50 === 0)
      console.info(`${done} of ${chosen.length}, ${Math.round((performance.now() - started) / 1_000)} s`)
  }),
)
trials.end()
if (values.out !== undefined) writeFileSync(values.out, `${survivors.sort().join('\n')}\n`)

const known = JSON.parse(readFileSync(join(root, 'test/mutants/survivors.json'), 'utf8')) as Record<string, string>
const { lines, holds } = judge(
  chosen.map(({ mutant }) => mutant.id),
  survivors,
  known,
  chosen.length === all.length,
)
console.info([...lines, `${Math.round((performance.now() - started) / 1_000)} s`].join('\n'))
process.exitCode = holds ? 0 : 1
