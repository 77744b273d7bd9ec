import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as engine } from 'playwright-core'

/**
 * One page at a time and nothing of its own on the network. The package's own list of arguments is for functions in a cloud: it runs all in one
 * process, which does not outlive a closed page, and switches off the very checks that the tests are about.
 */
const args = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--font-render-hinting=none',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** The drawings' own typeface, so that pictures look the same on every machine. */
const fonts = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/inter/package.json'))

export interface RunningBrowser {
  readonly browser: Browser
  close(): Promise<void>
}

/** Real Chromium, from npm. One is enough for a whole test file: what belongs together is kept apart by contexts. */
export async function startChromium(): Promise<RunningBrowser> {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-chromium-'))
  const list = join(place, 'fonts.conf')
  await writeFile(
    list,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${place}</cachedir></fontconfig>`,
  )
  const executablePath = await chromium.executablePath()
  const env = { PATH: process.env.PATH ?? '', HOME: place, FONTCONFIG_FILE: list }
  const browser = await engine.launch({ executablePath, args, env })
  return {
    browser,
    close: async () => {
      await browser.close()
      await rm(place, { recursive: true, force: true })
    },
  }
}
