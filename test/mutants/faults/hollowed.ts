import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import startDatabases from '../../stores/postgres/server-setup.ts'
import { FastCases } from './fast-cases.ts'
import { type Hollowness, hollow, hollownesses } from './hollow.ts'
import { noticedBy } from './noticed.ts'
import { importedBy, quickTests } from './reach.ts'
import { WarmProcess } from './warm-process.ts'

// Runs each fast test file on sources of which nothing is right any more: one that passes cannot fail.

const { values } = parseArgs({
  options: {
    /** What paths of test files begin with, below test/, with commas between them. */
    only: { type: 'string', default: '' },
    every: { type: 'string', default: '1' },
    at: { type: 'string', default: '0' },
  },
})
const root = process.cwd()
const started = performance.now()
const reasons = JSON.parse(readFileSync(join(root, 'test/mutants/faults/cannot-fail.json'), 'utf8')) as Record<
  string,
  string
>
const only = values.only.split(',')
const asked = quickTests.filter((test) => only.some((one) => test.startsWith(`test/${one}`)))
const mine = asked.filter((_, index) => index % Number(values.every) === Number(values.at))

const memory = statSync('/dev/shm', { throwIfNoEntry: false })
process.env.TMPDIR = mkdtempSync(join(memory ? '/dev/shm' : tmpdir(), 'hollowed-'))
// PostgreSQL does not run as root, but as a user of its own.
chmodSync(process.env.TMPDIR, 0o1777)
const stopDatabases = await startDatabases()
const warm = new WarmProcess()
const cases = new FastCases(root)
const passing: string[] = []
/** Where no source has a condition nothing is turned round, and nothing can be noticed. */
const changes = (files: readonly string[], how: Hollowness): boolean =>
  files
    .map((file) => [file, readFileSync(join(root, file), 'utf8')] as const)
    .some((of) => hollow(...of, how) !== of[1])
const tried = { files: 0, nothing: 0, slow: 0 }
try {
  for (const test of mine) {
    const files = importedBy(test)
    if (files.length === 0) {
      tried.nothing += 1
      continue
    }
    // A test that fails anyhow would seem to notice.
    await cases.know(test, warm)
    if (cases.fastOf(test).length === 0) {
      tried.slow += 1
      continue
    }
    tried.files += 1
    for (const how of hollownesses.filter((one) => changes(files, one))) {
      const noticed = await noticedBy(warm, cases, { hollow: { files, how } }, () => [
        { test, cases: cases.fastOf(test) },
      ])
      if (noticed) continue
      const name = `${test} (${how})`
      passing.push(name)
      console.info(`passes though what it imports is ${how}: ${test}${reasons[name] ? ` — ${reasons[name]}` : ''}`)
    }
  }
} finally {
  warm.close()
  await stopDatabases()
  rmSync(process.env.TMPDIR, { recursive: true, force: true })
}
const unexplained = passing.filter((name) => !Object.hasOwn(reasons, name))
console.info(
  [
    ...unexplained.map((name) => `cannot fail, and no reason is given: ${name}`),
    `${tried.files} test files, each with empty and with inverted sources: ${passing.length} of these passed, ` +
      `${unexplained.length} without a reason; ${tried.slow} are no fast ones, ${tried.nothing} import no source`,
    `${Math.round((performance.now() - started) / 1_000)} s`,
  ].join('\n'),
)
process.exitCode = unexplained.length === 0 ? 0 : 1
