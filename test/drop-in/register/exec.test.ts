// @module-tag slow

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, test } from 'vitest'
import { OtherProcess } from '../../line/other-process.ts'
import { World } from '../../line/world.ts'
import { shareOf } from '../../share.ts'
import { cli } from '../../shipped.ts'
import { cleanUp } from './clean-up.ts'
import { nodeBinary } from './node-binary.ts'
import { Program } from './program.ts'
import { type Names, Tree } from './tree.ts'

const names: Names = { '@whiskeysockets/baileys': 'v7' }

describe('lifeline exec', () => {
  let [world, tree, env]: [World?, Tree?, Record<string, string>?] = []
  const programs: Program[] = []
  beforeAll(async () => {
    world = await World.open()
    tree = await Tree.grow(names)
    env = { ...(await tree.lead(world.server, names)) }
  }, 120_000)
  cleanUp(programs, () => ({ world, tree }))

  function start(args: readonly string[], more: Readonly<Record<string, string>> = {}, node = process.execPath) {
    const program = new Program(node, [cli, 'exec', ...args], { cwd: tree?.folder ?? '', env: { ...env, ...more } })
    programs.push(program)
    return program
  }
  async function ended(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
    const program = start(args, more)
    const { code } = await program.ended()
    return { code, stderr: program.stderr, stdout: program.stdout }
  }
  const node = [process.execPath] as const

  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ['no program', [], 'No program was named.'],
    ['a program that is not there', ['--', 'no-such-program'], 'There is no program no-such-program.'],
    ['another runtime', ['--', 'bun', 'gateway.js'], 'bun does not load Node’s hooks'.replace('’', "'")],
    ['a config that is not there', ['--config', 'none.mjs', '--', ...node, 'nothing.mjs'], 'There is no none.mjs.'],
    ['a config that throws', ['--config', 'throws.mjs', '--', ...node, 'nothing.mjs'], 'cannot be loaded: enough'],
    ['a config with a wrong option', ['--config', 'wrong.mjs', '--', ...node, 'nothing.mjs'], 'policy.reconnect.maxMs'],
    ['a policy that is none', ['--policy', 'throws.mjs', '--', ...node, 'nothing.mjs'], 'is not JSON'],
    ['a number that is none', ['--expected-number', 'x', '--', ...node, 'nothing.mjs'], 'expectedNumber'],
    [
      'a webhook without a secret',
      ['--notify-webhook', 'http://127.0.0.1:9/', '--', ...node, 'nothing.mjs'],
      'LIFELINE_WEBHOOK_SECRET',
    ],
  ]
  test.each(shareOf(refused, 2))('refuses %s with exit code 2 and starts nothing', async (_, args, words) => {
    const folder = tree?.folder ?? ''
    await writeFile(join(folder, 'throws.mjs'), "throw new Error('enough')")
    await writeFile(join(folder, 'wrong.mjs'), 'export default { policy: { reconnect: { maxMs: -1 } } }')
    const before = await readdir(folder)
    const { code, stderr } = await ended(args)
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(words) })
    expect(await readdir(folder)).toEqual(before)
  })

  test('gives back the exit code of a program that never imports Baileys, and loads one file into it', async () => {
    expect(await ended(['--', ...node, 'nothing.mjs', '7'])).toEqual({ code: 7, stderr: '', stdout: '' })
    await writeFile(
      join(tree?.folder ?? '', 'modules.cjs'),
      `process.on('exit', () => console.log(Object.keys(require.cache).length, process.listenerCount('exit')))`,
    )
    // Without the preload that leads Baileys to the fake server.
    const { code, stdout } = await ended(['--', ...node, 'modules.cjs'], { NODE_OPTIONS: '' })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^2 \d+\n$/) })
  })

  const past = "past Baileys' main file"
  const unhooked: Readonly<Record<string, () => Promise<void>>> = {
    'imported past its main file': async () => {
      const imported = await ended(['--', ...node, 'past.mjs'], { NODE_OPTIONS: '' })
      expect(imported).toMatchObject({ code: 1, stdout: 'function function\n', stderr: expect.stringContaining(past) })
    },
    'required past its main file': async () => {
      await writeFile(
        join(tree?.folder ?? '', 'past.cjs'),
        "console.log(typeof require('@whiskeysockets/baileys/lib/Socket/index.js').default)",
      )
      const required = await ended(['--', ...node, 'past.cjs'])
      expect(required).toMatchObject({ code: 1, stdout: 'function\n', stderr: expect.stringContaining(past) })
    },
    'built in by a bundler': async () => {
      const bundle = await rolldown({
        input: join(tree?.folder ?? '', 'static.mjs'),
        platform: 'node',
        external: /^(?!.*baileys|\.)/,
      })
      await bundle.write({ file: join(tree?.folder ?? '', 'bundled.mjs'), codeSplitting: false })
      await bundle.close()
      const folder = world?.folder() ?? ''
      const bundled = start(['--', ...node, '--input-type=module', '-e', `process.argv[1] = 'bundled.mjs'`])
      expect(await bundled.ended()).toMatchObject({ code: 1 })
      expect(bundled.stderr).toContain('built in by a bundler')
      expect(existsSync(folder)).toBe(false)
    },
  }
  test.each(shareOf(Object.keys(unhooked), 1))(
    'ends with exit code 1 and says why if Baileys was %s and nothing was hooked',
    (how) => unhooked[how]?.(),
  )

  test('keeps the exit code of a program that tells one, where nothing was hooked', async () => {
    const own = await ended(['--', ...node, '--input-type=module', '-e', "await import('./past.mjs'); process.exit(3)"])
    expect(own.code).toBe(3)
  })

  test('serves a dashboard, whose address stands on stderr, and takes the options of a module and a language', async () => {
    const folder = (await world?.linkedFolder()) ?? ''
    await writeFile(
      join(tree?.folder ?? '', 'config.mjs'),
      `export const notify = (notice) => {
         console.log(JSON.stringify({ name: 'config', type: notice.kind, message: notice.message }))
       }
       export const policy = { notices: { quietMs: 1 } }`,
    )
    const args = [
      '--dashboard',
      '0',
      '--language',
      'id',
      '--observe',
      '--config',
      'config.mjs',
      '--policy',
      tree?.policy ?? '',
    ]
    const program = start([...args, '--', ...node, 'static.mjs', folder])
    await program.until(() => program.count('ready') === 1 && /dashboard: http/.test(program.stderr))
    const url = /dashboard: (\S+)/.exec(program.stderr)?.[1] ?? ''
    const token = (await readFile(join(folder, '.lifeline', 'dashboard-token'), 'utf8')).trim()
    const headers = { authorization: `Bearer ${token}` }
    const status = await (await fetch(new URL('status.json', url), { headers })).json()
    expect(status).toMatchObject({
      accounts: [{ state: 'healthy', message: expect.stringContaining('Observing only') }],
    })
    await world?.server.unplug()
    await program.until(() => program.count('outage', 'config') === 1)
    expect(program.stdout).not.toContain('dashboard')
    expect(program.stdout).toMatch(/"type":"outage","message":"[^"]*Tidak terhubung/)
    const page = await fetch(url, { headers: { 'accept-language': 'de' } })
    expect(page.headers.get('content-language')).toBe('id')
  })

  test('a folder that another process owns is told on stderr with the owner, and the gateway decides', async () => {
    const folder = (await world?.linkedFolder()) ?? ''
    const other = await OtherProcess.owner(folder)
    try {
      const program = start(['--policy', tree?.policy ?? '', '--', ...node, 'static.mjs', folder])
      await program.until(() => program.said.some(({ type, code }) => type === 'close' && code === 440))
      expect(program.stderr).toContain(`in use by process ${other.pid}`)
    } finally {
      await other.end()
    }
  })

  test('on Node 22 and later takes the place of its own process: one process, whose signals are the program’s', {
    timeout: 240_000,
  }, async () => {
    const binary = await nodeBinary(22)
    const folder = (await world?.linkedFolder()) ?? ''
    const program = start(['--policy', tree?.policy ?? '', '--', binary, 'static.mjs', folder], {}, binary)
    await program.until(() => program.count('ready') === 1)
    const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(program.pid)])
    expect(stdout).toContain('static.mjs')
    expect(stdout).not.toContain('lifeline.js')
    program.signal('SIGINT')
    expect(await program.ended()).toEqual({ code: null, signal: 'SIGINT' })
  })

  test('a program whose command was killed ends, too, and gives its folder back', async () => {
    const folder = (await world?.linkedFolder()) ?? ''
    const program = start(['--policy', tree?.policy ?? '', '--', ...node, 'static.mjs', folder])
    await program.until(() => program.count('ready') === 1)
    program.signal('SIGKILL')
    await program.ended()
    expect(world?.server.connections).toEqual([])
  })

  test('a program finds the terminal that the command was given', async () => {
    await writeFile(
      join(tree?.folder ?? '', 'tty.mjs'),
      "console.log([process.stdin.isTTY, process.stdout.isTTY].join(' '))",
    )
    const command = [...node, cli, 'exec', '--', ...node, 'tty.mjs'].join(' ')
    const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], { cwd: tree?.folder })
    expect(stdout.trim()).toBe('true true')
  })
})
