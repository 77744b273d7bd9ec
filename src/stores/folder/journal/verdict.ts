import { credsFile } from '../../file-name.ts'
import type { Content } from '../../write-ahead.ts'
import { digestOf } from './digest.ts'
import type { Outstanding } from './outstanding.ts'

/** What stands in the place of a file of the journal. */
export type Found =
  | { readonly kind: 'file'; readonly content: Buffer; readonly modifiedAt: number }
  | { readonly kind: 'absent' }
  /** A folder, or anything else that is no file. */
  | { readonly kind: 'other' }

export type Verdict =
  /** The file is as the journal wants it. */
  | 'stands'
  /** The file is as the owner left it, or what a crash made of it. */
  | 'apply'
  /** As `apply`, but nobody knows what stands there: it is kept. */
  | 'apply-and-keep'
  /** Somebody else wrote it since: that stays, and what the journal holds is kept. */
  | 'superseded'

/** What to do about a file after a crash. The rows are asked from the first to the last. */
export const verdictOn = (found: Found, wanted: Outstanding): Verdict => {
  if (found.kind === 'other') return 'apply-and-keep'
  if (found.kind === 'absent') {
    if (wanted.content === null) return 'stands'
    return mayBeAbsent(wanted) ? 'apply' : 'superseded'
  }
  const { content, modifiedAt } = found
  if (isSame(content, wanted.content)) return 'stands'
  if (wanted.earlier.some((earlier) => isSame(content, earlier))) return 'apply'
  if (wanted.replaces?.has(digestOf(content))) return 'apply'
  // Files are put in place without a sync.
  if ([wanted.content, ...wanted.earlier].some((ours) => isRemnant(content, ours))) return 'apply'
  // Nothing can read it, whoever wrote it.
  if (!isWhole(content)) return 'apply-and-keep'
  if (wanted.replaces) return 'superseded'
  return modifiedAt > wanted.at ? 'superseded' : 'apply-and-keep'
}

/**
 * A rename over a file leaves one of the two, so what had been there was removed by somebody. Nobody removes
 * credentials to go on.
 */
const mayBeAbsent = ({ name, earlier, replaces }: Outstanding): boolean =>
  name === credsFile || earlier.includes(null) || !replaces || replaces.has(digestOf(null))

const isSame = (found: Buffer, content: Content): boolean => content !== null && found.equals(content)

/**
 * What a power cut may leave of a content that was not synced: a beginning of it, and zeros where it was not written.
 */
const isRemnant = (found: Buffer, content: Content): boolean =>
  content !== null &&
  found.length <= content.byteLength &&
  found.every((byte, at) => byte === 0 || byte === content[at])

const isWhole = (found: Buffer): boolean => {
  try {
    JSON.parse(found.toString('utf8'))
    return true
  } catch {
    return false
  }
}
