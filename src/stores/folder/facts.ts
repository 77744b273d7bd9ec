import { type FileSystem, isAbsent } from '../disk/file-system.ts'
import { noFileWords } from '../disk/no-file.ts'

/** The facts last written; undefined if there are none that can be read. */
export const readFacts = async (fs: FileSystem, path: string): Promise<unknown> => {
  try {
    const text = (await fs.readFile(path)).toString('utf8')
    return JSON.parse(text)
  } catch (error) {
    if (isAbsent(error) || error instanceof SyntaxError || noFileWords(error) !== undefined) return undefined
    throw error
  }
}
