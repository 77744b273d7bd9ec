// What the package holds: a module for each of its doors and programs, and what they share, from five hundred compiled
// ones. A program that loads thirty files starts sooner.
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import MagicString from 'magic-string'
import { minifySync, parseSync, Visitor } from 'rolldown/utils'
import { dts } from 'rollup-plugin-dts'

/** Each door of the package, by the name of its file in `lib/`. */
const doors = {
  index: 'src/index',
  machine: 'machines/index',
  'drop-in': 'src/drop-in/index',
  rows: 'src/stores/rows/index',
  lmdb: 'src/stores/lmdb/index',
  postgres: 'src/stores/postgres/index',
  fleet: 'src/fleet/index',
  dashboard: 'src/dashboard/index',
  inspect: 'src/inspect/index',
  'fake-whatsapp': 'src/rehearsal/fake-whatsapp/index',
}
/**
 * The preload reaches every process of a gateway: one file, which is required, since Node sets up its loader of ES
 * modules for others, and takes its time for each file. What it loads later on are modules as all others.
 */
const preload = 'src/drop-in/register/register'
const ofPreload = { runtime: 'src/drop-in/register/runtime', hooks: 'src/drop-in/register/hooks' }
const files = (entries, ending) =>
  Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, `dist/${path}${ending}`]))

/** Packages stay what they are: the owner's Baileys, and ours. */
const external = (id) => builtinModules.includes(id.replace(/^node:/, '')) || !(/^[./]|^dist\//.test(id) || isFile(id))
const isFile = (id) => resolve(id) === id

/**
 * But for one: of XState Node would load the CommonJS, which takes three times as long as its modules do, and longer
 * than all of ours. An actor is the same to whoever has an XState of his own.
 */
const statechart = {
  name: 'statechart',
  resolveId: (id) => (id === 'xstate' ? resolve('node_modules/xstate/dist/xstate.esm.js') : null),
  buildStart() {
    const source = readFileSync('node_modules/xstate/LICENSE', 'utf8')
    this.emitFile({ type: 'asset', fileName: 'xstate.LICENSE', source })
  },
}

/** Programs, by the path of their module: what they do when they are loaded is nobody else's. */
const programs = new Set()
const addressed = /new URL\('(\.{1,2}\/[^']+\.js)', import\.meta\.url\)/g

/** A module that another one names by its address, to start it or to have it loaded, becomes a file of its own. */
const addresses = {
  name: 'addresses',
  transform(code, id) {
    const found = code.replace(addressed, (_, path) => {
      const program = join(dirname(id), path)
      if (program === resolve(`dist/${preload}.js`)) return `new URL('./register.cjs', import.meta.url)`
      programs.add(program)
      const name = (program.includes('/rehearsal/') ? 'rehearsal-' : '') + basename(program, '.js')
      const file = this.emitFile({ type: 'chunk', id: program, name })
      return `new URL(import.meta.ROLLUP_FILE_URL_${file})`
    })
    return found === code ? null : { code: found, map: null }
  },
}

/**
 * A stack tells whose work something is by the file: what stands for a gateway or for WhatsApp, and what only listens,
 * is in files of its own.
 */
function chunkOf(id) {
  if (programs.has(id)) return undefined
  if (id.includes('node_modules')) return 'xstate'
  if (/\/rehearsal\/torture\/(?:leaks|origin)\.js$/.test(id)) return 'meter'
  if (/\/baileys\/strays\.js$/.test(id)) return 'strays'
  const [, folder, name] = /\/rehearsal\/([^/]+)\/([^/]+)\.js$/.exec(id) ?? []
  if (folder === undefined) return undefined
  // Whole, where all of it is needed at once and none of it loads a Baileys.
  return ['fake-whatsapp', 'conversation'].includes(folder) ? `rehearsal-${folder}` : `rehearsal-${folder}-${name}`
}

/** What begins a line: a statement, a member of a class. */
const beginning = (code) => {
  const starts = new Set()
  const all = (nodes) => {
    for (const { start } of nodes) if (start > 0) starts.add(start)
  }
  new Visitor({
    Program: ({ body }) => all(body),
    BlockStatement: ({ body }) => all(body),
    StaticBlock: ({ body }) => all(body),
    ClassBody: ({ body }) => all(body),
    SwitchStatement: ({ cases }) => all(cases),
    SwitchCase: ({ consequent }) => all(consequent),
  }).visit(parseSync('chunk.js', code).program)
  return starts
}

/**
 * Comments are read in the types and in the sources. Names of functions and classes stay, and each statement is on a
 * line of its own: a stack still tells where it was, and Node prints no more of a file than that.
 */
const small = {
  name: 'small',
  renderChunk(code) {
    const mangle = { toplevel: false, keepNames: true }
    const bare = minifySync('chunk.js', code, { module: true, compress: false, mangle }).code
    const lines = new MagicString(bare)
    for (const start of beginning(bare)) lines.appendLeft(start, '\n')
    return { code: lines.toString(), map: null }
  },
}

const code = {
  input: { ...files({ ...doors, ...ofPreload }, '.js'), lifeline: 'dist/src/cli/lifeline.js' },
  external: (id) => id !== 'xstate' && external(id),
  plugins: [statechart, addresses, small],
  // What of ours is loaded for its effect has one.
  treeshake: false,
  // TypeScript's own, at the top of a module.
  onwarn: (warning, tell) => warning.code === 'THIS_IS_UNDEFINED' || tell(warning),
  output: {
    dir: 'lib',
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    hoistTransitiveImports: false,
    manualChunks: chunkOf,
    onlyExplicitManualChunks: true,
  },
}

const register = {
  input: files({ register: preload }, '.js'),
  external: (id) => id.endsWith('/runtime.js') || external(id),
  plugins: [
    { name: 'own-address', resolveImportMeta: () => `require('node:url').pathToFileURL(__filename).href` },
    small,
  ],
  treeshake: false,
  output: {
    dir: 'lib',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    // What it loads later on lies beside it.
    paths: (id) => (id.endsWith('/runtime.js') ? './runtime.js' : id),
  },
}

/** Baileys' types under either of its names, of which one is missing: its compiler's directives have to stay. */
const eitherName = {
  name: 'either-name',
  writeBundle: () => copyFileSync('dist/src/baileys/baileys-types.d.ts', 'lib/baileys-types.d.ts'),
}
const isEitherName = (id) => /baileys-types(?:\.js|\.d\.ts)?$/.test(id)

/** In types, too, a quarter of an indent will do. */
const smallTypes = {
  name: 'small-types',
  renderChunk: (code) => ({
    code: code.replace(/^(?: {4})+/gm, (indent) => indent.slice((indent.length / 4) * 3)),
    map: null,
  }),
}

const types = {
  input: files({ ...doors, register: preload }, '.d.ts'),
  external: (id) => isEitherName(id) || external(id),
  plugins: [dts(), smallTypes, eitherName],
  // What only types of the package name need not be named by others; the preload has no types.
  onwarn: ({ code, message, plugin }, tell) =>
    code === 'EMPTY_BUNDLE' || plugin === 'dts' || tell({ code, message, plugin }),
  output: {
    dir: 'lib',
    format: 'es',
    entryFileNames: ({ name }) => (name === 'register' ? '[name].d.cts' : '[name].d.ts'),
    chunkFileNames: '[name].ts',
    paths: (id) => (isEitherName(id) ? './baileys-types.js' : id),
  },
}

rmSync('lib', { recursive: true, force: true })
export default [code, register, types]
