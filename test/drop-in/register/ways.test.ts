// @module-tag slow

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../shipped.ts'
import { Tree } from './tree.ts'

const run = promisify(execFile)

describe('a program under exec', () => {
  let tree: Tree | undefined
  beforeAll(async () => {
    tree = await Tree.grow({ '@whiskeysockets/baileys': 'v7' })
  })
  afterAll(() => tree?.fell())

  test('has one supervised Baileys, whether it requires it, imports it, or requires what imports it', async () => {
    const { stdout, stderr } = await run(process.execPath, [cli, 'exec', '--', process.execPath, 'ways.cjs'], {
      cwd: tree?.folder ?? '',
    })
    const { names, ...rest } = JSON.parse(stdout)
    expect(names).toEqual(['@whiskeysockets/baileys/lib/index.js', 'whaileys/lib/index.js'])
    expect(rest).toEqual({ same: [true, true], sameOld: [true, true], missing: [] })
    expect(stderr).toBe('')
  })
})
