import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { brotliDecompressSync, gzipSync } from 'node:zlib'

/** What the page consists of. Anything else in the folder is not served. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

type Packing = 'plain' | 'gzip' | 'br'

interface PageFile {
  readonly type: string
  readonly etag: string
  readonly plain: Buffer
  /** As the build packed it. */
  readonly br: Buffer
  /** Packed when a browser first asks for it so: none does that reaches the gateway on its own machine or by HTTPS. */
  gzip?: Buffer
}

function contentOf(file: PageFile, packing: Packing): Buffer {
  if (packing !== 'gzip') return file[packing]
  file.gzip ??= gzipSync(file.plain, { level: 9 })
  return file.gzip
}

/** Where the built page lies, from the sources as from the built package. */
const builtPage = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('baileys-lifeline/package.json')), 'lib', 'page')

/**
 * The files of the page, each read once, when it is first asked for. A name is looked up in the list of the folder, so
 * no path leads out of it.
 */
export class PageFiles {
  readonly #folder: string
  readonly #files = new Map<string, PageFile>()
  #names: ReadonlySet<string> | undefined

  constructor(folder = builtPage()) {
    this.#folder = folder
  }

  /** The answer for a file, packed as the browser takes it; undefined if there is none. */
  answer(name: string, request: Request): Response | undefined {
    const file = this.#file(name)
    if (!file) return undefined
    const headers = new Headers({
      'content-type': file.type,
      etag: file.etag,
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
    })
    if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
    const takes = request.headers.get('accept-encoding') ?? ''
    const packing = /\bbr\b/.test(takes) ? 'br' : /\bgzip\b/.test(takes) ? 'gzip' : 'plain'
    if (packing !== 'plain') headers.set('content-encoding', packing)
    const content = contentOf(file, packing)
    headers.set('content-length', String(content.length))
    return new Response(new Uint8Array(content), { headers })
  }

  /**
   * Loads what every visitor asks for, and Node's own requests and responses, which it loads when they are first used:
   * nobody waits for either then.
   */
  warm(): void {
    const request = new Request('http://localhost/')
    try {
      for (const name of ['index.html', 'page.css', 'main.js']) this.answer(name, request)
    } catch {
      // A page that cannot be read is told to whoever asks for it.
    }
  }

  #file(name: string): PageFile | undefined {
    const known = this.#files.get(name)
    if (known) return known
    const type = types[extname(name)]
    this.#names ??= new Set(readdirSync(this.#folder))
    if (type === undefined || !this.#names.has(`${name}.br`)) return undefined
    const br = readFileSync(join(this.#folder, `${name}.br`))
    const plain = brotliDecompressSync(br)
    const file: PageFile = {
      type,
      plain,
      br,
      etag: `W/"${hash('sha256', plain, 'base64url').slice(0, 22)}"`,
    }
    this.#files.set(name, file)
    return file
  }
}
