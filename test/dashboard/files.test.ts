import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createDashboardWith } from '../../src/dashboard/dashboard.ts'
import { PageFiles } from '../../src/dashboard/page-files.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { inProject } from '../root.ts'

const folder = fileURLToPath(inProject('lib/page'))
const drawings = fileURLToPath(inProject('diagrams'))
/** Each lies there packed, and in no other form. */
const names = readdirSync(folder).map((name) => name.replace(/\.br$/, ''))
const unpacked = (name: string): Buffer => brotliDecompressSync(readFileSync(join(folder, `${name}.br`)))
const pages = new PageFiles()

/** What comes over the wire for a browser that takes this. */
async function wire(name: string, accepts?: string): Promise<{ encoding: string | null; body: Buffer }> {
  const request = new Request(
    'http://127.0.0.1/',
    accepts === undefined ? {} : { headers: { 'accept-encoding': accepts } },
  )
  const answer = pages.answer(name, request)
  if (!answer) throw new Error(`There is no ${name}.`)
  const body = Buffer.from(await answer.arrayBuffer())
  expect(answer.headers.get('content-length')).toBe(String(body.length))
  return { encoding: answer.headers.get('content-encoding'), body }
}

test.each(names)('%s is the same however a browser takes it, packed or not', async (name) => {
  const plain = unpacked(name)
  if (/^(overview|connection)\.svg$/.test(name)) expect(plain.equals(readFileSync(join(drawings, name)))).toBe(true)
  const [bare, br, gzip] = [
    await wire(name),
    await wire(name, 'gzip, deflate, br, zstd'),
    await wire(name, 'gzip, deflate'),
  ]
  expect([bare.encoding, br.encoding, gzip.encoding]).toEqual([null, 'br', 'gzip'])
  expect(bare.body.equals(plain)).toBe(true)
  expect(brotliDecompressSync(br.body).equals(plain)).toBe(true)
  expect(gunzipSync(gzip.body).equals(plain)).toBe(true)
})

const languages = ['de', 'es', 'hi', 'id', 'pt-BR']
/** What a page in another language takes in place of its own, and beside it. */
const ofLanguages = [
  'en.json',
  ...languages.flatMap((language) => [
    `${language}.json`,
    `index.${language}.html`,
    `manifest.${language}.webmanifest`,
  ]),
]

test('the whole page, both drawings included, is under 100 kB over the wire, packed either way; a language takes 30 kB more', async () => {
  const weight = async (files: readonly string[], accepts: string) => {
    const sizes = await Promise.all(files.map(async (name) => (await wire(name, accepts)).body.length))
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  for (const accepts of ['br', 'gzip']) {
    const own = names.filter((name) => !ofLanguages.includes(name))
    expect(await weight(own, accepts)).toBeLessThan(100_000)
    for (const language of languages)
      expect(await weight(['en.json', `${language}.json`], accepts), language).toBeLessThan(30_000)
  }
})

test('the page is one script and one style sheet, so that the first status waits for no chain of files', () => {
  // Beside what it is made of: icons, what installs it, and what shows its notifications.
  const beside = ['icon-192.png', 'icon.svg', 'manifest.webmanifest', 'worker.js']
  const page = ['connection.svg', 'index.html', 'main.js', 'overview.svg', 'page.css']
  expect(names.toSorted()).toEqual([...beside, ...page, ...ofLanguages].toSorted())
  const html = unpacked('index.html').toString('utf8')
  const asked = [...html.matchAll(/(?:src|href)="(?!data:)([^"]*)"/g)].map(([, address]) => address)
  expect(asked).toEqual(['assets/icon-192.png', 'assets/manifest.webmanifest', 'assets/page.css', 'assets/main.js'])
  expect(unpacked('main.js').toString('utf8')).not.toMatch(/\bimport\s*[{*"'(]/)
})

test('a browser that has a file is told that it is the same', () => {
  const { headers } = pages.answer('page.css', new Request('http://127.0.0.1/')) ?? new Response()
  const etag = headers.get('etag') ?? ''
  const again = (tag: string) =>
    pages.answer('page.css', new Request('http://127.0.0.1/', { headers: { 'if-none-match': tag } }))
  expect([again(etag)?.status, again(etag)?.headers.get('etag'), again('W/"other"')?.status]).toEqual([304, etag, 200])
})

test('a page that was not built is told as such, with what to do', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'lifeline-page-'))
  const dashboard = createDashboardWith(new ScriptedAccount(), {}, { page: empty })
  onTestFinished(() => dashboard.close())
  const answer = await dashboard.fetch(new Request('http://127.0.0.1/'))
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ error: { code: 'PAGE_MISSING', remediation: 'Run npm run build.' } })
})

test('what lies packed in the folder is not served by that name', () => {
  expect(pages.answer('main.js.br', new Request('http://127.0.0.1/'))).toBeUndefined()
})
