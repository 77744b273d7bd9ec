import { dirname } from 'node:path'
import { sources } from '../../project/imports.ts'

/** Words, pages that run in a browser, and lists of exports. */
const left = /^src\/(?:languages|dashboard\/page|inspect\/page)\/|(?:^|\/)index\.ts$/

/** Every source whose faults are tried. */
export const faulty: readonly string[] = sources.filter((file) => file.startsWith('src/') && !left.test(file))

/** The folder that a source counts for: its first, or its first two. */
export const folderOf = (file: string): string => dirname(file).split('/').slice(1, 3).join('/')

export const folders: readonly string[] = [...new Set(faulty.map(folderOf))].filter(Boolean).toSorted()

/** Of a hundred faults in a folder so many have to be noticed by a fast test, or have a reason. */
export const leastNoticed = (folder: string): number =>
  /^(?:stores\/(?:rows|lmdb|postgres)|fleet)$/.test(folder) ? 85 : 90
