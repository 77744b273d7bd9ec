import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inProject } from '../../test/root.ts'
import type { Part } from './part.ts'

const program = fileURLToPath(new URL('../../test/mutants/faults/faults.js', import.meta.url))
/** One after the other, another one first for each seed. */
const folders = ['stores/rows', 'stores/postgres', 'fleet', 'notices', 'history', 'incidents', 'line', 'baileys']
const atOnce = 8

/** A few careless changes in a folder, another share for each seed; what no fast test notices is a failure. */
export function faultsPart(seed: number): Part {
  const failures: string[] = []
  const shares: string[] = []
  let turn = seed
  return {
    failures,
    work: async (until) => {
      while (performance.now() < until) {
        const folder = folders[turn % folders.length] ?? ''
        const options = ['--only', `${folder}/`, '--count', String(atOnce), '--seed', String(turn)]
        turn += 1
        const child = spawn(process.execPath, [program, ...options], {
          cwd: fileURLToPath(inProject('.')),
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        let said = ''
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (data) => {
            said += String(data)
          })
        const [code] = await once(child, 'close')
        const lines = said.trim().split('\n')
        shares.push(lines.find((line) => line.startsWith('all: ')) ?? 'nothing was tried')
        const told = lines.filter((line) => !/ — noticed by /.test(line))
        if (code !== 0) failures.push(`careless changes (${options.join(' ')}):\n${told.join('\n')}`)
      }
    },
    said: () => `careless changes: ${shares.length} shares${shares.length > 0 ? `, the last ${shares.at(-1)}` : ''}`,
  }
}
