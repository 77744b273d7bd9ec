import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { folders } from '../../test/mutants/faults/folders.ts'
import { inProject } from '../../test/root.ts'
import { day } from '../../test/share.ts'
import type { Part } from './part.ts'

const program = fileURLToPath(new URL('../../test/mutants/faults/faults.js', import.meta.url))
/** Enough for a share that says something. */
const atOnce = 20

/**
 * Twenty careless changes in one folder of the sources after the other, others on each day. It is a failure if too few
 * are noticed in a folder; each that no fast test notices, and that has no reason, is printed.
 */
export function faultsPart(): Part {
  const failures: string[] = []
  const shares: string[] = []
  let turn = 0
  return {
    failures,
    work: async (until) => {
      while (performance.now() < until) {
        const folder = folders[(day + turn) % folders.length] ?? ''
        const seed = `${day}.${Math.floor(turn / folders.length)}`
        const options = ['--folder', folder, '--count', String(atOnce), '--seed', seed]
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
        shares.push(lines.find((line) => line.startsWith(`${folder}: `)) ?? `${folder}: nothing was tried`)
        for (const line of lines.filter((one) => one.startsWith('no fast test notices'))) console.log(line)
        const told = lines.filter((line) => !/ — noticed by /.test(line))
        if (code !== 0) failures.push(`careless changes (${options.join(' ')}):\n${told.join('\n')}`)
      }
    },
    said: () => `careless changes: ${shares.length} folders${shares.length > 0 ? `, the last ${shares.at(-1)}` : ''}`,
  }
}
