// @module-tag slow

import { beforeAll, describe, expect, type TestContext, test, vi } from 'vitest'
import { fileAuthStore } from '../../../src/index.ts'
import { inWords, story } from '../../../src/rehearsal/conversation/report.ts'
import { type Baileys, lines } from '../../line/world.ts'
import { inTurn, shareOf, whole } from '../../share.ts'
import { muteConsole } from '../fake-whatsapp/client.ts'
import { Arm } from './arm.ts'

type Traffic = Parameters<Arm['converse']>[0] & { readonly addressing?: 'pn' | 'lid'; readonly count: number }

/** At full speed Baileys alone goes on asking for a minute; nothing of ours is judged by the clock. */
const patienceMs = { alone: 10_000, supervised: 45_000 }
const quietMs = 5_000

/**
 * The same traffic for Baileys alone and for Baileys supervised, at the same time, each on a store that takes as long.
 * What Baileys alone makes of it stands beside the test in the verbose reporter, and in the message if it fails.
 */
async function sideBySide(
  context: TestContext,
  baileys: Baileys,
  writeMs: number,
  { count, addressing = 'pn', ...traffic }: Omit<Traffic, 'contacts'>,
): Promise<void> {
  const arms = [
    await Arm.open({ baileys, writeMs }),
    await Arm.open({ baileys, writeMs, store: fileAuthStore }),
  ] as const
  try {
    const play = (arm: Arm, endsWithinMs: number) =>
      arm.converse({ ...traffic, quietMs, endsWithinMs, contacts: arm.contacts(count, { addressing }) })
    const [alone, supervised] = await Promise.all([
      play(arms[0], patienceMs.alone),
      play(arms[1], patienceMs.supervised),
    ])
    const beside = `Baileys alone: to the account ${inWords(alone.toAccount)}; to contacts ${inWords(alone.toContacts)}`
    await context.annotate(beside)
    expect(supervised, `${beside}\nSupervised: ${story(supervised)}`).toMatchObject(harmless)
  } finally {
    await Promise.all(arms.map((arm) => arm.close()))
  }
}

const oneWay = { neverRead: [], askedAgain: 0, toldTwice: [], toldNever: [] }
const harmless = { toAccount: oneWay, toContacts: oneWay, cold: [], refused: [], lostOnTheWay: [] }

beforeAll(() => {
  muteConsole()
})

vi.setConfig({ testTimeout: 120_000 })

/** One line each day, and the other one at full speed. */
const calm = shareOf(lines, 1)
const fast = whole ? lines : lines.filter((line) => !calm.includes(line))

const ordinary: readonly (readonly [string, number, Parameters<typeof sideBySide>[3]])[] = [
  [
    'twenty contacts that each write every 0.5 to 2.5 s and are answered 0.3 to 1.5 s later',
    10,
    { count: 20, seed: 1, messages: 8, gapMs: [500, 2_500], answerMs: [300, 1_500] },
  ],
  // A message a second in all. With this seed the account begins three of its twenty answers while another one is being
  // stored.
  [
    'five contacts that write now and then',
    30,
    { count: 5, seed: 20_198, messages: 4, gapMs: [2_500, 7_500], answerMs: [300, 1_500] },
  ],
]
describe.concurrent.each(calm)('ordinary chat harms no session, Baileys $name', ({ baileys }) => {
  test.for(shareOf(ordinary, 1))('%s', ([, writeMs, traffic], context) =>
    sideBySide(context, baileys, writeMs, traffic),
  )
})

describe.concurrent.each(fast)('chat at full speed harms no session, Baileys $name', ({ baileys }) => {
  test.for(inTurn(['pn', 'lid'] as const, import.meta.url))(
    'a message each 12 ms, answered 0 to 60 ms later, by %s',
    (addressing, context) =>
      sideBySide(context, baileys, 10, {
        addressing,
        count: 1,
        seed: 1,
        messages: 120,
        gapMs: [12, 12],
        answerMs: [0, 60],
      }),
  )
})
