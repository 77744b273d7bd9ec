import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What marks the module that stands in the place of Baileys. */
const mark = 'lifeline'

/** Baileys and its forks have the protocol's definitions beside their code. */
const sign = 'WAProto'

const known = new Map<string, boolean>()

/**
 * Whether a resolved module is the main file of a Baileys: of whatever name, as aliases and forks have others. Called
 * for each import of a program, so it looks at the disk only where the path is of that shape.
 */
export function isBaileys(url: string): boolean {
  if (!url.endsWith('/lib/index.js') || !url.startsWith('file:')) return false
  let is = known.get(url)
  if (is === undefined) {
    is = isEntry(fileURLToPath(url))
    known.set(url, is)
  }
  return is
}

function isEntry(path: string): boolean {
  const root = dirname(dirname(path))
  return existsSync(join(root, sign)) && existsSync(join(root, 'lib', 'Socket'))
}

/** The folder of the package that the main file belongs to, with a slash at its end. */
export const packageOf = (entry: string): string => entry.slice(0, -'lib/index.js'.length)

/** The module that stands in the place of this one. */
export const standIn = (url: string): string => `${url}?${mark}`

/** Of which module this one stands in the place; undefined if it does not. */
export const stoodFor = (url: string): string | undefined =>
  url.endsWith(`?${mark}`) ? url.slice(0, -mark.length - 1) : undefined

/** What names a package of Baileys: its own, an alias as people write it, and its forks, of which one is whaileys. */
export const named = /[bh][ae]il[ae]ys/i
const withinNamed = new RegExp(`(?:^|/)(?:@[^/]+/)?[^/]*${named.source}[^/]*/lib/(?!index\\.)`, 'i')

/** A file within a Baileys that is taken past its main file, where nothing can be put in its place. */
export function isWithinBaileys(specifier: string): boolean {
  return withinNamed.test(specifier)
}

/** Name and version of the package of a main file. */
export function nameOf(entry: string): string {
  try {
    const { name, version } = JSON.parse(readFileSync(fileURLToPath(`${packageOf(entry)}package.json`), 'utf8'))
    return `${name} ${version}`
  } catch {
    return fileURLToPath(entry)
  }
}
