// @module-tag slow/together

import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { fast } from '../../line/fast-policy.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'
import { cli, register } from '../../shipped.ts'
import { cleanUp } from './clean-up.ts'
import { Program } from './program.ts'
import { type Names, Tree } from './tree.ts'

/** One line each day, and one way. */
const ways = ['static.mjs', 'required.cjs', 'imported.cjs']
const today = inTurn(lines, import.meta.url)

describe.each(today)('a program that imports $name under the preload', ({ name, baileys }) => {
  const names: Names = { '@whiskeysockets/baileys': name }
  let [world, tree, env]: [World?, Tree?, Record<string, string>?] = []
  const programs: Program[] = []
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
    await world.linkedFolder()
    tree = await Tree.grow(names)
    env = { ...(await tree.lead(world.server, names)), LIFELINE_EXEC: JSON.stringify({ policy: fast() }) }
  })
  cleanUp(programs, () => ({ world, tree }))

  async function run(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
    if (!world || !tree) throw new Error('no world')
    const folder = await world.linkedFolder()
    const program = new Program(process.execPath, [...args, folder], { cwd: tree.folder, env: { ...env, ...more } })
    programs.push(program)
    return { program, world, folder }
  }

  test.each(inTurn(ways, import.meta.url))('by %s holds its socket through a drop', async (file) => {
    const { program, world } = await run(['--import', register, file])
    await program.until(() => program.count('ready') === 1)
    world.server.now(faults.unavailable)
    await program.until(() => program.count('ready') === 2)
    expect(program.count('close')).toBe(0)
    const anna = world.server.contact(`anna of ${name}`)
    const answer = anna.nextReceived()
    await anna.send(world.number, 'hello')
    expect(await answer).toBe('got hello')
    expect(program.stderr).toBe('')
  })

  test('without it is told the drop', async () => {
    const { program, world } = await run(['static.mjs'])
    await program.until(() => program.count('ready') === 1)
    world.server.now(faults.unavailable)
    await program.until(() => program.count('close') === 1)
  })

  test('is supervised by lifeline exec, which its signals and its exit code go through', async () => {
    const { program, world, folder } = await run([
      cli,
      'exec',
      '--policy',
      tree?.policy ?? '',
      '--',
      process.execPath,
      'static.mjs',
    ])
    await program.until(() => program.count('ready') === 1)
    world.server.now(faults.unavailable)
    await program.until(() => program.count('ready') === 2)
    expect(program.count('close')).toBe(0)
    program.signal('SIGTERM')
    expect(await program.ended()).toEqual({ code: null, signal: 'SIGTERM' })
    expect(join(folder, '.lifeline')).toBeTruthy()
  })
})
