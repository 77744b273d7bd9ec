import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { mergeScriptCovs } from '@bcoe/v8-coverage'
import { convert } from 'ast-v8-to-istanbul'
import { parseSync } from 'oxc-parser'

type Script = Profiler.ScriptCoverage

/** Of one source file: how many were run, of how many. */
export interface Covered {
  readonly file: string
  readonly lines: readonly [number, number]
  readonly branches: readonly [number, number]
  /** Lines that were not run, and lines of which not every branch was. */
  readonly uncovered: readonly number[]
}

/** What runs in a browser; its tests are those of the pages. */
const inBrowser = /\/(dashboard|inspect)\/page\//

/** What all processes that wrote to `place` ran of the compiled machines and sources. */
export async function coveredOf(place: string, dist: string): Promise<readonly Covered[]> {
  const scripts = new Map<string, Script>()
  for (const name of compiledIn(dist)) scripts.set(pathToFileURL(name).href, emptyOf(name))
  for (const name of readdirSync(place)) {
    for (const script of scriptsOf(join(place, name))) {
      const known = scripts.get(script.url)
      const merged = known && mergeScriptCovs([known, script])
      if (merged) scripts.set(script.url, { ...script, functions: merged.functions })
    }
  }
  return Promise.all([...scripts.values()].map((script) => coveredIn(script, dist)))
}

/** A process that was killed while it wrote left half a file, of which nothing counts. */
function scriptsOf(report: string): readonly Script[] {
  try {
    return (JSON.parse(readFileSync(report, 'utf8')) as { result: Script[] }).result
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

const compiledIn = (dist: string): readonly string[] =>
  ['machines', 'src'].flatMap((folder) =>
    readdirSync(join(dist, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => join(dist, folder, name))
      .filter((name) => name.endsWith('.js') && !inBrowser.test(name) && existsSync(sourceOf(name, dist))),
  )

const sourceOf = (compiled: string, dist: string): string =>
  join(dist, '..', relative(dist, compiled).replace(/js$/, 'ts'))

/** A file that nobody has loaded. */
const emptyOf = (name: string): Script => ({
  scriptId: '0',
  url: pathToFileURL(name).href,
  functions: [
    {
      functionName: '',
      isBlockCoverage: true,
      ranges: [{ startOffset: 0, endOffset: readFileSync(name, 'utf8').length, count: 0 }],
    },
  ],
})

async function coveredIn(script: Script, dist: string): Promise<Covered> {
  const path = fileURLToPath(script.url)
  const code = readFileSync(path, 'utf8')
  const data = await convert({
    code,
    coverage: script,
    ast: parseSync(path, code).program as never,
    sourceMap: JSON.parse(readFileSync(`${path}.map`, 'utf8')),
  })
  const lines = new Map<number, number>()
  const halves = new Set<number>()
  const branches: [number, number] = [0, 0]
  for (const file of Object.values(data)) {
    const { statementMap, branchMap, s, b } = 'data' in file ? file.data : file
    for (const [id, { start }] of Object.entries(statementMap))
      lines.set(start.line, Math.max(lines.get(start.line) ?? 0, s[id] ?? 0))
    for (const [id, hits] of Object.entries(b)) {
      branches[0] += hits.filter((count) => count > 0).length
      branches[1] += hits.length
      if (hits.includes(0)) halves.add(branchMap[id]?.loc.start.line ?? 0)
    }
  }
  const missed = [...lines].filter(([, count]) => count === 0).map(([line]) => line)
  return {
    file: relative(join(dist, '..'), sourceOf(path, dist)),
    lines: [lines.size - missed.length, lines.size],
    branches,
    uncovered: [...new Set([...missed, ...halves])].sort((x, y) => x - y),
  }
}
