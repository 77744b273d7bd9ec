import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inProject } from '../root.ts'
import { type Covered, coveredOf } from './covered.ts'

// Runs the tests, and tells how much of machines/ and src/ they and every process that they start have run; what a kill
// ends is not counted. COVERAGE_FROM names a folder of what a former run wrote, and the tests are not run again. Exit
// code 1 below the thresholds.

/** In per cent. */
const thresholds = { machines: { lines: 100, branches: 100 }, src: { lines: 95, branches: 95 } } as const
const root = fileURLToPath(inProject('.'))
const given = process.env.COVERAGE_FROM
const place = given ?? mkdtempSync(join(tmpdir(), 'lifeline-coverage-'))
if (given === undefined) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', 'vitest.compiled.config.ts', '--reporter=dot'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, LIFELINE_WHOLE: '1', NODE_V8_COVERAGE: place },
    },
  )
  if (status !== 0) console.error('Not all tests passed; what they ran counts all the same.')
}
const files = await coveredOf(place, join(root, 'dist'))
if (given === undefined) rmSync(place, { recursive: true })

const percent = ([hit, all]: readonly [number, number]): number => (all === 0 ? 100 : (100 * hit) / all)
const sum = (parts: readonly Covered[], what: 'lines' | 'branches'): [number, number] =>
  parts.reduce<[number, number]>(([hit, all], one) => [hit + one[what][0], all + one[what][1]], [0, 0])

for (const one of [...files].sort((a, b) => percent(a.branches) - percent(b.branches)))
  if (one.uncovered.length > 0)
    console.log(
      `${one.file.padEnd(44)} lines ${percent(one.lines).toFixed(0).padStart(3)} %, branches ${percent(one.branches).toFixed(0).padStart(3)} %: ${one.uncovered.join(' ')}`,
    )
let ok = true
for (const [folder, least] of Object.entries(thresholds)) {
  const inside = files.filter(({ file }) => file.startsWith(`${folder}/`))
  for (const what of ['lines', 'branches'] as const) {
    const [hit, all] = sum(inside, what)
    const enough = inside.length > 0 && percent([hit, all]) >= least[what]
    ok &&= enough
    console.log(
      `${folder}/ ${what}: ${percent([hit, all]).toFixed(2)} % (${hit} of ${all})${enough ? '' : `, less than ${least[what]} %`}`,
    )
  }
}
process.exit(ok ? 0 : 1)
