import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { type FileSystem, namesIn } from './file-system.ts'

const suffix = '.lifeline-tmp'
const run = randomBytes(6).toString('hex')
let count = 0

/**
 * A name that nothing else has, and no key file can; independent of a target's name, which may be as long as names get.
 */
export const uniqueName = (ending: string): string => `${run}-${(count++).toString(36)}${ending}`
export const temporaryName = (): string => uniqueName(suffix)
export const isTemporary = (name: string): boolean => name.endsWith(suffix)

/** Writes a temporary file beside the target, durable in content unless `flush` is false, not yet in name. */
export const writeTemporary = async (
  fs: FileSystem,
  folder: string,
  data: Uint8Array,
  flush = true,
): Promise<string> => {
  const path = join(folder, temporaryName())
  try {
    await fs.writeFile(path, data, { flag: 'wx', mode: 0o600, flush })
  } catch (error) {
    await discard(fs, path)
    throw error
  }
  return path
}

/** Removes a temporary file if the disk lets us; the next owner sweeps what stays. */
export const discard = (fs: FileSystem, path: string): Promise<void> => fs.unlink(path).catch(() => undefined)

/** As `replaceFile`, with a name that is durable once its folder is synced. */
export const putFile = async (fs: FileSystem, path: string, data: Uint8Array): Promise<void> => {
  const temporary = await writeTemporary(fs, dirname(path), data)
  try {
    await fs.rename(temporary, path)
  } catch (error) {
    await discard(fs, temporary)
    throw error
  }
}

/**
 * Replaces a file so that a reader, a crash or a power cut sees the old content or the new one. Durable when resolved.
 */
export const replaceFile = async (fs: FileSystem, path: string, data: Uint8Array): Promise<void> => {
  await putFile(fs, path, data)
  await fs.syncFolder(dirname(path))
}

export const replaceJson = (fs: FileSystem, path: string, value: unknown): Promise<void> =>
  replaceFile(fs, path, Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`))

/** Removes what writes of an owner that is gone left half done; they were never acknowledged. */
export const sweepTemporaries = async (fs: FileSystem, folders: readonly string[]): Promise<void> => {
  for (const folder of folders) {
    for (const name of await namesIn(fs, folder)) if (isTemporary(name)) await fs.unlink(join(folder, name))
  }
}
