import { type FileClassRow, unknownRow } from './file-class.ts'
import type { Finding } from './store.ts'

/** Stands in the table where the cure depends on what the file is worth. */
const asClassAllows = 'as its class allows'

const fromBackup =
  'Bring it back from a backup if there is one. --fix leaves it where it is, until Baileys writes it anew.'

/** By whether Baileys can do without a file. */
const cures: Readonly<Record<FileClassRow['mayRemove'], string>> = {
  yes: '--fix sets it aside, and `lifeline quarantine restore` brings it back.',
  'with-its-memory': "--fix sets it aside, and the group's sender-key-memory with it.",
  harmful: fromBackup,
  keep: fromBackup,
  never: fromBackup,
}

type Row = Pick<Finding, 'severity' | 'consequence' | 'cure'>

/**
 * What an inspection can find, how bad it is, what it leads to, and what a person at a shell can do about it. `--fix`
 * is that of `lifeline doctor`.
 */
export const findingRows = {
  'creds-unreadable': {
    severity: 'error',
    consequence: 'Nothing connects; a plain Baileys store would make a new identity here and lose the account.',
    cure: 'The next start of the gateway, or --fix, puts the newest good copy back and raises the pre-key ids. Without a good copy: bring creds.json back from a backup, or start the gateway and scan the code that it shows.',
  },
  'promotion-unfinished': {
    severity: 'warning',
    consequence: 'None, if it is finished before anything else reads the folder.',
    cure: 'The next start of the gateway finishes it, and so does --fix.',
  },
  'file-unreadable': {
    severity: 'warning',
    consequence: 'Baileys reads it as absent.',
    cure: asClassAllows,
  },
  'file-shape': {
    severity: 'warning',
    consequence: 'Baileys reads it and fails on it each time; it does not heal by itself.',
    cure: asClassAllows,
  },
  'session-empty': {
    severity: 'info',
    consequence: 'The next message from that device fails until its retry; then a new session stands.',
    cure: 'None needed.',
  },
  'session-poison': {
    severity: 'error',
    consequence:
      'On Baileys 6 every message from that device fails, and no retry heals it; on 7 its next retry makes a new session.',
    cure: asClassAllows,
  },
  'session-useless': {
    severity: 'error',
    consequence:
      'Baileys loads it, and can neither read nor write with it: messages from that device fail until its retry.',
    cure: asClassAllows,
  },
  'session-mute': {
    severity: 'warning',
    consequence:
      'Messages in it are read, but nothing can be sent with it: Baileys 6 fails with "No open session" each time, 7 makes a new session.',
    cure: asClassAllows,
  },
  'sender-key-behind': {
    severity: 'warning',
    consequence:
      'Baileys reads nothing of that member in that group until the key was handed out five times. A gateway under this library does with the next message.',
    cure: asClassAllows,
  },
  'older-form': {
    severity: 'warning',
    consequence: 'This library reads it. Baileys alone may not, takes it as absent then, and writes over it.',
    cure: '--fix writes it anew, and so does the next start of the gateway if creds.json is one of them; the old one is kept in the quarantine.',
  },
  'pre-key-regressed': {
    severity: 'error',
    consequence: 'Pre-key ids are issued a second time: new contacts fail with Bad MAC.',
    cure: 'The next start of the gateway, or --fix, raises the ids past every stored pre-key.',
  },
  'creds-field': {
    severity: 'error',
    consequence: 'Baileys calculates with it: the login fails, or the process ends, at each start.',
    cure: 'The next start of the gateway, or --fix, puts a value there that Baileys can work with; the creds of before are kept.',
  },
  'pre-keys-missing': {
    severity: 'warning',
    consequence: 'Pre-keys that are still to be uploaded have no file, so the upload fails or hands out dead ids.',
    cure: '--fix raises the ids past the lost ones, and Baileys uploads new pre-keys.',
  },
  'pre-keys-gone': {
    severity: 'error',
    consequence:
      'Whoever begins a session with a key that the server still hands out cannot be read before its second retry; who does not retry, never.',
    cure: 'Bring the pre-key files back from the same backup as creds.json. Without them --fix raises the ids, so that Baileys uploads new ones once the old are used up; linking the device anew is done at once.',
  },
  'account-below': {
    severity: 'error',
    consequence: 'A gateway that is started on this folder shows a code, and links a second device beside the account.',
    cure: 'Give --auth, or your gateway, the folder that is named here.',
  },
  'not-writable': {
    severity: 'error',
    consequence:
      'No credentials and no key can be saved: what Baileys learns is lost with the process, and sessions break.',
    cure: 'Give the folder and what is in it to the user that the gateway runs as (chown), or mount its disk to be written to.',
  },
  'temporary-file': {
    severity: 'info',
    consequence: 'None: a write was interrupted before it was acknowledged.',
    cure: 'The next start of the gateway removes it, and so does --fix.',
  },
  'write-unfinished': {
    severity: 'info',
    consequence:
      "None, if the gateway starts before anything else reads the folder: Baileys' own store reads what was there before.",
    cure: 'The next start of the gateway finishes it, and so does --fix; a gateway that is running is about to.',
  },
  'write-superseded': {
    severity: 'warning',
    consequence: 'The newer file counts. What the gateway had written is in its journal alone.',
    cure: 'The next start of the gateway, or --fix, puts that into the quarantine; the newer file stays.',
  },
  'journal-spoilt': {
    severity: 'warning',
    consequence:
      'The last writes before a crash may be lost: some contacts fail until their retry, then new sessions stand.',
    cure: 'None needed: the next start of the gateway, or --fix, takes what can be read and keeps the file under the ending .damaged.',
  },
  'foreign-file': { severity: 'info', consequence: 'None: it is left alone.', cure: 'None needed.' },
  'permissions-wide': {
    severity: 'warning',
    consequence: 'Other users of this machine can read the keys and take the account over.',
    cure: '--fix takes the rights of others away; by hand: chmod 700 on the folder, 600 on its files.',
  },
  'lock-stale': {
    severity: 'info',
    consequence: 'None: its owner is gone, after a kill or a power cut.',
    cure: 'The next start of the gateway takes it over, and --fix clears it away.',
  },
  'own-file-special': {
    severity: 'warning',
    consequence: 'What the library itself had noted there is not read.',
    cure: 'The next start of the gateway, or --fix, moves it beside its place under the ending .damaged.',
  },
  'disk-full': {
    severity: 'error',
    consequence: 'Saves of credentials and keys are about to fail; what is stored stays whole.',
    cure: 'Make room on the disk that holds the folder.',
  },
  'lid-session-name': {
    severity: 'info',
    consequence:
      'Stored under the name of Baileys 6; Baileys 7 alone does not find it, so the first messages from that device fail once.',
    cure: 'None needed: a gateway under this library moves it when Baileys 7 starts.',
  },
  'lid-mapping-one-way': {
    severity: 'warning',
    consequence: 'That contact is found in one direction only; its session may be missed.',
    cure: '--fix writes the other half, and so does the next start of the gateway with Baileys 7. Baileys alone never does.',
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
  cure: findingRows[code].cure === asClassAllows ? cures[row.mayRemove] : findingRows[code].cure,
})
