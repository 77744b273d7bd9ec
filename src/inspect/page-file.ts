import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { pageStyle, pageText } from './page-text.ts'

interface PageFile {
  readonly type: string
  readonly content: string
}

/** In the built package, from its sources too. */
const built = (...path: readonly string[]): string =>
  join(dirname(createRequire(import.meta.url).resolve('baileys-lifeline/package.json')), 'lib', ...path)

/** Everything that is served, by its path. */
const files: Readonly<Record<string, { readonly type: string; readonly read: () => string }>> = {
  '/': { type: 'text/html; charset=utf-8', read: () => pageText },
  '/style.css': { type: 'text/css; charset=utf-8', read: () => pageStyle },
  '/connection.svg': {
    type: 'image/svg+xml',
    read: () => brotliDecompressSync(readFileSync(built('page', 'connection.svg.br'))).toString('utf8'),
  },
  '/viewer.js': {
    type: 'text/javascript; charset=utf-8',
    read: () => readFileSync(built('viewer.js'), 'utf8'),
  },
}

/** A file of the page; undefined if there is none of that path. */
export function pageFile(path: string): PageFile | undefined {
  const file = files[path]
  return file && { type: file.type, content: file.read() }
}
