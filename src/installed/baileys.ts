import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { LifelineError } from '../errors/errors.ts'

/** What Baileys is called on npm: the name that it had first, and the one that its documentation uses now. */
export const baileysNames = ['@whiskeysockets/baileys', 'baileys'] as const

/** What to install, in words for a person. */
export const toInstall = 'baileys@7.0.0-rc14 or baileys@6.7.24'

/**
 * Where the Baileys lies that a module sees under either name. `from`: the address of that module; default: this
 * package. Undefined if it sees none.
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

/**
 * The Baileys beside this package, under either name: for what is asked before a socket is there. Whoever uses a fork
 * under another name hands its namespace in. Rejects with a `LifelineError` of code `BAILEYS_MISSING`.
 */
export async function installedBaileys(): Promise<typeof import('@whiskeysockets/baileys')> {
  const entry = entryOfBaileys()
  if (entry === undefined) throw baileysMissing()
  return import(pathToFileURL(entry).href)
}

/** `where`: the folder that was looked into; default: beside this package. */
export function baileysMissing(where = 'beside baileys-lifeline', cause?: unknown): LifelineError {
  return new LifelineError(
    'BAILEYS_MISSING',
    `Baileys is not installed ${where}: there is neither ${baileysNames.join(' nor ')}.`,
    `Run \`npm install ${toInstall.split(' or ')[0]}\` (or ${toInstall.split(' or ')[1]?.split('@')[1]}). For a fork under another name, hand it in: \`auth: fileAuthStore(folder, { baileys: () => import('the-fork') })\`.`,
    cause,
  )
}
