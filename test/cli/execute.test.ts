import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { execute, nodeOptions, programOf } from '../../src/cli/execute.ts'

afterEach(() => void vi.unstubAllEnvs())

test.runIf(process.platform !== 'win32')('a program is found by its path, or by its name along PATH', async () => {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-exec-'))
  onTestFinished(() => rm(place, { recursive: true }))
  const [first, second] = ['first', 'second'].map((name) => join(place, name)) as [string, string]
  // What cannot be executed, and a folder, are no programs.
  await mkdir(join(first, 'tool'), { recursive: true })
  await mkdir(second)
  for (const name of ['tool', 'other']) await writeFile(join(second, name), '', { mode: 0o755 })
  await writeFile(join(first, 'other'), '', { mode: 0o644 })
  vi.stubEnv('PATH', [first, second].join(delimiter))
  expect(['tool', 'other', join(second, 'tool')].map(programOf)).toEqual(
    ['tool', 'other', 'tool'].map((name) => join(second, name)),
  )
  // A name with a slash is looked for from here, not along PATH.
  for (const none of ['none', './tool', join(first, 'tool')])
    expect(() => programOf(none), none).toThrow(`There is no program ${none}.`)
  await chmod(join(second, 'tool'), 0o644)
  expect(() => programOf('tool')).toThrow('There is no program tool.')
})

test('a program without a name, or of a runtime that loads no hooks, is refused', async () => {
  const host = { dashboardHost: '127.0.0.1' }
  await expect(execute([], host)).rejects.toThrow('No program was named.')
  for (const name of ['bun', '/usr/bin/deno'])
    await expect(execute([name, 'gateway.js'], host)).rejects.toThrow(/^(bun|deno) does not load Node's hooks/)
})

test('the preload stands before what NODE_OPTIONS has already, once, and quoted where Node needs that', () => {
  vi.stubEnv('NODE_OPTIONS', undefined)
  const preload = nodeOptions()
  expect(preload).toMatch(/^--require="?\S.*register\.js"?$/)
  vi.stubEnv('NODE_OPTIONS', '--enable-source-maps')
  expect(nodeOptions()).toBe(`${preload} --enable-source-maps`)
  vi.stubEnv('NODE_OPTIONS', nodeOptions())
  expect(nodeOptions()).toBe(`${preload} --enable-source-maps`)
  vi.stubEnv('NODE_OPTIONS', '')
  expect(nodeOptions('/plain/r.js')).toBe('--require=/plain/r.js')
  expect(nodeOptions('/my "own"\\folder/r.js')).toBe('--require="/my \\"own\\"\\\\folder/r.js"')
})

describe.runIf(process.platform !== 'win32')('a program that is found', () => {
  const options = { dashboardHost: '127.0.0.1' }
  async function script(text: string): Promise<string> {
    const place = await mkdtemp(join(tmpdir(), 'lifeline-exec-'))
    onTestFinished(() => rm(place, { recursive: true }))
    const file = join(place, 'program')
    await writeFile(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    return file
  }
  const events = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'message'] as const
  const heard = () => events.map((event) => process.listenerCount(event))

  const before = { platform: 'linux', channel: null } as const

  test('runs beside this one where it cannot take its place, and gives it its own end', async () => {
    const listening = heard()
    expect(await execute([await script('exit 3')], options, before)).toBe(3)
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
    onTestFinished(() => kill.mockRestore())
    // Had the signal not ended this process, it would end with a failure.
    expect(await execute([await script('kill -TERM $$')], options, before)).toBe(1)
    expect(kill.mock.calls).toContainEqual([process.pid, 'SIGTERM'])
    expect(heard()).toEqual(listening)
  })

  test.each([
    ['takes its place', {}, 1],
    ['runs beside a process that somebody talks with', { channel: {} }, 0],
    ['runs beside it on Windows', { platform: 'win32' }, 0],
  ] as const)('%s', async (_, of, times) => {
    const listening = heard()
    const file = await script('exit 4')
    const execve = vi.fn() as never
    expect(await execute([file, 'one', 'two'], options, { ...before, execve, ...of })).toBe(times === 1 ? undefined : 4)
    expect(execve).toHaveBeenCalledTimes(times)
    if (times === 1)
      expect(execve).toHaveBeenCalledWith(
        ...[file, [file, 'one', 'two'], expect.objectContaining({ NODE_OPTIONS: nodeOptions() })],
      )
    expect(heard()).toEqual(listening)
  })
})
