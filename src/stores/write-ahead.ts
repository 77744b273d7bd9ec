import { hash } from 'node:crypto'
import { type FileSystem, isAbsent } from './disk/file-system.ts'
import { isPlainName } from './file-name.ts'

/** New content of a file, or null to remove it. */
export type Content = Uint8Array | null

/** Earlier versions noted large sets of keys in records of their own. What they left behind is still finished. */
export const isRecord = (name: string): boolean => name.endsWith('.lifeline-ahead')

/**
 * The files of a record: the digest of the rest in the first line, and in the rest every byte of a file as one
 * character. Undefined if it was spoilt.
 */
export const recordIn = (bytes: Buffer): readonly (readonly [name: string, content: Content])[] | undefined => {
  const end = bytes.indexOf('\n')
  const body = bytes.subarray(end + 1)
  if (bytes.toString('latin1', 0, Math.max(0, end)) !== hash('sha256', body)) return undefined
  const rows = JSON.parse(body.toString('utf8')) as readonly (readonly [string, string | null])[]
  return rows
    .filter(([name]) => isPlainName(name))
    .map(([name, text]) => [name, text === null ? null : Buffer.from(text, 'latin1')])
}

export const removeIfThere = async (fs: FileSystem, path: string): Promise<void> => {
  try {
    await fs.unlink(path)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}
