import { AuthStoreError } from '../errors/errors.ts'
import { credsFile } from './file-name.ts'
import type { Manifest, Quarantine } from './quarantine.ts'

export interface RestoreParts {
  readonly quarantine: Pick<Quarantine, 'read' | 'list' | 'sameAs'>
  /** The account's files now, relative to its folder, generations included. */
  readonly accountFiles: () => Promise<readonly string[]>
  /** Any file's presence in the folder. */
  readonly isPresent: (name: string) => Promise<boolean>
}

/** A restore that may go ahead: what comes back, and what stands in its place. */
interface PlannedRestore {
  readonly manifest: Manifest
  readonly replaced: readonly string[]
}

/** Looks whether an entry's files may come back: not behind their successors, unless forced. Changes nothing. */
export const planRestore = async (parts: RestoreParts, id: string, force: boolean): Promise<PlannedRestore> => {
  const { quarantine } = parts
  const manifest = await quarantine.read(id)
  if (!manifest || manifest.files.length === 0) {
    throw new AuthStoreError(
      'AUTH_STORE_NOT_FOUND',
      `There is no quarantine entry ${JSON.stringify(id)}.`,
      'Look at the list of entries: `lifeline quarantine list`.',
    )
  }
  const replaced = await successors(parts, manifest)
  if (!force) {
    const later = await laterEntries(quarantine, manifest)
    if (replaced.length > 0 || later.length > 0) throw rollback(id, replaced, later)
  }
  return { manifest, replaced }
}

/** Why what a restore replaces is set aside. */
export const replacedReason = (id: string): string => `replaced by the restore of ${id}`

/**
 * What the restored files would stand against. A whole account replaces a whole account; single files replace their
 * namesakes.
 */
const successors = async (parts: RestoreParts, manifest: Manifest): Promise<readonly string[]> => {
  const isAccount = manifest.files.length > 1 && manifest.files.some((row) => row.name === credsFile)
  if (isAccount) return parts.accountFiles()
  const found: string[] = []
  for (const row of manifest.files) {
    if ((await parts.isPresent(row.name)) && !(await parts.quarantine.sameAs(row.name, row.sha256)))
      found.push(row.name)
  }
  return found
}

/** Files of which a younger version was set aside since: their ratchets went on, too. */
const laterEntries = async (quarantine: Pick<Quarantine, 'list'>, manifest: Manifest): Promise<readonly string[]> => {
  const names = new Set(manifest.files.map((row) => row.name))
  const later = (await quarantine.list()).filter((entry) => entry.id > manifest.id)
  return [...new Set(later.flatMap((entry) => entry.files.map((file) => file.name)).filter((name) => names.has(name)))]
}

const some = (names: readonly string[]) => `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`

const rollback = (id: string, replaced: readonly string[], later: readonly string[]) => {
  const reasons = [
    ...(replaced.length > 0 ? [`${replaced.length} newer files stand in their place (${some(replaced)})`] : []),
    ...(later.length > 0 ? [`newer versions of ${later.length} files were set aside since (${some(later)})`] : []),
  ]
  return new AuthStoreError(
    'AUTH_STORE_SUCCESSOR',
    `Entry ${id} was not restored: ${reasons.join('; ')}. Old keys behind their successors break decryption. Nothing was moved.`,
    'Leave them in the quarantine. If you are sure, force it: what it replaces is set aside first.',
  )
}
