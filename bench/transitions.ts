import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectionMachine } from '../machines/index.ts'
import { type GraphTransition, graphOf } from '../src/diagram/graph.ts'
import { notOnBaileys } from './transitions/not-on-baileys.ts'

// `npm run transitions`: runs the tests on real Baileys, and tells which transitions of the statechart none of them takes. Those that are listed with a reason are told
// as such; exit code 1 for one that is neither taken nor listed.

const suites = ['test/lifeline', 'test/chaos/chaos.test.ts', 'test/incidents/']
const root = fileURLToPath(new URL('../..', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'lifeline-transitions-'))
const file = join(place, 'taken')
writeFileSync(file, '')
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', ...suites, '--reporter=dot'], {
  cwd: root,
  stdio: 'ignore',
  env: { ...process.env, LIFELINE_TRANSITIONS: file },
})
if (status !== 0) console.error('Not all tests passed; what they took counts all the same.')
const taken = new Set(readFileSync(file, 'utf8').split('\n'))
rmSync(place, { recursive: true })

const describe = ({ id, target, trigger, guard, otherwise }: GraphTransition): string => {
  const when = guard === undefined ? (otherwise ? ' otherwise' : '') : ` [${guard}]`
  return `${id}  ${trigger.kind}${'name' in trigger ? ` ${trigger.name}` : ''}${when} → ${target ?? 'stays'}`
}
// A transition with several targets is one transition.
const all = graphOf(connectionMachine.root).transitions.filter(({ id }) => !/:\d+:\d+$/.test(id))
const key = (transition: GraphTransition): string =>
  describe(transition).replace(/^\S*:\d+ {2}/, `${transition.source}  `)
const missing = all.filter(({ id }) => !taken.has(id))
const unlisted = missing.filter((one) => notOnBaileys[key(one)] === undefined)
const stale = Object.keys(notOnBaileys).filter((listed) => !missing.some((one) => key(one) === listed))

console.log(`${all.length - missing.length} of ${all.length} transitions are taken on real Baileys.`)
for (const one of missing) console.log(`${key(one)}\n    ${notOnBaileys[key(one)] ?? 'NOT LISTED'}`)
for (const listed of stale) console.log(`${listed}\n    listed, and taken this time, or gone from the statechart`)
process.exit(unlisted.length === 0 ? 0 : 1)
