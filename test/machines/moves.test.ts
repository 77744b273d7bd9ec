import { describe, expect, test } from 'vitest'
import type { AuthProblem, CauseKind, Command, SocketEvent } from '../../machines/index.ts'
import { places, rigAt } from './places.ts'
import { cause } from './world.ts'

type Way = readonly [from: RegExp, to: string]

/** Where a command leads from where; from everywhere else it leads nowhere. */
const commands: Readonly<Record<string, { readonly command: Command; readonly ways: readonly Way[] }>> = {
  start: { command: { type: 'start' }, ways: [[/^stopped/, 'preparing.closing']] },
  stop: { command: { type: 'stop' }, ways: [[/^(?!stopped)/, 'stopped.closing']] },
  reconnect: {
    command: { type: 'reconnect' },
    ways: [
      [/^(online|conflicted|blocked)/, 'reconnecting.closing'],
      [/^awaitingQr\.(?!promoting|undoing)/, 'reconnecting.closing'],
      [/^reconnecting\.waiting$/, 'preparing.inspecting'],
    ],
  },
  relink: {
    command: { type: 'relink' },
    ways: [
      [/^(online|conflicted|reconnecting)/, 'awaitingQr.closing'],
      [/^awaitingQr\.waiting/, 'awaitingQr.closing'],
      [/^awaitingQr\.resting$/, 'awaitingQr.staging'],
      [/^blocked/, 'reconnecting.closing'],
    ],
  },
  'a pairing code': {
    command: { type: 'pairing.request', phone: '4915100000000' },
    ways: [
      [/^awaitingQr\.(waiting|pairing)/, 'awaitingQr.closing'],
      [/^awaitingQr\.resting$/, 'awaitingQr.staging'],
    ],
  },
  'setting all sessions aside': {
    command: { type: 'prune', scope: 'all' },
    ways: [[/^(online|reconnecting)/, 'pruningSessions.closing']],
  },
}

for (const [name, { command, ways }] of Object.entries(commands)) {
  describe(`asked for: ${name}`, () => {
    test.for(places)('from %s', async (place) => {
      const rig = await rigAt(place)
      rig.clock.wallOffset += 777
      const { actor } = rig
      const spentAll = rig.context.budget.all.length > 0
      const to = command.type === 'prune' && spentAll ? undefined : ways.find(([from]) => from.test(place))?.[1]
      const { since } = rig.context
      actor.send(command)
      expect(rig.state).toBe(to ?? place)
      const moved = to !== undefined && to.split('.')[0] !== place.split('.')[0]
      expect(rig.context.since).toBe(moved ? rig.clock.wall() : since)
      if (to?.startsWith('reconnecting')) {
        expect(rig.context).toMatchObject({ attempt: 0, delay: { delayMs: 0 }, block: undefined })
        expect(rig.context.closes.at(-1)?.cause.kind).toBe('asked')
      }
      if (command.type === 'relink' && to?.startsWith('awaitingQr')) {
        expect(rig.context.pair).toMatchObject({ windows: 0, asked: true, resume: false })
        if (moved) {
          expect(rig.context.pair.reason).toBe('asked')
          expect(rig.notices.at(-1)?.kind).toBe('relink-needed')
          expect(rig.world.facts?.savedAt).toBe(rig.clock.wall())
        }
      }
      if (command.type === 'relink' && /^(preparing|pruning|blocked)/.test(place))
        expect(rig.context.pair.asked).toBe(true)
      if (command.type === 'relink' && /^awaitingQr/.test(place)) expect(rig.context.pair.asked).toBe(true)
      if (command.type === 'pairing.request' && /^(preparing|awaitingQr)/.test(place))
        expect(rig.context.pair.phone).toBe('4915100000000')
      if (command.type === 'reconnect' && place.startsWith('reconnecting'))
        expect(rig.context).toMatchObject({ attempt: 0, delay: { delayMs: 0 } })
      if (command.type === 'reconnect' && place.startsWith('awaitingQr') && to)
        expect(rig.context.pair).toMatchObject({ windows: 0, asked: false, phone: undefined })
      if (command.type === 'reconnect' && place.startsWith('conflicted')) expect(rig.context.conflicts).toEqual([])
      if (command.type === 'prune' && to)
        expect(rig.context.prune).toEqual({ scope: 'all', addresses: [], why: 'asked to' })
    })
  })
}

