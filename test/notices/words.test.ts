import { describe, expect, test } from 'vitest'
import { allHeard, type Context, unstableSaid } from '../../machines/index.ts'
import type { AuthStore, NoticeChannel, NoticeKind } from '../../src/index.ts'
import { command } from '../../src/index.ts'
import { Channels } from '../../src/notices/channels.ts'
import { noticeDetails } from '../../src/notices/details.ts'
import { guardedLookup, type Resolve } from '../../src/notices/guarded-lookup.ts'
import { memoryKeep } from '../../src/notices/keep.ts'
import { noticeWords } from '../../src/notices/words.ts'
import { notice, Reports, ScriptedLine, statusIn } from './notices.ts'

const unheard = { level: 'failing', contacts: 2, ownPhone: true, companions: 1, messages: 5 } as const

describe('what a notice says', () => {
  test('of an unstable connection is how often it closed and why, with what helps for that', () => {
    const said = (details: object) =>
      noticeWords('unstable', details as Readonly<Record<string, unknown>>, statusIn('reconnecting'))
    const link = 'It reconnects by itself. If this goes on, look at the network of this host: the line, the proxy.'
    const other = 'It reconnects by itself, after a longer pause each time.'
    expect(said({ closes: 7, cause: 'network' })).toEqual({
      message: unstableSaid({ closes: 7, kind: 'network' }, 'in the last hour'),
      remediation: link,
    })
    expect(said({ cause: 'no cause' })).toEqual({
      message: unstableSaid({ closes: 0, kind: 'unknown' }, 'in the last hour'),
      remediation: other,
    })
    const cures = ['portal', 'deaf', 'clock', 'slept', 'replaced', 'server'].map((cause) => said({ cause }).remediation)
    expect(cures).toEqual([
      ...[link, link, 'Set the clock of this host.'],
      'Keep this host awake, and its clock from being set again and again.',
      ...['If this program runs twice, stop one of them.', other],
    ])
    expect(said({ over: true })).not.toHaveProperty('remediation')
    const unanswered = (details: object) =>
      noticeWords('unanswered', details as Readonly<Record<string, unknown>>, statusIn('healthy'))
    expect(unanswered({}).remediation).toMatch(/^Look whether the phone is on and online/)
    expect(unanswered({ over: true })).not.toHaveProperty('remediation')
  })

  test.each<[NoticeKind, object, string]>([
    ['outage', { downMs: 65_000 }, 'Not connected for 1 min. It is reconnecting.'],
    ['outage', {}, 'Not connected for less than a second. It is reconnecting.'],
    ['recovered', { downMs: 7_200_000 }, 'Connected again after 2 h.'],
    ['recovered', {}, 'Connected again after less than a second.'],
    ['recovered', { downMs: 105 * 60_000 }, 'Connected again after 1 h 45 min.'],
    ['recovered', { downMs: 110_000 }, 'Connected again after 1 min.'],
    ['recovered', { downMs: 119_600 }, 'Connected again after 2 min.'],
    ['recovered', { downMs: 25 * 3_600_000 + 59 * 60_000 }, 'Connected again after 1 d 1 h.'],
    ['relinked', { first: true }, 'Linked.'],
    ['relinked', {}, 'Linked again; the old credentials, if any, lie in the quarantine.'],
    ['relinked', { self: '491@s', first: true, observing: true }, 'Linked as 491@s. Observing only.'],
    ['sessions-pruned', {}, '0 session files were set aside. The credentials stay.'],
    [
      'sessions-pruned',
      { scope: 'unloadable', addresses: ['a'], quarantine: 'q' },
      '1 session file was set aside: nothing can load them. The credentials stay. They lie in the quarantine as q.',
    ],
    [
      'sessions-pruned',
      { scope: 'all', why: 'asked to' },
      'All sessions: 0 session files were set aside, as a person asked. The credentials stay.',
    ],
    [
      'sessions-pruned',
      { why: 'they cannot be read' },
      '0 session files were set aside: they cannot be read. The credentials stay.',
    ],
    ['sessions-pruned', { why: '', quarantine: 7 }, '0 session files were set aside. The credentials stay.'],
    ['sessions-pruned', { why: 7, addresses: 'a' }, '0 session files were set aside. The credentials stay.'],
    [
      'credentials-restored',
      { savedAt: 0 },
      'The stored credentials could not be read; the good copy of 1970-01-01T00:00:00.000Z was put back. The damaged file is kept.',
    ],
    ['relink-needed', {}, 'It is reconnecting.'],
    ['conflict', {}, 'It is reconnecting.'],
    ['blocked', { observing: true }, 'It is reconnecting. Observing only.'],
    ['unstable', { over: true, closes: 1 }, 'The connection is stable again: 1 close in the last hour.'],
    ['unstable', { over: true }, 'The connection is stable again: 0 closes in the last hour.'],
    ['unanswered', { over: true }, 'Messages arrive again.'],
    [
      'unanswered',
      {},
      'Nothing comes back for what the account writes to its own chat, on a new connection either, and nothing else arrives.',
    ],
    [
      'pruning-exhausted',
      { why: 'no cure is left' },
      '0 messages from 0 devices cannot be read, and no cure is left. The connection stays up.',
    ],
    [
      'pruning-exhausted',
      { why: 'no cure is left', messages: 1, addresses: ['a', 'b'], tried: { live: true, failing: true, all: true } },
      '1 message from 2 devices cannot be read, and no cure is left. Tried: new sessions while connected, setting the failing sessions aside, setting all sessions aside. The connection stays up.',
    ],
    [
      'pruning-exhausted',
      { would: '1 session', messages: 2, addresses: ['a'], observing: true },
      '2 messages from 1 device cannot be read. Observing only: 1 session would have been set aside. The connection stays up.',
    ],
    [
      'pruning-exhausted',
      { unheard: { contacts: 3, ownPhone: false, companions: 0, messages: 4 } },
      '3 contacts cannot read what you send, and new sessions did not help. The connection stays up.',
    ],
    [
      'pruning-exhausted',
      { unheard: { contacts: 0, ownPhone: true, companions: 0, messages: 1 }, observing: true },
      'Your own phone cannot read what you send. Observing only: no new session was made for them. The connection stays up.',
    ],
    [
      'pruning-exhausted',
      { why: 'no cure is left', unheard: { contacts: 1, ownPhone: false, companions: 0, messages: 1 } },
      '0 messages from 0 devices cannot be read, and no cure is left. 1 contact cannot read what you send, and new sessions did not help. The connection stays up.',
    ],
  ])('of kind %s with %j', (kind, details, message) => {
    expect(noticeWords(kind, details as Readonly<Record<string, unknown>>, statusIn('reconnecting')).message).toBe(
      message,
    )
  })

  test.each<[NoticeKind, object, object]>([
    ['sessions-pruned', {}, { addresses: [] }],
    [
      'sessions-pruned',
      { verifying: { scope: 'failing', why: 'w', addresses: ['a'], quarantine: 'q' } },
      { scope: 'failing', why: 'w', addresses: ['a'], quarantine: 'q' },
    ],
    ['pruning-exhausted', { withheld: { scope: 'all', addresses: [] } }, { would: 'all sessions' }],
    ['pruning-exhausted', { withheld: { scope: 'failing', addresses: ['a'] } }, { would: '1 session' }],
    ['pruning-exhausted', { withheld: { scope: 'failing', addresses: ['a', 'b'] } }, { would: '2 sessions' }],
    [
      'pruning-exhausted',
      { exhausted: 'no cure is left', outbound: { ...unheard, addresses: ['u'] }, told: {} },
      { why: 'no cure is left' },
    ],
    ['relink-needed', { pair: { reason: 'logged-out', resume: false } }, { reason: 'logged-out', scanned: false }],
    [
      'relink-needed',
      { pair: { reason: 'logged-out', resume: true, stranger: { ending: '42', link: 'unlinked' } } },
      { reason: 'other-number', scanned: true, otherNumber: '…42', unlinked: true },
    ],
    [
      'relink-needed',
      { pair: { reason: 'logged-out', resume: true, shutOut: { scans: 2 } } },
      { reason: 'not-let-in', scanned: false, scans: 2 },
    ],
    ['relink-needed', { pair: { reason: 'logged-out', resume: true } }, { reason: 'logged-out', scanned: true }],
    [
      'relink-needed',
      { pair: { reason: 'x', resume: true, stranger: { ending: '42', link: 'kept' } } },
      { reason: 'other-number', scanned: true, otherNumber: '…42', unlinked: false },
    ],
    ['blocked', {}, {}],
    [
      'blocked',
      { block: { reason: 'banned', until: 7, detail: '402' } },
      { reason: 'banned', until: 7, detail: '402' },
    ],
    ['relinked', {}, {}],
    ['relinked', { self: { id: '491:7@s.whatsapp.net' } }, { self: '491:7@s.whatsapp.net' }],
    ['conflict', { conflicts: [1, 2] }, { conflicts: [1, 2] }],
    ['unstable', { unstable: { closes: 7, kind: 'network', since: 5 } }, { closes: 7, cause: 'network', since: 5 }],
    [
      'unstable',
      { env: { now: () => 9_000_000 }, drops: [0, 8_000_000, 8_500_000].map((at) => ({ at, kind: 'network' })) },
      { closes: 2, over: true },
    ],
    [
      'pruning-exhausted',
      { exhausted: 'x', evidence: { messages: 3, addresses: ['x'], groupsOnly: true } },
      { why: 'x', linkingHelps: false },
    ],
    [
      'pruning-exhausted',
      { withheld: { scope: 'all', addresses: [] }, pair: { shutOut: {} } },
      { would: 'all sessions', linkingHelps: false },
    ],
    ['pruning-exhausted', { exhausted: 'x' }, { why: 'x' }],
  ])('comes, for kind %s, from what the statechart knows: %j', (kind, known, details) => {
    const evidence = { messages: 3, addresses: ['x'] }
    const more = kind === 'pruning-exhausted' ? { ...evidence, tried: {} } : {}
    expect(noticeDetails(kind, { evidence, outbound: allHeard, pair: {}, ...known } as unknown as Context)).toEqual({
      ...details,
      ...more,
      ...details,
    })
  })

  test('names those who cannot read once a person is told of them, and what we cannot read only where that is told', () => {
    const outbound = { ...unheard, addresses: ['u', 'v'] }
    // A new link would not help with what is unread in groups alone, but those who cannot read are helped by it.
    const evidence = { messages: 3, addresses: ['x'], groupsOnly: true }
    const known = { evidence, tried: {}, outbound, pair: {}, told: { v: 1 } }
    expect(noticeDetails('pruning-exhausted', known as unknown as Context)).toEqual({
      unheard: { contacts: 2, ownPhone: true, companions: 1, messages: 5, addresses: ['u', 'v'] },
    })
  })
})

