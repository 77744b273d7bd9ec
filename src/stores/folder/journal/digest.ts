import { hash } from 'node:crypto'
import type { Content } from '../../write-ahead.ts'

/** What tells contents apart; the file that is not there has one, too. */
export type Digest = string

/** Half of a SHA-256: two contents that share one do not happen by chance. */
export const digestBytes = 16
const absent = '0'.repeat(2 * digestBytes)

export const digestOf = (content: Content): Digest =>
  content === null ? absent : hash('sha256', content).slice(0, 2 * digestBytes)
