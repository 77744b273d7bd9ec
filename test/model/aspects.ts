import type { CauseKind, Context, Policy } from '../../machines/index.ts'
import { ofBothWays, ofCloses, ofMessages, ofProof, smallPolicy } from './abstraction.ts'
import type { Evidence, Occurrence, Outbound } from './occurrences.ts'

/** A part of what can happen, which is gone through in every order and combination. */
export interface Aspect {
  readonly name: string
  readonly mode: 'heal' | 'observe'
  readonly policy: Policy
  readonly abstract: (state: string, context: Context) => string
  readonly occurs: (occurrence: Occurrence) => boolean
}

const ofCodes = /^(relink|pairing\.request|prepareAuth (unlinked|lost|staged))$/

/** Everything but other closes, other findings of messages, and what leads to a code. */
const linked = (closes: readonly CauseKind[], messages: readonly Evidence[], outbound: readonly Outbound[] = []) => {
  const found: readonly string[] = [
    ...messages.map((one) => `messages: ${one}`),
    ...outbound.map((one) => `outbound: ${one}`),
  ]
  return ({ name, close }: Occurrence): boolean =>
    (close === undefined || closes.includes(close)) &&
    (!/^(messages|outbound): /.test(name) || found.includes(name)) &&
    !ofCodes.test(name)
}

/** What holds an account back, or a person asks for, has nothing to do with what others can read. */
const connected =
  (occurs: (occurrence: Occurrence) => boolean) =>
  (occurrence: Occurrence): boolean =>
    occurs(occurrence) &&
    !/^(stop$|prune |auth\.failed|liveness|disk|reconnect$)|: (not-owner|disk|creds)$/.test(occurrence.name)

/**
 * All at once would be the product of two things that hardly look at each other: how closes and codes follow one
 * another, and how unread messages are healed. So each is gone through whole, and where they do meet, at a 440 and at
 * what is set aside, by itself. Everything at once is what the random sequences play.
 */
export const aspects: readonly Aspect[] = [
  {
    name: 'closes, commands and codes',
    mode: 'heal',
    policy: smallPolicy(1),
    abstract: ofCloses,
    occurs: ({ name }) => !/^(messages|outbound): /.test(name) || name === 'messages: fine',
  },
  {
    name: 'unread messages',
    mode: 'heal',
    policy: smallPolicy(2),
    abstract: ofMessages,
    occurs: linked(['closed', 'intentional'], ['fine', 'failing', 'storm', 'incurable storm']),
  },
  {
    name: 'unread messages and a 440',
    mode: 'heal',
    policy: smallPolicy(2),
    abstract: ofProof,
    occurs: linked(['closed', 'replaced'], ['fine', 'suspected']),
  },
  {
    name: 'unread messages, a 440 and a 515, observing',
    mode: 'observe',
    policy: smallPolicy(1),
    abstract: ofMessages,
    occurs: linked(['closed', 'replaced', 'restart-required'], ['fine', 'failing', 'incurable storm']),
  },
  {
    name: 'messages that others cannot read',
    mode: 'heal',
    policy: smallPolicy(2),
    abstract: ofBothWays,
    occurs: connected(linked(['closed', 'replaced'], ['fine'], ['fine', 'failing', 'others'])),
  },
  {
    name: 'unread messages both ways',
    mode: 'heal',
    policy: smallPolicy(1),
    abstract: ofBothWays,
    occurs: connected(linked([], ['fine', 'failing', 'storm'], ['fine', 'failing'])),
  },
]
