import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inProject } from '../test/root.ts'
import { cli } from '../test/shipped.ts'
import { median, type Row } from './table.ts'

interface Dial {
  readonly wallMs: number
  /** Undefined where there is no `/proc`. */
  readonly cpuMs: number | undefined
}

/** `/proc` counts processor time in hundredths of a second. */
const tickMs = 10

/**
 * `lifeline run` from the start of its process to its first connection, beside a bare script. `bareProgram`: a module
 * that is given a folder and the address to dial.
 */
export async function runToFirstDial(account: string, place: string, bareProgram: string, count: number): Promise<Row> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
  const dialOf = async (args: readonly string[]): Promise<Dial> => {
    const begun = performance.now()
    const child = spawn(process.execPath, args, { cwd: fileURLToPath(inProject('.')), stdio: 'ignore' })
    await Promise.race([once(server, 'connection'), once(child, 'exit').then(() => never(args))])
    const wallMs = performance.now() - begun
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => undefined)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    const [user = 0, system = 0] =
      stat
        ?.slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number) ?? []
    return { wallMs, cpuMs: stat === undefined ? undefined : (user + system) * tickMs }
  }
  const pairs: { readonly bare: Dial; readonly ours: Dial }[] = []
  const folders = { bare: join(place, 'bare-dial'), ours: join(place, 'run-dial') }
  for (const folder of Object.values(folders)) await cp(account, folder, { recursive: true })
  try {
    for (let round = -1; round < count; round += 1) {
      const bare = await dialOf([bareProgram, folders.bare, url])
      const ours = await dialOf([cli, 'run', '--auth', folders.ours, '--url', url])
      if (round >= 0) pairs.push({ bare, ours })
    }
  } finally {
    server.close()
  }
  const middle = (arm: 'bare' | 'ours', of: keyof Dial) => median(pairs.map((pair) => pair[arm][of] ?? Number.NaN))
  const told = (arm: 'bare' | 'ours') =>
    `${middle(arm, 'cpuMs').toFixed(0)} ms of processor time, ${middle(arm, 'wallMs').toFixed(0)} ms`
  return {
    what: `lifeline run to its first dial after a kill, Node ${process.versions.node} (${count} pairs)`,
    ours: told('ours'),
    beside: `a bare script: ${told('bare')}`,
    ratio: median(pairs.map(({ bare, ours }) => (ours.cpuMs ?? ours.wallMs) / (bare.cpuMs ?? bare.wallMs))),
    target: '≤ 1.15',
  }
}

function never(args: readonly string[]): never {
  throw new Error(`${args.join(' ')} has ended without a dial`)
}
