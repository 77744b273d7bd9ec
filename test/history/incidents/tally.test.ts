import { describe, expect, test } from 'vitest'
import type { HistoryEntry } from '../../../src/history/entry.ts'
import { eventsOf, toldEvents } from '../../../src/history/incidents/events.ts'
import { noTally, type Tally, tallied } from '../../../src/history/incidents/tally.ts'
import { factsSaid, messagesSaid, sentenceOf } from '../../../src/history/incidents/told.ts'
import { minute, second } from '../story.ts'

const entry = (type: HistoryEntry['type'], more: object = {}): HistoryEntry => ({ type, at: 1, ...more }) as never
const notice = (kind: string, details: object = {}) => entry('notice', { kind, message: 'm', details })
const act = (what: string, sessions?: number) => entry('act', { act: what, sessions })
const would = (what: string, sessions?: number) => entry('would', { act: what, sessions, why: 'torn' })
const went = (to: string, cause?: object) =>
  entry('transition', { from: 'healthy', to, event: 'e', generation: 1, cause })

describe('what an incident did, in numbers', () => {
  test.each<[string, readonly HistoryEntry[], Partial<Tally>]>([
    [
      'contacts, at the worst',
      [4, 9, 2].map((contacts) => entry('unreadable', { contacts, messages: 1 })),
      { contacts: 9 },
    ],
    [
      'those who cannot read, at the worst',
      [1, 5, 2].map((contacts) => entry('unheard', { contacts, own: 2 })),
      { unheard: 7 },
    ],
    [
      'messages, in sum',
      [1, 2].map((n) => entry('arrived', { late: n, unread: n + 1, reread: n + 2 })),
      { late: 3, unread: 5, reread: 7 },
    ],
    [
      'sessions set aside, counted',
      [notice('sessions-pruned', { sessions: 2, addresses: ['a'] }), notice('sessions-pruned', { sessions: 3 })],
      { setAside: 5 },
    ],
    [
      'sessions set aside, by address',
      [notice('sessions-pruned', { addresses: ['a', 'b'] }), notice('sessions-pruned')],
      { setAside: 2 },
    ],
    ['creds restored', [notice('credentials-restored'), act('pre-keys-raised')], { credentials: 'restored' }],
    ['creds repaired', [act('pre-keys-raised'), act('credentials-mended')], { credentials: 'repaired' }],
    ['creds mended', [act('credentials-mended')], { credentials: 'repaired' }],
    ['a first link', [notice('relinked', { first: true })], { credentials: 'linked' }],
    ['another link', [notice('relinked'), notice('credentials-restored')], { credentials: 'replaced' }],
    ['what most closes were', [notice('unstable', { cause: 'network' })], { unstable: 'network' }],
    ['no cause that nobody knows', [notice('unstable', { cause: 'comet' }), notice('unstable')], {}],
    [
      'nothing of another notice',
      [notice('outage'), entry('trouble', { doing: 'x', message: 'y' }), entry('stop')],
      {},
    ],
    [
      'sessions renewed, in sum',
      [act('sessions-renewed', 2), act('sessions-renewed'), act('sessions-renewed', 3)],
      { renewed: 5 },
    ],
    ['nothing of another act', [act('sessions-set-aside', 3), act('sessions-moved', 3)], {}],
    [
      'what would have been renewed, at most',
      [would('sessions-renewed', 4), would('sessions-renewed', 2), would('sessions-renewed')],
      { wouldRenew: 4 },
    ],
    [
      'what would have been set aside, at most',
      [would('sessions-set-aside', 4), would('sessions-set-aside', 2)],
      { wouldSetAside: 4 },
    ],
    [
      'all that would have been set aside',
      [would('sessions-set-aside'), would('sessions-set-aside', 2)],
      { wouldSetAside: 'all' },
    ],
    [
      'creds that would have come back',
      [would('credentials-restored'), would('pre-keys-raised')],
      { wouldRestore: true },
    ],
    ['a code', [went('awaitingQr'), went('healthy')], { code: true }],
    [
      'a code with a close',
      [went('awaitingQr', { kind: 'logged-out', code: 401 })],
      { code: true, closes: { 401: 1 } },
    ],
    [
      'closes by code, or by cause',
      [
        went('reconnecting', { kind: 'closed', code: 428 }),
        went('reconnecting', { kind: 'closed', code: 428 }),
        went('reconnecting', { kind: 'network' }),
      ],
      { closes: { 428: 2, network: 1 } },
    ],
  ])('%s', (_, entries, tally) => {
    expect(entries.reduce(tallied, noTally)).toEqual({ ...noTally, ...tally })
  })
})

