import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface Plugin {
  readonly name: string
  readonly resolveId: (id: string) => string | { readonly id: string; readonly external: true } | undefined
  readonly load: (id: string) => { readonly code: string; readonly moduleType: 'js' } | undefined
}
interface Bundle {
  write(options: {
    readonly file: string
    readonly format: 'cjs'
    readonly codeSplitting: false
    readonly dynamicImportInCjs: false
    readonly minify: true
  }): Promise<unknown>
}
interface Bundler {
  rolldown(options: {
    readonly input: string
    readonly platform: 'node'
    readonly logLevel: 'silent'
    readonly shimMissingExports: true
    readonly treeshake: { readonly moduleSideEffects: (id: string) => boolean }
    readonly plugins: readonly Plugin[]
  }): Promise<Bundle>
}

/**
 * Parts of Baileys that a process which only writes keys and creds never calls: the message schemas, curves, ciphers,
 * sockets and loggers. They are nine tenths of the second of processor time that loading Baileys takes.
 */
const unused =
  /WAProto\/index\.js$|Signal\/libsignal\.js$|^libsignal\/|\/Socket\/|^whatsapp-rust-bridge|[Uu]tils\/logger\.js$/
/** Never asked for: the writer brings its parts of Baileys along. */
const external = '@whiskeysockets/baileys'
/** How the LMDB driver looks for its binary: a search of folders. */
const binaryLoader = 'node-gyp-build-optional-packages'

const [absent, found] = ['\0absent', '\0found']
/** What only has to be there while modules are set up. */
const absentModule = `
const nothing = new Proxy(class {}, { get: (_, name) => (name === Symbol.toPrimitive ? () => '' : nothing), apply: () => nothing, construct: () => nothing })
export { nothing as proto, nothing as makeLibSignalRepository, nothing as default }
// Baileys' own store makes fresh credentials of such keys where a kill has left it none, and goes on.
export const generateKeyPair = () => ({ pubKey: new Uint8Array(33), privKey: new Uint8Array(32) })
export const calculateSignature = () => new Uint8Array(64)`

const plugin = (require: NodeJS.Require): Plugin => {
  const lmdb = require.resolve('lmdb')
  const { resolve } = createRequire(lmdb)(binaryLoader) as { readonly resolve: (folder: string) => string }
  const binary = resolve(dirname(dirname(lmdb)))
  return {
    name: 'only what writes',
    resolveId: (id) => {
      if (unused.test(id)) return absent
      if (id === binaryLoader) return found
      if (id === 'lmdb') return lmdb
      return id === external || id === binary ? { id, external: true } : undefined
    },
    load: (id) => {
      if (id === absent) return { code: absentModule, moduleType: 'js' }
      if (id === found) return { code: `module.exports = () => require(${JSON.stringify(binary)})`, moduleType: 'js' }
      return undefined
    },
  }
}

/**
 * Makes one small program of the writer, with Baileys' own transactions, cache, serialisation and file store in it; its
 * path.
 */
export async function bundleWriter(writer: string, folder: string): Promise<string> {
  const require = createRequire(import.meta.url)
  const { rolldown } = await loadBundler(require)
  const bundle = await rolldown({
    input: writer,
    platform: 'node',
    logLevel: 'silent',
    shimMissingExports: true,
    treeshake: { moduleSideEffects: (id) => !id.includes('@whiskeysockets/baileys') },
    plugins: [plugin(require)],
  })
  const file = join(folder, 'writer.cjs')
  await bundle.write({ file, format: 'cjs', codeSplitting: false, dynamicImportInCjs: false, minify: true })
  const launcher = join(folder, 'launch.cjs')
  await writeFile(launcher, launching(file, join(folder, 'writer.code')))
  return launcher
}

/**
 * Runs the bundle from the machine code of an earlier run. The first run, which has none yet, leaves it behind when it
 * is told to end.
 */
const launching = (file: string, code: string): string => `
const { existsSync, readFileSync, writeFileSync } = require('node:fs')
const { Script } = require('node:vm')
// Node loads its module for this when it is first asked for; Baileys' cache takes the plain clock where there is none.
Object.defineProperty(globalThis, 'performance', { value: undefined })
const [file, code] = ${JSON.stringify([file, code])}
const compiled = existsSync(code)
const source = '(function (exports, require, module, __filename) {' + readFileSync(file, 'utf8') + '\\n})'
const script = new Script(source, { filename: file, ...(compiled && { cachedData: readFileSync(code) }) })
if (!compiled) process.on('SIGTERM', () => { writeFileSync(code, script.createCachedData()); process.exit() })
script.runInThisContext()({}, require, module, file)
`

/** The bundler that comes with the test runner. */
async function loadBundler(require: NodeJS.Require): Promise<Bundler> {
  const ofRunner = createRequire(require.resolve('vitest/package.json'))
  const ofVite = createRequire(ofRunner.resolve('vite'))
  return (await import(pathToFileURL(ofVite.resolve('rolldown')).href)) as Bundler
}
