import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// `npm run mutants`: the statechart and the fence changed in every place; careless changes of src/; and every fast test
// on sources of which nothing is right. `-- --only <path>` for one of them: what begins with machines/ goes to the
// first, src/ to the first two, test/ to the last; more options go to the last of these.

const given = process.argv.slice(2)
const at = given.indexOf('--only')
const only = at < 0 ? '' : (given[at + 1] ?? '')
const more = at < 0 ? given : given.toSpliced(at, 2)
if (!/^(?:|(?:machines|src|test)\/.*)$/.test(only) || (only === '' && more.length > 0)) {
  console.error('--only names a path that begins with machines/, src/ or test/; other options stand beside it.')
  process.exit(2)
}
const below = only.slice(only.indexOf('/') + 1)
const runs: readonly (readonly [program: string, options: readonly string[]])[] =
  only === ''
    ? [
        ['mutants', []],
        ['faults/faults', []],
        ['faults/hollowed', []],
      ]
    : only.startsWith('machines/')
      ? [['mutants', ['--only', only, ...more]]]
      : only.startsWith('src/')
        ? [
            ['mutants', ['--only', only]],
            ['faults/faults', ['--only', below, ...more]],
          ]
        : [['faults/hollowed', ['--only', below, ...more]]]
const codes = runs.map(([program, options]) => {
  const path = fileURLToPath(import.meta.resolve(`./${program}.js`))
  return spawnSync(process.execPath, [path, ...options], { stdio: 'inherit' }).status
})
process.exitCode = codes.every((code) => code === 0) ? 0 : 1
