import * as fc from 'fast-check'
import { type CauseKind, causeKinds, decryptReasons } from '../../machines/index.ts'
import type { Rig } from './rig.ts'
import { cause, expectedNumber, stranger } from './world.ts'

/** One thing that happens to the account. Plain data, so that a failing run can be read and repeated. */
export type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'close'; readonly kind: CauseKind; readonly expiresInMs?: number | undefined }
  | { readonly do: 'net'; readonly up: boolean }
  /** The watch of the network has seen the server. */
  | { readonly do: 'serverSeen' }
  | { readonly do: 'login'; readonly kind: CauseKind | 'silent' | 'fine' }
  | { readonly do: 'pairLogin' | 'scannedLogin'; readonly kind: CauseKind | 'fine' }
  | {
      readonly do: 'unread'
      readonly contacts: number
      readonly ids: number
      readonly reason: (typeof decryptReasons)[number]
      readonly peer: boolean
    }
  | { readonly do: 'read'; readonly contact: number }
  | { readonly do: 'unheard'; readonly contacts: number; readonly ids: number; readonly own: boolean }
  | { readonly do: 'heard'; readonly contact: number }
  | { readonly do: 'otherClient'; readonly afterMs: number | undefined }
  | { readonly do: 'phone'; readonly scansAfterMs: number | undefined }
  | { readonly do: 'scannedBy'; readonly id: string }
  | { readonly do: 'disk'; readonly state: 'well' | 'full' }
  | { readonly do: 'owner'; readonly ours: boolean }
  | { readonly do: 'creds'; readonly state: 'unreadable' | 'absent' | 'lost' }
  | { readonly do: 'fail'; readonly service: keyof Rig['world']['failing']; readonly times: number }
  | { readonly do: 'closeSlowly' }
  | { readonly do: 'liveness'; readonly kind: 'deaf' | 'slept' | 'stuck' | 'store-silent' | 'quiet' | 'unanswered' }
  | {
      readonly do: 'stale'
      readonly type: 'socket.open' | 'socket.close' | 'socket.qr' | 'socket.paired' | 'auth.failed' | 'liveness.lost'
    }
  | { readonly do: 'write'; readonly fails: boolean }
  | { readonly do: 'setClock'; readonly byMs: number }
  | {
      readonly do: 'command'
      readonly type: 'start' | 'stop' | 'reconnect' | 'relink' | 'pair' | 'pruneAll' | 'pruneFailing'
    }
  | { readonly do: 'crash' }

const address = (index: number): string => `contact${index}.0`
const ids = (count: number, salt: number): string[] => Array.from({ length: count }, (_, index) => `m${salt}-${index}`)

/** Lets a step happen. */
export async function perform(rig: Rig, step: Step, index: number): Promise<void> {
  const { world } = rig
  const generation = rig.context.generation
  switch (step.do) {
    case 'wait':
      await rig.advance(step.ms)
      break
    case 'close':
      world.close(cause(step.kind, step.expiresInMs === undefined ? {} : { expiresInMs: step.expiresInMs }))
      break
    case 'net':
      world.net = step.up
      if (!step.up) world.close(cause('link-lost'))
      break
    case 'serverSeen':
      // It is looked for while a try is waited for.
      await rig.clock.settle()
      rig.send({ type: 'network.back' })
      break
    case 'login':
      world.login = step.kind === 'fine' ? undefined : step.kind === 'silent' ? 'silent' : cause(step.kind)
      break
    case 'pairLogin':
    case 'scannedLogin':
      world[step.do] = step.kind === 'fine' ? undefined : cause(step.kind)
      break
    case 'unread':
      rig.unreadable(
        Array.from({ length: step.contacts }, (_, at) => address(at)),
        ids(step.ids, index),
        step.reason,
        step.peer,
      )
      break
    case 'read':
      rig.readable(address(step.contact))
      break
    case 'unheard':
      rig.unheard(
        Array.from({ length: step.contacts }, (_, at) => address(at)),
        ids(step.ids, index),
        step.own,
      )
      break
    case 'heard':
      rig.heard(address(step.contact))
      break
    case 'otherClient':
      world.otherClientAfterMs = step.afterMs
      break
    case 'phone':
      world.scansAfterMs = step.scansAfterMs
      break
    case 'scannedBy':
      world.scannedBy = step.id
      break
    case 'disk':
      world.disk = step.state
      break
    case 'owner':
      world.owner = step.ours
      break
    case 'creds':
      // A folder does not change under a socket that uses it.
      if (world.unfenced.length === 0) world.creds = step.state
      break
    case 'fail':
      world.failing[step.service] = step.times
      break
    case 'closeSlowly':
      world.closeMs = 60_000
      break
    case 'liveness':
      rig.send({ type: 'liveness.lost', generation, cause: cause(step.kind) })
      break
    case 'stale':
      stale(rig, step.type, generation - 1)
      break
    case 'write':
      rig.send(step.fails ? { type: 'disk.trouble', message: 'ENOSPC' } : { type: 'disk.well' })
      break
    case 'setClock':
      rig.clock.wallOffset += step.byMs
      break
    case 'command':
      if (step.type === 'pair') rig.send({ type: 'pairing.request', phone: '4915100000000' })
      else if (step.type === 'pruneAll') rig.send({ type: 'prune', scope: 'all' })
      else if (step.type === 'pruneFailing') rig.send({ type: 'prune', scope: 'failing' })
      else rig.send({ type: step.type })
      break
    case 'crash':
      await rig.crash()
      break
  }
  await rig.clock.settle()
}

