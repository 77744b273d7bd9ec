import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeWASocket } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { withFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { TorturedGateway, type TortureGiven } from '../../../src/rehearsal/torture/gateway.ts'
import { whyNotPaired } from '../../../src/rehearsal/torture/pairing.ts'
import { brokenRules, type Evidence } from '../../../src/rehearsal/torture/rules.ts'
import { run } from '../../../src/rehearsal/torture/run.ts'
import { cannotBegin, cutShort, growth } from '../../../src/rehearsal/torture/verdict.ts'
import { freshFolder, linkedAccount } from '../../stores/account.ts'

const status = (state: string, more: object = {}) => ({ state, userAction: 'none', ...more })

/** A run in which all went well, but for what is given. */
const evidence = async ({ gateway = {}, ...others }: Readonly<Record<string, unknown>> = {}): Promise<Evidence> =>
  ({
    server: { peak: () => 1, events: [] },
    schedule: [{ name: '440', settled: true }],
    identity: ['a', 'a'],
    healed: true,
    read: true,
    stopMs: 10,
    stopsWithinMs: 6_000,
    leaks: [],
    ...others,
    gateway: {
      ...{ folder: await freshFolder(), number: '491', state: 'healthy', message: 'Connected.', askedToPair: false },
      ...{ overlaps: 0, path: ['awaitingQr', 'healthy'], notices: [], statuses: [], sent: [], texts: new Set() },
      ...{ history: [], sockets: [{ ws: { isOpen: false } }], astray: new Set(), refusals: new Set(), pending: 0 },
      ...Object(gateway),
    },
  }) as unknown as Evidence

const told = async (more?: Readonly<Record<string, unknown>>) =>
  (await brokenRules(await evidence(more))).map(({ rule, found }) => `${rule}: ${found}`)
const step = (name: string) => [{ name, settled: true }]
const lost = { sent: ['anna: 1', 'ben: 2'], texts: new Set(['anna: 1']) }
const damaged = (messages: number) => [{ type: 'unreadable', messages }]
const oneWay = { sent: 9, read: 9, neverRead: [], askedAgain: 0, toldTwice: [], toldNever: [], outOfOrder: 0 }
const talk = (toAccount: object, toContacts: object) => ({
  toAccount: { ...oneWay, ...toAccount },
  toContacts: { ...oneWay, ...toContacts },
})
const leak = (owner: string, more: object = {}) => ({ what: 'timer', count: 2, owner, ...more })

describe('what a schedule must leave in order', () => {
  test.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['nothing, where all went well', {}, []],
    [
      'an account that did not come back',
      { healed: false, read: false, gateway: { state: 'blocked', ...lost } },
      ['heals: it was blocked long after everything was well again: Connected.'],
    ],
    [
      'two connections at once',
      { server: { peak: () => 2 } },
      ['one socket: 2 connections of the account were open at the same time'],
    ],
    ['two connections, of which one is half open', { server: { peak: () => 2 }, schedule: step('half-open') }, []],
    [
      'a second call of connect',
      { gateway: { overlaps: 1 } },
      ['one socket: connect was called while a socket was open'],
    ],
    [
      'a code after it was linked',
      { gateway: { askedToPair: true } },
      ['no code: a code was shown to an account that is linked'],
    ],
    ['other keys', { identity: ['a', undefined] }, ['same account: creds.json holds other keys than before']],
    [
      'sessions that went without a reason',
      { gateway: { notices: ['sessions-pruned', 'sessions-pruned'] } },
      ['sessions stay: sessions were set aside 2 times, and nothing was wrong with them'],
    ],
    ['sessions that a person set aside', { schedule: step('prune'), gateway: { notices: ['sessions-pruned'] } }, []],
    ['sessions that were damaged', { schedule: step('damage'), gateway: { notices: ['sessions-pruned'] } }, []],
    [
      'a wait without its end',
      { gateway: { statuses: [status('reconnecting', { nextAttemptAt: 1 }), status('reconnecting')] } },
      ['waits say so: it reconnected without naming a time'],
    ],
    [
      'a wait for nobody',
      { gateway: { statuses: [status('blocked', { userAction: 'contact-support' }), status('conflicted')] } },
      ['waits say so: it was conflicted without naming what a person is to do'],
    ],
    [
      'messages that nobody names',
      { read: false, gateway: { ...lost, history: damaged(0) } },
      ['all read: 1 of 2 messages were never read, and the history names none: ben: 2'],
    ],
    ['messages that came too late', { read: false }, ['all read: some messages were told only when it was stopped']],
    ['messages that the history names', { read: false, gateway: { ...lost, history: damaged(1) } }, []],
    ['a conversation in which all was read and told', { talk: talk({}, {}) }, []],
    [
      'messages of the account that contacts could not read',
      { talk: talk({}, { neverRead: ['a', 'b'], askedAgain: 3 }) },
      [
        'contacts read: when all was well, 2 of 9 messages of the account could not be read by those they were for, who asked for them 3 times',
      ],
    ],
    [
      'messages of contacts that were told twice, or never',
      { talk: talk({ toldTwice: ['a'], toldNever: ['b', 'c'] }, {}) },
      ['told once: when all was well, 2 of 9 messages were never told and 1 were told twice'],
    ],
    ['a slow stop', { stopMs: 6_100 }, ['stops: stop() took 6.1 s']],
    [
      'sockets after the stop',
      { gateway: { sockets: [{ ws: { isOpen: true } }] } },
      ['stops: 1 sockets were open after stop()'],
    ],
    [
      'things after the stop',
      { leaks: [leak('connect', { where: 'a.js:3' }), leak('lifeline'), leak('other')] },
      ['nothing left: after stop() there is still: 2 × timer (from a.js:3), 2 × timer (from lifeline), 2 × timer'],
    ],
  ])('%s', async (_, more, found) => {
    expect(await told(more)).toEqual(found)
  })

  test('a file of the quarantine that changed there', async () => {
    const { folder, store } = await linkedAccount()
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
    expect(await told({ gateway: { folder } })).toEqual([])
    await appendFile(join(folder, '.lifeline/quarantine', entry?.id ?? '', 'session-491.0.json'), ' ')
    expect(await told({ gateway: { folder } })).toEqual(['nothing lost: session-491.0.json changed in the quarantine'])
  })
})

