import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { asOwner, existingStore } from '../../src/cli/auth-folder.ts'

test('what is done as the owner is done between taking the folder and letting go of it, which is waited for', async () => {
  const done: string[] = []
  const later = async (what: string) => {
    await new Promise((resolve) => setImmediate(resolve))
    done.push(what)
  }
  const store = { acquire: () => later('acquire'), release: () => later('release') } as never
  expect(await asOwner(store, () => later('step').then(() => 7))).toBe(7)
  expect(done.splice(0)).toEqual(['acquire', 'step', 'release'])
  await expect(asOwner(store, () => Promise.reject(new Error('broke')))).rejects.toThrow('broke')
  expect(done).toEqual(['acquire', 'release'])
})

test('a store is opened where a folder is, and nowhere else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-folder-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'file')
  await writeFile(file, '')
  expect((await existingStore({ auth: folder })).location).toBe(folder)
  await expect(existingStore({ auth: file })).rejects.toThrow(`${file} is no folder.`)
  await expect(existingStore({ auth: `${file}.none` })).rejects.toThrow(`${file}.none is not there.`)
})
