import { join } from 'node:path'
import { defaultPolicy } from '../../machines/index.ts'
import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import { trimmedKey } from '../baileys/key-trim.ts'
import { reaches, type SenderKeyState, statesOf } from '../baileys/sender-key-states.ts'
import { mapBounded } from './bounded.ts'
import { type Codec, isOlderForm } from './codec.ts'
import { repairCreds } from './creds-repair.ts'
import { isTemporary } from './disk/atomic-write.ts'
import { errnoOf, type FileSystem, isAbsent } from './disk/file-system.ts'
import { noFileWords } from './disk/no-file.ts'
import { classify, type FileClassRow } from './file-class.ts'
import { credsFile, keyFileName } from './file-name.ts'
import { fileFinding, findingOf } from './findings.ts'
import type { KeyTypes } from './key-types.ts'
import type { Layout } from './layout.ts'
import { missingReverses } from './mappings.ts'
import { hasRegressed, preKeyIds } from './pre-keys.ts'
import { sessionFault } from './session-faults.ts'
import { loadsAsSession } from './session-record.ts'
import { shapes } from './shapes.ts'
import type { FileClass, Finding } from './store.ts'
import { refusedWords } from './unsealed.ts'

const width = 16
const othersMask = 0o077
const othersWrite = 0o022

export interface SurveyParts {
  /** The names of all files but the library's own. */
  readonly names: readonly string[]
  /** Undefined if the file is gone since it was listed. */
  readonly read: (name: string) => Promise<Buffer | undefined>
  readonly codec: Codec
  readonly keyTypes: KeyTypes
}

export interface Survey {
  readonly findings: readonly Finding[]
  readonly counts: Readonly<Partial<Record<FileClass, number>>>
}

/** What a look at one file found, and its content if that could be read. */
interface Looked {
  readonly finding?: Finding | undefined
  readonly value?: unknown
}

/** Looks at every file of an account but creds.json's content. */
export const surveyFiles = async (parts: SurveyParts, creds: AuthenticationCreds | undefined): Promise<Survey> => {
  const { keyTypes } = parts
  const names = [...parts.names].sort()
  const learned = await keyTypes.learned()
  const findings: Finding[] = []
  const counts: Partial<Record<FileClass, number>> = {}
  const keys: { readonly name: string; readonly row: FileClassRow }[] = []
  for (const name of names) {
    const row = classify(name, learned)
    if (row) {
      counts[row.class] = (counts[row.class] ?? 0) + 1
      if (row.class !== 'creds') keys.push({ name, row })
    } else if (isTemporary(name))
      findings.push(findingOf('temporary-file', `${name} is left over from an interrupted write`, name))
    else findings.push(findingOf('foreign-file', `${name} is no file of Baileys`, name))
  }
  const mappings = new Map<string, unknown>()
  const looks = await mapBounded(keys, width, ({ name, row }) => lookAt(parts, name, row))
  for (const [at, { name, row }] of keys.entries()) {
    const { finding, value } = looks[at] ?? {}
    if (finding) findings.push(finding)
    if (row.class === 'lid-mapping') mappings.set(name, value)
  }
  findings.push(...preKeyFindings(names, creds), ...lidFindings(names), ...mappingFindings(missingReverses(mappings)))
  return { findings, counts }
}

const lookAt = async (parts: SurveyParts, name: string, row: FileClassRow): Promise<Looked> => {
  const content = await contentIn(parts, name, row)
  if (content === undefined || 'finding' in content) return content ?? {}
  const { value, bytes } = content
  const older = isOlderForm(bytes) ? olderForm(name) : undefined
  return { value, finding: contentFinding(value, name, row) ?? older ?? sizeFinding(value, name, row) }
}

/** What a file holds, or why that cannot be read; undefined if it is gone. */
export const contentIn = async (
  { read, codec }: Pick<SurveyParts, 'read' | 'codec'>,
  name: string,
  row: FileClassRow,
): Promise<{ readonly value: unknown; readonly bytes: Buffer } | { readonly finding: Finding } | undefined> => {
  const unreadable = (what: string) => ({ finding: fileFinding('file-unreadable', `${name} ${what}`, name, row) })
  let bytes: Buffer | undefined
  try {
    bytes = await read(name)
  } catch (error) {
    return unreadable(noFileWords(error) ?? `cannot be read (${errnoOf(error) ?? 'unknown error'})`)
  }
  if (bytes === undefined) return undefined
  if (bytes.length === 0) return unreadable('is empty')
  if (bytes.every((byte) => byte === 0)) return unreadable('is filled with NUL bytes')
  const refused = refusedWords(bytes)
  if (refused !== undefined) return unreadable(refused)
  try {
    return { value: codec.decode(bytes), bytes }
  } catch {
    return unreadable('is no complete JSON')
  }
}

/** About a file in a form that this library reads and the Baileys of today may not. */
export const olderForm = (name: string): Finding =>
  findingOf('older-form', `${name} is spelt as another Baileys, an export or an editor does it`, name)

