import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as baileys from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { projectBaileys } from '../../src/cli/project-baileys.ts'

/** A project whose Baileys is this file. */
async function projectWith(code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-project-'))
  const own = join(folder, 'node_modules', '@whiskeysockets', 'baileys')
  await mkdir(own, { recursive: true })
  await writeFile(join(own, 'package.json'), '{"type":"module","main":"./index.js"}')
  await writeFile(join(own, 'index.js'), code)
  return folder
}

test("the project's own Baileys is used, and the one beside this package where there is none", async () => {
  expect(await projectBaileys(await projectWith('export const own = true'))).toMatchObject({ own: true })
  const none = await mkdtemp(join(tmpdir(), 'lifeline-project-'))
  expect((await projectBaileys(none)).makeWASocket).toBe(baileys.makeWASocket)
})

test('a half-installed Baileys is told as missing, with what to do', async () => {
  const half = await projectWith("export * from './lib/none.js'")
  await expect(projectBaileys(half)).rejects.toMatchObject({
    code: 'BAILEYS_MISSING',
    message: `Baileys is not installed in ${half}: there is neither @whiskeysockets/baileys nor baileys.`,
    remediation: expect.stringContaining('npm install'),
  })
})

test('a Baileys that breaks is told as it is', async () => {
  await expect(projectBaileys(await projectWith("throw new Error('torn')"))).rejects.toThrow(/^torn$/)
  await expect(projectBaileys(await projectWith("throw 'no error'"))).rejects.toBe('no error')
})
