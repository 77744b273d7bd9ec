import { basename, dirname } from 'node:path'
import type { FileSystem } from '../../disk/file-system.ts'
import type { Content } from '../../write-ahead.ts'

/** What is durable, or about to be, and not in its file yet. */
export interface Ahead {
  ahead(name: string): Content | undefined
  allAhead(): Iterable<readonly [name: string, content: Content]>
}

/**
 * A medium as it will be once everything stands in its place: that is what reads find. What is written to it goes to
 * the medium itself.
 */
export const foreseen = (fs: FileSystem, aheadIn: (folder: string) => Ahead | undefined): FileSystem => {
  const ahead = (path: string) => aheadIn(dirname(path))?.ahead(basename(path))
  return {
    ...fs,
    readFile: async (path) => {
      const content = ahead(path)
      if (content === null) throw absent(path)
      return content === undefined ? fs.readFile(path) : Buffer.from(content)
    },
    readdir: async (path) => {
      const names = new Set(await fs.readdir(path))
      for (const [name, content] of aheadIn(path)?.allAhead() ?? []) {
        if (content === null) names.delete(name)
        else names.add(name)
      }
      return [...names]
    },
    stat: async (path) => {
      const content = ahead(path)
      if (content === null) throw absent(path)
      if (content === undefined) return fs.stat(path)
      return {
        size: content.byteLength,
        mode: 0o600,
        mtimeMs: Date.now(),
        isFile: () => true,
        isDirectory: () => false,
      }
    },
  }
}

const absent = (path: string): Error =>
  Object.assign(new Error(`ENOENT: ${path} is about to be removed`), { code: 'ENOENT' })
