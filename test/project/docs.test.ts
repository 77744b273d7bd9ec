import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { noticeKinds } from '../../machines/index.ts'
import { doors, pageOfNames, pagesOfTables } from '../../pages/made.ts'
import { examples } from '../../src/cli/examples.ts'
import { lifeline } from '../cli/command.ts'
import { inProject } from '../root.ts'
import { day, whole } from '../share.ts'
import { commandsOf, pages, saidOf, textOf } from '../shown.ts'

const sources = execFileSync('git', ['ls-files', 'src/**/*.ts'], { cwd: inProject('.'), encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((name) => readFileSync(inProject(name), 'utf8'))
  .join('\n')

/** The address of a heading below its page, as GitHub makes it. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
const anchorsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchor(heading))

const linksOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/(?:srcset="|src="|\]\()(?!https?:)([^")]+)/g)].map(([, link = '']) => link)

describe('the documentation', () => {
  test('has a README of 150 lines at most, none of them longer than 160 characters', () => {
    const lines = textOf('README.md').trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(150)
    expect(lines.filter((line) => [...line].length > 160)).toEqual([])
  })

  test('is reached from the README, every page of it', () => {
    const linked = linksOf('README.md').map((link) => link.replace(/#.*/, ''))
    expect(pages.filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([])
  })

  test.each(pages)('links from %s to what is there, headings too', (page) => {
    const dead = linksOf(page).filter((link) => {
      const [path = '', heading] = link.split('#')
      const target = path === '' ? page : posix.join(dirname(page), path)
      if (!existsSync(inProject(target))) return true
      return heading !== undefined && !anchorsOf(target).includes(heading)
    })
    expect(dead).toEqual([])
  })

  test('has the thresholds and the metrics that the sources have: `npm run pages` writes them', async () => {
    for (const { path, text } of await pagesOfTables(inProject('.'))) expect(textOf(path), path).toBe(text)
  })

  test('has a line for each name that a door exports, but for those of the machine, and for no other', async () => {
    const exportedBy = (door: string) =>
      [...readFileSync(inProject(`lib/${door}.d.ts`), 'utf8').matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(
        ([, list = '']) => list.split(',').map((name) => name.trim().replace(/^type |^.* as /g, '')),
      )
    const page = textOf('docs/api.md')
    const listedOf = (door: string) => {
      const [, after = ''] = page.split(
        `\n## \`${door === 'index' ? 'baileys-lifeline' : `baileys-lifeline/${door}`}\``,
      )
      const [section = ''] = after.split('\n## ')
      return [...section.matchAll(/^\| `(\w+)(?:\(\))?` \|/gm)].map(([, name = '']) => name)
    }
    const listing = (await doors(inProject('.'))).filter((door) => door !== 'machine')
    // A name that two doors have is described by one of them.
    const listed = new Set([...listing.flatMap(listedOf), ...exportedBy('machine')])
    for (const door of listing) {
      const exported = exportedBy(door)
      expect(exported.length, door).toBeGreaterThan(0)
      expect(
        listedOf(door).filter((name) => !exported.includes(name)),
        door,
      ).toEqual([])
      expect(
        exported.filter((name) => !listed.has(name)),
        door,
      ).toEqual([])
    }
  })

  // TypeDoc takes as long as thirty other tests.
  test.runIf(whole || day % 3 === 1)(
    'says of each name what its types say: `npm run pages` writes it',
    async () => {
      const { path, text } = await pageOfNames(inProject('.'))
      expect(textOf(path), path).toBe(text)
    },
    180_000,
  )

  test('lists every kind of notice, and no other', () => {
    const listed = [...textOf('docs/notices.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, kind]) => kind)
    expect(listed.toSorted()).toEqual([...noticeKinds].toSorted())
  })

  test('lists every code of an error, and no other', () => {
    const rows = [...textOf('docs/errors.md').matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].map(([, cell = '']) => cell)
    const listed = rows.flatMap((cell) => [...cell.matchAll(/[A-Z_]+/g)].map(([code]) => code))
    const thrown = [...sources.matchAll(/(?:new LifelineError\(|super\(|throw refused\()\s*'([A-Z_]{5,})'/g)]
    const answered = [...sources.matchAll(/\? '([A-Z]+(?:_[A-Z]+)+)' : '([A-Z]+(?:_[A-Z]+)+)'/g)].flatMap((found) =>
      found.slice(1),
    )
    const ofStores = [...sources.matchAll(/^ {2}\| '(AUTH_STORE_\w+)'/gm)]
    const codes = new Set([...[...thrown, ...ofStores].map(([, code = '']) => code), ...answered])
    expect([...codes].filter((code) => !listed.includes(code))).toEqual([])
    expect(listed.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })

  test('says of each part of the bench what it measures', () => {
    const [, table = ''] =
      /^const parts[^{]*= \{\n([\s\S]*?)^\}/m.exec(readFileSync(inProject('bench/bench.ts'), 'utf8')) ?? []
    const parts = [...table.matchAll(/^ {2}'?([\w-]+)/gm)].map(([, name = '']) => name)
    expect(parts.length).toBeGreaterThan(10)
    expect(parts.filter((name) => !textOf('docs/performance.md').includes(`\`${name}\``))).toEqual([])
  })

  test('shows each command of the help', () => {
    const all = pages.flatMap(commandsOf)
    const bare = Object.keys(examples).filter(
      (name) => !all.some((line) => line === name || line.startsWith(`${name} `)),
    )
    expect(bare).toEqual([])
  })

  test('gives its commands options that they have', async () => {
    const helps = new Map<string, string>()
    const names = Object.keys(examples).toSorted((a, b) => b.length - a.length)
    const said = pages.flatMap((page) => saidOf(page, names))
    expect(said.length).toBeGreaterThan(15)
    for (const line of [...pages.flatMap(commandsOf), ...said]) {
      const name = names.find((one) => line === one || line.startsWith(`${one} `)) ?? ''
      expect(name, line).not.toBe('')
      if (!helps.has(name)) helps.set(name, (await lifeline(...name.split(' '), '--help')).stdout)
      const own = line.split(' -- ')[0] ?? ''
      for (const [option] of own.matchAll(/--[a-z-]+/g)) expect(helps.get(name), line).toContain(option)
    }
  })
})
