/** Longest delay that a timer of the platform keeps: 2^31-1 ms, about 24.8 days; a longer one fires at once. */
const longestMs = 2_147_483_647
const mostCounted = 1_000_000

/** A number that owners may choose. */
export interface NumberThreshold {
  /** Milliseconds, a whole number, a whole number of bytes, or any number. */
  readonly unit: 'ms' | 'count' | 'bytes' | 'number'
  /** What holds when nobody chooses. */
  readonly usual: number
  /** The least that is allowed. */
  readonly min: number
  /** The most that is allowed. */
  readonly max: number
  /** The threshold that it may not exceed, by its path. */
  readonly notAbove?: string
  /** What it is for, and where its number comes from if not from judgement. */
  readonly says: string
}

/** One of some words that owners may choose. */
export interface ChoiceThreshold<Word extends string = string> {
  /** One of some words. */
  readonly unit: 'word'
  /** What holds when nobody chooses. */
  readonly usual: Word
  /** The words that are allowed. */
  readonly of: readonly Word[]
  /** What it is for, and what each word does. */
  readonly says: string
}

/** A row of the policy. */
export type Threshold = NumberThreshold | ChoiceThreshold

type Bounds = Partial<Pick<NumberThreshold, 'min' | 'max' | 'notAbove'>>
const ms = (usual: number, says: string, bounds: Bounds = {}): NumberThreshold => ({
  ...{ unit: 'ms', usual, min: 1, max: longestMs },
  ...bounds,
  says,
})
const count = (usual: number, says: string, bounds: Bounds = {}): NumberThreshold => ({
  ...{ unit: 'count', usual, min: 1, max: mostCounted },
  ...bounds,
  says,
})
const bytes = (usual: number, min: number, says: string): NumberThreshold => ({
  ...{ unit: 'bytes', usual, min, max: Number.MAX_SAFE_INTEGER },
  says,
})
const number = (usual: number, min: number, max: number, says: string): NumberThreshold => ({
  ...{ unit: 'number', usual, min, max },
  says,
})
const word = <const Word extends string>(usual: Word, of: readonly Word[], says: string): ChoiceThreshold<Word> => ({
  unit: 'word',
  usual,
  of,
  says,
})

/**
 * Every threshold of the supervision, a row each: what holds when nobody chooses, between which values it may lie, and
 * what it is for. The type `Policy`, its defaults, its checks, the table in the docs and the help of the command are
 * made from it.
 */
