import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { inProject } from '../../root.ts'

test('a process that has loaded the test server ends with the exit code that it was given, so that failed tests count', async () => {
  const server = inProject('dist/test/stores/postgres/server.js').href
  const ended = (script: string) =>
    new Promise((resolve) => {
      const args = ['--input-type=module', '-e', `await import(${JSON.stringify(server)}); ${script}`]
      execFile(process.execPath, args, (error, _stdout, stderr) => resolve({ code: error?.code ?? 0, stderr }))
    })
  expect(await ended('process.exitCode = 3')).toEqual({ code: 3, stderr: '' })
  expect(await ended('')).toEqual({ code: 0, stderr: '' })
})
