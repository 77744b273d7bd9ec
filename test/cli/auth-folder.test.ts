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

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-folder-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test('a store is opened where a folder is', async () => {
  const folder = await place()
  expect((await existingStore({ auth: folder })).location).toBe(folder)
})

test('no store is opened where no folder is', async () => {
  const file = join(await place(), 'file')
  await writeFile(file, '')
  await expect(existingStore({ auth: file })).rejects.toThrow(`${file} is no folder.`)
  await expect(existingStore({ auth: `${file}.none` })).rejects.toThrow(`${file}.none is not there.`)
})
