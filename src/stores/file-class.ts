import { credsFile } from './file-name.ts'
import type { FileClass } from './store.ts'

export interface FileClassRow {
  readonly class: FileClass
  /** How its file names begin; the rest is the key's id. */
  readonly prefix: string
  readonly mayRemove: 'never' | 'harmful' | 'keep' | 'with-its-memory' | 'yes'
  /** What the loss of such a file does. */
  readonly loss: string
}

/**
 * What each kind of file in Baileys' layout is worth. Longer prefixes stand before the shorter ones that they begin
 * with.
 */
export const fileClassRows: readonly FileClassRow[] = [
  {
    class: 'creds',
    prefix: 'creds',
    mayRemove: 'never',
    loss: 'The account has to be linked again; rolled back, pre-key ids are issued twice and new contacts fail with Bad MAC.',
  },
  {
    class: 'session',
    prefix: 'session',
    mayRemove: 'yes',
    loss: 'Messages from that device fail until its second retry, then a new session stands; messages in flight are lost if their sender is silent.',
  },
  {
    class: 'pre-key',
    prefix: 'pre-key',
    mayRemove: 'harmful',
    loss: 'New contacts that were handed this key fail with Invalid PreKey ID until their second retry.',
  },
  {
    class: 'sender-key-memory',
    prefix: 'sender-key-memory',
    mayRemove: 'yes',
    loss: 'The own sender key of that group is handed out to its members again.',
  },
  {
    class: 'sender-key',
    prefix: 'sender-key',
    mayRemove: 'with-its-memory',
    loss: "A member's key heals when it is distributed again. The own key, removed without the group's sender-key-memory, leaves the group unable to read us.",
  },
  {
    class: 'app-state-sync-key',
    prefix: 'app-state-sync-key',
    mayRemove: 'harmful',
    loss: 'Chat settings stop to synchronise until the phone shares the key again.',
  },
  {
    class: 'app-state-sync-version',
    prefix: 'app-state-sync-version',
    mayRemove: 'yes',
    loss: 'That collection is synchronised again from the start.',
  },
  {
    class: 'lid-mapping',
    prefix: 'lid-mapping',
    mayRemove: 'keep',
    loss: 'Messages of that contact miss the session stored under its LID.',
  },
  { class: 'device-list', prefix: 'device-list', mayRemove: 'yes', loss: 'The device list is fetched again.' },
  { class: 'identity-key', prefix: 'identity-key', mayRemove: 'yes', loss: 'The identity is learned again.' },
  {
    class: 'tctoken',
    prefix: 'tctoken',
    mayRemove: 'keep',
    loss: 'One-to-one messages to that contact may be refused with 463.',
  },
]

/** Used for files of a key type that this version does not know: kept like the precious ones. */
export const unknownRow: FileClassRow = {
  class: 'unknown',
  prefix: '',
  mayRemove: 'keep',
  loss: 'Not known: a newer Baileys wrote it.',
}

const keyRows = fileClassRows.filter((row) => row.class !== 'creds')

/**
 * The class of a file by its name; undefined if Baileys does not write such a file. `learned` are key types seen in
 * writes.
 */
export const classify = (name: string, learned: ReadonlySet<string> = new Set()): FileClassRow | undefined => {
  if (name === credsFile) return fileClassRows[0]
  if (!name.endsWith('.json')) return undefined
  const known = keyRows.find((row) => name.startsWith(`${row.prefix}-`))
  if (known) return known
  for (const type of learned) if (name.startsWith(`${type}-`)) return unknownRow
  return undefined
}
