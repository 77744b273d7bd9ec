import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { day, isSlow, slow, slowTogether, whole } from './test/share.ts'

/**
 * Where the tests put what they write, which goes when the run ends. Hundreds of accounts are written with an fsync
 * each: in memory where the system has room for that, since no test asks how fast the disk is.
 */
function scratch(): string {
  const place = mkdtempSync(join(roomInMemory() ? '/dev/shm' : tmpdir(), 'lifeline-tests-'))
  // As every folder for temporary files is: PostgreSQL does not run as root, but as a user of its own.
  chmodSync(place, 0o1777)
  process.on('exit', () => rmSync(place, { recursive: true, force: true }))
  return place
}

function roomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize > 2 ** 30
  } catch {
    return false
  }
}

const written = scratch()
const shared = {
  env: { TMPDIR: written, XDG_STATE_HOME: join(written, 'state') },
  testTimeout: 60_000,
  hookTimeout: 60_000,
}

/**
 * Folders whose tests compute and wait for nothing. How long they take says how busy the machine is; they take what time
 * the others, who wait a lot, leave.
 */
const computing = ['machines', 'model', 'simulation', 'mutants', 'diagram', 'stores/folder/power-cut'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
)

const guessedSlowMs = 3_600_000
const timeouts = /(?:imeout: |\},\s*)(\d+_000)\b/g
/**
 * Longest for files of slow tests; else the longest timeout that a file gives its tests, if it is more than they have
 * anyhow: whoever needs one takes long.
 */
function guessedMs(file: string): number {
  const content = readFileSync(file, 'utf8')
  if (isSlow(content)) return guessedSlowMs
  const given = [...content.matchAll(timeouts)].map(([, ms = '']) => Number(ms.replaceAll('_', '')))
  return Math.max(0, ...given.filter((ms) => ms > shared.testTimeout))
}

/**
 * The slowest of the last run first, so that none of them is left alone at the end; before there was one, by a
 * guess.
 */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const projects = [...new Set(sorted.map(({ project }) => project.name))]
    const rank = new Map(sorted.map((file) => [file, projects.indexOf(file.project.name)]))
    const ms = new Map(sorted.map((file) => [file, this.#lastMs(file) || guessedMs(file.moduleId)]))
    const of = (from: ReadonlyMap<TestSpecification, number>, file: TestSpecification) => from.get(file) ?? 0
    return sorted.sort((a, b) => of(rank, a) - of(rank, b) || of(ms, b) - of(ms, a))
  }

  #lastMs({ project, moduleId }: TestSpecification): number | undefined {
    const path = relative(this.ctx.config.root, moduleId)
    return this.ctx.cache.getFileTestResults(`${project.name}:${path}`)?.duration
  }
}

// Every process of the run has the same day, also when it lasts past midnight. This file is read once for each project.
if (process.env.LIFELINE_DAY === undefined) {
  process.env.LIFELINE_DAY = String(day)
  if (process.env.VITEST && !whole)
    console.info(
      `What is counted: the share of day ${day}. LIFELINE_DAY=${day} for it again, LIFELINE_WHOLE=1 for all.`,
    )
}

// No test leaves this machine, and each of some 500 processes that they start would read a company's certificates
// first: 0.09 s of processor time each.
delete process.env.NODE_EXTRA_CA_CERTS

/**
 * More workers than processors leave none to the threads that would help one of them to collect its garbage: their
 * waiting for each other is a twentieth of the processor time.
 */
export const execArgv = ['--single-threaded-gc'] as const

/** All tests; `place` tells where a source lies as it is to be run. */
export const configOf = (
  all: readonly string[],
  place: (source: string) => string,
  more: NonNullable<ViteUserConfig['test']>,
): ViteUserConfig => ({
  test: {
    pool: 'forks',
    setupFiles: ['test/quick-keys.ts', 'test/quick-properties.ts', 'test/quick-stacks.ts', 'test/faked-clock.ts'].map(
      place,
    ),
    // Much of the time is Baileys' own waiting, so there are more workers than processors; yet each more would load it
    // once more.
    maxWorkers: 4,
    execArgv: [...execArgv],
    // Loading Baileys takes a second, both lines two: once for a worker, not once for each of its files.
    isolate: false,
    tags: [
      { name: slow, description: 'Under npm test each of them runs once in two weeks.' },
      { name: slowTogether, description: 'Under npm test the whole file runs once in two weeks.' },
    ],
    // What a test waits for comes later on a busy machine; how late is never what it asks.
    expect: { poll: { timeout: 30_000 } },
    sequence: { sequencer: SlowestFirst },
    ...more,
    projects: [
      {
        extends: true,
        test: { ...shared, name: 'real', include: [...all], exclude: computing.map(place) },
      },
      {
        extends: true,
        test: {
          ...shared,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          name: 'compute',
          include: computing.map(place),
          setupFiles: [place('test/unhurried.ts')],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})

/** From the source, each file transformed as it is loaded: for one file at a time, and to watch. */
export default defineConfig(
  configOf(['test/**/*.test.ts'], (source) => source, {
    // The compiled package is what users import and what child processes run, so it is built once before the tests.
    globalSetup: ['test/build.ts', 'test/stores/postgres/server-setup.ts'],
  }),
)
