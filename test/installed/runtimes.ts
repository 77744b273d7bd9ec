import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inProject } from '../root.ts'

const run = promisify(execFile)
const cache = fileURLToPath(inProject('node_modules/.cache/lifeline/runtimes'))
const { platform, arch } = process

/** A runtime that gateways run on, as npm has its binary. */
export interface RuntimeRow {
  readonly name: string
  /** A package for this system, and the versions of it that are meant. */
  readonly from: readonly [name: string, range: string]
  /** Its binary in that package. */
  readonly binary: string
  /** What it is told before the program. */
  readonly args: readonly string[]
}

const node = (range: string): RuntimeRow => ({
  name: `Node ${range}`,
  from: [`node-${platform}-${arch}`, range],
  binary: 'bin/node',
  args: [],
})

export const runtimes: readonly RuntimeRow[] = [
  ...['20.19', '22', '24', '26'].map(node),
  { name: 'Bun 1.4', from: [`@oven/bun-${platform}-${arch}`, '1.4'], binary: 'bin/bun', args: [] },
  {
    name: 'Deno 2.9',
    from: [`@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`, '2.9'],
    binary: 'deno',
    args: ['run', '-A', '--node-modules-dir=manual'],
  },
]

/** Its binary and what it is told first; fetched once into `node_modules/.cache/lifeline/runtimes`. */
export async function fetchedRuntime({ name, from: [pack, range], binary, args }: RuntimeRow): Promise<string[]> {
  const place = join(cache, name.replace(' ', '-').toLowerCase())
  const found = join(place, 'node_modules', pack, binary)
  if (!existsSync(found)) {
    const draft = join(cache, `draft-${process.pid}`)
    await mkdir(draft, { recursive: true })
    const install = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', draft]
    await run('npm', [...install, `${pack}@${range}`], { cwd: draft })
    await rename(draft, place).catch(() => rm(draft, { recursive: true, force: true }))
  }
  return [found, ...args]
}

/** What it calls its own version. */
export async function versionOf([binary = '']: readonly string[]): Promise<string> {
  const { stdout } = await run(binary, ['--version'])
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout.trim()
}
