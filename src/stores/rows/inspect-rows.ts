import type { AuthenticationCreds } from '../../baileys/baileys-types.ts'
import { type Codec, isOlderForm } from '../codec.ts'
import { isPaired } from '../creds.ts'
import { credsFile } from '../file-name.ts'
import { findingOf } from '../findings.ts'
import type { KeyTypes } from '../key-types.ts'
import type { Inspection, Read } from '../store.ts'
import { olderForm, surveyFiles } from '../survey.ts'
import type { Rows } from './rows.ts'

export interface InspectRowsParts {
  readonly rows: Rows
  readonly codec: Codec
  readonly keyTypes: KeyTypes
}

/**
 * Reads, and reads only: safe beside a live gateway. What cannot befall rows (half-written names, permissions of single
 * files) is not looked for.
 */
export const inspectRows = async (
  { rows, codec, keyTypes }: InspectRowsParts,
  creds: Read<AuthenticationCreds>,
  depth: 'creds' | 'full',
): Promise<Inspection> => {
  const linked = creds.kind === 'present' && isPaired(creds.value)
  const findings = creds.kind === 'unreadable' ? [findingOf('creds-unreadable', creds.why, credsFile)] : []
  const read = readerOf(rows)
  if (creds.kind === 'present' && isOlderForm((await read(credsFile)) ?? Buffer.alloc(0)))
    findings.push(olderForm(credsFile))
  if (depth === 'creds') return { creds, linked, findings, counts: {} }
  const names = await rows.names('account')
  const survey = await surveyFiles({ names, read, codec, keyTypes }, creds.kind === 'present' ? creds.value : undefined)
  return { creds, linked, findings: [...findings, ...survey.findings], counts: survey.counts }
}

/** Reads files of an account; undefined for what is not there. */
export const readerOf = (rows: Rows) => async (name: string) => {
  const content = await rows.read('account', name)
  return content === null ? undefined : Buffer.from(content)
}
