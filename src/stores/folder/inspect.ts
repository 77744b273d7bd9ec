import { join } from 'node:path'
import { type Codec, isOlderForm } from '../codec.ts'
import { isPaired, readCreds } from '../creds.ts'
import { judgeCreds } from '../creds-verdict.ts'
import { exists, type FileSystem, isAbsent, namesIn } from '../disk/file-system.ts'
import { credsFile } from '../file-name.ts'
import { findingOf } from '../findings.ts'
import type { Generations } from '../generations.ts'
import type { KeyTypes } from '../key-types.ts'
import { type Layout, ownFolder } from '../layout.ts'
import type { Finding, Inspection } from '../store.ts'
import { modeFindings, olderForm, surveyFiles } from '../survey.ts'
import type { Outlook } from './journal/outlook.ts'
import type { Lock } from './lock.ts'
import { specialsAmong } from './own-files.ts'
import type { Staging } from './staging.ts'

export interface InspectParts {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly codec: Codec
  readonly generations: Generations
  readonly staging: Staging
  readonly keyTypes: KeyTypes
  readonly lock: Lock
  readonly freeBytes: (folder: string) => Promise<number>
  readonly isWritable: (folder: string) => Promise<boolean>
  /** What is to come of the account's journal and of the staging area's. */
  readonly outlooks: readonly Outlook[]
}

/** Reads, and reads only: safe beside a live gateway. */
export const inspectFolder = async (parts: InspectParts, depth: 'creds' | 'full'): Promise<Inspection> => {
  const { fs, codec, generations, staging, layout, keyTypes } = parts
  const unfinished = (await staging.intent()) !== undefined
  const path = await staging.credsPath()
  // The generations still are the old account's while its promotion is unfinished.
  const creds = unfinished ? await readCreds(fs, path, codec) : await judgeCreds(fs, layout.folder, codec, generations)
  const findings: Finding[] = []
  if (unfinished) findings.push(findingOf('promotion-unfinished', 'A new pairing has begun to replace the account'))
  if (creds.kind === 'unreadable') findings.push(findingOf('creds-unreadable', creds.why, credsFile))
  const linked = creds.kind === 'present' && isPaired(creds.value)
  // While a promotion is unfinished the copies are those of the account before.
  const copied = creds.kind === 'unreadable' && !unfinished ? await generations.goodCopy(codec) : {}
  if (creds.kind === 'present' && isOlderForm(await fs.readFile(path))) findings.push(olderForm(credsFile))
  if (depth === 'creds') {
    const modes = creds.kind === 'present' ? await modeFindings(fs, layout, [credsFile]) : []
    return { creds, linked, ...copied, findings: [...findings, ...modes], counts: {} }
  }
  const names = (await namesIn(fs, layout.folder)).filter((name) => name !== ownFolder)
  const survey = await surveyFiles(
    { names, read: readerIn(fs, layout.folder), codec, keyTypes },
    creds.kind === 'present' ? creds.value : undefined,
  )
  const modes = await modeFindings(fs, layout, names)
  const around = [
    ...(await specialsAmong(fs, layout)).map(({ name, why }) =>
      findingOf('own-file-special', `${ownFolder}/${name} ${why}`, `${ownFolder}/${name}`),
    ),
    ...parts.outlooks.flatMap(journalFindings),
    ...(await lockFindings(parts)),
    ...(await roomFindings(parts)),
    ...(await writeFindings(parts)),
    ...(creds.kind === 'absent' ? await findingsBelow(parts, names) : []),
  ]
  const all = [...findings, ...survey.findings, ...modes, ...around]
  return { creds, linked, ...copied, findings: all, counts: survey.counts }
}

/** About four times what a whole account with its 812 pre-keys takes: less, and a pairing may not fit any more. */
const leastFreeBytes = 16 * 1024 * 1024

async function roomFindings({ fs, layout, freeBytes }: InspectParts): Promise<readonly Finding[]> {
  const free = (await exists(fs, layout.folder)) ? await freeBytes(layout.folder) : leastFreeBytes
  if (free >= leastFreeBytes) return []
  return [findingOf('disk-full', `The disk of ${layout.folder} has ${Math.floor(free / 1024)} KiB left`)]
}

async function writeFindings({ fs, layout, isWritable }: InspectParts): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const folder of [layout.folder, layout.own])
    if ((await exists(fs, folder)) && !(await isWritable(folder)))
      findings.push(findingOf('not-writable', `This user cannot write into ${folder}`))
  return findings
}

/** Gateways keep an account for each session in a folder of its own, such as `default/`. */
export async function foldersBelow(
  fs: FileSystem,
  folder: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of names) if (await exists(fs, join(folder, name, credsFile)).catch(() => false)) found.push(name)
  return found
}

async function findingsBelow({ fs, layout }: InspectParts, names: readonly string[]): Promise<readonly Finding[]> {
  return (await foldersBelow(fs, layout.folder, names)).map((name) =>
    findingOf('account-below', `${layout.folder} holds no account: an account lies in ${name}/`, name),
  )
}

/** What was acknowledged and does not stand in its place for certain. */
function journalFindings({ unfinished, superseded, spoilt }: Outlook): readonly Finding[] {
  const count = unfinished.length
  const waiting = `${count} ${count === 1 ? 'file is' : 'files are'} still to be put in place from the journal`
  return [
    ...(count > 0 ? [findingOf('write-unfinished', waiting)] : []),
    ...superseded.map((name) =>
      findingOf(
        'write-superseded',
        `${name} was written by another program after the gateway's last write to it`,
        name,
      ),
    ),
    ...spoilt.map((name) => findingOf('journal-spoilt', `${name} cannot be read to its end`, name)),
  ]
}

async function lockFindings({ lock }: InspectParts): Promise<readonly Finding[]> {
  const owners = await lock.stale()
  return owners.map(({ pid, host }) =>
    findingOf(
      'lock-stale',
      `A lock of process ${pid ?? '(unknown)'} on ${host ?? '(unknown)'}, which is gone, is left`,
    ),
  )
}

/** Reads files of a folder that a live gateway may be removing. */
export const readerIn = (fs: FileSystem, folder: string) => async (name: string) => {
  try {
    return await fs.readFile(join(folder, name))
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