describe('a close of the socket that shows a code', () => {
  const shown = 'awaitingQr.pairing.showing'
  test.for<[CauseKind, string, { windows: number; attempt: number }]>([
    ['qr-window-over', 'awaitingQr.closing', { windows: 1, attempt: 0 }],
    ['restart-required', 'awaitingQr.waiting.closing', { windows: 0, attempt: 1 }],
    ['network', 'awaitingQr.waiting.closing', { windows: 0, attempt: 1 }],
    ['server', 'awaitingQr.waiting.closing', { windows: 0, attempt: 1 }],
    ['refused', 'awaitingQr.waiting.closing', { windows: 1, attempt: 1 }],
    ['intentional', 'awaitingQr.waiting.closing', { windows: 1, attempt: 1 }],
    ['replaced', 'awaitingQr.waiting.closing', { windows: 1, attempt: 1 }],
    ['pairing-failed', 'awaitingQr.waiting.closing', { windows: 1, attempt: 1 }],
    ['logged-out', 'awaitingQr.waiting.closing', { windows: 1, attempt: 1 }],
    ['outdated', 'blocked.closing', { windows: 0, attempt: 0 }],
    ['temporary-ban', 'blocked.closing', { windows: 0, attempt: 0 }],
  ])('%s leads to %s', async ([kind, to, { windows, attempt }]) => {
    const rig = await rigAt(shown)
    rig.world.close(cause(kind))
    expect(rig.state).toBe(to)
    expect(rig.context).toMatchObject({ attempt, pair: { windows, qr: undefined, pairingCode: undefined } })
    expect(rig.context.closes.map((close) => close.cause.kind)).toEqual([kind])
    if (attempt > 0) expect(rig.context.delay?.cadence).toBe('fast')
  })

  test('after the scan a 515 is part of pairing, as often as the policy allows, and then a failure', async () => {
    const rig = await rigAt(shown)
    const { generation } = rig.context
    rig.send({ type: 'socket.paired', generation })
    expect(rig.state).toBe('awaitingQr.pairing.dialling')
    expect(rig.context.pair).toMatchObject({ resume: true, qr: undefined })
    rig.world.scannedLogin = cause('restart-required')
    for (let run = 1; run <= 3; run += 1) {
      rig.world.close(cause('restart-required'))
      expect(rig.state).toBe('awaitingQr.closing')
      expect(rig.context).toMatchObject({ restartRun: run, attempt: 0 })
      rig.world.staging = 'scanned'
      await rig.until(() => rig.state === 'awaitingQr.pairing.dialling', 1_000)
    }
    rig.world.close(cause('restart-required'))
    expect(rig.state).toBe('awaitingQr.waiting.closing')
  })
})

describe('a close of an open connection', () => {
  test.for<[CauseKind, string]>([
    ['network', 'reconnecting.closing'],
    ['restart-required', 'reconnecting.closing'],
    ['replaced', 'reconnecting.closing'],
    ['refused', 'reconnecting.closing'],
    ['logged-out', 'reconnecting.closing'],
    ['banned', 'blocked.closing'],
    ['locked', 'blocked.closing'],
    ['configuration', 'blocked.closing'],
    ['intentional', 'stopped.closing'],
  ])('%s leads to %s', async ([kind, to]) => {
    const rig = await rigAt('online.open.healthy')
    rig.world.close(cause(kind))
    expect(rig.state).toBe(to)
    expect(rig.context.closes.map((close) => close.cause.kind)).toEqual([kind])
    if (to !== 'stopped.closing') expect(rig.world.facts?.savedAt).toBe(rig.clock.wall())
    if (to.startsWith('blocked')) {
      expect(rig.context.block).toMatchObject({ reason: kind, detail: `${kind} in the model` })
      expect(rig.notices.at(-1)?.kind).toBe('blocked')
    }
  })

  test('a second logged-out, at the login that was to confirm the first, leads to a code', async () => {
    const rig = await rigAt('online.open.healthy')
    rig.unlink()
    await rig.until('awaitingQr', 10_000)
    expect(rig.context.pair).toMatchObject({ reason: 'logged-out', resume: false })
    expect(rig.context.closes.map((close) => close.cause.kind)).toEqual(['logged-out', 'logged-out'])
  })
})

describe('credentials that fail under a socket', () => {
  test.for<[string, AuthProblem['kind'], string, string]>([
    ['online.open.healthy', 'disk', 'blocked.closing', 'disk'],
    ['online.open.healthy', 'not-owner', 'blocked.closing', 'not-owner'],
    ['online.open.healthy', 'creds', 'reconnecting.closing', 'unknown'],
    ['online.connecting', 'creds', 'reconnecting.closing', 'unknown'],
    ['awaitingQr.pairing.showing', 'disk', 'blocked.closing', 'disk'],
    ['awaitingQr.pairing.showing', 'not-owner', 'blocked.closing', 'not-owner'],
    ['awaitingQr.pairing.showing', 'creds', 'awaitingQr.waiting.closing', 'pairing-failed'],
  ])('in %s because of %s lead to %s', async ([place, kind, to, why]) => {
    const rig = await rigAt(place)
    const failed: SocketEvent = {
      type: 'auth.failed',
      generation: rig.context.generation,
      problem: { kind, message: 'm' },
    }
    rig.send(failed)
    expect(rig.state).toBe(to)
    if (to.startsWith('blocked')) expect(rig.context.block).toMatchObject({ reason: why, detail: 'm' })
    else expect(rig.context.closes.at(-1)?.cause.kind).toBe(why)
    if (to.startsWith('awaitingQr')) expect(rig.context.pair).toMatchObject({ windows: 1, resume: false })
  })
})

test.for(['online.connecting', 'online.open.healthy', 'online.open.degraded.watching'])(
  'a link that is dead although it looks open is left from %s, and told as that',
  async (place) => {
    const rig = await rigAt(place)
    rig.send({ type: 'liveness.lost', generation: rig.context.generation, cause: cause('deaf') })
    expect(rig.state).toBe('reconnecting.closing')
    expect(rig.context.closes.at(-1)?.cause.kind).toBe('deaf')
    expect(rig.context.attempt).toBe(1)
  },
)

test.for(['conflicted.closing', 'blocked.closing', 'awaitingQr.closing', 'reconnecting.closing'] as const)(
  'what is known is kept when %s is entered',
  async (place) => {
    const rig = await rigAt(place)
    expect(rig.world.facts?.savedAt).toBe(rig.context.since)
    const told = { conflicted: 'conflict', blocked: 'blocked', awaitingQr: 'relink-needed', reconnecting: undefined }
    expect(rig.notices.at(-1)?.kind).toBe(told[place.split('.')[0] as keyof typeof told])
  },
)
