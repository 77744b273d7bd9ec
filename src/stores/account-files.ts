import { AuthStoreError } from '../errors/errors.ts'
import { classify } from './file-class.ts'
import { credsFile, isPlainName, keyFileName } from './file-name.ts'
import type { Generations } from './generations.ts'
import { ownFolder } from './layout.ts'
import { generationName } from './quarantine.ts'
import type { Selection } from './store.ts'

/** The names, relative to the folder, that a selection means among those that are there. */
export const selectFiles = async (
  selection: Selection,
  present: readonly string[],
  learned: ReadonlySet<string>,
  generations: Generations,
): Promise<readonly string[]> => {
  switch (selection.kind) {
    case 'sessions': {
      const wanted = new Set(selection.addresses.map((address) => keyFileName('session', address)))
      return present.filter((name) => wanted.has(name))
    }
    case 'all-sessions':
      return present.filter((name) => classify(name)?.class === 'session')
    case 'files': {
      for (const name of selection.names) refuseOutside(name)
      const wanted = new Set(selection.names)
      return present.filter((name) => wanted.has(name))
    }
    case 'everything': {
      const files = present.filter((name) => classify(name, learned) !== undefined)
      // The generations go with their identity: they must not come back in the place of the next one.
      return [...files, ...(await generations.names()).map(generationName)]
    }
  }
}

const refuseOutside = (name: string): void => {
  if (isPlainName(name) && name !== ownFolder) return
  throw new AuthStoreError(
    'AUTH_STORE_NOT_FOUND',
    `${JSON.stringify(name)} is not the name of a file in the account's folder. Nothing was moved.`,
    `Name files by their plain names, e.g. ${JSON.stringify(credsFile)}.`,
  )
}
