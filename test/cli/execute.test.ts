import { writeFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { execute, nodeOptions, programOf } from '../../src/cli/execute.ts'
import { Talker } from './talker.ts'

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

  const before = { platform: 'linux' } as const

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
    ['runs beside a process that somebody talks with', { talks: new Talker() }, 0],
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

  test('that cannot be started is refused with the reason, and nobody listens for it', async () => {
    const listening = heard()
    const manager = new Talker()
    const file = await script('exit 0')
    await writeFile(file, '#!/no/such/interpreter\n')
    const started = execute([file], options, { ...before, talks: manager })
    await expect(started).rejects.toThrow(`${file} cannot be started: spawn ${file} ENOENT.`)
    expect([heard(), gone(manager)]).toEqual([listening, [0, 0]])
  })

  const talking = (code: string) => script(`exec '${process.execPath}' -e "${code}"`)
  const gone = (manager: Talker) => ['message', 'disconnect'].map((event) => manager.listenerCount(event))

  test('and its manager hear from each other as if nobody stood between them', async () => {
    const manager = new Talker()
    const answers = "process.on('message', (m) => process.send(['heard', m], () => m === 'go' && process.exit(5)))"
    const file = await talking(`${answers}; process.send('ready')`)
    const end = execute([file], options, { ...before, talks: manager })
    await vi.waitFor(() => expect(manager.told).toEqual(['ready']), 30_000)
    manager.emit('message', { one: 1 })
    manager.emit('message', 'go')
    expect(await end).toBe(5)
    expect(manager.told.slice(0, 3)).toEqual(['ready', ['heard', { one: 1 }], ['heard', 'go']])
    expect(gone(manager)).toEqual([0, 0])
  })

  test('is heard to its last word, which may come after its end', async () => {
    // However long that takes on a busy machine.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const manager = new Talker()
    const file = await script(`( while kill -0 $$ 2> /dev/null; do sleep 0.01; done; echo '"end"' >&3 ) & exit 5`)
    expect(await execute([file], options, { ...before, talks: manager })).toBe(5)
    expect(manager.told).toEqual(['end', 'hung up'])
  })

  test('learns that its manager has hung up, and the manager that it has', async () => {
    const [left, leaves] = [new Talker(), new Talker()]
    const stays = "process.on('disconnect', () => process.exit(6)); process.send('ready')"
    const end = execute([await talking(stays)], options, { ...before, talks: left })
    await vi.waitFor(() => expect(left.told).toEqual(['ready']), 30_000)
    left.connected = false
    left.emit('disconnect')
    expect(await end).toBe(6)
    expect(left.told).toEqual(['ready'])
    // It runs on until its manager knows.
    const known = join(await mkdtemp(join(tmpdir(), 'lifeline-exec-')), 'known')
    onTestFinished(() => rm(dirname(known), { recursive: true }))
    leaves.once('hung up', () => writeFileSync(known, ''))
    const hangsUp = `process.disconnect(); setInterval(() => fs.existsSync('${known}') && process.exit(7), 5)`
    expect(await execute([await talking(hangsUp)], options, { ...before, talks: leaves })).toBe(7)
    expect(leaves.told).toEqual(['hung up'])
  })
})
