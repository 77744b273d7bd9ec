import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CauseKind, type Context, stateNameOf, statusOf } from '../../machines/index.ts'
import { noticeDetails } from '../../src/notices/details.ts'
import { noticeWords } from '../../src/notices/words.ts'
import { numberOf } from '../share.ts'
import { Rig } from './rig.ts'
import { anyStep, perform, type Step } from './steps.ts'
import { cause } from './world.ts'

const closedBy =
  (...kinds: readonly CauseKind[]) =>
  ({ closes }: Context): boolean =>
    closes.some((close) => kinds.includes(close.cause.kind))
const heldFor =
  (...reasons: readonly NonNullable<Context['block']>['reason'][]) =>
  ({ block }: Context): boolean =>
    block !== undefined && reasons.includes(block.reason)

/** What was done to the account, as the test itself knows it. */
interface Deeds {
  /** WhatsApp refused to give a pairing code. */
  refused: boolean
  /** A phone scanned a code. */
  scanned: boolean
  /** The server was seen from the host, after a connection that a lost network may have ended. */
  serverSeen: boolean
}

/** Ends of a connection after which the way to the server may be gone. */
const awayFromServer = ['network', 'link-lost', 'timed-out', 'closed', 'deaf', 'slept', 'connect-timeout'] as const

/** Whether what ended the last connection, or the last try, was one of these. */
const lastClosedBy = ({ closes }: Context, kinds: readonly CauseKind[]): boolean =>
  kinds.some((kind) => kind === closes.at(-1)?.cause.kind)