export const thresholds = {
  /** When it dials again. */
  reconnect: {
    initialMs: ms(2_000, 'First step of the fast ladder. The real delay is drawn from 0 to the step.', {
      notAbove: 'reconnect.maxMs',
    }),
    factor: number(1.8, 1, 10, 'Each step of the fast ladder is so many times the one before.'),
    maxMs: ms(30_000, 'Highest step of the fast ladder.', { notAbove: 'reconnect.slowMaxMs' }),
    fastAttempts: count(12, 'Attempts on the fast ladder before the slow ones: about four minutes.', { min: 0 }),
    slowMinMs: ms(300_000, 'Slow attempts never end. The shortest delay before one.', {
      notAbove: 'reconnect.slowMaxMs',
    }),
    slowMaxMs: ms(900_000, 'The longest delay before a slow attempt.'),
    networkLookMs: ms(
      2_000,
      'While the server is out of reach: how often it is looked whether it can be reached again, by a TCP connection that says nothing. Then the next try is made at once. 0: never.',
      { min: 0 },
    ),
    confirmMinMs: ms(2_000, 'A 401 or a 516 is confirmed by one more login, which comes no sooner than this.', {
      min: 0,
      notAbove: 'reconnect.confirmMaxMs',
    }),
    confirmMaxMs: ms(5_000, 'It comes no later than this.'),
    unstableCloses: count(
      6,
      'So many ends of an open connection within an hour, and a person is told once that it comes and goes.',
      { min: 2 },
    ),
    resetAfterMs: ms(60_000, 'Connected for this long, and the ladder starts from its first step again.'),
    connectTimeoutMs: ms(
      60_000,
      "A socket that has not opened by then is given up: three times Baileys' own deadline for the handshake.",
    ),
    closeTimeoutMs: ms(
      5_000,
      'A socket that has not closed by then is left; it can write no more. Baileys 7 may need 30 s for a dead link.',
    ),
  },
  /** When messages that cannot be read count. */
  decrypt: {
    graceMs: ms(120_000, "Time for Baileys' own retries after the backlog, before unread messages count.", { min: 0 }),
    graceAfterUncleanMs: ms(15_000, 'The same after a crash or a prune, when damage is expected.', {
      min: 0,
      notAbove: 'decrypt.graceMs',
    }),
    failingIds: count(3, 'Unread messages of one device that make it count as failing.'),
    failingAddresses: count(5, 'Devices with an unread message that make the account degraded.'),
    windowMs: ms(600_000, 'How long an unread message counts.'),
    escalateAfterMs: ms(600_000, 'Degraded for this long in spite of new sessions, and sessions are set aside.'),
    stormAddresses: count(5, 'A storm: so many devices fail, and none succeeds for the time of the next row.'),
    stormMs: ms(30_000, 'In a storm no more time is given. Baileys answers 50 failures in about 25 s.', {
      notAbove: 'decrypt.windowMs',
    }),
  },
  /** When messages that others cannot read count. */
  outbound: {
    graceMs: ms(
      30_000,
      'A contact that cannot read us this long after it asked for a message again counts. Baileys 6 asks after 5 s.',
      { min: 0, notAbove: 'outbound.windowMs' },
    ),
    failingIds: count(3, 'Messages that one device of a contact cannot read, for it to count alone.'),
    failingAddresses: count(3, 'Devices that cannot read a message of ours, for each of them to count.'),
    windowMs: ms(600_000, 'How long a message that was asked for again counts.'),
    escalateAfterMs: ms(300_000, 'They cannot read us for this long in spite of new sessions: a person is told.', {
      notAbove: 'outbound.windowMs',
    }),
  },
  /** What is kept for who asks for a message again. */
  resend: {
    maxMessages: count(1_000, 'Most messages of ours that are kept for being asked for again. Baileys 7 keeps 512.'),
    maxBytes: bytes(1024 * 1024, 1, 'Most bytes that they take together: about three thousand texts.'),
    maxAgeMs: ms(86_400_000, 'How long each is kept. A phone that was off for the night asks in the morning.'),
    keep: word(
      'memory',
      ['memory', 'store', 'off'],
      "Where they are kept. In the account's store they outlive the process; whoever can read the store can read them.",
    ),
  },
  /** What is left out of sessions and keys when they are stored. */
  trim: {
    keys: word(
      'on',
      ['on', 'off'],
      'Whether keys that no message can need any more are taken out when Baileys stores a session or a sender key.',
    ),
    receiverChains: count(5, "Receiving chains that a session keeps: as many as in Signal's own library."),
    lateChains: count(40, 'Older ones that a late message can still be read with. The newest of them stay.', {
      min: 0,
    }),
    skippedKeys: count(2_000, "Keys of skipped messages that a receiving chain keeps, as in Signal's own library."),
    closedSessions: count(40, "Closed sessions that are kept for a device, as in Signal's own library.", { min: 0 }),
  },
  /** When sessions are set aside, and how often. */
  prune: {
    onConflict: word(
      'with-evidence',
      ['with-evidence', 'always', 'never'],
      'Whether a 440 sets sessions aside: only while messages cannot be read, always, or never.',
    ),
    restartRequiredRun: count(3, 'So many 515 at login, without an open in between, count as a failure that lasts.'),
    addressCooldownMs: ms(3_600_000, 'Least time between two prunes of one address.', { min: 0 }),
    addressPerDay: count(3, 'Prunes of one address in 24 h.', { min: 0 }),
    allPerDay: count(1, 'Prunes of all sessions in 24 h.', { min: 0 }),
    verifyMs: ms(300_000, 'How long it is watched whether a prune helped.'),
    lookMs: ms(
      200,
      'After an unclean end stored sessions are looked at for this long before the first dial, the newest first, and at least 64; the others once connected.',
      { min: 0 },
    ),
  },
  /** What is done about a 440. */
  conflict: {
    retryMinMs: ms(30_000, 'The one retry after a 440 comes no sooner than this.', { notAbove: 'conflict.retryMaxMs' }),
    retryMaxMs: ms(60_000, 'It comes no later than this.', { notAbove: 'conflict.windowMs' }),
    windowMs: ms(600_000, 'A second 440 within this time means that another client is really there.'),
    probeMs: ms(3_600_000, 'How often a conflicted or blocked account tries whether things have changed.'),
  },
  /** When a refused client version is tried again. */
  outdated: {
    firstMs: ms(
      60_000,
      'After a 405 it is looked again this soon: one morning 73 came in a row, and were over by a restart.',
    ),
    secondMs: ms(300_000, 'The wait after a second 405 in a row.'),
    thirdMs: ms(900_000, 'The wait after a third. From the fourth on it is conflict.probeMs.'),
  },
  /** How long codes are shown. */
  pairing: {
    windows: count(5, 'Series of codes that are shown one after the other. The next one waits until it is asked for.'),
  },
  /** When a connection counts as dead. */
  liveness: {
    silenceMs: ms(60_000, "Nothing arrives for this long, and the link is pinged: twice Baileys' own keep-alive."),
    probeTimeoutMs: ms(10_000, 'How long the answer to the ping may take.'),
    stuckMs: ms(
      90_000,
      "A message that is being taken in for this long holds all others up: the link is dropped. Not a minute: Baileys' own deadline for a query is 60 s, and what ends by it must not be dropped again and again. Two thirds of it, a minute, is what the store has for a read of keys.",
    ),
    expectTrafficEveryMs: ms(
      0,
      'For accounts that are never quiet: no message came or went for this long, and the link is dropped. 0: off.',
      { min: 0 },
    ),
    roundTripMs: ms(
      0,
      'Nothing was delivered for this long, and the account writes a line to its own chat: its phone confirms it. Twice no answer: a new socket; again: you are told. 0: off.',
      { min: 0 },
    ),
    roundTripTimeoutMs: ms(60_000, 'How long that answer may take.'),
    sleepJumpMs: ms(60_000, 'The wall clock runs ahead of the timers by this much: the host slept.'),
  },
  /** When somebody is told. */
  notices: {
    quietMs: ms(180_000, 'Shorter outages are not told.', { min: 0 }),
  },
  /** How long what was set aside is kept. */
  quarantine: {
    keepDays: number(30, 0, 36_500, 'Days before what was set aside may be removed. Credentials never are.'),
    maxBytes: bytes(256 * 1024 * 1024, 0, 'Above this size the oldest is removed. Credentials never are.'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Threshold>>>>
