// @module-tag slow/together

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { CauseKind, StateName } from '../../machines/index.ts'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import type { HistoryEntry } from '../../src/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { day, hour, minute, second } from '../history/story.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

vi.setConfig({ testTimeout: 60_000 })

const account = new ScriptedAccount('corner-shop')
const now = Date.now()
let past: HistoryEntry[] = []
let chromium: RunningBrowser
let dashboard: Dashboard
let viewer: Viewer

const move = (ago: number, from: StateName, to: StateName, kind?: CauseKind): void => {
  const cause = kind && { kind, message: '' }
  past.push({ type: 'transition', at: now - ago, from, to, event: 'e', generation: 1, ...(cause ? { cause } : {}) })
}
const outage = (ago: number, ms: number, kind: CauseKind): void => {
  move(ago, 'healthy', 'reconnecting', kind)
  move(ago - ms, 'connecting', 'healthy')
}

beforeAll(async () => {
  account.history = () => past
  move(40 * day, 'connecting', 'healthy')
  outage(20 * day, 2 * hour, 'network')
  // A night of flapping, with the outage that matters in its middle.
  for (let drop = 0; drop < 30; drop += 1) outage(14 * hour - drop * 4 * minute, 20 * second, 'server')
  outage(11 * hour, 4.5 * hour, 'server')
  past.push({ type: 'arrived', at: now - 6.4 * hour, late: 41, unread: 3, reread: 0 })
  for (let drop = 0; drop < 26; drop += 1) outage(6 * hour - drop * 4 * minute, 50 * second, 'server')
  account.status = { ...account.status, message: 'Connected.' }
  chromium = await startChromium()
  dashboard = createDashboard(account, { trustLoopback: true })
  const { url } = await dashboard.serve({ port: 0 })
  viewer = await Viewer.open(chromium.browser, url, { timezoneId: 'Europe/Berlin' })
})
afterAll(async () => {
  await viewer.close()
  await dashboard.close()
  await chromium.close()
})

const answer = () => viewer.page.locator('.answer')
const rows = () => viewer.page.locator('.incident summary')

test('the morning after, the long outage stands first with its cause and its messages, short drops are folded', async () => {
  await answer().getByText('Down 5 h 1 min in the last 24 hours: 1 incident and 56 short drops.').waitFor()
  expect(await answer().textContent()).toMatch(/41 messages arrived late\. 3 could not be read: asked for again\.$/)
  expect(await rows().count()).toBe(2)
  expect(await rows().first().textContent()).toMatch(
    /Down 4 h 30 min: trouble on the side of WhatsApp41 messages arrived late; 3 could not be read: asked for again\.$/,
  )
  expect(await rows().last().textContent()).toBe('56 short drops, WhatsApp’s side31 min together, the longest 50 s')
  await rows().last().click()
  expect(await viewer.page.locator('.incident[open] .events li').count()).toBe(50)
  expect(await viewer.barriers()).toEqual([])
})

test('the first screen answers it too, for the last 24 hours, and for none where nothing is on record yet', async () => {
  const { page } = viewer
  const lately = page.locator('.hero .lately')
  expect(await lately.textContent()).toMatch(
    /^Down 5 h 1 min in the last 24 hours: 1 incident and 56 short drops\. 41 /,
  )
  await page.setViewportSize(phoneSize)
  await page.evaluate('scrollTo(0, 0)')
  const box = await lately.boundingBox()
  expect((box?.y ?? 9_999) + (box?.height ?? 0)).toBeLessThan(phoneSize.height)
  await page.setViewportSize({ width: 1280, height: 900 })
  // What happened in the month is another question: it has its own answer below.
  await page.getByRole('button', { name: /^30 days/ }).click()
  await answer().getByText('in the last 30 days').waitFor()
  expect(await lately.textContent()).toContain('in the last 24 hours')
  await page.getByRole('button', { name: /^24 hours/ }).click()
})

test('each of ninety days has a bar that opens its incidents, with the keyboard too', async () => {
  const { page } = viewer
  const bars = page.locator('.days .day')
  expect(await bars.count()).toBe(90)
  expect(await page.locator('.days .day[tabindex="0"]').count()).toBe(1)
  expect(await page.locator('.day.unrecorded').count()).toBeGreaterThanOrEqual(48)
  const bad = page.locator('.day:not(.unrecorded):not([aria-label*="100 %"])')
  await bad.first().click()
  expect(await bad.first().getAttribute('aria-pressed')).toBe('true')
  expect(await answer().textContent()).toMatch(/^Down (2 h|1 h(?: \d+ min)?|\d+ min) on .*: 1 incident\.$/)
  expect(await rows().first().textContent()).toContain('Down 2 h: no network, or the server out of reach')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  expect(await answer().textContent()).toMatch(/^Not down on /)
  await page.setViewportSize(phoneSize)
  expect(await bars.filter({ visible: true }).count()).toBe(30)
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.getByRole('button', { name: /^30 days/ }).click()
  expect(await rows().first().textContent()).toContain('Down 4 h 30 min')
  expect(await rows().nth(1).textContent()).toContain('Down 2 h')
})

test('an outage that lasts stands first and counts on, and a young account has a beginning in place of a month', async () => {
  past = []
  move(90 * minute, 'connecting', 'healthy')
  outage(80 * minute, 20 * minute, 'network')
  move(10 * minute, 'healthy', 'reconnecting', 'server')
  account.become('reconnecting', { message: 'WhatsApp has a problem on its side.' })
  await rows()
    .first()
    .getByText(/^Down 1\d min so far: trouble on the side of WhatsApp$/)
    .waitFor()
  expect(await rows().first().textContent()).toContain('Not over yet.')
  const began = new Intl.DateTimeFormat(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    timeZone: 'Europe/Berlin',
  })
  const spans = await viewer.page.locator('.span').allTextContents()
  for (const span of spans)
    expect(span).toMatch(new RegExp(`\\d\\d\\.\\d\\d %since .*${began.format(now - 90 * minute)}$`))
  expect(await viewer.page.locator('.hero .lately').textContent()).toMatch(
    /^Down 3\d min in the last 24 hours: 2 incid/,
  )
  // A minute is not waited for: the page's clock is the gateway's, which is told to it.
  past = []
  past.push({ type: 'start', at: Date.now() - 2_000, mode: 'heal', unclean: false })
  move(-1, 'stopped', 'preparing')
  account.become('preparing')
  await viewer.page.locator('.span', { hasText: /^30 dayssince / }).waitFor()
  expect(await viewer.page.locator('.availability').textContent()).not.toContain('%')
  expect(await viewer.page.locator('.hero .lately').isVisible()).toBe(false)
  expect({ breaches: viewer.breaches, thrown: viewer.thrown }).toEqual({ breaches: [], thrown: [] })
})

test('since when an account is on record is a day and a time of that day, in English also for a French browser', async () => {
  past = []
  move(3 * day, 'connecting', 'healthy')
  account.become('healthy')
  const french = await Viewer.open(chromium.browser, (await dashboard.serve({ port: 0 })).url, { locale: 'fr-FR' })
  const week = french.page.locator('.availability button').nth(1)
  await week.getByText(/^since [A-Z][a-z]{2} \d{1,2}, \d\d:\d\d$/).waitFor({ timeout: 10_000 })
  await french.close()
})