/** Events of an older socket change nothing: neither state nor context. */
function stale(rig: Rig, type: Extract<Step, { do: 'stale' }>['type'], generation: number): void {
  const before = rig.actor.getSnapshot()
  const why = cause('logged-out')
  if (type === 'socket.close' || type === 'liveness.lost') rig.send({ type, generation, cause: why })
  else if (type === 'auth.failed') rig.send({ type, generation, problem: { kind: 'disk', message: 'late' } })
  else if (type === 'socket.qr') rig.send({ type, generation, code: 'late', expiresAt: Number.MAX_SAFE_INTEGER })
  else rig.send({ type, generation })
  const after = rig.actor.getSnapshot()
  if (after.context !== before.context || JSON.stringify(after.value) !== JSON.stringify(before.value))
    rig.world.fail(`${type} of an old socket changed something`)
}

const minute = 60_000
export const waits = fc
  .oneof(
    { arbitrary: fc.constantFrom(0, 50, 200, 201, 1_000), weight: 5 },
    { arbitrary: fc.integer({ min: 1_000, max: 2 * minute }), weight: 5 },
    { arbitrary: fc.constantFrom(5 * minute, 11 * minute), weight: 2 },
    // Long waits are rare: each is a hundred tries in some states.
    { arbitrary: fc.constant(61 * minute), weight: 1 },
  )
  .map((ms): Step => ({ do: 'wait', ms }))

const soon = fc.option(fc.constantFrom(500, 3_000, 40_000), { nil: undefined })
export const transport = [
  'network',
  'portal',
  'link-lost',
  'timed-out',
  'closed',
  'server',
  'clock',
  'protocol',
  'unknown',
] as const

const closesOf = (kinds: readonly CauseKind[]) =>
  fc.record({
    do: fc.constant('close' as const),
    kind: fc.constantFrom(...kinds),
    expiresInMs: fc.constantFrom(undefined, 0, 90_000, 7_200_000),
  })
const unread = fc.record({
  do: fc.constant('unread' as const),
  contacts: fc.integer({ min: 1, max: 8 }),
  ids: fc.integer({ min: 1, max: 4 }),
  reason: fc.constantFrom(...decryptReasons),
  peer: fc.boolean(),
})
const read = fc.record({ do: fc.constant('read' as const), contact: fc.integer({ min: 0, max: 8 }) })
const unheard = fc.record({
  do: fc.constant('unheard' as const),
  contacts: fc.integer({ min: 1, max: 8 }),
  ids: fc.integer({ min: 1, max: 4 }),
  own: fc.boolean(),
})
const heard = fc.record({ do: fc.constant('heard' as const), contact: fc.integer({ min: 0, max: 8 }) })
const crash = fc.constant<Step>({ do: 'crash' })
const net = fc.record({ do: fc.constant('net' as const), up: fc.boolean() })
const fail = fc.record({
  do: fc.constant('fail' as const),
  service: fc.constantFrom(
    'closeSocket',
    'pruneSessions',
    'healAddress',
    'prepareAuth',
    'probe',
    'openSocket',
    'unlinkDevice',
  ),
  times: fc.integer({ min: 1, max: 3 }),
})