describe('a name', () => {
  const gives =
    (error: Error | null, ...addresses: string[]): Resolve =>
    (_name, _options, callback) =>
      callback(
        error,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
  const look = (resolve: Resolve, all: boolean, free = false) =>
    new Promise<unknown[]>((settle) => {
      guardedLookup(free, resolve)('a.example', { all }, (...answer) => settle(answer))
    })

  test('is dialled at the addresses that were checked, one or all, as it is asked for', async () => {
    const both = gives(null, '1.1.1.1', '2606:4700::1')
    expect(await look(both, false)).toEqual([null, '1.1.1.1', 4])
    expect(await look(both, true)).toEqual([
      null,
      [
        { address: '1.1.1.1', family: 4 },
        { address: '2606:4700::1', family: 6 },
      ],
    ])
    expect(await look(gives(null, '10.0.0.1'), false, true)).toEqual([null, '10.0.0.1', 4])
  })

  test('that has no address, a private one, or that nobody knows, is an error', async () => {
    const message = async (resolve: Resolve) => (await look(resolve, true)).slice(0, 1).map(String)
    expect(await message(gives(null))).toEqual(['Error: a.example has no address'])
    expect(await message(gives(new Error('ENOTFOUND')))).toEqual(['Error: ENOTFOUND'])
    expect(await message(gives(null, '1.1.1.1', '10.0.0.1'))).toEqual([
      expect.stringContaining('private address 10.0.0.1'),
    ])
  })
})

describe('channels', () => {
  test('of one name keep their notices apart, in memory where a store has no folder, and none harms another', async () => {
    const reports = new Reports()
    const kept: unknown[] = []
    const channel = (name: string, more: object = {}): NoticeChannel => ({
      name,
      open: ({ keep }) => {
        kept.push(keep)
        return { tell: () => undefined, ...more }
      },
    })
    const failing = channel('x', { close: () => Promise.reject(new Error('stuck')) })
    const broken: NoticeChannel = {
      name: '...',
      open: () => {
        throw new Error('no room')
      },
    }
    const parts = { account: 'a', line: new ScriptedLine(), report: reports.report }
    const inMemory = new Channels({
      ...parts,
      store: {} as AuthStore,
      notifiers: [channel('x'), failing, channel('x'), broken],
    })
    inMemory.open()
    await inMemory.close()
    expect(new Set(kept).size).toBe(3)
    expect(reports.all).toEqual(['opening the notice channel ...: no room', 'closing a notice channel: stuck'])
    kept.length = 0
    const stored = new Channels({
      ...parts,
      store: { ownFolder: '/own' } as AuthStore,
      notifiers: ['x', 'x', '../y', '...'].map((name) => channel(name)),
    })
    stored.open()
    expect(kept.map((keep) => Object(keep).location)).toEqual(
      ['x', 'x-2', '_y', 'channel'].map((name) => `/own/notices/${name}`),
    )
  })

  test('are closed once, and told nothing after that', async () => {
    const told: string[] = []
    let closed = 0
    const one: NoticeChannel = {
      name: 'x',
      open: () => ({ tell: ({ message }) => told.push(message), close: () => (closed += 1) }),
    }
    const parts = { account: 'a', line: new ScriptedLine(), report: () => undefined, store: {} as AuthStore }
    const channels = new Channels({ ...parts, notifiers: [one] })
    channels.open()
    channels.tell(notice('first'))
    await channels.close()
    channels.tell(notice('late'))
    await channels.close()
    expect([told, closed]).toEqual([['first'], 1])
  })

  test('for commands take the kinds that were asked for, and drop the oldest of a flood', async () => {
    const reports = new Reports()
    const channel = command([process.execPath, '-e', '0'], { kinds: ['outage'] })
    const open = channel.open({ account: 'a', keep: memoryKeep(), line: new ScriptedLine(), report: reports.report })
    open.tell(notice('not this', 'recovered'))
    for (let at = 0; at < 102; at += 1) open.tell(notice(String(at)))
    await open.close?.()
    expect(reports.all[0]).toBe('running command: more than 100 notices wait; the oldest was dropped')
  })
})
