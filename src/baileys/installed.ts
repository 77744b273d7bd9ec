import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { LifelineError } from '../errors/errors.ts'
import type { Baileys } from './baileys-types.ts'

/** What Baileys is called on npm: the name that it had first, and the one that its documentation uses now. */
export const baileysNames = ['@whiskeysockets/baileys', 'baileys'] as const

/**
 * The Baileys that this package sees, under either name: for what is asked before a socket is there. Whoever uses a
 * fork under another name hands its namespace in. Rejects with a `LifelineError` of code `BAILEYS_MISSING`.
 */
export async function installedBaileys(): Promise<Baileys> {
  // Each name is written out, so that a bundler that makes one file of a gateway finds it.
  let first: unknown
  try {
    return (await import('@whiskeysockets/baileys')) as Baileys
  } catch (error) {
    if (!isMissing(error)) throw error
    first = error
  }
  try {
    // biome-ignore lint/suspicious/noTsIgnore: here only the other name is installed
    // @ts-ignore
    return (await import('baileys')) as Baileys
  } catch (error) {
    if (!isMissing(error)) throw error
    throw baileysMissing('beside baileys-lifeline', first)
  }
}

/** Whether an import failed because Baileys, or a file of its own, is not there; what it stands on is not meant. */
export const isMissing = (error: unknown): boolean => missing.test(String(Reflect.get(Object(error), 'message')))

/** In the words of Node and Bun, and of Deno. */
const missing =
  /^(?:Cannot find (?:package|module)|Could not (?:find package|resolve)) ['"][^'"]*\bbaileys(?:\/[^'"]*)?['"]/

/**
 * Where the main file of Baileys lies, as a module sees it under either name: for what is found from there, as its
 * libsignal is. `from`: the address of that module; default: this package. Undefined if it sees none.
 */
export function entryOfBaileys(from: string | URL = import.meta.url): string | undefined {
  const { resolve } = createRequire(from)
  for (const name of baileysNames)
    try {
      return resolve(name)
    } catch {
      // The other name may be there.
    }
  return undefined
}

/** As `entryOfBaileys`, to be imported. */
export function urlOfBaileys(): string {
  const entry = entryOfBaileys()
  if (entry === undefined) throw baileysMissing('beside baileys-lifeline')
  return pathToFileURL(entry).href
}

/** `where`: what was looked through, with its preposition. */
export function baileysMissing(where: string, cause?: unknown): LifelineError {
  return new LifelineError(
    'BAILEYS_MISSING',
    `Baileys is not installed ${where}: there is neither ${baileysNames.join(' nor ')}.`,
    'Run `npm install baileys@7.0.0-rc14` (or 6.7.24), and run this again. A fork under another name is handed in: `auth: fileAuthStore(folder, { baileys: () => import("the-fork") })`.',
    cause,
  )
}
