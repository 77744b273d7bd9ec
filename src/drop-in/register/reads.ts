import { promises, readFileSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { keepCompiled } from './compiled.ts'
import { isBaileys, named, packageOf } from './entry.ts'
import { isFirstPreload } from './preloads.ts'
import { standInSource } from './stand-in.ts'

interface Loaded {
  readonly id: string
  exports: unknown
  load(file: string): void
  _compile(content: string, file: string, format?: unknown): unknown
}
const loader = module as unknown as { readonly prototype: Loaded }

interface ReadParts {
  readonly onImport: (file: string) => void
  /** Makes ours of the exports of a CommonJS Baileys. An import takes them from the module, and asks nobody. */
  readonly replace: (exports: unknown, url: string) => unknown
  /** The hooks of others have a thread do the reading from then on, so ours have to be there. */
  readonly toThread: () => void
}

/** Under this address a Baileys is read as it is. */
const original = (url: string): string => `${url}?lifeline-original`

/**
 * Node 20, and 22 up to 22.14: an import is read by `fs.promises.readFile`, which is given a URL and nothing else then.
 * So the module in the place of a Baileys can be handed out there, without the thread in which these lines run their
 * hooks: for a gateway that thread takes as long as Baileys itself.
 */
export function hookReads({ onImport, replace, toThread }: ReadParts): void {
  const mains = new Set<string>()
  const { readFile } = promises
  promises.readFile = function (this: unknown, ...args: readonly unknown[]) {
    const [at] = args
    if (args.length !== 1 || !(at instanceof URL) || at.protocol !== 'file:') return Reflect.apply(readFile, this, args)
    const [file = ''] = at.href.split('?')
    if (isBaileys(file)) {
      mains.add(packageOf(file))
      if (file === at.href) {
        keepCompiled()
        return Promise.resolve(Buffer.from(standInSource(file, original(file))))
      }
    } else if (![...mains].some((folder) => file.startsWith(folder)))
      onImport(file.split('/node_modules/').at(-1) ?? '')
    return Reflect.apply(readFile, this, args)
  } as typeof promises.readFile

  const { load, _compile } = loader.prototype
  loader.prototype.load = function (file) {
    if (file.endsWith('.mjs') && this.id !== '.') loadBefore(file, readFileSync(file, 'utf8'))
    return Reflect.apply(load, this, [file])
  }
  loader.prototype._compile = function (content, file, format) {
    const compile = (code: string) => Reflect.apply(_compile, this, [code, file, format])
    const main = mainAt(file)
    if (format !== 'module') {
      const compiled = compile(content)
      if (main !== undefined) this.exports = replace(this.exports, main)
      return compiled
    }
    if (main !== undefined) {
      mains.add(packageOf(main))
      return compile(standInSource(main, original(main)))
    }
    // The program itself is imported by Node.
    if (this.id !== '.') loadBefore(file, content)
    return compile(content)
  }

  if (isFirstPreload()) hookRegister(toThread)
  else toThread()
}

const imported = new RegExp(`\\bfrom\\s*["']((?:@[\\w.-]+/)?[\\w.-]*${named.source}[\\w.-]*)["']`, 'gi')

/**
 * What an ES module imports that is itself taken by `require` is read past everybody. A Baileys among it is taken
 * before, then, so that the module in its place is there.
 */
function loadBefore(file: string, content: string): void {
  for (const [, name = ''] of content.matchAll(imported))
    try {
      createRequire(file)(name)
    } catch {
      // Whoever imports it is told.
    }
}

/** The address of a file that is the main file of a Baileys. */
function mainAt(file: string): string | undefined {
  if (!/[\\/]lib[\\/]index\.js$/.test(file)) return undefined
  const { href } = pathToFileURL(file)
  return isBaileys(href) ? href : undefined
}

/** Whoever gives Node hooks later on finds ours there before. */
function hookRegister(toThread: () => void): void {
  const { register } = module
  module.register = ((...args: Parameters<typeof register>) => {
    toThread()
    return register(...args)
  }) as typeof register
}
