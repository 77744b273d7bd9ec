import { cpSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { fast } from '../../line/fast-policy.ts'
import { inProject } from '../../root.ts'

const path = (name: string): string => fileURLToPath(inProject(name))
const copies = { v7: 'node_modules/@whiskeysockets/baileys', v6: 'node_modules/baileys-6' } as const

/** What each Baileys of a tree is called there. */
export type Names = Readonly<Record<string, keyof typeof copies>>

/** A project of a stranger's: programs, and copies of Baileys under their names. */
export class Tree {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Thresholds made fit for tests. */
  get policy(): string {
    return join(this.folder, 'policy.json')
  }

  static async grow(names: Names): Promise<Tree> {
    const tree = new Tree(await mkdtemp(join(tmpdir(), 'lifeline-tree-')))
    const modules = join(tree.folder, 'node_modules')
    await mkdir(modules)
    for (const name of await readdir(path('node_modules')))
      if (name !== '@whiskeysockets' && !name.startsWith('baileys') && !name.startsWith('.'))
        await symlink(path(`node_modules/${name}`), join(modules, name))
    for (const [name, line] of Object.entries(names)) {
      await mkdir(dirname(join(modules, name)), { recursive: true })
      // What nobody runs is half of it.
      const runs = (from: string) => !/\.(?:map|d\.ts)$/.test(from)
      cpSync(path(copies[line]), join(modules, name), { recursive: true, filter: runs })
    }
    await tree.#furnish('test/drop-in/register/programs')
    return tree
  }

  /** One whose modules lie elsewhere. */
  static async over(modules: string, programs: string): Promise<Tree> {
    const tree = new Tree(await mkdtemp(join(tmpdir(), 'lifeline-tree-')))
    await symlink(modules, join(tree.folder, 'node_modules'))
    await tree.#furnish(programs)
    return tree
  }

  async #furnish(programs: string): Promise<void> {
    await writeFile(this.policy, JSON.stringify(fast()))
    cpSync(path(programs), this.folder, { recursive: true })
  }

  /** Has every Baileys of the tree believe in this server; without a word of it being imported. */
  async lead(server: FakeWhatsApp, names: Names): Promise<Readonly<Record<string, string>>> {
    return { NODE_OPTIONS: `--import=${await this.leader(server, Object.keys(names))}` }
  }

  /** The module that does so, for `--import`. `more`: options for each of their sockets. */
  async leader(server: FakeWhatsApp, names: readonly string[], more: object = {}): Promise<string> {
    const preload = join(this.folder, `lead-${new URL(server.url).port}.mjs`)
    const imports = names.map((name) => join(this.folder, 'node_modules', name, 'lib/index.js?plain'))
    await writeFile(
      preload,
      // The command itself loads no Baileys: what it starts does.
      `const command = process.argv[1]?.endsWith('lifeline.js')
       const { trust } = command ? {} : await import(${JSON.stringify(inProject('dist/src/rehearsal/fake-whatsapp/trust.js').href)})
       for (const path of command ? [] : ${JSON.stringify(imports)}) {
         const baileys = await import('file://' + path)
         trust(baileys, ${JSON.stringify(server.rootKey)})
         Object.assign(baileys.DEFAULT_CONNECTION_CONFIG, {
           waWebSocketUrl: ${JSON.stringify(server.url)}, fireInitQueries: false, shouldSyncHistoryMessage: () => false,
           ...${JSON.stringify(more)},
         })
       }`,
    )
    return preload
  }

  program(name: string): string {
    return join(this.folder, name)
  }

  async fell(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
