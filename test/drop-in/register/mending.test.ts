// @module-tag slow

import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../../src/index.ts'
import { fast } from '../../line/fast-policy.ts'
import { OtherProcess } from '../../line/other-process.ts'
import { World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'
import { cli, register } from '../../shipped.ts'
import { cleanUp } from './clean-up.ts'
import { Program } from './program.ts'
import { type Names, Tree } from './tree.ts'

const names: Names = { '@whiskeysockets/baileys': 'v7' }

describe('a gateway that looks at creds.json before it calls Baileys', () => {
  let [world, tree, leader, state]: [World?, Tree?, string?, string?] = []
  const programs: Program[] = []
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
    tree = await Tree.grow(names)
    leader = await tree.leader(world.server, Object.keys(names))
    state = join(tree.folder, 'state')
  })
  cleanUp(programs, () => ({ world, tree }))

  type How = 'exec' | 'register' | 'observe' | 'alone'
  const wrapped = (how: How): readonly string[] => {
    const lead = ['--import', leader ?? '']
    if (how === 'alone') return lead
    if (how === 'register') return ['--import', register, ...lead]
    const observe = how === 'observe' ? ['--observe'] : []
    return [cli, 'exec', '--policy', tree?.policy ?? '', ...observe, '--', process.execPath, ...lead]
  }
  function start(how: How, folder: string): Program {
    const program = new Program(process.execPath, [...wrapped(how), tree?.program('reads-first.mjs') ?? '', folder], {
      cwd: tree?.folder ?? '',
      env: {
        XDG_STATE_HOME: state ?? '',
        ...(how === 'register' ? { LIFELINE_EXEC: JSON.stringify({ policy: fast() }) } : {}),
      },
    })
    programs.push(program)
    return program
  }
  const firstLine = ({ said }: Program) => said.find(({ name }) => name === 'first line')?.type
  async function first(how: How, folder: string) {
    const program = start(how, folder)
    await program.until(() => firstLine(program) !== undefined)
    return program
  }
  /**
   * Supervised here, then killed, with creds.json half-written. What was written last stands, unless it is left to the
   * next start.
   */
  async function torn(how: How = 'exec', last: 'stands' | 'is left' = 'stands') {
    const folder = (await world?.linkedFolder()) ?? ''
    const program = start(how, folder)
    await program.until(() => program.count('ready') === 1)
    await program.kill()
    if (last === 'stands') {
      const store = fileAuthStore(folder)
      // The program that the killed command had started ends a moment later.
      await expect.poll(() => store.acquire().then(() => 'ours', String), { timeout: 20_000 }).toBe('ours')
      await store.release()
    }
    const creds = join(folder, 'creds.json')
    const before = await readFile(creds, 'utf8')
    await writeFile(creds, before.slice(0, 100))
    return { folder, creds, identity: JSON.parse(before).signedIdentityKey }
  }

  test.each(inTurn(['exec', 'register'] as const, import.meta.url))(
    'finds it torn without us, in observe mode and while another process owns the folder, and whole under %s: it connects without a code, and what was torn is kept',
    async (how) => {
      const { folder, creds, identity } = await torn(how)
      const before = await readFile(creds)
      for (const other of ['alone', 'observe'] as const) {
        const left = await first(other, folder)
        expect([other, firstLine(left)]).toEqual([other, 'torn'])
        expect(await readFile(creds)).toEqual(before)
        await left.kill()
      }
      const other = await OtherProcess.owner(folder)
      try {
        const left = await first('exec', folder)
        expect(firstLine(left)).toBe('torn')
        expect(await readFile(creds)).toEqual(before)
        await left.kill()
      } finally {
        await other.end()
      }

      const program = await first(how, folder)
      expect(firstLine(program)).toBe('parsed')
      await program.until(() => program.count('ready') === 1)
      expect(program.count('qr')).toBe(0)
      expect(program.stderr).toContain('creds.json was torn. The copy of')
      expect(JSON.parse(await readFile(creds, 'utf8')).signedIdentityKey).toEqual(identity)
      const entries = await readdir(join(folder, '.lifeline', 'quarantine'))
      expect(entries.length).toBe(1)
      expect(
        (await readFile(join(folder, '.lifeline', 'history.jsonl'), 'utf8')).match(/credentials-restored/g)?.length,
      ).toBe(1)
    },
    180_000,
  )

  test('finds it as it was saved last, where a kill has left that to the next start', async () => {
    const { folder, creds, identity } = await torn('exec', 'is left')
    const program = await first('exec', folder)
    expect(firstLine(program)).toBe('parsed')
    // Whether its journal still had them when it was killed is chance.
    expect(program.stderr).toMatch(/creds\.json was torn\. (What was saved last|The copy of \S+) was put back\./)
    expect(JSON.parse(await readFile(creds, 'utf8')).signedIdentityKey).toEqual(identity)
  })

  test('has a folder left alone that is not ours any more, wherever ours was moved to', async () => {
    const { folder } = await torn()
    const moved = `${folder}-moved`
    await rename(folder, moved)
    await mkdir(folder)
    await writeFile(join(folder, 'creds.json'), '{"half')
    const program = await first('exec', folder)
    expect(firstLine(program)).toBe('torn')
    expect(await readdir(folder)).toEqual(['creds.json'])
    expect((await readFile(join(moved, 'creds.json'))).length).toBe(100)
    expect(existsSync(join(moved, '.lifeline', 'quarantine'))).toBe(false)
  })
})
