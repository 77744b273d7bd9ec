// @module-tag slow/together

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { inTurn } from '../share.ts'

const run = promisify(execFile)
const root = fileURLToPath(inProject('.'))

interface Packed {
  readonly filename: string
  readonly entryCount: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** What npm would publish, unpacked where a gateway has it, with the packages of this project beside it. */
async function packed(): Promise<{ place: string; folder: string; pack: Packed }> {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-package-'))
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', place], {
    cwd: root,
  })
  const [pack] = JSON.parse(stdout) as [Packed]
  const folder = join(place, 'node_modules', 'baileys-lifeline')
  await mkdir(folder, { recursive: true })
  await run('tar', ['-xzf', join(place, pack.filename), '-C', folder, '--strip-components', '1'])
  for (const name of [...Object.keys(await dependencies()), '@types/node', '@types/ws', '@types/pg']) {
    await mkdir(dirname(join(place, 'node_modules', name)), { recursive: true })
    await symlink(join(root, 'node_modules', name), join(place, 'node_modules', name))
  }
  return { place, folder, pack }
}

const manifest = async () => JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
const dependencies = async (): Promise<object> => {
  const { dependencies, peerDependencies } = await manifest()
  return { ...dependencies, ...peerDependencies }
}
/** What is imported by the name of the package, and by a path below it. */
const doors = async (): Promise<readonly string[]> =>
  Object.keys((await manifest()).exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => path.replace(/^\./, 'baileys-lifeline'))

describe('the package', () => {
  let place = ''
  let folder = ''
  let pack: Packed
  beforeAll(async () => {
    const all = await packed()
    place = all.place
    folder = all.folder
    pack = all.pack
  })

  test('has at most 300 files and 1.5 MB', async () => {
    expect(pack.entryCount).toBeLessThanOrEqual(300)
    expect(pack.unpackedSize).toBeLessThanOrEqual(1_500_000)
    const kinds = new Set(
      pack.files.map(
        ({ path }) => /^(?:lib\/|docs\/|examples\/|machines\/|[A-Z]+(?:\.md)?$|package\.json$)/.exec(path)?.[0],
      ),
    )
    expect([...kinds]).toEqual(expect.arrayContaining(['lib/', 'LICENSE', 'README.md', 'package.json']))
    expect(kinds).not.toContain(undefined)
  })

  test('has whatever its pages link to', async () => {
    const pages = pack.files.filter(({ path }) => /^(?:README|docs\/.*)\.md$/.test(path))
    expect(pages.length).toBeGreaterThan(15)
    const shipped = (path: string) => pack.files.some((file) => file.path === path || file.path.startsWith(`${path}/`))
    for (const { path: page } of pages) {
      const text = await readFile(join(folder, page), 'utf8')
      const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) =>
        posix.join(dirname(page), path),
      )
      expect(
        linked.filter((path) => !shipped(path)),
        page,
      ).toEqual([])
    }
  })

  test('each of its doors opens, and the command answers', async () => {
    const program = join(place, 'doors.mjs')
    const imports = (await doors()).map(
      (door) => `${JSON.stringify(door)}: Object.keys(await import('${door}')).filter((name) => !own.has(name)).length`,
    )
    // Every CommonJS module has these.
    const own = `const own = new Set(['default', 'module.exports'])\n`
    await writeFile(program, `${own}console.log(JSON.stringify({${imports.join(', ')}}))`)
    const { stdout } = await run(process.execPath, [program])
    const counts: Readonly<Record<string, number>> = JSON.parse(stdout)
    // The preload is there for its effect.
    expect(Object.keys(counts).filter((door) => counts[door] === 0)).toEqual(['baileys-lifeline/register'])
    const { version } = await manifest()
    const command = await run(process.execPath, [join(folder, 'lib', 'lifeline.js'), '--version'])
    expect(command.stdout.trim()).toBe(version)
  })

  const compilers = [
    [
      'that resolves as Node does',
      'typescript',
      'mts',
      ['--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', 'false'],
    ],
    [
      'of CommonJS that knows no exports',
      '@typescript/typescript6',
      'ts',
      [
        ...['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'],
        ...['--target', 'es2022', '--esModuleInterop', '--skipLibCheck'],
      ],
    ],
  ] as const
  test.each(inTurn(compilers, import.meta.url))(
    'its types compile in a strict program %s, which uses all of its doors',
    async (_, compiler, ending, how) => {
      const imports = (await doors()).filter((door) => !door.endsWith('/register'))
      const file = `doors.${ending}`
      await writeFile(join(place, file), imports.map((door, at) => `export * as door${at} from '${door}'`).join('\n'))
      const options = ['--strict', '--noEmit', ...how, '--types', 'node']
      const tsc = join(root, 'node_modules', compiler, 'bin', compiler === 'typescript' ? 'tsc' : 'tsc6')
      const said = await run(process.execPath, [tsc, ...options, file], { cwd: place }).catch(
        ({ stdout }: { stdout: string }) => ({ stdout }),
      )
      // Packages of others have faults of their own in their types.
      expect(
        said.stdout.split('\n').filter((line) => line.includes('baileys-lifeline/') || line.startsWith('doors')),
      ).toEqual([])
    },
  )
})
