import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lifeline } from './command.ts'

test('the quarantine is empty at first; then it lists what was set aside, with how much and why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-quarantine-'))
  const list = (...args: string[]) => lifeline('quarantine', 'list', '--auth', folder, ...args)
  expect(await list()).toEqual({ code: 0, stdout: 'The quarantine is empty.\n', stderr: '' })
  expect((await list('--json')).stdout).toBe('{"entries":[]}\n')
  for (const [name, bytes] of [
    ['1.0', 600],
    ['2.0', 900],
  ] as const)
    await writeFile(join(folder, `session-${name}.json`), `"${'x'.repeat(bytes - 2)}"`)
  const { id, at } = JSON.parse((await lifeline('prune', '--all', '--auth', folder, '--json')).stdout).entry
  expect((await list()).stdout).toBe(`${id}  ${new Date(at).toISOString()}  2 files, 1.5 kB\n  lifeline prune\n`)
  expect(JSON.parse((await list('--json')).stdout).entries).toMatchObject([{ id, at, reason: 'lifeline prune' }])
  const back = await lifeline('quarantine', 'restore', id, '--auth', folder)
  expect(back).toEqual({ code: 0, stdout: `Back in ${folder}: 2 files.\n`, stderr: '' })
})
