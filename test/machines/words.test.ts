import { describe, expect, test } from 'vitest'
import {
  type BlockReason,
  type CauseKind,
  type Context,
  type PairReason,
  stateNames,
  statusOf,
  userActions,
} from '../../machines/index.ts'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const base = new Rig().context
const now = base.env.now()
const closedBy = (kind: CauseKind, at = now): Partial<Context> => ({ closes: [{ at, cause: cause(kind) }] })
const said = (state: Parameters<typeof statusOf>[0], part: Partial<Context>) => statusOf(state, { ...base, ...part })

test('the states and the actions of a person are those of the contract', () => {
  expect(stateNames).toEqual(
    'stopped preparing connecting healthy degraded pruningSessions reconnecting awaitingQr conflicted blocked'.split(
      ' ',
    ),
  )
  expect(userActions).toEqual('none scan-code check-other-client update-client wait ask-whatsapp check-disk'.split(' '))
})

test.for<[BlockReason, string, RegExp]>([
  ['temporary-ban', 'WhatsApp banned this account for a time.', /Wait until the ban is over/],
  ['locked', 'WhatsApp locked this account.', /Open WhatsApp on the phone/],
  ['banned', 'WhatsApp banned this account.', /Ask WhatsApp for a review/],
  ['outdated', 'WhatsApp no longer accepts this client version.', /Update @whiskeysockets\/baileys, or pass/],
  ['configuration', 'WhatsApp refuses this client as it is configured.', /Check the options of makeWASocket/],
  [
    'disk',
    'The credentials cannot be read or written.',
    /Check the free space, the permissions and the health of the disk/,
  ],
  ['folder-gone', 'The credentials are no longer in their place.', /Put them back/],
  ['not-owner', 'Another process uses these credentials.', /Stop the other process/],
])('what is blocked because of %s says: %s', ([reason, message, remediation]) => {
  expect(said('blocked', { block: { reason } })).toMatchObject({
    message,
    remediation: expect.stringMatching(remediation),
  })
})

test.for<[string, string]>([
  ['2.3000.1', ', 2.3000.1.'],
  ['2.3000.1, newest known 2.3000.7', ', 2.3000.1. The newest that is known here is 2.3000.7.'],
  ['2.3000.7, newest known 2.3000.7', ', 2.3000.7. No newer one is known here.'],
  ['something else', '.'],
])('a client that is too old, with "%s" known of it, is told so', ([detail, end]) => {
  const { message } = said('blocked', { block: { reason: 'outdated', detail } })
  expect(message).toBe(`WhatsApp no longer accepts this client version${end}`)
})

test.for<[PairReason, RegExp]>([
  ['never-linked', /^This account is not linked yet\./],
  ['logged-out', /^The phone or WhatsApp unlinked this device\./],
  ['refused', /^WhatsApp no longer accepts these credentials\./],
  ['restart-loop', /^WhatsApp asks for a restart again and again/],
  ['creds-lost', /^The stored credentials cannot be read, and no good earlier copy exists\./],
  ['asked', /^A new code was asked for\./],
])('a code that is needed because of %s says why', ([reason, message]) => {
  const { message: words, remediation } = said('awaitingQr', { pair: { ...base.pair, reason } })
  expect(words).toMatch(message)
  expect(words).toMatch(/No code is shown at the moment\.$/)
  expect(remediation).toMatch(/relink\(\) or requestPairingCode\(\)/)
})

describe('after a close', () => {
  test.for<[CauseKind, string, RegExp?]>([
    ['network', 'WhatsApp cannot be reached over the network.'],
    ['portal', 'A proxy or sign-in page stands between this host and WhatsApp.', /sign in to the network/],
    [
      'clock',
      "The server's certificate is not valid at the time that this host's clock shows.",
      /Set the clock of this host/,
    ],
    ['server', 'WhatsApp has a problem on its side.'],
    ['protocol', 'The connection broke with a protocol error. Session files are not the reason.'],
    ['restart-required', 'WhatsApp asked for a restart of the connection.'],
    ['replaced', 'Another client connected with the same credentials.', /runs twice, stop one/],
    ['logged-out', 'WhatsApp said that this device is unlinked. One more login shows whether that is so.'],
    ['refused', 'WhatsApp refused the connection once. One more login shows whether it means it.'],
    ['connect-failed', 'The connect function failed: connect-failed in the model.', /called again/],
    ['connect-timeout', 'The connection did not open in time.'],
    [
      'stuck',
      'A message came in and could not be taken in to its end, so none after it was.',
      /look at the store of the credentials/,
    ],
    [
      'store-silent',
      'The store of the credentials did not answer, so messages could not be read or kept.',
      /disk or the database/,
    ],
    ['quiet', 'No message came or went for longer than this account is expected to be quiet.'],
    ['unanswered', 'The account wrote to its own chat twice, and nothing came back, while pings were answered.'],
    ['deaf', 'Nothing arrived any more, and the ping was not answered.'],
    ['slept', 'The host slept, so the old link is dead.'],
    ['asked', 'A reconnect was asked for.'],
    ['unknown', 'The connection ended: unknown in the model.'],
    ['closed', 'The connection was lost.'],
    ['link-lost', 'The connection was lost.'],
  ])('with the cause %s the status says: %s', ([kind, message, remediation]) => {
    const status = said('reconnecting', closedBy(kind))
    expect(status).toMatchObject({ message, userAction: 'none' })
    if (remediation) expect(status.remediation).toMatch(remediation)
    else expect(status).not.toHaveProperty('remediation')
  })

  test.for<[CauseKind, boolean]>([
    ['network', true],
    ['portal', true],
    ['clock', true],
    ['server', true],
    ['connect-failed', true],
    ['connect-timeout', true],
    ['replaced', false],
    ['qr-window-over', false],
  ])('%s while a code is awaited: told as what keeps it from coming? %s', ([kind, told]) => {
    const { message } = said('awaitingQr', { ...closedBy(kind), since: now })
    expect(message.endsWith('It will be tried again.')).toBe(told)
    expect(said('awaitingQr', { ...closedBy(kind, now - 1), since: now }).message).not.toContain('be tried again')
  })

  test('sessions that were set aside are told until the next close, which is told then', () => {
    const verifying = { scope: 'all', addresses: [], why: '', at: now } as const
    const told = 'Sessions were set aside. Connecting again with the same credentials.'
    expect(said('reconnecting', { verifying })).toMatchObject({ message: told, userAction: 'none' })
    expect(said('reconnecting', { verifying, ...closedBy('network', now) }).message).toBe(told)
    expect(said('reconnecting', { verifying, ...closedBy('network', now + 1) }).message).toMatch(/network/)
  })
})