/** What the network alone can do. */
export const transportStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: waits, weight: 4 },
  closesOf(transport),
  net,
  fc.record({ do: fc.constant('login' as const), kind: fc.constantFrom(...transport, 'silent', 'fine') }),
  fc.record({
    do: fc.constant('liveness' as const),
    kind: fc.constantFrom('deaf', 'slept', 'stuck', 'store-silent', 'quiet', 'unanswered'),
  }),
  fc.constant<Step>({ do: 'closeSlowly' }),
  crash,
)

/** Messages that cannot be read, on a network that comes and goes. */
export const decryptStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: waits, weight: 4 },
  { arbitrary: unread, weight: 4 },
  read,
  closesOf(transport),
  crash,
)

/** What is sent cannot be read, on a network that comes and goes. */
export const outboundStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: waits, weight: 4 },
  { arbitrary: unheard, weight: 4 },
  heard,
  closesOf(transport),
  fc.record({
    do: fc.constant('fail' as const),
    service: fc.constant('healAddress' as const),
    times: fc.constant(1),
  }),
  crash,
)

/** Another client, and a network that comes and goes. */
export const conflictStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: waits, weight: 4 },
  closesOf(['replaced']),
  closesOf(['replaced', ...transport]),
  fc.record({ do: fc.constant('otherClient' as const), afterMs: soon }),
  crash,
)

/**
 * What a login can be answered with. That the host slept or a person asked is never the server's word; said of every
 * login, it would be tried without end.
 */
const answers = causeKinds.filter((kind) => kind !== 'slept' && kind !== 'asked')

/** Everything at once. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: waits, weight: 8 },
  { arbitrary: closesOf(causeKinds), weight: 4 },
  { arbitrary: unread, weight: 3 },
  read,
  { arbitrary: unheard, weight: 2 },
  heard,
  net,
  { arbitrary: fc.constant<Step>({ do: 'serverSeen' }), weight: 2 },
  crash,
  fail,
  fc.record({ do: fc.constant('login' as const), kind: fc.constantFrom(...answers, 'silent', 'fine') }),
  fc.record({
    do: fc.constantFrom('pairLogin' as const, 'scannedLogin' as const),
    kind: fc.constantFrom(...causeKinds, 'fine'),
  }),
  fc.record({ do: fc.constant('otherClient' as const), afterMs: soon }),
  fc.record({ do: fc.constant('phone' as const), scansAfterMs: soon }),
  fc.record({
    do: fc.constant('scannedBy' as const),
    id: fc.constantFrom(`${expectedNumber}:3@s.whatsapp.net`, stranger),
  }),
  fc.record({ do: fc.constant('disk' as const), state: fc.constantFrom('well', 'full') }),
  fc.record({ do: fc.constant('owner' as const), ours: fc.boolean() }),
  fc.record({ do: fc.constant('creds' as const), state: fc.constantFrom('unreadable', 'absent', 'lost') }),
  fc.record({
    do: fc.constant('liveness' as const),
    kind: fc.constantFrom('deaf', 'slept', 'stuck', 'store-silent', 'quiet', 'unanswered'),
  }),
  fc.record({ do: fc.constant('write' as const), fails: fc.boolean() }),
  fc.record({ do: fc.constant('setClock' as const), byMs: fc.constantFrom(-86_400_000 * 400, -7_200_000, 7_200_000) }),
  fc.constant<Step>({ do: 'closeSlowly' }),
  {
    arbitrary: fc.record({
      do: fc.constant('stale' as const),
      type: fc.constantFrom(
        'socket.open',
        'socket.close',
        'socket.qr',
        'socket.paired',
        'auth.failed',
        'liveness.lost',
      ),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      type: fc.constantFrom('start', 'stop', 'reconnect', 'relink', 'pair', 'pruneAll', 'pruneFailing'),
    }),
    weight: 3,
  },
)
