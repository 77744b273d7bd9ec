// @module-tag slow

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { entriesOf } from '../../../src/history/kept-entries.ts'
import { World } from '../../line/world.ts'
import { cli } from '../../shipped.ts'
import { cleanUp } from './clean-up.ts'
import { Program } from './program.ts'
import { type Names, Tree } from './tree.ts'

const names: Names = { '@whiskeysockets/baileys': 'v7' }

describe('a gateway under lifeline exec that ends', () => {
  let [world, tree, leader]: [World?, Tree?, string?] = []
  const programs: Program[] = []
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
    tree = await Tree.grow(names)
    leader = await tree.leader(world.server, Object.keys(names))
  })
  cleanUp(programs, () => ({ world, tree }))

  async function up(folder: string): Promise<Program> {
    const node = [process.execPath, '--import', leader ?? '', tree?.program('quick.mjs') ?? '', folder]
    const args = [cli, 'exec', '--policy', tree?.policy ?? '', '--', ...node]
    const program = new Program(process.execPath, args, { cwd: tree?.folder ?? '' })
    programs.push(program)
    await program.until(() => program.count('ready') === 1)
    return program
  }
  const own = (folder: string, name: string) => join(folder, '.lifeline', name)
  const historyOf = async (folder: string) => {
    const lines = (await readFile(own(folder, 'history.jsonl'), 'utf8')).split('\n')
    return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  }
  async function ended(signal: NodeJS.Signals) {
    const folder = (await world?.linkedFolder()) ?? ''
    const program = await up(folder)
    program.signal(signal)
    const end = await program.ended()
    const { clean } = JSON.parse(await readFile(own(folder, 'state.json'), 'utf8'))
    return { folder, end, clean, lock: await readdir(own(folder, 'lock')), history: await historyOf(folder) }
  }
  async function nextStart(folder: string) {
    const gateway = await world?.newcomer({}, folder).up()
    await gateway?.line.stop()
    return (await historyOf(folder)).findLast(({ type }) => type === 'start')
  }

  test('in its own handler of SIGTERM has ended cleanly: no lock is left, and the next start knows', async () => {
    const { folder, end, clean, lock, history } = await ended('SIGTERM')
    expect({ end, clean, lock }).toEqual({ end: { code: 0, signal: null }, clean: true, lock: [] })
    expect(entriesOf(history).at(-1)).toMatchObject({ type: 'stop' })
    expect(await nextStart(folder)).toMatchObject({ unclean: false })
  })

  test('by a fault of its own leaves no lock either, and the next start takes the end for what it was', async () => {
    const { folder, end, clean, lock } = await ended('SIGUSR2')
    expect({ code: end.code, clean, lock }).toEqual({ code: 1, clean: false, lock: [] })
    expect(await nextStart(folder)).toMatchObject({ unclean: true })
  })
})
