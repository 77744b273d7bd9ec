import { expect, test } from 'vitest'
import { lifelineProcess } from './process.ts'

test('a process ends with what its command came to', async () => {
  const [version, unknown] = await Promise.all(['--version', 'heal'].map((word) => lifelineProcess(word)))
  expect(version).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  expect(unknown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining("unknown command 'heal'") })
})
