import { join } from 'node:path'
import { eachBounded, mapBounded } from '../../bounded.ts'
import { putFile } from '../../disk/atomic-write.ts'
import { type FileSystem, isAbsent } from '../../disk/file-system.ts'
import { noFileWords } from '../../disk/no-file.ts'
import type { Quarantine } from '../../quarantine.ts'
import type { Replayed } from '../../store.ts'
import { type Content, removeIfThere } from '../../write-ahead.ts'
import { leftIn, type Outstanding } from './outstanding.ts'
import { type Found, type Verdict, verdictOn } from './verdict.ts'

/** Fewer than Node's four threads. */
const width = 3
const spoiltSuffix = '.damaged'

/** Why what a journal holds is set aside. */
export const supersededReason = 'written before a crash; another program wrote these files since, and theirs stay'
const replacedReason = 'stood in the place of files that were written before a crash'

export const nothingReplayed: Replayed = { finished: [], superseded: [], spoilt: [] }

export interface Judged {
  readonly file: Outstanding
  readonly verdict: Verdict
}

/** What each file of a journal is held to be. Reads only. */
export const judge = (fs: FileSystem, folder: string, files: readonly Outstanding[]): Promise<readonly Judged[]> =>
  mapBounded(files, width, async (file) => ({
    file,
    verdict: verdictOn(await lookAt(fs, join(folder, file.name)), file),
  }))

async function lookAt(fs: FileSystem, path: string): Promise<Found> {
  try {
    const { mtimeMs } = await fs.stat(path)
    return { kind: 'file', content: await fs.readFile(path), modifiedAt: mtimeMs }
  } catch (error) {
    if (isAbsent(error)) return { kind: 'absent' }
    if (noFileWords(error) !== undefined) return { kind: 'other' }
    throw error
  }
}

export interface ReplayParts {
  readonly fs: FileSystem
  readonly folder: string
  /** Where its journals lie. */
  readonly home: string
  readonly quarantine: Quarantine
  readonly now: () => number
}

/**
 * Finishes what an owner that is gone had promised: puts in place what its journals hold and the files do not, and
 * never over something newer. Can be done again after any interruption.
 */
export const replay = async ({ fs, folder, home, quarantine, now }: ReplayParts): Promise<Replayed> => {
  const { sources, spoilt, files } = await leftIn(fs, home)
  if (sources.length === 0) return nothingReplayed
  const judged = await judge(fs, folder, files)
  const of = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict).map(({ file }) => file)

  const superseded = of('superseded')
  const lost = superseded.flatMap(({ name, content }) => (content === null ? [] : [[name, content] as const]))
  await quarantine.keep(lost, supersededReason, now())
  const unknown = of('apply-and-keep')
  const aside = await quarantine.plan(namesOf(unknown), replacedReason, now(), folder)
  if (aside) await quarantine.move(aside, folder)

  const put = ({ name, content }: { readonly name: string; readonly content: Content }) => {
    const path = join(folder, name)
    return content === null ? removeIfThere(fs, path) : putFile(fs, path, content)
  }
  const applied = [...of('apply'), ...unknown]
  await eachBounded(applied, width, put)
  await eachBounded(of('stands'), width, async (file) => {
    // After a failed fsync the system may take for written what it could not write.
    if (file.content !== null) await fs.syncFile(join(folder, file.name)).catch(() => put(file))
  })
  await fs.syncFolder(folder)
  // Nothing that cannot be read is thrown away.
  for (const name of sources) {
    const path = join(home, name)
    if (spoilt.includes(name)) await fs.rename(path, `${path}${spoiltSuffix}`)
    else await removeIfThere(fs, path)
  }
  await fs.syncFolder(home)
  return { finished: namesOf(applied), superseded: namesOf(superseded), spoilt }
}

const namesOf = (files: readonly Outstanding[]): readonly string[] => files.map(({ name }) => name)
