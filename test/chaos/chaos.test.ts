import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withFakeWhatsApp } from '../../src/fake-whatsapp/index.ts'
import { run } from '../../src/torture/run.ts'
import { written } from '../../src/torture/schedule.ts'
import { type Step, stepNames } from '../../src/torture/steps.ts'
import { askedAlready } from '../fake-whatsapp/client.ts'
import { lines } from '../lifeline/world.ts'

const schedules: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ name: fc.constantFrom(...stepNames), settled: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
)

describe.each(lines)('random failures with $name', ({ name, baileys }) => {
  test(
    'however things fail, the account is healthy in the end, all is read, and nothing is lost, shown, done twice or left behind',
    () =>
      withFakeWhatsApp(
        async (server) => {
          server.trust(baileys)
          const connectFolder = fileURLToPath(new URL('.', import.meta.url))
          const connect = ({ auth, logger }: { auth: never; logger: never }) =>
            baileys.makeWASocket({ ...server.clientOptions, auth, logger, placeholderResendCache: askedAlready })
          await fc.assert(
            fc.asyncProperty(schedules, async (schedule) => {
              const result = await run({ server, connect: connect as never, connectFolder, schedule })
              if (process.env.CHAOS_LOG)
                console.log(
                  written(schedule),
                  Math.round(result.tookMs),
                  Math.round(result.healMs),
                  result.messages,
                  result.broken,
                )
              expect(result.broken, `${written(schedule)}\n${result.path.join(' → ')}`).toEqual([])
            }),
            { numRuns: Number(process.env.CHAOS_RUNS ?? 10), seed: Number(process.env.CHAOS_SEED ?? 4_711) },
          )
        },
        { claimedPreKeys: 1, seed: name },
      ),
    240_000,
  )
})
