import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inProject } from '../../root.ts'

const run = promisify(execFile)
const cache = fileURLToPath(inProject('node_modules/.cache/lifeline'))

/**
 * Another Node, of the major version given: the newest that npm has for this system, fetched once into
 * `node_modules/.cache/lifeline`.
 */
export async function nodeBinary(major: number): Promise<string> {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const place = join(cache, `node-${major}`)
  const binary = join(place, 'node_modules', name, 'bin', platform === 'win' ? 'node.exe' : 'node')
  if (existsSync(binary)) return binary
  const draft = join(cache, `draft-${major}-${process.pid}`)
  await mkdir(draft, { recursive: true })
  await run('npm', ['install', '--no-save', '--ignore-scripts', '--prefix', draft, `${name}@${major}`], { cwd: draft })
  // Whole before it has its name: another worker may look for it, too.
  await rename(draft, place).catch(() => rm(draft, { recursive: true, force: true }))
  return binary
}
