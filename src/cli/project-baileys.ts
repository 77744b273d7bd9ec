import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Baileys } from '../baileys/baileys-types.ts'
import { baileysMissing, entryOfBaileys, installedBaileys, isMissing } from '../baileys/installed.ts'
import { LifelineError } from '../errors/errors.ts'

export type { Baileys } from '../baileys/baileys-types.ts'

/**
 * The Baileys of the project in the working directory, under either of its names, as the gateway there uses it;
 * otherwise the one beside this package. Rejects with a `LifelineError` of code `BAILEYS_MISSING` if there is neither.
 */
export async function projectBaileys(folder = process.cwd()): Promise<Baileys> {
  const entry = entryOfBaileys(pathToFileURL(join(folder, 'package.json')))
  try {
    return entry === undefined ? await installedBaileys() : await import(pathToFileURL(entry).href)
  } catch (error) {
    const isNone = isMissing(error) || (error instanceof LifelineError && error.code === 'BAILEYS_MISSING')
    throw isNone ? baileysMissing(`in ${folder}`, error) : error
  }
}
