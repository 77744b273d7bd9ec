import { join } from 'node:path'
import { type FileSystem, isAbsent, namesIn } from '../../disk/file-system.ts'
import { noFileWords } from '../../disk/no-file.ts'
import { type Content, isRecord, recordIn } from '../../write-ahead.ts'
import type { Digest } from './digest.ts'
import { decodeFrames, type Row } from './frame.ts'
import { isJournal } from './journal-file.ts'

/** What became of a file in the journal of an owner that is gone. */
export interface Outstanding {
  readonly name: string
  /** What it is to hold. */
  readonly content: Content
  /** What it was to hold before. */
  readonly earlier: readonly Content[]
  /** What it may have held before all of that; undefined if nobody knows. */
  readonly replaces: ReadonlySet<Digest> | undefined
  /** When the newest content was written, epoch milliseconds. */
  readonly at: number
}

/** What an owner left behind. */
export interface Left {
  /** The journals and records that are there. */
  readonly sources: readonly string[]
  /** Those of which something cannot be read. */
  readonly spoilt: readonly string[]
  readonly files: readonly Outstanding[]
}

interface Source {
  readonly name: string
  readonly at: number
  readonly rows: readonly (Row & { readonly at: number })[]
  readonly spoilt: boolean
}

/** Reads what lies in `home`, and changes nothing. */
export const leftIn = async (fs: FileSystem, home: string): Promise<Left> => {
  const sources: Source[] = []
  for (const name of await namesIn(fs, home)) {
    const source = isJournal(name)
      ? await journalAt(fs, home, name)
      : isRecord(name)
        ? await recordAt(fs, home, name)
        : undefined
    if (source) sources.push(source)
  }
  sources.sort((a, b) => a.at - b.at)
  return {
    sources: sources.map(({ name }) => name),
    spoilt: sources.filter(({ spoilt }) => spoilt).map(({ name }) => name),
    files: outstanding(sources.flatMap(({ rows }) => rows)),
  }
}

async function journalAt(fs: FileSystem, home: string, name: string): Promise<Source | undefined> {
  const bytes = await unlessAbsent(() => contentOf(fs, join(home, name)))
  if (!bytes) return bytes === null ? { name, at: 0, rows: [], spoilt: true } : undefined
  const { frames, spoilt } = decodeFrames(bytes)
  const rows = frames.flatMap(({ at, rows }) => rows.map((row) => ({ ...row, at })))
  return { name, at: frames[0]?.at ?? 0, rows, spoilt }
}

/** Records are how earlier versions kept large sets; nothing in them says what they replaced. */
async function recordAt(fs: FileSystem, home: string, name: string): Promise<Source | undefined> {
  const path = join(home, name)
  const bytes = await unlessAbsent(() => contentOf(fs, path))
  const stat = await unlessAbsent(() => fs.stat(path))
  if (bytes === null) return { name, at: 0, rows: [], spoilt: true }
  if (!bytes || !stat) return undefined
  const at = stat.mtimeMs
  const files = recordIn(bytes)
  const rows = files?.map(([file, content]) => ({ name: file, content, replaces: undefined, at })) ?? []
  return { name, at, rows, spoilt: files === undefined }
}

function outstanding(rows: Source['rows']): readonly Outstanding[] {
  const files = new Map<string, Outstanding>()
  for (const { name, content, replaces, at } of rows) {
    const before = files.get(name)
    const earlier = before ? [...before.earlier, before.content] : []
    files.set(name, { name, content, earlier, replaces: joined(before ? before.replaces : new Set(), replaces), at })
  }
  return [...files.values()]
}

const joined = (
  before: ReadonlySet<Digest> | undefined,
  more: readonly Digest[] | undefined,
): ReadonlySet<Digest> | undefined => (before && more ? new Set([...before, ...more]) : undefined)

/** Null for what is no file: nothing of it can be read, and it is kept as a damaged one is. */
async function contentOf(fs: FileSystem, path: string): Promise<Buffer | null> {
  try {
    return await fs.readFile(path)
  } catch (error) {
    if (noFileWords(error) === undefined) throw error
    return null
  }
}

async function unlessAbsent<T>(step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step()
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
