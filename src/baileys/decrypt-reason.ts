import type { DecryptReason } from '../../machines/decrypt.ts'

/** How a ciphertext was encrypted: for our device's session, with a pre-key, or with a group's sender key. */
export type EncType = 'msg' | 'pkmsg' | 'skmsg'

/** Reasons that lie in the stored session of the sender: another one may read the message, a new one cures it. */
export const sessionReasons: ReadonlySet<DecryptReason> = new Set(['bad-session', 'no-session', 'poison', 'pre-key'])

/** What is said of a group message that comes for the first time and is sealed with a key that was used before. */
export const wentBack = 'The key of this sender for the group went back'

interface ReasonRow {
  readonly text: RegExp
  readonly reason: DecryptReason
}

/** Text of Baileys or libsignal → reason, first match wins; `skmsg` has rows of its own before these. */
export const reasonRows: readonly ReasonRow[] = [
  // Every session failed; why each did stands on the console only, see `refineReason`.
  { text: /^No matching sessions found for message/, reason: 'bad-session' },
  // v7 says this of a poisoned session file too: it swallows the error of loading it, and the retry builds a new one.
  { text: /^(?:SessionError: )?No session record|^No sessions available/, reason: 'no-session' },
  { text: /^Key used already or never filled/, reason: 'duplicate' },
  { text: /^Received message with old counter/, reason: 'duplicate' },
  // As the stub itself these come from a `pkmsg`: a pre-key id used twice, or lost.
  { text: /^Bad MAC/, reason: 'pre-key' },
  { text: /^Invalid PreKey ID|^Missing SignedPreKey/, reason: 'pre-key' },
  { text: /^No session found to decrypt message|^No SenderKeyRecord found/, reason: 'sender-key' },
  { text: /^No sender message key found|^Invalid signature!|^InvalidMessageException/, reason: 'sender-key' },
  { text: new RegExp(`^${wentBack}`), reason: 'sender-key' },
  { text: /^Over 2000 messages into the future!/, reason: 'sender-key' },
  { text: /^Message absent from node/, reason: 'absent' },
  // The sender's bytes are wrong, not our files.
  { text: /^index out of range|^invalid wire type|^Unknown e2e type|^Incompatible version number/, reason: 'unknown' },
  // Valid JSON, wrong inside: the file breaks libsignal before any cryptography happens.
  { text: /^Cannot (?:read propert|convert undefined|set propert)/, reason: 'poison' },
  { text: /is not (?:a function|iterable|an object|defined|a constructor)/, reason: 'poison' },
  { text: /JSON|^Unexpected (?:token|end)|^Unterminated string/, reason: 'poison' },
  { text: /^The (?:first|"\w+") argument must be/, reason: 'poison' },
  { text: /(?:private|public) key|^Got salt of incorrect length|^Expected Buffer/, reason: 'poison' },
  { text: /^Error migrating SessionRecord|^Corrupt sessions object|^Overwrite attempt/, reason: 'poison' },
]

/**
 * What a failed decrypt's text says of its cause. The kind of ciphertext, where known, tells apart what the text
 * cannot: a broken file under `skmsg` is a sender key, and removing a session does not help it.
 */
export function decryptReason(text: string, enc?: EncType): DecryptReason {
  const reason = reasonRows.find((row) => row.text.test(text))?.reason ?? 'unknown'
  if (enc === 'skmsg') return reason === 'poison' || reason === 'bad-session' ? 'sender-key' : reason
  if (enc !== undefined && text.startsWith('Over 2000')) return 'unknown'
  return reason
}

/**
 * `No matching sessions found` is a Bad MAC or a harmless redelivery; what each session said stands on libsignal's
 * console lines. A redelivery fails as `Key used already` in the session that once read it and as Bad MAC in the
 * archived ones, so one such line settles it.
 */
export function refineReason(reason: DecryptReason, sessionErrors: readonly string[]): DecryptReason {
  if (reason !== 'bad-session' || sessionErrors.length === 0) return reason
  const reasons = sessionErrors.map((text) => decryptReason(text))
  if (reasons.includes('duplicate')) return 'duplicate'
  return reasons.every((each) => each === 'poison') ? 'poison' : 'bad-session'
}
