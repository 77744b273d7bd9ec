import { execFile } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { cli } from '../shipped.ts'

const path = (name: string): string => fileURLToPath(inProject(name))
const read = (name: string) => readFile(path(`examples/${name}`), 'utf8')

/** How each manager starts a gateway. */
const commands: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  systemd: async () => /^ExecStart=(.*)$/m.exec(await read('systemd/gateway.service'))?.[1]?.split(' ') ?? [],
  PM2: async () => {
    const { apps } = createRequire(import.meta.url)(path('examples/pm2/ecosystem.config.cjs'))
    return [apps[0].script, ...apps[0].args.split(' ')]
  },
  Docker: async () => JSON.parse(/^CMD (.*)$/m.exec(await read('docker/Dockerfile'))?.[1] ?? '[]'),
}

test.each(Object.keys(commands))(
  'the command of the example for %s runs a gateway, whose exit code it has',
  async (name) => {
    const [file = '', ...args] = (await commands[name]?.()) ?? []
    expect(file).toMatch(/node_modules\/\.bin\/lifeline$/)
    const place = await mkdtemp(join(tmpdir(), 'lifeline-example-'))
    await writeFile(join(place, 'gateway.js'), 'process.exit(process.env.LIFELINE_EXEC ? 7 : 1)')
    const code = await new Promise((resolve) => {
      execFile(process.execPath, [cli, ...args], { cwd: place }, (error) => resolve(error?.code))
    })
    expect(code).toBe(7)
  },
)
