import { fetchedFork } from '../../test/forks/fetched-fork.ts'
import { forks } from '../../test/forks/fork-rows.ts'
import { playFork } from '../../test/forks/fork-trial.ts'
import type { Part } from './part.ts'

/** Every fork once, as npm has it: linked, read, answered, killed and healed. */
export function forksPart(): Part {
  const failures: string[] = []
  const played: string[] = []
  const left = [...forks]
  return {
    failures,
    work: async (until) => {
      for (let row = left.shift(); row; row = left.shift()) {
        const name = `${row.name} ${row.version}`
        const startedAt = performance.now()
        try {
          const { log } = await playFork(await fetchedFork(row), row.name)
          for (const part of row.lacks)
            if (!log.lines.some((line) => line.includes(`has no ${part}`)))
              failures.push(`${name}: ${part} was not said`)
          played.push(name)
        } catch (error) {
          failures.push(`${name}: ${error instanceof Error ? error.message : error}`)
        }
        console.log(`  ${name}: ${Math.round(performance.now() - startedAt)} ms`)
        if (performance.now() > until) return
      }
    },
    over: () => left.length === 0,
    said: () => `forks that were linked, read, answered, killed and healed: ${played.join(', ') || 'none yet'}`,
  }
}