describe('messages that cannot be read', () => {
  const evidence = (messages: number, devices: number) =>
    ({ level: 'failing', suspected: true, curable: [], messages, addresses: Array(devices).fill('a.0') }) as const

  test.for<[number, number, string]>([
    [1, 1, '1 message from 1 device cannot be read.'],
    [2, 1, '2 messages from 1 device cannot be read.'],
    [0, 2, '0 messages from 2 devices cannot be read.'],
  ])('%i from %i are counted', ([messages, devices, message]) => {
    expect(said('degraded', { evidence: evidence(messages, devices) })).toMatchObject({
      message,
      remediation: 'Nothing to do yet: this is being healed.',
      userAction: 'none',
    })
  })

  test('what cannot be healed asks for patience, and says what a person can do', () => {
    expect(said('degraded', { evidence: evidence(1, 1), exhausted: 'it was tried and did not help' })).toMatchObject({
      message: '1 message from 1 device cannot be read. It was tried and did not help.',
      remediation: expect.stringMatching(/^Ask the senders to send their messages again/),
      userAction: 'wait',
    })
  })
})

test('a disk that fails is told beside what else is the matter, with both cures, and the person is asked for what comes first', () => {
  const disk = 'ENOSPC'
  const healthy = said('healthy', { disk })
  expect(healthy).toMatchObject({
    userAction: 'check-disk',
    message: 'Connected. But writing to the disk fails: ENOSPC',
  })
  // It is connected: it has nothing to come back from.
  expect(healthy.remediation).toMatch(/^Check the free space.* Once it works, what waits is saved by itself\.$/)
  const code = said('awaitingQr', { disk })
  expect(code).toMatchObject({
    userAction: 'scan-code',
    remediation: expect.stringMatching(/relink\(\).*Check the free space/),
  })
  expect(said('degraded', { disk, exhausted: 'x' }).userAction).toBe('check-disk')
  expect(said('blocked', { disk, block: { reason: 'locked' } }).message).not.toContain('ENOSPC')
})

test.for([
  [{ scope: 'all', addresses: [] }, 'all sessions'],
  [{ scope: 'failing', addresses: ['a.0'] }, '1 session'],
  [{ scope: 'failing', addresses: ['a.0', 'b.0'] }, '2 sessions'],
] as const)('while observing, %j would have been done, and that is said', ([prune, words]) => {
  const withheld = { ...prune, why: 'x' }
  expect(said('healthy', { mode: 'observe', withheld }).message).toBe(
    `Connected. Observing only: ${words} would have been set aside.`,
  )
  expect(said('healthy', { mode: 'heal', withheld }).message).toBe('Connected.')
  expect(said('stopped', { mode: 'observe', withheld }).message).toBe('Supervision is stopped.')
})

test('the words of the other states are their own', () => {
  expect(said('stopped', {}).remediation).toBe('Call start().')
  expect(said('preparing', {}).message).toBe('The stored credentials are being checked.')
  expect(said('connecting', {}).message).toBe('Connecting to WhatsApp.')
  expect(said('conflicted', {})).toMatchObject({
    message: 'Another client keeps connecting with the same credentials.',
    remediation: expect.stringMatching(/^Stop the other program/),
  })
  expect(said('pruningSessions', {}).message).toBe(
    'Session files are being set aside: they are damaged. The credentials stay.',
  )
  const prune = { scope: 'all', addresses: [], why: 'asked to' } as const
  expect(said('pruningSessions', { prune }).message).toContain('aside: asked to.')
})

test('what else is known stands beside the words: since when, which socket, whose account, the last close', () => {
  const self = { id: '491700000001:3@s.whatsapp.net', name: 'Gateway' }
  const close = { at: now - 5, cause: cause('network') }
  expect(said('healthy', { since: now - 7, generation: 3, attempt: 2, self, closes: [close] })).toEqual({
    account: 'model',
    state: 'healthy',
    since: now - 7,
    message: 'Connected.',
    userAction: 'none',
    attempt: 2,
    generation: 3,
    self,
    lastClose: close,
  })
  expect(Object.keys(said('healthy', { self: undefined })).sort()).toEqual(
    ['account', 'attempt', 'generation', 'message', 'since', 'state', 'userAction'].sort(),
  )
})

test.for([
  [undefined, /^On the phone: WhatsApp, Linked devices/],
  [{ ending: '002', link: 'unlinked' }, /^On the phone with the expected number: WhatsApp, Linked devices/],
] as const)('a code on show says with which phone it is scanned, after %j', ([stranger, remediation]) => {
  const qr = { code: 'c', number: 1, expiresAt: now + 1 }
  const status = said('awaitingQr', { pair: { ...base.pair, qr, stranger } })
  expect(status).toMatchObject({ qr, userAction: 'scan-code', remediation: expect.stringMatching(remediation) })
})