/** What words claim, and what must have happened for that to be true. */
const claims: readonly (readonly [RegExp, (context: Context, deeds: Deeds) => boolean])[] = [
  [
    /connection is unstable|ended again and again/i,
    ({ drops, unstable }) => unstable !== undefined && drops.some(({ kind }) => kind === unstable.kind),
  ],
  // The reason of the last step stays when another code is asked for.
  [/refused to give a pairing code/i, (_, { refused }) => refused],
  [/did not let the new device in|does not answer the new device/i, (_context, { scanned }) => scanned],
  [/wants a passkey|one more step/i, ({ pair }, { scanned }) => scanned && pair.shutOut?.how === 'unfinished'],
  [/over the network|^the network or the server|network failed/i, closedBy('network')],
  [/proxy|sign-in page/i, closedBy('portal')],
  [/this host's clock|clock of this host/i, closedBy('clock')],
  [/can be reached again/i, (context, { serverSeen }) => serverSeen && lastClosedBy(context, awayFromServer)],
  [/problem on its side|trouble on its side/i, closedBy('server')],
  [/protocol error|stream broke/i, closedBy('protocol')],
  [/asked? (us )?for a restart|asks for a restart/i, closedBy('restart-required')],
  [/another (client|connection)|other client|program runs twice/i, closedBy('replaced')],
  [/unlinked/i, (context) => closedBy('logged-out')(context) || context.pair.stranger !== undefined],
  [/refused (once|again|the connection)|no longer accepts these cred/i, closedBy('refused')],
  [/connect function/i, closedBy('connect-failed')],
  [/did not open in time/i, closedBy('connect-timeout')],
  [/ping/i, closedBy('deaf', 'unanswered')],
  [/nothing came back/i, closedBy('unanswered')],
  [/taken in to its end|none gets through/i, closedBy('stuck')],
  [/the store of the credentials (did|does) not answer/i, closedBy('store-silent')],
  [/expected to be quiet|longer than expected/i, closedBy('quiet')],
  [/host slept/i, closedBy('slept')],
  [/banned/i, (context) => heldFor('temporary-ban', 'banned')(context) || closedBy('temporary-ban', 'banned')(context)],
  [/locked this account|locked the account/i, closedBy('locked')],
  [/client version/i, closedBy('outdated')],
  [/as it is configured/i, closedBy('configuration')],
  [
    /free space|disk/i,
    (context) => heldFor('disk')(context) || context.disk !== undefined || closedBy('store-silent')(context),
  ],
  [/another process/i, heldFor('not-owner')],
  [/sessions were set aside/i, ({ budget }) => budget.all.length + Object.keys(budget.addresses).length > 0],
  [
    /devices? cannot be read|messages cannot be read/i,
    ({ evidence, exhausted, withheld }) => evidence.messages > 0 || (exhausted ?? withheld) !== undefined,
  ],
  [/it comes by itself/i, ({ pair, policy }) => pair.windows < policy.pairing.windows],
]

/** What a status, the reason of the last step, or a notice claims without its having happened. */
function untrue(words: string, context: Context, deeds: Deeds): string | undefined {
  const claim = claims.find(([says, happened]) => says.test(words) && !happened(context, deeds))
  return claim && `${claim[0]}: ${words}`
}

/** What WhatsApp says while a code is shown. */
interface Linking {
  readonly do: 'linking'
  readonly type: 'socket.codeRefused' | 'socket.scanned'
  readonly code?: number
}

const linking = fc.record({
  do: fc.constant('linking' as const),
  type: fc.constantFrom('socket.codeRefused' as const, 'socket.scanned' as const),
  code: fc.constantFrom(400, 429),
})
/** An account that has no credentials, and phones that scan. */
const unlinked = fc.constantFrom<Step>(
  { do: 'creds', state: 'absent' },
  { do: 'phone', scansAfterMs: 500 },
  { do: 'command', type: 'relink' },
  { do: 'command', type: 'pair' },
)
/** A way to the server that is lost, and found again. */
const lostAndFound = fc.constantFrom<Step>(
  { do: 'net', up: false },
  { do: 'serverSeen' },
  { do: 'net', up: true },
  { do: 'close', kind: 'network' },
)
/** An open connection that ends again and again. */
const flap = fc.constantFrom<Step>(
  { do: 'close', kind: 'server' },
  { do: 'wait', ms: 90_000 },
  { do: 'close', kind: 'closed' },
)
const step: fc.Arbitrary<Step | Linking> = fc.oneof(
  { arbitrary: anyStep, weight: 12 },
  { arbitrary: linking, weight: 2 },
  { arbitrary: unlinked, weight: 1 },
  { arbitrary: flap, weight: 3 },
  { arbitrary: lostAndFound, weight: 3 },
)

/** The words of the last play that claim something. */
const claimed = new Set<string>()

async function play(
  steps: readonly (Step | Linking)[],
  chance: number,
  mode: 'heal' | 'observe',
): Promise<readonly string[]> {
  const rig = new Rig({ mode, random: () => chance })
  claimed.clear()
  const found: string[] = []
  const deeds: Deeds = { refused: false, scanned: false, serverSeen: false }
  const weigh = (words: string, state: string, context: Context): void => {
    for (const [says] of claims) if (says.test(words)) claimed.add(words)
    const claim = untrue(words, context, deeds)
    if (claim) found.push(`${state}: ${claim}`)
  }
  // The reason of a step may be another one a moment later.
  rig.actor.subscribe(({ value, context }) => weigh(context.reason?.why ?? '', stateNameOf(value), context))
  const look = (): void => {
    const { value, context } = rig.actor.getSnapshot()
    const state = stateNameOf(value)
    const status = statusOf(state, context)
    const said = [`${status.message} ${status.remediation ?? ''}`]
    for (const kind of rig.notices.splice(0).map((notice) => notice.kind)) {
      const told = noticeWords(kind, noticeDetails(kind, context), status)
      said.push(`${told.message} ${told.remediation ?? ''}`)
    }
    for (const words of said) weigh(words, state, context)
    if (status.nextAttemptAt !== undefined && status.nextAttemptAt < rig.clock.wall())
      found.push(`${state}: the next attempt lies in the past`)
  }
  await rig.start()
  for (const [index, step] of steps.entries()) {
    if (step.do === 'serverSeen') deeds.serverSeen ||= lastClosedBy(rig.context, awayFromServer)
    if (step.do === 'phone') deeds.scanned ||= step.scansAfterMs !== undefined
    if (step.do === 'linking') {
      const { do: _do, type, ...rest } = step
      if (type === 'socket.codeRefused') deeds.refused = true
      else deeds.scanned = true
      rig.send({ type, generation: rig.context.generation, ...(type === 'socket.codeRefused' ? rest : {}) })
      await rig.clock.settle()
    } else await perform(rig, step, index)
    look()
    if (rig.state === 'awaitingQr.resting' && rig.status.remediation?.includes('it comes by itself'))
      found.push('a code is promised, and none comes')
  }
  return found
}

test('no status and no notice names a cause that did not happen, whatever does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 20, size: 'max' }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.constantFrom('heal' as const, 'observe' as const),
      async (steps, chance, mode) => {
        expect(await play(steps, chance, mode)).toEqual([])
      },
    ),
    { numRuns: numberOf(1_500, 50) },
  )
})

const wait = (ms: number): Step => ({ do: 'wait', ms })
const asksForCode: readonly Step[] = [{ do: 'command', type: 'relink' }, wait(1_000)]

