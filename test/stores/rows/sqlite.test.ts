// @module-tag slow/together

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { rowRules, sqliteRows } from '../../../src/stores/rows/index.ts'
import { nodeBinary } from '../../drop-in/register/node-binary.ts'
import { inProject } from '../../root.ts'
import { freshFolder } from '../account.ts'

const trial = fileURLToPath(inProject('dist/test/stores/rows/sqlite-trial.js'))

describe('rows in SQLite, on a Node that has it', () => {
  let node = ''
  beforeAll(async () => {
    node = await nodeBinary(22)
  }, 240_000)
  const run = async (what: string, file: string, ids: readonly string[] = []) => {
    const { stdout } = await promisify(execFile)(node, [trial, what, file, ...ids])
    return JSON.parse(stdout)
  }

  test('hold to every rule', async () => {
    expect(await run('rules', await freshFolder())).toEqual(rowRules.map(({ rule }) => rule))
  })

  test('are kept apart by account in one file, which only its owner can read', async () => {
    const file = await freshFolder()
    expect(await run('apart', file)).toEqual([['a'], []])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test('lose nothing that was acknowledged when their process is killed, and the next owner does not wait for it', async () => {
    const file = await freshFolder()
    const writer = spawn(node, [trial, 'write', file], { stdio: ['ignore', 'pipe', 'inherit'] })
    const acknowledged: string[] = []
    const lines = createInterface(writer.stdout)
    lines.on('line', (line) => {
      acknowledged.push(line)
      if (acknowledged.length === 25) writer.kill('SIGKILL')
    })
    await once(writer, 'close')
    expect(acknowledged.length).toBeGreaterThanOrEqual(25)
    expect(await run('read', file, acknowledged)).toEqual({ creds: 'present', found: acknowledged.length })
  })
})

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

describe.runIf(major < 22 || (major === 22 && minor < 13))('rows in SQLite, on a Node that has none', () => {
  test('are refused with the Node that they need', async () => {
    await expect(sqliteRows({ file: await freshFolder() }).claim()).rejects.toMatchObject({
      code: 'AUTH_STORE_DRIVER',
      remediation: 'Use Node 22.13 or later.',
    })
  })
})
