// @module-tag slow/together

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../../src/index.ts'
import { World } from '../../line/world.ts'
import { inProject } from '../../root.ts'
import { shareOf } from '../../share.ts'
import { cli } from '../../shipped.ts'
import { cleanUp } from './clean-up.ts'
import { nodeBinary } from './node-binary.ts'
import { Program } from './program.ts'
import { type Names, Tree } from './tree.ts'

const names: Names = { '@whiskeysockets/baileys': 'v7' }
const run = promisify(execFile)

/** Rejects if somebody still owns the folder. */
async function expectFree(folder: string): Promise<void> {
  const store = fileAuthStore(folder)
  await store.acquire()
  await store.release()
}

describe('npm, which ends by SIGTERM and hands it on to its shell alone', () => {
  let [world, tree, npm, leader]: [World?, Tree?, string?, string?] = []
  const programs: Program[] = []
  beforeAll(async () => {
    world = await World.open()
    tree = await Tree.grow(names)
    leader = await tree.leader(world.server, Object.keys(names))
    const bin = join(tree.folder, 'node_modules', '.bin')
    await mkdir(bin)
    // As pnpm writes them: npm gives the file itself the right to run.
    await writeFile(join(bin, 'baileys-lifeline'), `#!/bin/sh\nexec node ${cli} "$@"\n`, { mode: 0o755 })
    npm = join((await run('npm', ['root', '--global'])).stdout.trim(), 'npm/bin/npm-cli.js')
  }, 120_000)
  cleanUp(programs, () => ({ world, tree }))

  function start(args: readonly string[], node = process.execPath): Program {
    const env = { PATH: [dirname(node), process.env.PATH].join(delimiter) }
    const program = new Program(node, [npm ?? '', ...args], { cwd: tree?.folder ?? '', env })
    programs.push(program)
    return program
  }
  const gateway = (folder: string) => ['node', `--import=${leader}`, 'static.mjs', folder]
  const exec = (folder: string) => [
    ...['baileys-lifeline', 'exec', '--policy', 'policy.json', '--'],
    ...gateway(folder),
  ]

  const ways = [
    ['npx baileys-lifeline exec, beside its gateway', undefined, 'npx'],
    ['npx baileys-lifeline exec, replaced by its gateway', 22, 'npx'],
    ['npm start, as a script of exec', undefined, 'start'],
    ['exec of npm start', undefined, 'inner'],
  ] as const
  test.each(shareOf(ways, 1))('takes the gateway with it: %s', { timeout: 240_000 }, async (_, major, way) => {
    const binary = major === undefined ? process.execPath : await nodeBinary(major)
    const folder = (await world?.linkedFolder()) ?? ''
    const scripts = { start: way === 'inner' ? gateway(folder).join(' ') : exec(folder).join(' ') }
    await writeFile(join(tree?.folder ?? '', 'package.json'), JSON.stringify({ scripts }))
    const inner = ['baileys-lifeline', 'exec', '--policy', 'policy.json', '--', 'npm', 'start']
    const args = { npx: ['exec', '--', ...exec(folder)], start: ['start'], inner: ['exec', '--', ...inner] }[way] ?? []
    const program = start(args, binary)
    await program.until(() => program.count('ready') === 1)
    program.signal('SIGTERM')
    // Only once nobody holds its output any more.
    await program.ended()
    expect(program.stderr).toMatch(/^lifeline: npm is gone\. This program ends too, as for SIGTERM\.$/m)
    await expectFree(folder)
  })

  test('takes lifeline run with it, which ends cleanly', async () => {
    const folder = (await world?.linkedFolder()) ?? ''
    const { url = '', rootKey = '' } = world?.server ?? {}
    const program = start([
      ...['exec', '--', 'baileys-lifeline', 'run', '--auth', folder, '--url', url, '--root-key', rootKey],
    ])
    await program.until(() => /healthy {2,}Connected/.test(program.stdout))
    program.signal('SIGTERM')
    await program.ended()
    expect(program.stdout).toMatch(/stopped {2,}Supervision is stopped.*\n$/)
    expect(program.stderr).toContain('lifeline: npm is gone.')
    await expectFree(folder)
  })

  test('leaves the same gateway alone behind, which reads on', async () => {
    const folder = (await world?.linkedFolder()) ?? ''
    const program = start(['exec', '--', ...gateway(folder)])
    await program.until(() => program.count('ready') === 1)
    program.signal('SIGTERM')
    const phone = world?.server.phone(world.number)
    if (!phone) throw new Error('no phone')
    while (!program.over) await new Promise((resolve) => setImmediate(resolve))
    await world?.server.contact('anna').send(phone, 'still there?')
    await world?.server.next('message-from-client')
    expect(world?.server.connections.length).toBe(1)
  })
})

const scripts = [
  ['a program', 'PROGRAM', true],
  ['one after another', 'true && PROGRAM', true],
  ['one whose output goes elsewhere', 'PROGRAM 2>&1', true],
  ['one with an argument that looks like it', "PROGRAM 'nohup a & b'", true],
  ['one in the background', 'PROGRAM & wait', false],
  ['one that a terminal may leave', 'nohup PROGRAM 2>/dev/null | cat; true', false],
  ['one with a session of its own', 'setsid PROGRAM; true', false],
  ['one that a program of the script starts', 'sh -c \'"$NODE" --input-type=module -e "$PRINT"; true\'', false],
] as const
test.each(shareOf(scripts, 2))(
  'of the scripts of npm, %s is tied to its shell, or not: %s',
  async (_, script, tied) => {
    const module = inProject('dist/src/drop-in/register/npm-shell.js').href
    const print = `import { npmShell } from '${module}'; console.log(String(npmShell()?.shell === process.ppid))`
    const command = script.replace('PROGRAM', '"$NODE" --input-type=module -e "$PRINT"')
    const env = { ...process.env, npm_lifecycle_script: command, NODE: process.execPath, PRINT: print }
    const { stdout } = await run('setsid', ['--wait', 'sh', '-c', command], { env })
    expect(stdout.trim()).toBe(String(tied))
    const terminal = await run('script', ['-qec', `exec sh -c "$COMMAND"`, '/dev/null'], {
      env: { ...env, COMMAND: command, SHELL: '/bin/sh' },
    })
    expect(terminal.stdout.trim()).toBe('false')
  },
)
