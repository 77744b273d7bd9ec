import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transitionKeys } from '../test/line/transitions/keys.ts'
import { notOnBaileys } from '../test/line/transitions/not-on-baileys.ts'

// `npm run transitions`: runs the tests on real Baileys, writes down in test/line/transitions/on-baileys.json which
// transitions of the statechart they take, and tells those that none of them takes, each with its reason; exit code 1
// for one without. `npm test` holds the statechart to what was written down.

const suites = ['test/line/', 'test/rehearsal/torture/chaos.test.ts', 'test/history/incidents/field']
const root = fileURLToPath(new URL('../..', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'lifeline-transitions-'))
const file = join(place, 'taken')
writeFileSync(file, '')
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', ...suites, '--reporter=dot'], {
  cwd: root,
  stdio: 'ignore',
  env: { ...process.env, LIFELINE_TRANSITIONS: file, LIFELINE_WHOLE: '1' },
})
if (status !== 0) console.error('Not all tests passed; what they took counts all the same.')
const ids = new Set(readFileSync(file, 'utf8').split('\n'))
rmSync(place, { recursive: true })

const all = [...transitionKeys]
const taken = all.filter(([id]) => ids.has(id)).map(([, key]) => key)
const missing = all.filter(([id]) => !ids.has(id)).map(([, key]) => key)
writeFileSync(join(root, 'test', 'line', 'transitions', 'on-baileys.json'), `${JSON.stringify(taken, undefined, 2)}\n`)
console.log(`${taken.length} of ${all.length} transitions are taken on real Baileys.`)
for (const key of missing) console.log(`${key}\n    ${notOnBaileys[key] ?? 'NOT LISTED'}`)
for (const key of Object.keys(notOnBaileys))
  if (!missing.includes(key)) console.log(`${key}\n    listed, and taken this time, or gone from the statechart`)
process.exit(missing.every((key) => notOnBaileys[key] !== undefined) ? 0 : 1)
