import { gateways, ways } from '../../test/gateways/gateways.ts'
import { scenarios } from '../../test/gateways/scenarios.ts'
import { broken, Stages } from '../../test/gateways/stages.ts'
import type { Part } from './part.ts'

const pairs = 2
const longestMs = 90_000

interface Tally {
  exec: number
  alone: number
  played: number
}

/**
 * Gateways from npm, unchanged, under `lifeline exec` and beside it alone: every scenario once, as far as time allows.
 * Then the ways in which people start one, with what differs by them: what it meets when it starts.
 */
export function gatewaysPart(): Part {
  const failures: string[] = []
  const tallies = new Map<string, Tally>(
    [...gateways, ...ways].map(({ name }) => [name, { exec: 0, alone: 0, played: 0 }]),
  )
  const due = [
    ...gateways.map((row) => ({ row, left: [...scenarios] })),
    ...ways.map((row) => ({ row, left: scenarios.filter(({ before, friends }) => before && friends !== 3) })),
  ]
  return {
    failures,
    work: async (until) => {
      for (const { row, left } of due) {
        if (left.length === 0) continue
        const tally = tallies.get(row.name)
        const stages = await Stages.open(row, pairs)
        const playAll = async () => {
          for (let scenario = left.shift(); scenario; scenario = left.shift()) {
            const { exec, alone } = await stages.play(scenario, longestMs, row.patienceMs)
            const wrong = broken(scenario, exec)
            if (tally) {
              tally.played += 1
              if (wrong.length === 0) tally.exec += 1
              if (broken(scenario, alone).length === 0) tally.alone += 1
            }
            console.log(
              `  ${row.name}, ${scenario.name}: ${exec.end} after ${exec.ms} ms; alone: ${alone.end} after ${alone.ms} ms`,
            )
            for (const one of wrong) failures.push(`${row.name}, ${scenario.name}: ${one}`)
            if (performance.now() > until) return
          }
        }
        try {
          await Promise.all(Array.from({ length: pairs }, playAll))
        } finally {
          await stages.close()
        }
        if (performance.now() > until) return
      }
    },
    over: () => due.every(({ left }) => left.length === 0),
    said: () =>
      [...tallies]
        .map(([name, { exec, alone, played }]) => `${name}: ${exec} of ${played} under exec, ${alone} alone`)
        .join('; '),
  }
}
