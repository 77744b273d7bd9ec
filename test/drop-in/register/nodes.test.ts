// @module-tag slow/together

import { beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { fast } from '../../line/fast-policy.ts'
import { World } from '../../line/world.ts'
import { shareOf } from '../../share.ts'
import { register } from '../../shipped.ts'
import { cleanUp } from './clean-up.ts'
import { nodeBinary } from './node-binary.ts'
import { Program } from './program.ts'
import { type Names, Tree } from './tree.ts'

const names: Names = { '@whiskeysockets/baileys': 'v7', baileys: 'v6' }

describe('programs under the preload', () => {
  let [world, tree, env]: [World?, Tree?, Record<string, string>?] = []
  const programs: Program[] = []
  beforeAll(async () => {
    world = await World.open()
    tree = await Tree.grow(names)
    env = { ...(await tree.lead(world.server, names)), LIFELINE_EXEC: JSON.stringify({ policy: fast() }) }
    await Promise.all([22, 24].map(nodeBinary))
  }, 240_000)
  cleanUp(programs, () => ({ world, tree }))

  function run(node: string, args: readonly string[]): Program {
    const program = new Program(node, ['--import', register, ...args], {
      cwd: tree?.folder ?? '',
      ...(env ? { env } : {}),
    })
    programs.push(program)
    return program
  }

  const ways = [
    [22, 'static.mjs'],
    [24, 'imported.cjs'],
    [22, 'required.cjs'],
    [24, 'required.cjs'],
  ] as const
  test.each(shareOf(ways, 1))(
    'of Node %i, by %s, hold their sockets through a drop',
    {
      timeout: 240_000,
    },
    async (major, file) => {
      const program = run(await nodeBinary(major), [file, (await world?.linkedFolder()) ?? ''])
      await program.until(() => program.count('ready') === 1)
      world?.server.now(faults.unavailable)
      await program.until(() => program.count('ready') === 2)
      expect(program.count('close')).toBe(0)
      expect(program.stderr).toBe('')
    },
  )

  test('with two lines of Baileys in one process have both supervised, each on a folder of its own', async () => {
    const [first = '', second = ''] = [world?.folder(), world?.folder()]
    const program = run(process.execPath, ['both.mjs', first, second])
    await program.until(() => program.count('qr', 'first') > 0 && program.count('qr', 'second') > 0)
    const numbers = { first: '491700000051', second: '491700000052' }
    for (const [name, number] of Object.entries(numbers)) {
      const code = program.said.findLast((one) => one.name === name && one.type === 'qr')?.qr ?? ''
      await world?.server.phone(number).scan(code)
    }
    await program.until(() => program.count('ready', 'first') > 0 && program.count('ready', 'second') > 0)
    const opens = program.count('open')
    world?.server.now(faults.unavailable)
    await program.until(() => program.count('open') === opens + 2)
    expect(program.count('close')).toBe(0)
  })
})
