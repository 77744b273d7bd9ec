// @module-tag slow/together

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inProject } from '../../root.ts'
import { register } from '../../shipped.ts'
import { nodeBinary } from './node-binary.ts'

const run = promisify(execFile)
const baileys = inProject('node_modules/@whiskeysockets/baileys/lib/index.js').href

describe('what a program loads under the preload', () => {
  let [place, node] = ['', '']
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'lifeline-compiled-'))
    node = await nodeBinary(22)
  }, 240_000)
  afterAll(() => rm(place, { recursive: true, force: true }))

  /** How many files are kept compiled after a run. */
  async function kept(name: string, code: string, more: Readonly<Record<string, string>> = {}): Promise<number> {
    const program = join(place, `${name}.mjs`)
    await writeFile(program, code)
    const { NODE_V8_COVERAGE: _, NODE_COMPILE_CACHE: __, ...env } = process.env
    await run(node, ['--import', register, program], {
      cwd: place,
      env: { ...env, XDG_CACHE_HOME: join(place, name), ...more },
    })
    const files = await readdir(join(place, name, 'baileys-lifeline', 'compiled'), { recursive: true }).catch(() => [])
    return files.length
  }

  test('is kept compiled for the next start where it has a Baileys, and nothing of it elsewhere', async () => {
    expect(await kept('with', `import ${JSON.stringify(baileys)}`)).toBeGreaterThan(100)
    expect(await kept('without', 'console.log(1)')).toBe(0)
    expect(await kept('unwanted', `import ${JSON.stringify(baileys)}`, { NODE_DISABLE_COMPILE_CACHE: '1' })).toBe(0)
  })
})
