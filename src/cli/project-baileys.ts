import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LifelineError } from '../errors/errors.ts'

export type Baileys = typeof import('@whiskeysockets/baileys')

const name = '@whiskeysockets/baileys'

/**
 * The Baileys of the project in the working directory, as the gateway there uses it; otherwise the one beside this
 * package. Rejects with a `LifelineError` of code `BAILEYS_MISSING` if there is neither.
 */
export async function projectBaileys(folder = process.cwd()): Promise<Baileys> {
  const entry = entryIn(folder)
  try {
    return entry === undefined ? await import('@whiskeysockets/baileys') : await import(pathToFileURL(entry).href)
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new LifelineError(
      'BAILEYS_MISSING',
      `Baileys is not installed in ${folder}.`,
      `Run \`npm install ${name}\` there (6.7.18 or later, or 7.x), and run this again.`,
      error,
    )
  }
}

function entryIn(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(name)
  } catch {
    return undefined
  }
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(name)
