import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Baileys } from '../line/world.ts'
import { inProject } from '../root.ts'
import { asBaileys, type ForkRow } from './fork-rows.ts'

const run = promisify(execFile)
const cache = fileURLToPath(inProject('node_modules/.cache/lifeline/forks'))

/** What forks name by Git addresses: libsignal, and rules for a linter that they do not run. */
const overrides = {
  libsignal: '6.0.0',
  '@whiskeysockets/eslint-config': 'npm:picocolors@1.1.1',
  '@adiwajshing/eslint-config': 'npm:picocolors@1.1.1',
}

/** A fork as npm has it, with no script run: fetched once into `node_modules/.cache/lifeline/forks`. */
export async function fetchedFork({ name, version, with: more = {} }: ForkRow): Promise<Baileys> {
  const place = join(cache, `${name.replace('/', '+')}-${version}`)
  if (!existsSync(place)) {
    const draft = join(cache, `draft-${process.pid}`)
    await mkdir(draft, { recursive: true })
    const project = { private: true, dependencies: { [name]: version, ...more }, overrides }
    await writeFile(join(draft, 'package.json'), JSON.stringify(project))
    await run('npm', ['install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'], { cwd: draft })
    await rename(draft, place).catch(() => rm(draft, { recursive: true, force: true }))
  }
  const entry = createRequire(join(place, 'package.json')).resolve(name)
  return asBaileys(await import(pathToFileURL(entry).href))
}