describe('an account that could not be linked', () => {
  const paired = { events: [{ kind: 'paired', account: '491' }] }
  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ gateway: { astray: new Set(['a:1', 'b:2']) } }, 'connect made a socket to a:1, b:2 in place of the fake server'],
    [{ gateway: { pending: 2, calls: 3 } }, 'connect did not return: 2 of 3 calls were still pending after 20 s'],
    [{ gateway: { refusals: new Set(['no', 'never']) } }, 'connect gave no socket: no; never'],
    [
      { server: paired },
      'the phone linked the account, and afterwards it asked for a code again: creds.update was not heard',
    ],
    [
      { server: { events: [{ kind: 'paired', account: '492' }] } },
      'it was not linked and healthy after 20 s, but healthy: Connected.',
    ],
  ])('is told by its likeliest cause: %j', async (more, found) => {
    const { gateway, server } = await evidence(more)
    expect(whyNotPaired({ gateway, server, afterMs: 20_000 })).toMatchObject({ rule: 'links', found })
  })
})

describe('a connect that gives no socket', () => {
  const astray = (given: TortureGiven) =>
    makeWASocket({ auth: given.auth as never, logger: given.logger as never, waWebSocketUrl: 'ws://127.0.0.1:9/' })

  test('is told by what it did, each call counted once, and none is left pending', () =>
    withFakeWhatsApp(async ({ clientOptions }) => {
      const answers = [
        () => ({}),
        () => {
          throw 'words alone'
        },
        astray,
      ]
      const connect = (given: TortureGiven) => (answers.shift() ?? astray)(given)
      const gateway = new TorturedGateway({ auth: await freshFolder(), number: '491', connect, clientOptions })
      await gateway.line.start()
      expect(await gateway.until(() => gateway.astray.size > 0 && gateway.refusals.size > 2, 20_000)).toBe(true)
      await gateway.line.stop()
      expect([...gateway.refusals].slice(0, 3)).toEqual([
        'it did not return a Baileys socket',
        'words alone',
        'the socket went to 127.0.0.1:9',
      ])
      expect([[...gateway.astray], gateway.pending, gateway.overlaps]).toEqual([['127.0.0.1:9'], 0, 0])
      expect(gateway.calls).toBeGreaterThan(2)
    }))

  test('ends its run at once, with the reason and no word about what could not be played', () =>
    withFakeWhatsApp(async (server) => {
      const schedule = [{ name: '440', settled: true }] as const
      const result = await run({ server, connect: astray, connectFolder: '/nowhere/', schedule })
      expect(result.broken.map(({ rule, found }) => `${rule}: ${found}`)).toEqual([
        'links: connect made a socket to 127.0.0.1:9 in place of the fake server',
      ])
      expect(result.messages).toEqual({ sent: 0, read: 0 })
      expect(result.path).not.toContain('healthy')
    }))
})

describe('a process that gave no result', () => {
  const ended = (stderr: string) => ({ type: 'ended', how: 'SIGSEGV', stderr }) as const
  const broken = { type: 'refused', why: 'broken', error: 'Error: no room' } as const

  test.each([
    [ended('at a.js\nTypeError: x is no function\n  at b.js\n\nNode.js v20'), /\(SIGSEGV\).*: TypeError: x is no func/],
    [ended('Killed\n\n'), /: Killed$/],
    [ended(''), /: it printed nothing$/],
    [{ type: 'silent' }, /^its process did not answer for 240 s$/],
    [broken, /^the run broke off: Error: no room$/],
    [{ type: 'ready' }, /^the run broke off: ready$/],
  ] as const)('has broken a promise: %j', (answer, found) => {
    expect(cutShort(answer, 240_000)).toMatchObject({ rule: 'survives', found: expect.stringMatching(found) })
  })

  test.each([
    [{ type: 'refused', why: 'no-connect' }, 'NO_CONNECT', 'my.js exports no function.'],
    [
      { type: 'refused', why: 'no-baileys' },
      'BAILEYS_MISSING',
      'No Baileys was found from my.js under the name a or b.',
    ],
    [broken, 'CONNECT_NOT_LOADED', 'my.js could not be loaded: Error: no room'],
    [ended('SyntaxError: }'), 'CONNECT_NOT_LOADED', 'my.js could not be loaded: SyntaxError: }'],
    [{ type: 'silent' }, 'CONNECT_NOT_LOADED', 'my.js could not be loaded: it did not finish loading'],
  ] as const)('says why nothing can begin: %j', (answer, code, message) => {
    expect(cannotBegin(answer, 'my.js', 'connect', ['a', 'b'])).toMatchObject({ code, message })
  })

  test('has grown by nothing that can be told until its third result', () => {
    expect([[], [9], [9, 1], [9, 1, 3], [9, 1, 3, 2]].map(growth)).toEqual([undefined, undefined, undefined, 2, 0.5])
  })
})
