import { expect, test } from 'vitest'

import { planRestore } from '../../src/stores/restore.ts'
import type { QuarantineEntry } from '../../src/stores/store.ts'

const row = (name: string) => ({ name, stored: name, bytes: 1, sha256: `of ${name}` })
const entry = (id: string, ...names: readonly string[]) => ({ id, at: 1, reason: 'x', files: names.map(row) })

/** What stands in the folder, byte for byte as in the entry or not, and what lies in the quarantine. */
function parts(
  entries: readonly ReturnType<typeof entry>[],
  present: readonly string[] = [],
  same: readonly string[] = [],
) {
  return {
    quarantine: {
      read: async (id: string) => entries.find((one) => one.id === id),
      list: async () => entries as unknown as readonly QuarantineEntry[],
      sameAs: async (name: string, sha256: string) => same.includes(name) && sha256 === `of ${name}`,
    },
    accountFiles: async () => ['creds.json', 'all of it'],
    isPresent: async (name: string) => present.includes(name),
  } as Parameters<typeof planRestore>[0]
}

test('an entry that is none, or holds nothing, is not found', async () => {
  for (const force of [true, false])
    for (const id of ['none', 'empty'])
      await expect(planRestore(parts([entry('empty')]), id, force)).rejects.toMatchObject({
        code: 'AUTH_STORE_NOT_FOUND',
        message: `There is no quarantine entry "${id}".`,
      })
})

test('files come back where nothing newer stands in their place or was set aside since', async () => {
  const all = [entry('1', 'a', 'b'), entry('2', 'a', 'b'), entry('3', 'c')]
  const plan = (force: boolean, present: readonly string[] = [], same: readonly string[] = []) =>
    planRestore(parts(all, present, same), '2', force)
  expect(await plan(false)).toEqual({ manifest: all[1], replaced: [] })
  expect(await plan(false, ['a', 'c'], ['a', 'b'])).toEqual({ manifest: all[1], replaced: [] })
  expect(await plan(true, ['a', 'b'], ['a'])).toEqual({ manifest: all[1], replaced: ['b'] })
  await expect(plan(false, ['a', 'b'], ['a'])).rejects.toMatchObject({
    code: 'AUTH_STORE_SUCCESSOR',
    message: expect.stringContaining('Entry 2 was not restored: 1 newer files stand in their place (b). Old keys'),
  })
})

test('newer versions that were set aside since are told once each, the first three by name', async () => {
  const names = ['a', 'b', 'c', 'd']
  const all = [entry('1', ...names, 'e'), entry('2', ...names, 'x'), entry('3', 'a')]
  const told = (files: string) => ({ message: expect.stringContaining(`not restored: ${files}. Old keys`) })
  await expect(planRestore(parts(all), '1', false)).rejects.toMatchObject(
    told('newer versions of 4 files were set aside since (a, b, c, …)'),
  )
  const three = [entry('1', 'a', 'b', 'c'), entry('2', 'a', 'b', 'c')]
  await expect(planRestore(parts(three, ['a']), '1', false)).rejects.toMatchObject(
    told('1 newer files stand in their place (a); newer versions of 3 files were set aside since (a, b, c)'),
  )
  expect(await planRestore(parts(all), '1', true)).toMatchObject({ replaced: [] })
})

test('a whole account stands against the whole account, and credentials alone against credentials', async () => {
  const whole = [entry('1', 'creds.json', 'session-a.0.json')]
  expect(await planRestore(parts(whole), '1', true)).toMatchObject({ replaced: ['creds.json', 'all of it'] })
  const alone = [entry('1', 'creds.json')]
  expect(await planRestore(parts(alone, ['creds.json']), '1', true)).toMatchObject({ replaced: ['creds.json'] })
  expect(await planRestore(parts([entry('1', 'a', 'b')], ['a']), '1', true)).toMatchObject({ replaced: ['a'] })
})
