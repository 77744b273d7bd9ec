// @module-tag slow

import { beforeAll, describe, expect, type TestContext, test, vi } from 'vitest'
import type { ConversationClient } from '../../../src/rehearsal/conversation/client.ts'
import { type ConversationReport, inWords, story } from '../../../src/rehearsal/conversation/report.ts'
import { Script } from '../../../src/rehearsal/conversation/script.ts'
import { type Fault, faults } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { fastPolicy } from '../../line/fast-policy.ts'
import { type Baileys, lines } from '../../line/world.ts'
import { numberOf, shareOf, whole } from '../../share.ts'
import { postgresKind, type StoreKind, storeKinds } from '../../stores/every-store/store-kinds.ts'
import { testDatabase } from '../../stores/postgres/databases.ts'
import { muteConsole } from '../fake-whatsapp/client.ts'
import { Arm } from './arm.ts'

/** `CONVERSATION_SEEDS=3,4,5` for others. */
const seeds = (process.env.CONVERSATION_SEEDS ?? '1').split(',').map(Number)
/** What the stores take for a write, each another at another seed, ms. */
const slowness = [0, 10, 30]
const patienceMs = { alone: 8_000, supervised: 60_000 }
const quietMs = 6_000

const database = testDatabase()
/** One of them each day. */
const kinds = (): readonly StoreKind[] => shareOf([...storeKinds, postgresKind(database)], 1)

beforeAll(() => {
  muteConsole()
})

vi.setConfig({ testTimeout: 180_000 })

/**
 * Contacts by number and by LID, with one device and with two, alone and in groups, and the account, at random gaps.
 * Nobody with two devices is written to both alone and in a group: Baileys 6 keeps one list of devices for both,
 * without phones if it was made for the one.
 */
function talk(arm: Arm, seed: number, more: Pick<Parameters<Arm['converse']>[0], 'endsWithinMs' | 'meanwhile'>) {
  const phone = arm.server.phone(arm.number)
  const byLid = { addressing: 'lid' } as const
  return arm.converse({
    contacts: [
      arm.contact('anna', { devices: 2 }),
      arm.contact('bert'),
      arm.contact('carl', { ...byLid, devices: 2 }),
      arm.contact('dora', byLid),
    ],
    groups: [
      arm.server.group('band', [arm.contact('emil'), arm.contact('fee', { devices: 2 }), phone]),
      arm.server.group(
        'club',
        [arm.contact('gil', { ...byLid, devices: 2 }), arm.contact('hera', byLid), phone],
        byLid,
      ),
    ],
    seed,
    messages: numberOf(4, 2),
    unasked: numberOf(5, 3),
    gapMs: [0, 500],
    answerMs: [0, 500],
    quietMs,
    ...more,
  })
}

type Trouble = (arm: Arm, seed: number) => () => Promise<void>

/** Baileys alone and the stores of the day at the same time, on the same seed. */
async function onEachStore(context: TestContext, baileys: Baileys, seed: number, trouble?: Trouble) {
  const written = (at: number) => slowness[(at + seed) % slowness.length] ?? 0
  const alone = await Arm.open({ baileys, writeMs: written(0) })
  const arms: Arm[] = []
  try {
    for (const [at, { create }] of kinds().entries()) {
      arms.push(await Arm.open({ baileys, store: create, writeMs: written(at), policy: fastPolicy }))
    }
    const play = (arm: Arm, endsWithinMs: number) =>
      talk(arm, seed, { endsWithinMs, ...(trouble && { meanwhile: trouble(arm, seed) }) })
    const [beside, ...reports] = await Promise.all([
      play(alone, patienceMs.alone),
      ...arms.map((arm) => play(arm, patienceMs.supervised)),
    ])
    const words = `Baileys alone: to the account ${inWords(beside.toAccount)}; to contacts ${inWords(beside.toContacts)}`
    await context.annotate(words)
    return kinds().map(({ kind }, at) => {
      const report = reports[at] as ConversationReport
      return { report, about: `${kind}, ${written(at)} ms a write, ${story(report)}\n${words}` }
    })
  } finally {
    await Promise.all([alone, ...arms].map((arm) => arm.close()))
  }
}

const told = { neverRead: [], toldTwice: [], toldNever: [] }

type Lines = readonly { readonly baileys: Baileys }[]

/** The lines at the same time: most of it is waiting. */
async function onEachLine(context: TestContext, lines: Lines, seed: number, trouble?: Trouble) {
  return (await Promise.all(lines.map(({ baileys }) => onEachStore(context, baileys, seed, trouble)))).flat()
}

/** One line each day, and the other one for what goes wrong. */
const quiet = shareOf(lines, 1)
const troubled = whole ? lines : lines.filter((line) => !quiet.includes(line))

describe('two-way traffic on every store, on both lines', () => {
  test.for(seeds)(
    'is read both ways, told once, and never asked for again while nothing goes wrong: seed %i',
    async (seed, context) => {
      for (const { about, report } of await onEachLine(context, quiet, seed)) {
        expect(report, about).toMatchObject({
          toAccount: { ...told, askedAgain: 0 },
          toContacts: { ...told, askedAgain: 0 },
          refused: [],
          lostOnTheWay: [],
        })
      }
    },
  )

  test.for(seeds)('is read both ways and told once through closes of every kind: seed %i', async (seed, context) => {
    for (const { about, report } of await onEachLine(context, troubled, seed, closes)) {
      expect(report, about).toMatchObject({ toAccount: told, toContacts: told })
    }
  })
})

type Close = Fault | 'by the client'
const ends: readonly Close[] = [
  'by the client',
  faults.serviceUnavailable,
  { kind: 'reset', at: 'login' },
  { kind: 'stream-end' },
  faults.restartRequired,
]

/** Every kind of close once, at random moments, and each after the connection has come back from the one before. */
const closes: Trouble = (arm, seed) => async () => {
  const script = new Script(`closes ${seed}`)
  const order = ends.map((end, at) => ({ end, key: script.ms(`order ${at}`, [0, 1_000_000]) }))
  for (const [at, { end }] of order.sort((a, b) => a.key - b.key).entries()) {
    await new Promise((resolve) => setTimeout(resolve, script.ms(`close ${at}`, [100, 500])))
    await closeBy(arm, arm.client, end)
  }
}

async function closeBy({ server, number }: Arm, client: ConversationClient, end: Close): Promise<void> {
  if (end === 'by the client') return client.reconnect()
  const back = server.next('online', { account: number })
  // Whoever is between two connections comes back by itself.
  if (server.now(end, number) > 0) await back
}
