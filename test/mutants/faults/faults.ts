import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drawn } from '../../drawn.ts'
import startDatabases from '../../stores/postgres/server-setup.ts'
import { type Mutant, mutantsOf } from '../mutant.ts'
import { careless } from './careless.ts'
import { FastCases, nearestTo } from './fast-cases.ts'
import { faulty, folderOf } from './folders.ts'
import { noticedBy } from './noticed.ts'
import { pageOf } from './page.ts'
import { slowTestsOf } from './reach.ts'
import { grouped, judged, sharesOf, since, type Tried } from './shares.ts'
import { ChangedCopy } from './slower.ts'
import { typeChecked } from './typed.ts'
import { WarmProcess } from './warm-process.ts'

// Puts careless changes into src/, one after the other, and looks whether a fast test notices.

const { values } = parseArgs({
  options: {
    /** Folders or files below src/, with commas between them. */
    only: { type: 'string', default: '' },
    /** One folder, without those in it that count for themselves. */
    folder: { type: 'string' },
    /** At most so many of each folder; 0: all. */
    count: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    /** Where what became of each is written to, after each folder. */
    out: { type: 'string' },
    /** What an earlier run wrote so: only its survivors are tried again. The page names its count and its seed. */
    again: { type: 'string' },
    /** The page of docs that this run writes. */
    page: { type: 'string' },
    /** What no fast test notices is shown to slower ones, which takes minutes each. */
    slower: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
  },
})
const only = values.only.split(',')
const count = Number(values.count)
const root = process.cwd()
const started = performance.now()

const all = new Map<string, Mutant[]>()
for (const file of faulty) {
  const folder = folderOf(file)
  if (values.folder === undefined ? !only.some((one) => file.startsWith(`src/${one}`)) : folder !== values.folder)
    continue
  all.set(folder, [...(all.get(folder) ?? []), ...mutantsOf(root, file, careless)])
}
const first = values.again === undefined ? undefined : (JSON.parse(readFileSync(values.again, 'utf8')) as Tried[])
const again = first && new Set(first.filter(({ noticed }) => !noticed).map(({ fault }) => fault.id))
const candidates = [...all.values()].flatMap((faults) => {
  if (again) return faults.filter(({ id }) => again.has(id))
  const shuffled = faults.toSorted((a, b) => drawn(values.seed + a.id) - drawn(values.seed + b.id))
  // About every third does not type-check.
  return count === 0 ? faults : shuffled.slice(0, 2 * count)
})
const checked = await typeChecked(root, candidates)
const chosen = [...grouped(checked, ({ file }) => folderOf(file)).values()].flatMap((faults) =>
  count === 0 ? faults : faults.slice(0, count),
)
const seconds = (): number => Math.round((performance.now() - started) / 1_000)
console.info(`${checked.length} of ${candidates.length} type-check (${seconds()} s); ${chosen.length} are tried.`)

process.env.TMPDIR = mkdtempSync(
  join(statSync('/dev/shm', { throwIfNoEntry: false }) ? '/dev/shm' : tmpdir(), 'faults-'),
)
const known = JSON.parse(readFileSync(join(root, 'test/mutants/faults/survivors.json'), 'utf8')) as Record<
  string,
  string
>
const tried: Tried[] = []
// PostgreSQL does not run as root, but as a user of its own.
chmodSync(process.env.TMPDIR, 0o1777)
const stopDatabases = await startDatabases()
const cases = new FastCases(root)
const workers = Array.from({ length: Number(values.jobs) }, () => new WarmProcess())
/** Each of them, by whichever process is free. */
const byAll = async <One>(all: readonly One[], work: (one: One, warm: WarmProcess) => Promise<void>): Promise<void> => {
  const left = [...all]
  const worker = async (warm: WarmProcess): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one, warm)
  }
  await Promise.all(workers.map(worker))
}
/** The faults of one folder. */
async function tryAll(faults: readonly Mutant[]): Promise<void> {
  await byAll([...new Set(faults.flatMap(({ file }) => nearestTo(file)))], async (test, warm) => {
    const { trouble } = await cases.know(test, warm)
    if (trouble !== undefined) console.info(`not all of ${test} can be run here: ${trouble}`)
  })
  await byAll([...grouped(faults, (one) => one.file).values()], async (of, warm) => {
    for (const fault of of) {
      const { file, what } = fault
      const shown = cases.shownTo(fault).reduce((sum, one) => sum + (one.cases?.length ?? 0), 0)
      const noticed = await noticedBy(warm, cases, { fault }, () => cases.shownTo(fault))
      if (noticed) cases.noticed(file, noticed.test, noticed.at)
      tried.push({ folder: folderOf(file), fault: { id: fault.id }, noticed: noticed !== undefined, shown })
      const said = noticed ? `noticed by ${noticed.test}: ${noticed.title}` : (known[fault.id] ?? 'SURVIVES')
      console.info(`${seconds()} s ${placeOf(fault)} ${what} (${shown} cases) — ${said}`.replaceAll('\n', ' '))
    }
  })
}
const placeOf = ({ file, start }: Mutant): string =>
  `${file}:${readFileSync(join(root, file), 'utf8').slice(0, start).split('\n').length}`
const written = (): void => {
  if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(first ? since(first, tried) : tried))
}
/** What none of the fast ones noticed, one after the other. */
async function trySlower(): Promise<void> {
  const noticedSlowly = new Set(first?.filter(({ slower }) => slower).map(({ fault }) => fault.id))
  const changed = new ChangedCopy(root)
  try {
    for (const [index, one] of tried.entries()) {
      const { id } = one.fault
      const fault = chosen.find((each) => each.id === id)
      if (!fault || one.noticed || noticedSlowly.has(id) || Object.hasOwn(known, id)) continue
      const noticed = await changed.noticed(fault, [...cases.slowerOf(fault.file), ...slowTestsOf(fault.file)])
      tried[index] = { ...one, slower: noticed !== undefined }
      const said = noticed ? `noticed slowly by ${noticed.test}: ${noticed.title}` : 'SURVIVES all'
      console.info(`${seconds()} s ${placeOf(fault)} ${fault.what} — ${said}`.replaceAll('\n', ' '))
      written()
    }
  } finally {
    changed.close()
  }
}
try {
  for (const faults of grouped(chosen, ({ file }) => folderOf(file)).values()) {
    await tryAll(faults)
    written()
  }
  for (const warm of workers) warm.close()
  if (values.slower) await trySlower()
} finally {
  for (const warm of workers) warm.close()
  await stopDatabases()
  rmSync(process.env.TMPDIR, { recursive: true, force: true })
}
const { lines, holds } = judged(tried, known)
if (values.page !== undefined) {
  const now = first ? since(first, tried) : tried
  const drawnBy = `\`--count ${count} --seed ${values.seed}\``
  const options = first === undefined ? drawnBy : `${drawnBy}, and once more with \`--again\` after tests were written`
  writeFileSync(values.page, pageOf(sharesOf(first ?? tried, {}), sharesOf(now, known), { options }))
}
console.info([...lines, `${seconds()} s`].join('\n'))
process.exitCode = holds ? 0 : 1