const contentFinding = (value: unknown, name: string, row: FileClassRow): Finding | undefined => {
  if (row.class === 'session') return lookAtSession(value, name, row)
  if (!(shapes[row.class]?.(value) ?? true))
    return fileFinding('file-shape', `${name} does not hold what a ${row.class} file holds`, name, row)
  if (row.class !== 'sender-key' || !isBehind(statesOf(value))) return undefined
  return fileFinding('sender-key-behind', `${name} cannot reach the key that its member hands out now`, name, row)
}

/** The first of one id answers, and a later one is further on than Baileys looks. */
const isBehind = (states: readonly SenderKeyState[]): boolean =>
  states.some(({ senderKeyId, senderChainKey }) => {
    const first = states.find((state) => state.senderKeyId === senderKeyId)
    return first !== undefined && !reaches(first, senderChainKey?.iteration ?? 0)
  })

/** The keys of a session that are not needed are gone from the value afterwards. */
const sizeFinding = (value: unknown, name: string, row: FileClassRow): Finding | undefined =>
  trimmedKey(row.class, value, defaultPolicy.trim) === undefined
    ? undefined
    : findingOf('keys-overgrown', `${name} keeps keys that no message can need any more`, name)

const lookAtSession = (value: unknown, name: string, row: FileClassRow): Finding | undefined => {
  // Baileys takes every falsy value for an absent session.
  if (!value) return findingOf('session-empty', `${name} holds no session`, name)
  if (!loadsAsSession(value))
    return fileFinding('session-poison', `${name} is JSON, but no session that libsignal can load`, name, row)
  const sessions = typeof value === 'object' && '_sessions' in value ? value._sessions : undefined
  const empty = typeof sessions !== 'object' || sessions === null || Object.keys(sessions).length === 0
  if (empty) return findingOf('session-empty', `${name} holds no session`, name)
  const fault = sessionFault(value)
  if (fault === undefined) return undefined
  return fileFinding(fault.still === 'reads' ? 'session-mute' : 'session-useless', `${name} ${fault.what}`, name, row)
}

const preKeyFindings = (names: readonly string[], creds: AuthenticationCreds | undefined): readonly Finding[] => {
  if (!creds) return []
  const ids = preKeyIds(names)
  const { nextPreKeyId: next, firstUnuploadedPreKeyId: first } = creds
  if (hasRegressed(next, ids)) {
    return [findingOf('pre-key-regressed', `nextPreKeyId is ${next}, but pre-key ${ids.at(-1)} is stored`, credsFile)]
  }
  const stored = new Set(ids)
  const mended = repairCreds(creds, ids)
  if (mended) {
    const fields = mended.fields.join(', ')
    return [findingOf('creds-field', `creds.json holds what Baileys cannot work with: ${fields}`, credsFile)]
  }
  if (ids.length === 0 && next > 1)
    return [findingOf('pre-keys-gone', `creds.json tells of ${next - 1} pre-keys, and none has a file`, credsFile)]
  let missing = 0
  for (let id = first; id < next; id++) if (!stored.has(id)) missing++
  return missing === 0
    ? []
    : [findingOf('pre-keys-missing', `${missing} of the pre-keys ${first} to ${next - 1} have no file`)]
}

const mappingPattern = /^lid-mapping-(.+?)(_reverse)?\.json$/
const sessionPattern = /^session-(\d+)\.(\d+)\.json$/

const lidFindings = (names: readonly string[]): readonly Finding[] => {
  const lids = new Set<string>()
  for (const name of names) {
    const [, user, reverse] = mappingPattern.exec(name) ?? []
    if (user !== undefined && reverse) lids.add(user)
  }
  return names.flatMap((name) => {
    const user = sessionPattern.exec(name)?.[1]
    return user !== undefined && lids.has(user)
      ? [findingOf('lid-session-name', `${name} is a LID session under its Baileys 6 name`, name)]
      : []
  })
}

const mappingFindings = (missing: Readonly<Record<string, string>>): readonly Finding[] =>
  Object.entries(missing).map(([id, number]) => {
    const file = keyFileName('lid-mapping', number)
    return findingOf('lid-mapping-one-way', `${file} has no ${keyFileName('lid-mapping', id)} beside it`, file)
  })

/** Whether other users may read the credentials of a folder. */
export const modeFindings = async (
  fs: FileSystem,
  layout: Layout,
  names: readonly string[],
): Promise<readonly Finding[]> => {
  if (process.platform === 'win32' || !names.includes(credsFile)) return []
  // A closed folder protects its files whatever their own mode is.
  const { mode } = await fs.stat(layout.folder)
  if ((mode & othersMask) === 0) return []
  if ((mode & othersWrite) !== 0)
    return [findingOf('permissions-wide', 'Other users may put files into the folder and take some away', credsFile)]
  try {
    const open = ((await fs.stat(join(layout.folder, credsFile))).mode & othersMask) !== 0
    return open ? [findingOf('permissions-wide', 'Other users may read the folder and creds.json', credsFile)] : []
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}
