// @module-tag slow

import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askedAlready } from '../../../src/rehearsal/fake-whatsapp/asked-already.ts'
import { type FakeWhatsApp, withFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import type { TortureGiven } from '../../../src/rehearsal/torture/gateway.ts'
import { run } from '../../../src/rehearsal/torture/run.ts'
import { parseSchedule, written } from '../../../src/rehearsal/torture/schedule.ts'
import { type Step, stepNames } from '../../../src/rehearsal/torture/steps.ts'
import { transitionsTaken } from '../../line/transitions-taken.ts'
import { type Baileys, lines } from '../../line/world.ts'
import { inProject } from '../../root.ts'
import { partOf, shareOf } from '../../share.ts'

const schedules: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ name: fc.constantFrom(...stepNames), settled: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
)

/** Schedules that once failed, or stand for a family that did: they are played first. */
const all = [
  '+440',
  'stream-end',
  '440 +damage restart +restart',
  'unplug +prune write +515 515 515',
  '+close-at-connect +write damage +405-at-login',
].map((text) => {
  const schedule = parseSchedule(text)
  if ('unknown' in schedule) throw new Error(`There is no step ${schedule.unknown}.`)
  return schedule
})
/** One of them each day. */
const past = shareOf(all, 1)

const connectFolder = fileURLToPath(inProject('test/rehearsal/torture/'))

async function play(server: FakeWhatsApp, baileys: Baileys, schedule: readonly Step[]) {
  const connect = ({ auth, logger }: TortureGiven) =>
    baileys.makeWASocket({ ...server.clientOptions, auth, logger, placeholderResendCache: askedAlready })
  const { broken, path } = await run({ server, connect, connectFolder, schedule, inspect: transitionsTaken(undefined) })
  expect(broken, `${written(schedule)}\n${path.join(' → ')}`).toEqual([])
}

/**
 * What is checked of the promises after each schedule stands in src/rehearsal/torture/rules.ts. Of the others: 3 and
 * the fence in races, takeover, test/stores/fence; budgets across restarts in test/machines; 10 in throwing and disk;
 * 12 in secrets.
 */
describe.each(lines)('random failures with $name', ({ name, baileys }) => {
  test(
    'however things fail, the account is healthy in the end, all is read, and nothing is lost, shown, done twice or left behind',
    () =>
      withFakeWhatsApp(
        async (server) => {
          server.trust(baileys)
          const property = fc.asyncProperty(schedules, (schedule) => play(server, baileys, schedule))
          const examples = past.map((schedule) => [schedule] as [readonly Step[]])
          await fc.assert(property, { examples, numRuns: past.length })
          const { first, count } = name === 'v7' ? partOf(9, 1) : partOf(6, 1)
          await fc.assert(property, { seed: 4_711, path: String(first), numRuns: count })
        },
        { claimedPreKeys: 1, seed: name },
      ),
    240_000,
  )
})
