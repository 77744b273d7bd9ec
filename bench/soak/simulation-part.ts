import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Part } from './part.ts'

const daysAtOnce = 100
const lifeDays = 10
const program = fileURLToPath(new URL('../../test/simulation/simulate.js', import.meta.url))

/** Simulated days, in a process of their own: virtual time would stop everything else. */
export function simulationPart(firstSeed: number): Part {
  const failures: string[] = []
  let days = 0
  return {
    failures,
    work: async (until) => {
      while (performance.now() < until) {
        const seed = firstSeed + days / lifeDays
        const child = spawn(process.execPath, [program, '--seed', String(seed), '--days', String(daysAtOnce)], {
          stdio: ['ignore', 'ignore', 'pipe'],
        })
        let said = ''
        child.stderr.on('data', (data) => {
          said += String(data)
        })
        const [code] = await once(child, 'close')
        days += daysAtOnce
        if (code !== 0) failures.push(`simulation from seed ${seed}:\n${said}`)
      }
    },
    said: () => `simulation: ${days} days`,
  }
}
