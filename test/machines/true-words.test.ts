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

/** What words claim, and what must have happened for that to be true. */
const claims: readonly (readonly [RegExp, (context: Context) => boolean])[] = [
  [/over the network|^the network or the server|network failed/i, closedBy('network')],
  [/proxy|sign-in page/i, closedBy('portal')],
  [/this host's clock|clock of this host/i, closedBy('clock')],
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
function untrue(words: string, context: Context): string | undefined {
  const claim = claims.find(([says, happened]) => says.test(words) && !happened(context))
  return claim && `${claim[0]}: ${words}`
}

async function play(steps: readonly Step[], chance: number, mode: 'heal' | 'observe'): Promise<readonly string[]> {
  const rig = new Rig({ mode, random: () => chance })
  const found: string[] = []
  const look = (): void => {
    const { value, context } = rig.actor.getSnapshot()
    const state = stateNameOf(value)
    const status = statusOf(state, context)
    const said = [`${status.message} ${status.remediation ?? ''}`, context.reason?.why ?? '']
    for (const kind of rig.notices.splice(0).map((notice) => notice.kind)) {
      const told = noticeWords(kind, noticeDetails(kind, context), status)
      said.push(`${told.message} ${told.remediation ?? ''}`)
    }
    for (const words of said) {
      const claim = untrue(words, context)
      if (claim) found.push(`${state}: ${claim}`)
    }
    if (status.nextAttemptAt !== undefined && status.nextAttemptAt < rig.clock.wall())
      found.push(`${state}: the next attempt lies in the past`)
  }
  await rig.start()
  for (const [index, step] of steps.entries()) {
    await perform(rig, step, index)
    look()
    if (rig.state === 'awaitingQr.resting' && rig.status.remediation?.includes('it comes by itself'))
      found.push('a code is promised, and none comes')
  }
  return found
}

test('no status and no notice names a cause that did not happen, whatever does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 20, size: 'max' }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.constantFrom('heal' as const, 'observe' as const),
      async (steps, chance, mode) => {
        expect(await play(steps, chance, mode)).toEqual([])
      },
    ),
    { numRuns: numberOf(1_500, 150) },
  )
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
