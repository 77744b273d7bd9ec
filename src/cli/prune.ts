import type { Command } from 'commander'
import type { AuthStore, QuarantineEntry, Selection } from '../stores/store.ts'
import { asOwner, existingStore, type FolderOptions, withAuth } from './auth-folder.ts'
import { plural } from './columns.ts'
import { exitCodeOf, UsageError } from './failure.ts'
import { print } from './output.ts'

interface PruneOptions extends FolderOptions {
  readonly all?: boolean
}

/**
 * `lifeline prune`: sets session files of a folder aside that no gateway uses at the moment. A person's word, so no
 * budget holds.
 */
export function addPrune(program: Command): void {
  withAuth(program.command('prune'))
    .description('set session files aside, all or those of some addresses; the gateway must be stopped')
    .argument('[addresses...]', 'Signal addresses as they stand in the file names: session-<address>.json')
    .option('--all', 'every session')
    .option('--json', 'what was set aside as one JSON document')
    .action(async (addresses: string[], options: PruneOptions) => {
      const selection = selectionOf(addresses, options)
      const store = await existingStore(options)
      const entry = await asOwner(store, () => store.quarantine(selection, 'lifeline prune'))
      const missing = missingOf(addresses, entry)
      if (options.json) print(JSON.stringify({ location: store.location, entry: entry ?? null, missing }))
      else for (const line of lines(store, entry, missing)) print(line)
      process.exitCode = exitCodeOf(missing.length === 0)
    })
}

function selectionOf(addresses: readonly string[], { all }: PruneOptions): Selection {
  if (all === addresses.length > 0)
    throw new UsageError('Give either --all or addresses.', 'Addresses stand in the names of the session files.')
  if (all) return { kind: 'all-sessions' }
  if (addresses.length > 0) return { kind: 'sessions', addresses }
  throw new UsageError(
    'Say which sessions: --all, or their addresses.',
    '`lifeline doctor` names the files that are damaged.',
  )
}

function missingOf(addresses: readonly string[], entry: QuarantineEntry | undefined): readonly string[] {
  const moved = new Set(entry?.files.map(({ name }) => name))
  return addresses.filter((address) => !moved.has(`session-${address}.json`))
}

function lines(store: AuthStore, entry: QuarantineEntry | undefined, missing: readonly string[]): readonly string[] {
  return [
    entry
      ? `Set aside as ${entry.id}: ${plural(entry.files.length, 'session file')}. Everything else stays.`
      : `There was nothing to set aside in ${store.location}.`,
    ...missing.map((address) => `There is no session of ${address}.`),
  ]
}
