import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { parseSync } from 'oxc-parser'
import { inProject } from '../root.ts'

/** One import, export-from, `import()` or `import('…').Type` of a source. */
export interface Import {
  readonly from: string
  /** A file by its path in the project, or the name of a package. */
  readonly to: string
  /** Nothing of it is left when types are gone. */
  readonly isType: boolean
  /** Loaded when it is needed, not with the file. */
  readonly isLazy: boolean
}

export const topFolders = ['machines', 'src', 'diagrams', 'test', 'bench'] as const

/** Every source of the project by its path, with `/` on every system. */
export const sources: readonly string[] = topFolders.flatMap((top) =>
  readdirSync(inProject(top), { recursive: true, encoding: 'utf8' })
    .map((file) => `${top}/${file.replaceAll('\\', '/')}`)
    .filter((file) => /(?<!\.d)\.m?ts$/.test(file)),
)

const typeImport = /\bimport\('([^']+)'\)/g

export function importsOf(from: string): readonly Import[] {
  const text = readFileSync(inProject(from), 'utf8')
  const { module } = parseSync(from, text)
  const to = (name: string) => (name.startsWith('.') ? posix.join(posix.dirname(from), name) : name)
  const lazy = new Set(module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1)))
  return [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      to: to(moduleRequest.value),
      isType: entries.length > 0 && entries.every(({ isType }) => isType),
      isLazy: false,
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ to: to(moduleRequest.value), isType, isLazy: false }] : [],
      ),
    ),
    ...[...lazy].map((name) => ({ to: to(name), isType: false, isLazy: true })),
    // What the parser does not list: the types of a module.
    ...[...text.matchAll(typeImport)]
      .map(([, name = '']) => name)
      .filter((name) => !lazy.has(name))
      .map((name) => ({ to: to(name), isType: true, isLazy: false })),
  ].map((one) => ({ from, ...one }))
}
