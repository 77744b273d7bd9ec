// Lays beside the compiled modules what else the page consists of, so that the package holds all of it and nothing is fetched from elsewhere.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const page = dirname(fileURLToPath(import.meta.url))
const root = join(page, '..', '..', '..')
const built = join(root, 'dist', 'src', 'dashboard', 'page')
mkdirSync(built, { recursive: true })

for (const name of readdirSync(page).filter((one) => one.endsWith('.css')))
  copyFileSync(join(page, name), join(built, name))
for (const name of ['overview.svg', 'connection.svg']) copyFileSync(join(root, 'diagrams', name), join(built, name))

// A browser knows no bare module names; its licence asks to be copied with it.
const uqr = dirname(dirname(createRequire(import.meta.url).resolve('uqr')))
const licence = readFileSync(join(uqr, 'LICENSE'), 'utf8').trim()
writeFileSync(join(built, 'uqr.js'), `/*!\n${licence}\n*/\n${readFileSync(join(uqr, 'dist', 'index.mjs'), 'utf8')}`)

// Named up front, the modules come side by side; else each would be found only once the one that imports it has come.
const sources = readdirSync(page).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
const modules = [...sources.map((name) => name.replace(/ts$/, 'js')), 'uqr.js'].filter((name) => name !== 'main.js')
const preloads = modules.map((name) => `    <link rel="modulepreload" href="assets/${name}">\n`).join('')
const shell = readFileSync(join(page, 'index.html'), 'utf8')
writeFileSync(join(built, 'index.html'), shell.replace('  </head>', `${preloads}  </head>`))
