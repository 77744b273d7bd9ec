import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LifeOptions, Outcome } from './life.ts'

const script = fileURLToPath(import.meta.resolve('./one-life.js'))

/**
 * Many lives, spread over some processes; none begins after one has failed. Every life has a process to itself while it
 * lasts, so what becomes of it does not depend on the others. In the order of their seeds.
 */
export async function liveAll(lives: readonly LifeOptions[], processes: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const left = lives.values()
  const lane = async (): Promise<void> => {
    const child = fork(script)
    try {
      for (const options of left) {
        const outcome = await lived(child, options)
        outcomes.push(outcome)
        if (outcomes.some(({ failure }) => failure)) return
      }
    } finally {
      child.kill()
    }
  }
  await Promise.all(Array.from({ length: Math.min(processes, lives.length) }, lane))
  return outcomes.sort((one, other) => one.seed - other.seed)
}

function lived(child: ChildProcess, options: LifeOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null) => reject(new Error(`The process of seed ${options.seed} ended with ${code}.`))
    child.once('exit', failed)
    child.once('message', (outcome: Outcome) => {
      child.off('exit', failed)
      resolve(outcome)
    })
    child.send(options)
  })
}
