// @module-tag slow

import { afterAll, beforeAll, expect, test } from 'vitest'
import { pages, shown } from '../shown.ts'
import { Stranger } from './stranger.ts'

/** What a page leaves to its reader: his own database, his own server. */
const readersOwn = `
  import type * as baileys from '@whiskeysockets/baileys'
  import type * as lifeline from 'baileys-lifeline'
  import type * as dashboard from 'baileys-lifeline/dashboard'
  declare global {
    const createLifeline: typeof lifeline.createLifeline
    const createDashboard: typeof dashboard.createDashboard
    const line: lifeline.Lifeline
    const connect: (options: lifeline.ConnectOptions) => baileys.WASocket
    const db: any, express: any, fastify: any, Hono: any, serve: any, createServer: any
  }
`

let stranger: Stranger
beforeAll(async () => {
  stranger = await Stranger.with({ '@whiskeysockets/baileys': '@whiskeysockets/baileys' })
})
afterAll(() => stranger.remove())

/** Drivers that nobody needs here: a reader has them already. */
const readersDrivers = "declare module 'mysql2/promise'\n"

/** Compiles all blocks of a language as one program; what the compiler says, by page and block. */
async function compiled(language: 'ts' | 'js', options: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const names: string[] = []
  for (const page of pages)
    for (const [at, text] of shown(page, language).entries()) {
      // Run below.
      if (text.includes('require(')) continue
      const name = `${page.replace(/\W/g, '-')}-${at}.${language}`
      names.push(name)
      await stranger.write(name, `${text}\nexport {}\n`)
    }
  expect(names.length).toBeGreaterThan(4)
  await stranger.write('own.ts', language === 'js' ? readersOwn : 'export {}')
  await stranger.write('drivers.d.ts', readersDrivers)
  const imports = ['own.ts', ...names].map((name) => `import './${name}'\n`)
  await stranger.write('main.ts', ['/// <reference path="./drivers.d.ts" />\n', ...imports].join(''))
  const always = { module: 'nodenext', skipLibCheck: true, allowImportingTsExtensions: true, lib: ['es2023', 'dom'] }
  return stranger.compile({ ...always, ...options })
}

test('each TypeScript of the README and the docs compiles, strictly', async () => {
  expect(await compiled('ts', { strict: true })).toEqual([])
})

test('each JavaScript of them uses names and options that are there', async () => {
  expect(await compiled('js', { strict: false, allowJs: true, checkJs: true })).toEqual([])
})

test('what the page on CommonJS requires is given', async () => {
  const required = shown('docs/typescript-and-commonjs.md', 'js').find((text) => text.includes('require(')) ?? ''
  await stranger.write('main.cjs', `${required}console.log(typeof createLifeline, typeof supervise)`)
  expect(await stranger.run('main.cjs')).toMatchObject({
    code: 0,
    output: expect.stringContaining('function function'),
  })
})
