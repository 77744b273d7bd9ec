/** What a person can have done about a state: an action that each surface knows by its own name. */
export const remedies = ['start', 'reconnect', 'show-code', 'pairing-code', 'heal'] as const
/** What a person may do about a state; see `Status`. */
export type Remedy = (typeof remedies)[number]

/** How a surface says each remedy within a sentence. */
export type RemedyWords = Readonly<Record<Remedy, string>>

/** As the library's methods; so they stand in `Status.remediation`. */
export const byMethod: RemedyWords = {
  start: 'Call start()',
  reconnect: 'call reconnect()',
  'show-code': 'relink()',
  'pairing-code': 'requestPairingCode()',
  heal: "Switch to mode 'heal'",
}

/** A text with the library's methods in it, in the words of another surface. `known`: how that text says them. */
export const saidBy = (text: string, words: RemedyWords, known: RemedyWords = byMethod): string =>
  remedies.reduce((said, remedy) => said.replaceAll(known[remedy], words[remedy]), text)
