import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspector } from '../../src/inspect/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { Viewer } from '../browser/viewer.ts'
import { World } from '../line/world.ts'
import { slow } from '../share.ts'

/** Pictures of the page for people to look at; only where a folder for them is named. */
const pictures = process.env.LIFELINE_PICTURES

let running: RunningBrowser
let browser: Browser
let world: World
beforeAll(async () => {
  running = await startChromium()
  browser = running.browser
  world = await World.open(undefined, { claimedPreKeys: 1 })
})
afterAll(async () => {
  await world.close()
  await running.close()
})

/** What stands in for stately.ai: it says that it is there, and keeps what it is told. */
const stately = `<!doctype html><title>stand-in</title><script>
  const told = []
  addEventListener('message', ({ data, origin }) => { told.push({ type: data.type, origin, version: data._version }) })
  opener.postMessage({ type: '@statelyai.connected' }, '*')
</script>`

/** The lines in which the names of the events stand on the page. */
const linesOfNames = `[...document.querySelectorAll('#events .name')].map((name) => {
  const lines = []
  const walker = document.createTreeWalker(name, NodeFilter.SHOW_TEXT)
  let top
  while (walker.nextNode()) {
    const { data } = walker.currentNode
    for (let at = 0; at < data.length; at++) {
      const range = document.createRange()
      range.setStart(walker.currentNode, at)
      range.setEnd(walker.currentNode, at + 1)
      const box = range.getBoundingClientRect()
      if (top === undefined || Math.abs(box.top - top) > box.height / 2) lines.push('')
      top = box.top
      lines[lines.length - 1] += data[at]
    }
  }
  return lines
})`

test('the page lights the present state on the drawing while an account is linked, lists actors and events, and hands them to Stately when asked to', {
  tags: [slow],
}, async () => {
  const relay = await inspector()
  const looking = await Viewer.open(browser, relay.url, { colorScheme: 'light' })
  const { page, context } = looking
  await context.route('https://stately.ai/**', (route) => route.fulfill({ contentType: 'text/html', body: stately }))
  const gateway = world.newcomer({ account: 'kitchen', inspect: relay.inspect })
  await gateway.start()
  const lit = (state: string) => page.locator(`[data-state="${state}"].lit`)
  await lit('awaitingQr.pairing.showing').waitFor()
  if (pictures) await mkdir(pictures, { recursive: true })
  if (pictures) await page.screenshot({ path: join(pictures, 'inspector-light.png') })
  await world.scan(gateway)
  await lit('online.open.healthy').waitFor()
  expect(await lit('awaitingQr').count()).toBe(0)
  expect(await page.locator('#place').textContent()).toBe('online › open › healthy')
  await page.getByRole('button', { name: 'kitchen', pressed: true }).waitFor()
  expect(await page.locator('#actors li li').allTextContents()).toContain('▸ probe')
  const events = (await page.locator('#events .name').allTextContents()).join(' ')
  for (const name of ['socket.qr', 'socket.paired', 'socket.open']) expect(events).toContain(name)
  expect(await page.locator('#actors pre').textContent()).toContain('"account": "kitchen"')

  const [other] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('button', { name: 'Open in Stately' }).click(),
  ])
  await other.waitForFunction('told.length > 2')
  const told = (await other.evaluate('told')) as readonly { type: string; origin: string; version: string }[]
  expect(told[0]).toMatchObject({
    type: '@xstate.actor',
    origin: new URL(relay.url).origin,
    version: expect.any(String),
  })
  const before = told.length
  await gateway.line.reconnect()
  await other.waitForFunction(`told.length > ${before + 5}`)
  await other.close()

  // The page draws what it is told in its own time: a name that is too long for a line comes with the reconnect.
  // Not `waitForFunction`, which evaluates a text within the page if it is not true at once: the page forbids that.
  const isBroken = () => page.evaluate<boolean>(`${linesOfNames}.some(({ length }) => length > 1)`)
  await expect.poll(isBroken, { timeout: 20_000 }).toBe(true)
  const broken = (await page.evaluate<string[][]>(linesOfNames)).filter(({ length }) => length > 1)
  for (const lines of broken) for (const line of lines.slice(0, -1)) expect(line, lines.join(' ')).toMatch(/\.$/)

  await page.emulateMedia({ colorScheme: 'dark' })
  await lit('online.open.healthy').waitFor()
  if (pictures) await page.screenshot({ path: join(pictures, 'inspector-dark.png') })
  // Equal events that follow each other are one row; one kind alone can be shown.
  const rows = page.locator('#events li')
  const generation = (type: string) => ({ type, generation: gateway.line.status.generation }) as never
  for (let again = 0; again < 5; again += 1) gateway.line.actor?.send(generation('socket.pending'))
  await rows.first().getByText('× 5').waitFor()
  const kind = page.getByLabel('Kind')
  const all = await rows.filter({ visible: true }).count()
  await kind.selectOption('socket.open')
  const shown = await rows.filter({ visible: true }).locator('.name').allTextContents()
  expect(new Set(shown)).toEqual(new Set(['socket.open']))
  gateway.line.actor?.send(generation('socket.of.a.test'))
  await kind.selectOption('every kind')
  await rows.filter({ hasText: 'socket.of.a.test' }).waitFor()
  // The account itself goes on meanwhile.
  expect(await rows.filter({ visible: true }).count()).toBeGreaterThan(all)

  await page.setViewportSize({ width: 390, height: 844 })
  const tops = await page.evaluate<number[]>(
    "['#chart', '#actors', '#events'].map((one) => document.querySelector(one).getBoundingClientRect().top)",
  )
  expect(tops.toSorted((one, other) => one - other)).toEqual(tops)
  if (pictures) await page.screenshot({ path: join(pictures, 'inspector-phone.png'), fullPage: true })
  expect(await looking.barriers()).toEqual([])
  await relay.close()
  await page.getByText('The connection is lost').waitFor()
  expect(looking.breaches).toEqual([])
  expect(looking.thrown).toEqual([])
  expect(looking.foreign).toEqual([])
})
