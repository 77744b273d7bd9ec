// @module-tag slow/together

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { createLifeline } from '../../src/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { Viewer } from '../browser/viewer.ts'
import type { Gateway } from '../line/gateway.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { World } from '../line/world.ts'

const count = 1_000
/** Some are in trouble, each on one of two hosts. */
const troubled = Array.from({ length: 30 }, (_, at) =>
  Object.assign(new ScriptedAccount(`shop-${at}`), { host: at % 3 === 0 ? 'north' : 'south' }),
)
let chromium: RunningBrowser
let world: World
let gateway: Gateway
let dashboard: Dashboard
let viewer: Viewer
/**
 * When a frame first showed a text in the list, by the text; this process's clock and the browser's are the same
 * machine's.
 */
const seen = new Map<string, number>()

beforeAll(async () => {
  ;[chromium, world] = await Promise.all([startChromium(), World.open(undefined, { seed: 'many' })])
  gateway = await world.gateway({ account: 'bot-0500' })
  const others = Array.from({ length: count }, (_, at) => `bot-${String(at).padStart(4, '0')}`)
    .filter((account) => account !== 'bot-0500')
    .map((account) =>
      createLifeline({ account, auth: world.folder(), connect: () => Promise.reject(new Error('not started')) }),
    )
  for (const [at, account] of troubled.entries()) {
    const kind = at < 20 ? 'server' : 'network'
    account.become('reconnecting', { lastClose: { at: Date.now(), cause: { kind, message: '' } } })
  }
  const rest = others.slice(0, count - 1 - troubled.length)
  dashboard = createDashboard([...rest, ...troubled, gateway.line], { trustLoopback: true })
  const { url } = await dashboard.serve({ port: 0 })
  viewer = await Viewer.open(chromium.browser, url)
  await viewer.page.locator('.row-item').first().waitFor()
})
afterAll(async () => {
  await viewer.close()
  await dashboard.close()
  await chromium.close()
  await world.close()
})

test('a thousand accounts stand in a list of which only what is in sight exists', async () => {
  const { page } = viewer
  await page.getByText(`${count} accounts`, { exact: false }).first().waitFor()
  expect(await page.locator('.row-item').count()).toBeLessThan(40)
  await page.locator('.rows').focus()
  await page.keyboard.press('End')
  await page.locator('.row-item', { hasText: 'bot-0969' }).waitFor()
  expect(await page.locator('.row-item').count()).toBeLessThan(40)
  await page.keyboard.press('Enter')
  await page.locator('.hero', { hasText: 'bot-0969' }).waitFor()
  await page.getByLabel('Search accounts').fill('0500')
  await page.locator('.row-item', { hasText: 'bot-0500' }).waitFor()
  expect(await page.locator('.row-item').count()).toBe(1)
  expect(await viewer.barriers()).toEqual([])
})

test('troubles are grouped by their cause, and accounts filtered by cause, state, host and name', async () => {
  const { page } = viewer
  const summary = () => page.locator('.account-list > .hint')
  const is = (text: string) =>
    summary()
      .filter({ hasText: new RegExp(`^${text}`) })
      .waitFor()
  await page.getByLabel('Search accounts').fill('')
  await is(`${count} accounts`)
  expect(await page.locator('.trouble').allTextContents()).toEqual([
    '20 accounts: Trouble on the side of WhatsApp.',
    '10 accounts: No network, or the server out of reach.',
  ])
  await page.locator('.trouble').first().click()
  await is('20 accounts')
  await page.locator('.filter summary').click()
  await page.getByLabel('Host', { exact: true }).selectOption('north')
  await is('7 accounts')
  expect(await viewer.barriers()).toEqual([])
  await page.getByLabel('Search accounts').fill('shop-1')
  await is('3 accounts')
  await page.getByLabel('Search accounts').fill('')
  await page.locator('.trouble').first().click()
  await is('10 accounts')
  await page.getByLabel('Host', { exact: true }).selectOption('')
  await page.getByLabel('State', { exact: true }).selectOption('Not connected')
  await is(`${count} accounts`)
  await page.getByLabel('State', { exact: true }).selectOption('Connected')
  await is('0 accounts')
  // One of them is well again: the groups follow, and the choice stays.
  troubled[0]?.become('healthy')
  await is('1 account')
  expect(await page.locator('.trouble').first().textContent()).toMatch(/^19 accounts/)
  await page.getByLabel('State', { exact: true }).selectOption('Every state')
})

test('a change of one among a thousand is on the page within moments, and comes first while a person is needed', async () => {
  const { page } = viewer
  await page.getByLabel('Search accounts').fill('')
  const told = new Map<string, number>()
  gateway.line.on('status', ({ state }) => void (told.has(state) || told.set(state, Date.now())))
  await page.exposeFunction('reportSeen', (text: string, at: number) => {
    if (!seen.has(text)) seen.set(text, at)
  })
  await page.evaluate(`{
    const report = () => {
      for (const row of document.querySelectorAll('.row-item'))
        if (row.textContent.includes('bot-0500')) reportSeen(row.dataset.tone, Date.now())
    }
    new MutationObserver(report).observe(document.querySelector('.rows'), { subtree: true, childList: true, attributes: true })
  }`)
  await gateway.up()
  await gateway.line.relink()
  await page.locator('.row-item[aria-posinset="1"]', { hasText: 'bot-0500' }).waitFor()
  await page.getByText(`1 of ${count} needs somebody`).waitFor()
  // What the frame reports comes by another way than what the page shows.
  await vi.waitFor(() => expect(seen.has('person')).toBe(true), 10_000)
  const [toldAt = 0, seenAt = 0] = [told.get('awaitingQr'), seen.get('person')]
  expect(seenAt).toBeGreaterThanOrEqual(toldAt)
  // The figure is 100 ms on a quiet machine; the bound leaves room for one that runs all other tests too.
  console.log(`one of ${count} changed: on the page after ${seenAt - toldAt} ms`)
  expect(seenAt - toldAt).toBeLessThan(2_000)
  expect({ breaches: viewer.breaches, thrown: viewer.thrown, foreign: viewer.foreign }).toEqual({
    breaches: [],
    thrown: [],
    foreign: [],
  })
})
