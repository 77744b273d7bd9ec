import { basename } from 'node:path'
import { type FileSystem, isAbsent } from '../disk/file-system.ts'
import { mostFileBytes, noFile, noFileWords } from '../disk/no-file.ts'
import type { Layout } from '../layout.ts'

export interface SpecialFile {
  readonly path: string
  readonly name: string
  /** After its name. */
  readonly why: string
}

/** What stands in the place of one of the library's own files and is none. Reads only. */
export async function specialsAmong(fs: FileSystem, layout: Layout): Promise<readonly SpecialFile[]> {
  const { facts, history, sent, keyTypes, promotion } = layout
  const found: SpecialFile[] = []
  for (const path of [facts, history, sent, keyTypes, promotion]) {
    const why = await whyNone(fs, path)
    if (why !== undefined) found.push({ path, name: basename(path), why })
  }
  return found
}

async function whyNone(fs: FileSystem, path: string): Promise<string | undefined> {
  try {
    const stat = await fs.stat(path)
    if (stat.isDirectory()) return noFileWords(Object.assign(new Error(), { code: 'EISDIR' }))
    if (!stat.isFile()) return noFileWords(noFile('special'))
    return stat.size > mostFileBytes ? noFileWords(noFile('large')) : undefined
  } catch (error) {
    if (isAbsent(error)) return undefined
    const why = noFileWords(error)
    if (why === undefined) throw error
    return why
  }
}

/** Beside its place, so that the library can write there again; nothing is deleted. */
export async function moveBeside(fs: FileSystem, { path }: SpecialFile): Promise<void> {
  for (let number = 0; number < 100; number += 1) {
    const aside = `${path}${number === 0 ? '' : `.${number}`}.damaged`
    try {
      await fs.stat(aside)
    } catch (error) {
      if (isAbsent(error)) return fs.rename(path, aside)
    }
  }
}