test.for<[what: string, says: RegExp, steps: readonly (Step | Linking)[]]>([
  [
    'a connection that comes and goes',
    /connection is unstable: \d+ closes/,
    Array.from({ length: 8 }, (): Step[] => [{ do: 'close', kind: 'server' }, wait(120_000)]).flat(),
  ],
  [
    'a pairing code that was refused',
    /refused to give a pairing code \(429\)/,
    [...asksForCode, { do: 'linking', type: 'socket.codeRefused', code: 429 }],
  ],
  [
    'a code that was scanned in vain',
    /did not let the new device in/,
    [...asksForCode, { do: 'linking', type: 'socket.scanned' }],
  ],
  [
    'a store that does not answer',
    /store of the credentials did not answer/,
    [{ do: 'liveness', kind: 'store-silent' }],
  ],
  [
    'a server that can be reached again',
    /server can be reached again/,
    [{ do: 'net', up: false }, wait(600_000), { do: 'serverSeen' }],
  ],
])('of %s words speak, and truly', async ([, says, steps]) => {
  expect(await play(steps, 0.5, 'heal')).toEqual([])
  expect([...claimed].join(' ')).toMatch(says)
})

/** For each row of `claims`, in its order, words that it has to catch where nothing has happened. */
const overheard: readonly string[] = [
  'The connection is unstable: 6 closes within an hour.',
  'WhatsApp refused to give a pairing code (429).',
  'The code was scanned; WhatsApp did not let the new device in.',
  'WhatsApp wants a passkey.',
  'WhatsApp cannot be reached over the network.',
  'A proxy or sign-in page stands in between.',
  "The certificate does not fit this host's clock.",
  'The server can be reached again.',
  'WhatsApp has a problem on its side.',
  'The stream broke.',
  'WhatsApp asked for a restart.',
  'Another client uses these credentials.',
  'The phone or WhatsApp unlinked this device.',
  'WhatsApp refused the connection.',
  'The connect function failed.',
  'The connection did not open in time.',
  'The ping was not answered.',
  'Nothing came back.',
  'Messages come in and none gets through.',
  'The store of the credentials did not answer.',
  'No message came for longer than expected.',
  'The host slept.',
  'WhatsApp banned the account.',
  'WhatsApp locked this account.',
  'WhatsApp no longer accepts this client version.',
  'WhatsApp refuses this client as it is configured.',
  'Check the free space.',
  'Another process owns the folder.',
  'All sessions were set aside.',
  'Messages from 3 devices cannot be read.',
  'A new code is shown: it comes by itself.',
]

test('each claim is noticed where nothing has happened', async () => {
  const rig = await new Rig().healthy()
  const deeds: Deeds = { refused: false, scanned: false, serverSeen: false }
  expect(overheard).toHaveLength(claims.length)
  // That codes come by themselves is true of an account with windows left.
  const spent: Context = { ...rig.context, pair: { ...rig.context.pair, windows: rig.context.policy.pairing.windows } }
  for (const [at, [says]] of claims.entries()) {
    const words = overheard[at] ?? ''
    expect([words, says.test(words), untrue(words, spent, deeds) !== undefined]).toEqual([words, true, true])
  }
})

test('the next attempt is never said to lie in the past, nor further away than it is', async () => {
  const rig = await new Rig().healthy()
  rig.world.closeMs = 60_000
  rig.world.close(cause('network'))
  const { delay } = rig.context
  rig.clock.wallOffset += 3_600_000
  expect(rig.status.nextAttemptAt).toBe(rig.clock.wall())
  rig.clock.wallOffset -= 7_200_000
  expect(rig.status.nextAttemptAt).toBe(rig.clock.wall() + (delay?.delayMs ?? 0))
})

test('an error of the owner in connect is told in its own words, also while a code is wanted', async () => {
  const message = "Cannot read properties of undefined (reading 'browser')"
  const broken = { kind: 'connect-failed', message } as const
  const rig = await new Rig().healthy()
  rig.world.close(broken)
  expect(rig.status.message).toBe(`The connect function failed: ${message}.`)
  const fresh = new Rig()
  fresh.world.creds = 'absent'
  fresh.world.pairLogin = broken
  await fresh.start()
  await fresh.until(() => fresh.context.closes.length > 0, 60_000)
  expect(fresh.status.message).toContain(`The connect function failed: ${message}. It will be tried again.`)
  expect(fresh.context.reason?.why).toBe('the connect function did not give a socket')
})

test('while it rests or observes it is not said that a code comes by itself', async () => {
  const rig = new Rig()
  rig.world.creds = 'absent'
  await rig.start()
  await rig.until(() => rig.state === 'awaitingQr.resting', 3_600_000)
  expect(rig.status.remediation).toMatch(/^No code comes by itself/)
  const observing = new Rig({ mode: 'observe' })
  observing.world.login = cause('logged-out')
  await observing.start()
  await observing.until(() => observing.state === 'awaitingQr.resting', 60_000)
  expect(observing.status.remediation).toMatch(/^No code comes by itself/)
})