describe('what is said of it', () => {
  const facts = (tally: Partial<Tally>, more: object = {}) =>
    ({
      tally: { ...noTally, ...tally },
      downMs: 0,
      outcome: 'healed',
      wouldHave: false,
      healMs: 9_000,
      ...more,
    }) as never
  const kept = 'credentials untouched'
  const days = 86_400_000
  test.each<[object, object, readonly string[]]>([
    [{}, {}, []],
    [{ late: 2 }, {}, ['2 messages arrived late, none lost']],
    [{ late: 1 }, { outcome: 'open' }, ['1 message arrived late']],
    [{ late: 2 }, { downMs: 14 * days }, ['2 messages arrived late, none lost']],
    [{ late: 2 }, { downMs: 14 * days + 1 }, ['2 messages arrived late']],
    [{ late: 2, contacts: 1 }, {}, ['2 messages arrived late', '1 contact unreadable', kept]],
    [{ late: 2, unread: 2, reread: 1 }, {}, ['2 messages arrived late; 2 could not be read: asked for again']],
    [{ unread: 2, reread: 2 }, {}, ['2 could not be read: asked for again, and read']],
    [{ unheard: 3 }, {}, ['3 could not read what was sent', kept]],
    [{ renewed: 1 }, {}, ['1 session made anew', kept]],
    [{ setAside: 2 }, {}, ['2 sessions set aside', kept]],
    [{ code: true }, {}, ['a code was needed', kept]],
    [{ wouldRenew: 2 }, {}, ['would have made 2 sessions anew']],
    [{ wouldRenew: 2, wouldSetAside: 1 }, {}, ['would have set 1 session aside']],
    [{ wouldSetAside: 'all' }, {}, ['would have set all sessions aside']],
    [{ wouldRestore: true }, { wouldHave: true }, ['would have put the last good credentials back', 'observing only']],
    [{ credentials: 'repaired' }, {}, ['pre-key ids in the credentials repaired']],
    [
      { unstable: 'network', closes: { network: 5, 428: 2 } },
      {},
      [expect.stringMatching(/^unstable: 7 closes, mostly: /)],
    ],
  ])('%j %j', (tally, more, said) => {
    expect(factsSaid(facts(tally, more))).toEqual(said)
  })

  test.each([
    [{ downMs: 4 * minute }, 'down 4 min; healed in 9 s'],
    [{ healMs: undefined }, 'connected throughout; healed in less than a second'],
    [{ outcome: 'stopped' }, 'connected throughout; stopped before it was over'],
    [{ outcome: 'open', wouldHave: true }, 'connected throughout; not over yet; observing only'],
  ])('its sentence: %j', (more, said) => {
    expect(sentenceOf(facts({}, more))).toBe(said)
  })

  test('nothing of messages where there were none', () => {
    expect(messagesSaid(facts({}))).toBe('')
  })
})

