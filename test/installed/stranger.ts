import { spawn } from 'node:child_process'
import { cpSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inProject } from '../root.ts'

const path = (name: string): string => fileURLToPath(inProject(name))

/** What each Baileys of a stranger's project is called there, and which of this project's it is. */
export type BaileysNames = Readonly<Record<string, '@whiskeysockets/baileys' | 'baileys-6' | '@neoxr/baileys'>>

interface Ran {
  readonly code: number | null
  /** Both streams. */
  readonly output: string
}

/** A folder as `npm install baileys-lifeline` makes it, with a Baileys under these names alone, or with none. */
export class Stranger {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async with(names: BaileysNames): Promise<Stranger> {
    const folder = await mkdtemp(join(tmpdir(), 'lifeline-stranger-'))
    const modules = join(folder, 'node_modules')
    const own = join(modules, 'baileys-lifeline')
    await mkdir(own, { recursive: true })
    for (const name of await readdir(path('node_modules')))
      if (!/^(?:@whiskeysockets|baileys.*|\..*)$/.test(name))
        await symlink(path(`node_modules/${name}`), join(modules, name))
    for (const part of ['package.json', 'lib']) cpSync(path(part), join(own, part), { recursive: true })
    for (const [name, from] of Object.entries(names)) {
      await mkdir(dirname(join(modules, name)), { recursive: true })
      // A copy: from a link Node would find what stands beside the original.
      cpSync(path(`node_modules/${from}`), join(modules, name), { recursive: true })
    }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    return new Stranger(folder)
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text)
  }

  /** A program of Node with these arguments; resolves with its end. */
  run(...args: string[]): Promise<Ran> {
    return this.runUnder([process.execPath], ...args)
  }

  /** The same under another runtime: its binary, and what it needs to be told first. */
  runUnder([binary = '', ...first]: readonly string[], ...args: string[]): Promise<Ran> {
    const child = spawn(binary, [...first, ...args], { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
  }

  /** What the compiler says of `main.ts`, line by line; nothing if all is well. */
  async compile(options: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
    const compilerOptions = { target: 'es2023', strict: true, noEmit: true, types: ['node'], ...options }
    await this.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['main.ts'] }))
    const { output } = await this.run(join(this.folder, 'node_modules/typescript/bin/tsc'), '--pretty', 'false')
    return output.split('\n').filter((line) => line !== '')
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
