import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { sources } from '../../project/imports.ts'
import startDatabases from '../../stores/postgres/server-setup.ts'
import { type Mutant, mutantsOf } from '../mutant.ts'
import { careless } from './careless.ts'
import { testsOf } from './reach.ts'
import { grouped, sharesOf } from './shares.ts'
import { typeChecked } from './typed.ts'
import { WarmProcess } from './warm-process.ts'

// Puts careless changes into src/, one after the other, and looks whether a fast test notices.

const { values } = parseArgs({
  options: {
    /** Folders or files below src/, with commas between them. */
    only: { type: 'string', default: '' },
    /** At most so many of each folder; 0: all. */
    count: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
})
/** Words, pages that run in a browser, and lists of exports. */
const left = /^src\/(?:languages|dashboard\/page|inspect\/page)\/|(?:^|\/)index\.ts$/
const only = values.only.split(',')
const count = Number(values.count)
const root = process.cwd()
const started = performance.now()
const folderOf = (file: string): string => dirname(file).split('/').slice(1, 3).join('/')

/** A number between 0 and 2³² for each fault of each seed, the same on every machine. */
function drawn(text: string): number {
  let sum = 2_166_136_261
  for (const char of text) sum = Math.imul(sum ^ char.charCodeAt(0), 16_777_619)
  return Math.imul(sum ^ (sum >>> 15), 2_246_822_507) >>> 0
}

const all = new Map<string, Mutant[]>()
for (const file of sources) {
  if (!file.startsWith('src/') || left.test(file) || !only.some((one) => file.startsWith(`src/${one}`))) continue
  const folder = folderOf(file)
  all.set(folder, [...(all.get(folder) ?? []), ...mutantsOf(root, file, careless)])
}
const candidates = [...all.values()].flatMap((faults) => {
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
const tried: { readonly folder: string; readonly fault: Mutant; readonly noticed: boolean }[] = []
// PostgreSQL does not run as root, but as a user of its own.
chmodSync(process.env.TMPDIR, 0o1777)
const stopDatabases = await startDatabases()
const warm = new WarmProcess()
try {
  for (const [file, faults] of grouped(chosen, (one) => one.file)) {
    const tests = await warm.fast(testsOf(file))
    for (const fault of faults) {
      const noticed = await warm.noticedBy({ tests, fault })
      tried.push({ folder: folderOf(file), fault, noticed: noticed !== undefined })
      const line = readFileSync(join(root, file), 'utf8').slice(0, fault.start).split('\n').length
      const said = noticed ? `noticed by ${noticed.test}: ${noticed.title}` : (known[fault.id] ?? 'SURVIVES')
      console.info(`${file}:${line} ${fault.what} — ${said}`.replaceAll('\n', ' '))
    }
  }
} finally {
  warm.end()
  await stopDatabases()
  rmSync(process.env.TMPDIR, { recursive: true, force: true })
}
const { lines, holds } = sharesOf(tried, known)
if (values.out !== undefined) writeFileSync(values.out, `${lines.join('\n')}\n`)
console.info([...lines, `${seconds()} s`].join('\n'))
process.exitCode = holds ? 0 : 1
