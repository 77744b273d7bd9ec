import { type FileClassRow, unknownRow } from './file-class.ts'
import type { Finding } from './store.ts'

type Row = Pick<Finding, 'severity' | 'consequence' | 'cure'>

/** What an inspection can find, how bad it is, what it leads to and what cures it. */
export const findingRows = {
  'creds-unreadable': {
    severity: 'error',
    consequence: 'Nothing connects; a plain Baileys store would make a new identity here and lose the account.',
    cure: 'Restore the newest good generation (restoreCreds), then repair the pre-keys. Without a generation: link the device again.',
  },
  'promotion-unfinished': {
    severity: 'warning',
    consequence: 'None, if it is finished before anything else reads the folder.',
    cure: 'The next acquire of the store finishes it.',
  },
  'file-unreadable': {
    severity: 'warning',
    consequence: 'Baileys reads it as absent.',
    cure: 'Quarantine it if its class allows; otherwise leave it, Baileys writes it anew.',
  },
  'file-shape': {
    severity: 'warning',
    consequence: 'Baileys reads it and fails on it each time; it does not heal by itself.',
    cure: 'Quarantine it.',
  },
  'session-empty': {
    severity: 'info',
    consequence: 'The next message from that device fails until its retry; then a new session stands.',
    cure: 'None needed.',
  },
  'session-poison': {
    severity: 'error',
    consequence: 'Every message from that device fails, and no retry heals it.',
    cure: 'Quarantine it.',
  },
  'pre-key-regressed': {
    severity: 'error',
    consequence: 'Pre-key ids are issued a second time: new contacts fail with Bad MAC.',
    cure: 'Repair the pre-keys (repairPreKeys).',
  },
  'pre-keys-missing': {
    severity: 'warning',
    consequence: 'Pre-keys that are still to be uploaded have no file, so the upload fails or hands out dead ids.',
    cure: 'Repair the pre-keys (repairPreKeys with force).',
  },
  'temporary-file': {
    severity: 'info',
    consequence: 'None: a write was interrupted before it was acknowledged.',
    cure: 'The next acquire of the store removes it.',
  },
  'foreign-file': { severity: 'info', consequence: 'None: it is left alone.', cure: 'None needed.' },
  'permissions-wide': {
    severity: 'warning',
    consequence: 'Other users of this machine can read the keys and take the account over.',
    cure: 'Take the rights of others away: 700 on the folder, 600 on the files.',
  },
  'lock-stale': {
    severity: 'info',
    consequence: 'None: its owner is gone, after a kill or a power cut.',
    cure: 'The next acquire of the store takes it over.',
  },
  'disk-full': {
    severity: 'error',
    consequence: 'Saves of credentials and keys are about to fail; what is stored stays whole.',
    cure: 'Make room on the disk that holds the folder.',
  },
  'lid-session-name': {
    severity: 'info',
    consequence:
      'Stored under the name of Baileys 6; Baileys 7 does not find it, so the first messages from that device fail once.',
    cure: 'None needed: a new session is made.',
  },
  'lid-mapping-one-way': {
    severity: 'warning',
    consequence: 'That contact is found in one direction only; its session may be missed.',
    cure: 'None needed: Baileys learns the mapping again with the next message.',
  },
} as const satisfies Readonly<Record<string, Row>>

export type FindingCode = keyof typeof findingRows

export const findingOf = (code: FindingCode, message: string, file?: string): Finding => ({
  code,
  message,
  ...findingRows[code],
  ...(file === undefined ? {} : { file }),
})

/** A finding about a file whose class says what its loss does. */
export const fileFinding = (
  code: FindingCode,
  message: string,
  file: string,
  row: FileClassRow = unknownRow,
): Finding => ({
  ...findingOf(code, message, file),
  consequence: `${findingRows[code].consequence} ${row.loss}`,
})
