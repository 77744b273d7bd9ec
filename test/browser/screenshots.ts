import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDashboard } from '../../src/dashboard/index.ts'
import type { Gateway } from '../line/gateway.ts'
import { World } from '../line/world.ts'
import { startChromium } from './chromium.ts'
import { Storm } from './storm.ts'
import { phoneSize, Viewer } from './viewer.ts'

// The pictures of the dashboard in the README: real Baileys on the fake server, really healed and really unlinked. Run
// by npm in the root of the package.

const world = await World.open(undefined, { seed: 'screenshots', qrRefs: 6 })
const { browser, close } = await startChromium()

async function keep(viewer: Viewer, name: string): Promise<void> {
  // Without the animations, so that nothing is caught half way.
  const bytes = await viewer.page.screenshot({ animations: 'disabled' })
  await writeFile(join('diagrams', name), bytes)
  console.log(`diagrams/${name}  ${(bytes.length / 1024).toFixed(0)} kB`)
}

const dayMs = 86_400_000

/**
 * The first minute of the account is told as if it had been a week ago, so that the picture shows an account that
 * somebody has had for a while.
 */
async function longAgo({ folder }: Gateway): Promise<void> {
  const file = join(folder, '.lifeline', 'history.jsonl')
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  const past = lines.map((line) => JSON.parse(line)).filter(({ type, to }) => type !== 'stop' && to !== 'stopped')
  const shifted = past.map((entry) => ({ ...entry, at: entry.at - 7 * dayMs }))
  await writeFile(
    file,
    [...shifted, { type: 'alive', at: Date.now() }].map((one) => `${JSON.stringify(one)}\n`).join(''),
  )
}

const storm = await Storm.ready(
  world,
  '491700000001',
  { account: 'corner-shop', connect: (given) => world.socket(given, { qrTimeout: 20_000 }) },
  longAgo,
)
const { gateway } = storm
const dashboard = createDashboard(gateway.line, { trustLoopback: true })
const { url } = await dashboard.serve({ port: 0 })
await gateway.up()
await storm.breaks()
await storm.heals()

const wide = { width: 1280, height: 1010 }
const light = await Viewer.open(browser, url, { viewport: wide, reducedMotion: 'reduce' })
await light.sees('Connected')
await light.page.locator('.incident summary').first().click()
await light.page.locator('.incident .events li').first().waitFor()
await light.page.mouse.click(5, 5)
await keep(light, 'dashboard-light.png')

world.server.phone(gateway.number).unlink()
await gateway.until(() => gateway.line.status.qr !== undefined)
const dark = await Viewer.open(browser, url, { viewport: wide, colorScheme: 'dark', reducedMotion: 'reduce' })
const phone = await Viewer.open(browser, url, {
  viewport: phoneSize,
  deviceScaleFactor: 2,
  hasTouch: true,
  reducedMotion: 'reduce',
})
for (const viewer of [dark, phone]) await viewer.page.locator('.code-frame svg').waitFor()
await keep(dark, 'dashboard-dark.png')
await keep(phone, 'dashboard-phone.png')

await close()
await dashboard.close()
await world.close()
process.exit()
