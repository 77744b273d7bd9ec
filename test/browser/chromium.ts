import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import chromium from '@sparticuz/chromium'
import type { Browser } from 'playwright-core'
import { errnoOf } from '../../src/stores/disk/file-system.ts'

/**
 * One page at a time and nothing of its own on the network. The package's own list of arguments is for functions in a
 * cloud: it runs all in one process, which does not outlive a closed page, and switches off the very checks that the
 * tests are about.
 */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--font-render-hinting=none',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

const require = createRequire(import.meta.url)
/**
 * Required, not imported: for the names that it could import Node would read its 80,000 lines once more, 0.8 s of
 * processor time.
 */
const { chromium: engine } = require('playwright-core') as typeof import('playwright-core')

/** The drawings' own typeface, so that pictures look the same on every machine. */
const fonts = dirname(require.resolve('@expo-google-fonts/inter/package.json'))

export interface RunningBrowser {
  readonly browser: Browser
  close(): Promise<void>
}

/**
 * Unpacked once for all that share a folder for temporary files. The package takes a file that is there for a whole
 * one, also while another process is still writing it, so whoever comes second waits for the first.
 */
async function unpacked(): Promise<string> {
  const [begun, ended] = [join(tmpdir(), 'lifeline-chromium-begun'), join(tmpdir(), 'lifeline-chromium-ended')]
  const first = await mkdir(begun).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === 'EEXIST') return false
      throw error
    },
  )
  if (first) {
    try {
      const path = await chromium.executablePath()
      await writeFile(`${ended}.new`, path)
      await rename(`${ended}.new`, ended)
      return path
    } catch (error) {
      await rm(begun, { recursive: true })
      throw error
    }
  }
  for (let waited = 0; waited < 30_000; waited += 50) {
    const path = await readFile(ended, 'utf8').catch(() => undefined)
    if (path !== undefined) return existsSync(path) ? path : chromium.executablePath()
    await later(50)
  }
  throw new Error(`Chromium was not unpacked within 30 s. If nobody is at it, remove ${begun}.`)
}

/** Real Chromium, from npm. One is enough for a whole test file: what belongs together is kept apart by contexts. */
export async function startChromium(): Promise<RunningBrowser> {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-chromium-'))
  const list = join(place, 'fonts.conf')
  await writeFile(
    list,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${place}</cachedir></fontconfig>`,
  )
  const executablePath = await unpacked()
  const env = { PATH: process.env.PATH ?? '', HOME: place, FONTCONFIG_FILE: list }
  // It ends with this process in any case; what a signal does to a test's own process is the test's matter.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
  const browser = await engine.launch({ executablePath, args, env, ...signals })
  return {
    browser,
    close: async () => {
      await browser.close()
      await rm(place, { recursive: true, force: true })
    },
  }
}
