// Lays beside the compiled modules what the pages consist of, so that the package holds all of it and nothing is
// fetched from elsewhere. One script and one style sheet each: a browser shows the first status after three answers,
// not after fifty.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { Resvg } from '@resvg/resvg-js'
import { build } from 'rolldown'
import { catalogues } from '../../../dist/src/languages/catalogues.js'

const page = dirname(fileURLToPath(import.meta.url))
const root = join(page, '..', '..', '..')
const built = join(root, 'lib', 'page')
// Every file in there is served, so nothing of an older build may stay.
rmSync(built, { recursive: true, force: true })
mkdirSync(built, { recursive: true })

// What a licence asks to be copied with the code.
const uqr = dirname(dirname(createRequire(import.meta.url).resolve('uqr')))
const licence = readFileSync(join(uqr, 'LICENSE'), 'utf8').trim()

const scripts = [
  { input: join(page, 'main.ts'), file: join(built, 'main.js'), banner: `/*! uqr\n${licence}\n*/` },
  { input: join(page, 'worker.ts'), file: join(built, 'worker.js') },
  {
    input: join(root, 'src', 'inspect', 'page', 'viewer.ts'),
    file: join(root, 'lib', 'viewer.js'),
  },
]
await Promise.all(
  scripts.map(({ input, file, banner = '' }) =>
    build({
      input,
      platform: 'browser',
      transform: { target: 'es2023' },
      output: { file, format: 'es', minify: true, postBanner: banner, codeSplitting: false },
    }),
  ),
)

const shell = readFileSync(join(page, 'index.html'), 'utf8')
const [first = ''] = /^.*rel="stylesheet".*\n/m.exec(shell) ?? []
const sheets = [...shell.matchAll(/^.*rel="stylesheet" href="assets\/(.*)".*\n/gm)]
writeFileSync(join(built, 'page.css'), sheets.map(([, name]) => readFileSync(join(page, name), 'utf8')).join('\n'))
const one = shell.replace(first, '    <link rel="stylesheet" href="assets/page.css">\n')
const whole = sheets.reduce((html, [line]) => html.replace(line, ''), one)
writeFileSync(join(built, 'index.html'), whole)

// Each list in the same order, so that the English texts are packed once.
const sentences = Object.keys(catalogues.de)
writeFileSync(join(built, 'en.json'), JSON.stringify(sentences))
// A page for each language, since a browser wants to know it before any script runs, and what is said in it.
for (const [language, texts] of Object.entries(catalogues)) {
  const noscript = Object.entries(texts).reduce(
    (html, [english, said]) => html.replace(`<p>${english}</p>`, `<p>${said}</p>`),
    whole,
  )
  const files = ['en', language].map(
    (name) => `    <link rel="preload" as="fetch" crossorigin href="assets/${name}.json">\n`,
  )
  const asked = `${files.join('')}  </head>`
  const named = `manifest.${language}.webmanifest`
  writeFileSync(
    join(built, `index.${language}.html`),
    noscript
      .replace('lang="en"', `lang="${language}"`)
      .replace('manifest.webmanifest', named)
      .replace('  </head>', asked),
  )
  const manifest = JSON.parse(readFileSync(join(page, 'manifest.webmanifest'), 'utf8'))
  writeFileSync(
    join(built, named),
    JSON.stringify({ ...manifest, lang: language, description: texts[manifest.description] }),
  )
  writeFileSync(join(built, `${language}.json`), JSON.stringify(sentences.map((english) => texts[english])))
}

for (const name of ['overview.svg', 'connection.svg']) copyFileSync(join(root, 'diagrams', name), join(built, name))

for (const name of ['icon.svg', 'manifest.webmanifest']) copyFileSync(join(page, name), join(built, name))
const icon = readFileSync(join(page, 'icon.svg'), 'utf8')
// Phones that take no SVG for it.
const picture = new Resvg(icon, { fitTo: { mode: 'width', value: 192 } }).render()
writeFileSync(join(built, 'icon-192.png'), picture.asPng())

// Packed here as tight as it goes, and in no other form: the first visitor does not wait for it, and the package stays
// small.
for (const name of readdirSync(built)) {
  const plain = readFileSync(join(built, name))
  writeFileSync(
    join(built, `${name}.br`),
    brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
  )
  rmSync(join(built, name))
}