describe('an entry in words', () => {
  const moved = (from: string, to: string, more: object = {}) => entry('transition', { from, to, ...more })
  test.each<[HistoryEntry, readonly object[]]>([
    [moved('healthy', 'healthy'), []],
    [moved('degraded', 'healthy', { why: 'x' }), [{ words: 'Messages can be read again.' }]],
    [
      moved('connecting', 'healthy', { why: 'the server answered' }),
      [{ words: 'Connected.', why: 'The server answered.' }],
    ],
    [moved('connecting', 'healthy', { why: 'Connected.' }), [{ words: 'Connected.' }]],
    [moved('healthy', 'healthy', { why: 'it waits' }), [{ words: 'It waits.' }]],
    [notice('outage'), [{ words: 'Told (outage): m' }]],
    [entry('trouble', { doing: 'saving', message: 'no room' }), [{ words: 'Failed while saving: No room.' }]],
    [entry('start', { mode: 'heal', unclean: false }), [{ words: 'Supervision started.' }]],
    [
      entry('start', { mode: 'observe', unclean: false, lastSeenAt: 0 }),
      [{ words: 'Supervision started. Observing only.' }],
    ],
    [
      entry('start', { mode: 'observe', unclean: true }),
      [{ words: 'Started again after a run that ended without a stop. Observing only.' }],
    ],
    [
      entry('start', { mode: 'heal', unclean: true, lastSeenAt: 1 - minute }),
      [{ words: 'Started again after a run that ended without a stop, last seen 1 min before.' }],
    ],
    [entry('claim'), [{ words: 'The account was claimed again.' }]],
    [entry('stop'), [{ words: 'Supervision was stopped as asked.' }]],
    [entry('alive'), []],
    [entry('unreadable', { contacts: 0, messages: 0 }), [{ words: 'No contact is unreadable any more.' }]],
    [entry('unreadable', { contacts: 1, messages: 2 }), [{ words: '1 contact unreadable, 2 messages.' }]],
    [entry('unheard', { contacts: 0, own: 0, messages: 0 }), [{ words: 'What is sent can be read by all again.' }]],
    [
      entry('unheard', { contacts: 2, own: 0, messages: 1 }),
      [{ words: '2 contacts cannot read what is sent, 1 message.' }],
    ],
    [
      entry('unheard', { contacts: 0, own: 1, messages: 1 }),
      [{ words: '1 device of the account itself cannot read what is sent, 1 message.' }],
    ],
    [
      entry('unheard', { contacts: 1, own: 2, messages: 3 }),
      [{ words: '1 contact and 2 devices of the account itself cannot read what is sent, 3 messages.' }],
    ],
    [entry('arrived', { late: 0, unread: 0, reread: 0 }), []],
    [
      entry('arrived', { late: 1, unread: 2, reread: 3 }),
      [
        { words: '1 message arrived late.' },
        { words: '2 messages could not be read, and asked for again.' },
        { words: '3 messages could be read after all.' },
      ],
    ],
    [act('sessions-renewed', 2), [{ words: '2 sessions made anew while connected.' }]],
    [
      entry('act', { act: 'sessions-moved', sessions: 1, why: 'w' }),
      [{ words: '1 session found under the other address of the contact.', why: 'W.' }],
    ],
    [act('sessions-set-aside'), [{ words: 'All sessions set aside.' }]],
    [would('sessions-set-aside', 1), [{ words: 'Would have set 1 session aside.', why: 'Torn.' }]],
  ])('%j', (given, said) => {
    expect(eventsOf(given)).toEqual(said.map((one) => ({ at: 1, ...one })))
  })

  test('counts tries that ended as the one before, and tells each that did not', () => {
    const at = (ms: number, from: string, to: string, kind?: string) =>
      entry('transition', { at: ms, from, to, ...(kind === undefined ? {} : { cause: { kind, message: '' } }) })
    const down = at(0, 'healthy', 'reconnecting', 'network')
    const tries = (kind: string, from: number) => [
      at(from, 'reconnecting', 'connecting'),
      at(from + second, 'connecting', 'reconnecting', kind),
    ]
    const words = (entries: readonly HistoryEntry[]) => toldEvents(entries).map((event) => [event.at, event.words])
    const lost = 'Disconnected; dials again after a pause.'
    expect(words([down, ...tries('network', 5_000), entry('alive'), ...tries('network', 20_000)])).toEqual([
      [0, expect.stringMatching(/^Closed: /)],
      [5_000, expect.stringMatching(/^Tried 2 more times in 16 s; each ended the same way: .+\.$/)],
    ])
    expect(words([down, ...tries('network', 5_000)])).toEqual([
      [0, expect.stringContaining(lost)],
      [5_000, 'Dialled WhatsApp.'],
      [6_000, expect.stringContaining(lost)],
    ])
    expect(
      words([down, ...tries('server', 5_000), ...tries('server', 9_000), at(20_000, 'reconnecting', 'healthy')]),
    ).toEqual([
      [0, expect.stringContaining(lost)],
      [5_000, 'Dialled WhatsApp.'],
      [6_000, expect.stringContaining(lost)],
      [9_000, 'Dialled WhatsApp.'],
      [10_000, expect.stringContaining(lost)],
      [20_000, 'Connected.'],
    ])
  })
})
