/** What became of all that was written one way. */
export interface DirectionReport {
  /** Messages that left: for the account those whose send resolved. */
  readonly sent: number
  /** Of these, messages that everybody they were for could decrypt. */
  readonly read: number
  /** The texts of the others; a message for several devices is named with those that could not. */
  readonly neverRead: readonly string[]
  /** Retry receipts: how often a message was asked for again. */
  readonly askedAgain: number
  /** Texts that somebody was shown, or the account's listener was told, more than once. */
  readonly toldTwice: readonly string[]
  /** Texts that nobody was shown, or the listener was not told, read or not. */
  readonly toldNever: readonly string[]
  /** How often a text came after one that its writer wrote later. */
  readonly outOfOrder: number
}

/** One thing that happened, for the message of a failed test. */
export interface Entry {
  /** Milliseconds since the conversation began. */
  readonly ms: number
  readonly what: string
  /** Of the message that it is about. */
  readonly text: string
}

/** What became of a conversation. */
export interface ConversationReport {
  /** Gives the same conversation again. */
  readonly seed: number | string
  readonly toAccount: DirectionReport
  readonly toContacts: DirectionReport
  /** Sends of the account that were refused, since its connection broke: texts, with the words of the error. */
  readonly refused: readonly string[]
  /**
   * Texts of the account that were sent, as Baileys says, on a connection that broke, and never arrived at the server.
   */
  readonly lostOnTheWay: readonly string[]
  /** Texts of the warm-up that were not read: what was judged began without a session or a key. */
  readonly cold: readonly string[]
  /** Whether everything that was to be read was, before it had been quiet for as long as was allowed. */
  readonly complete: boolean
  readonly tookMs: number
  /** Everything that happened, in order. */
  readonly order: readonly Entry[]
}

/** `15 of 20 read, 3 asked again, 1 told twice`: one direction in a few words. */
export function inWords({ sent, read, askedAgain, toldTwice, toldNever, outOfOrder }: DirectionReport): string {
  const more = [
    askedAgain > 0 && `${askedAgain} asked again`,
    toldTwice.length > 0 && `${toldTwice.length} told twice`,
    toldNever.length > 0 && `${toldNever.length} told never`,
    outOfOrder > 0 && `${outOfOrder} out of order`,
  ].filter((part) => part !== false)
  return [`${read} of ${sent} read`, ...more].join(', ')
}

const mostShown = 3

/**
 * The report for the message of a failed test: the seed, both directions, and what happened to the first texts that
 * went wrong.
 */
export function story(report: ConversationReport): string {
  const { seed, toAccount, toContacts, refused, lostOnTheWay, cold, order, tookMs } = report
  const wrong = [toAccount, toContacts].flatMap((one) => [...one.neverRead, ...one.toldNever, ...one.toldTwice])
  const texts = [...new Set(wrong.map((text) => text.replace(/ \(not .*\)$/, '')))]
  return [
    `seed ${seed}, ${(tookMs / 1000).toFixed(1)} s`,
    `to the account: ${inWords(toAccount)}`,
    `to contacts: ${inWords(toContacts)}, ${refused.length} refused, ${lostOnTheWay.length} lost on the way`,
    ...(cold.length > 0 ? [`not even at first: ${cold.join(', ')}`] : []),
    ...texts
      .slice(0, mostShown)
      .flatMap((text) => [
        `"${text}":`,
        ...order
          .filter((entry) => entry.text === text)
          .map(({ ms, what }) => `  ${String(Math.round(ms)).padStart(6)} ms  ${what}`),
      ]),
  ].join('\n')
}
