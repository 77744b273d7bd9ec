import type { FileSystem } from '../../disk/file-system.ts'
import type { Content } from '../../write-ahead.ts'
import type { Ahead } from './foreseen.ts'
import { type Left, leftIn } from './outstanding.ts'
import { type Judged, judge } from './replay.ts'

/** What the next owner of a folder will make of the journals in it. */
export interface Outlook extends Ahead {
  /** Files that are not in their place yet. */
  readonly unfinished: readonly string[]
  /** Files that somebody else has written since. */
  readonly superseded: readonly string[]
  /** Journals that cannot be read to their end. */
  readonly spoilt: readonly string[]
}

/**
 * Of a journal that a living owner writes to, something may be read in the middle of a change: it is read until twice
 * the same is found.
 */
const attempts = 5

/** Reads, and reads only: safe beside a live owner. */
export const outlookOn = async (fs: FileSystem, folder: string, home: string): Promise<Outlook> => {
  let left = await leftIn(fs, home)
  let judged = await judge(fs, folder, left.files)
  for (let attempt = 1; attempt < attempts && isStrange(left, judged); attempt += 1) {
    const before = left
    left = await leftIn(fs, home)
    if (isSame(before, left)) break
    judged = await judge(fs, folder, left.files)
  }
  const ahead = new Map<string, Content>()
  for (const { file, verdict } of judged)
    if (verdict === 'apply' || verdict === 'apply-and-keep') ahead.set(file.name, file.content)
  return {
    ahead: (name) => ahead.get(name),
    allAhead: () => ahead,
    unfinished: [...ahead.keys()],
    superseded: judged.filter(({ verdict }) => verdict === 'superseded').map(({ file }) => file.name),
    spoilt: left.spoilt,
  }
}

const isStrange = ({ spoilt }: Left, judged: readonly Judged[]): boolean =>
  spoilt.length > 0 || judged.some(({ verdict }) => verdict === 'superseded')

const isSame = (before: Left, after: Left): boolean =>
  before.files.length === after.files.length &&
  before.files.every(({ name, content, at }, index) => {
    const other = after.files[index]
    return other?.name === name && other.at === at && (other.content === null) === (content === null)
  })
