import { fileURLToPath } from 'node:url'
import { torture } from '../../src/rehearsal/torture/torture.ts'
import type { Part } from './part.ts'

const names = { 6: 'baileys-6', 7: '@whiskeysockets/baileys' } as const

/** Random failures on one line of real Baileys, each of its own seed. */
export function chaosPart(line: keyof typeof names, firstSeed: number): Part {
  const failures: string[] = []
  const module = fileURLToPath(new URL(`connect-${line}.js`, import.meta.url))
  let runs = 0
  let messages = 0
  let slowestMs = 0
  let heapBytes: number | undefined
  return {
    failures,
    work: async (until) => {
      const result = await torture({
        module,
        baileys: [names[line]],
        seed: firstSeed + runs,
        runs: Number.MAX_SAFE_INTEGER,
        schedule: undefined,
        until,
        onRun: (run) => {
          runs += 1
          messages += run.messages.read
          slowestMs = Math.max(slowestMs, run.healMs)
          for (const { rule, found } of run.broken)
            failures.push(
              `chaos on ${names[line]}, seed ${run.seed}: ${rule}: ${found}\n  ${run.shortest ?? run.schedule}`,
            )
        },
      })
      heapBytes = result.heapBytesPerRun ?? heapBytes
    },
    said: () =>
      `chaos on Baileys ${line}: ${runs} schedules, ${messages} messages read, well again in ${(slowestMs / 1000).toFixed(1)} s at the slowest${heapBytes === undefined ? '' : `, heap ${heapBytes < 0 ? '' : '+'}${Math.round(heapBytes / 1000)} kB per run`}`,
  }
}
