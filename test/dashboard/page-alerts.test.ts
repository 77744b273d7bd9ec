// @module-tag slow/together

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { ScriptedAccount, ScriptedSource } from '../line/scripted-account.ts'

vi.setConfig({ testTimeout: 60_000 })

/** One page on which somebody begins to be needed again and again. */
const [shop, cafe, bar] = ['shop', 'cafe', 'bar'].map((name) => new ScriptedAccount(name)) as [
  ScriptedAccount,
  ScriptedAccount,
  ScriptedAccount,
]
let chromium: RunningBrowser
let dashboard: Dashboard
let viewer: Viewer

beforeAll(async () => {
  chromium = await startChromium()
  for (const account of [shop, cafe, bar]) account.become('healthy', { message: 'Connected.' })
  dashboard = createDashboard(new ScriptedSource(shop, cafe, bar), { trustLoopback: true, basePath: '/status' })
  const { url } = await dashboard.serve({ port: 0 })
  viewer = await Viewer.open(chromium.browser, url, {}, async (page) => {
    await page.exposeFunction('reportNotification', (text: string) => notifications.push(text))
    await page.addInitScript({ content: watched })
  })
  await viewer.page.locator('.state').waitFor()
})
afterAll(async () => {
  await viewer.close()
  await dashboard.close()
  await chromium.close()
})

const needed = { userAction: 'scan-code', message: 'The phone unlinked this device.' } as const
const well = { userAction: 'none', message: 'Connected.' } as const
/** What was handed to the browser to show. */
const notifications: string[] = []
/** A browser without a desktop says that notifications are denied, whatever was granted to it, and shows none. */
const watched = `{
  Object.defineProperty(Notification, 'permission', { get: () => 'granted' })
  const { prototype } = ServiceWorkerRegistration
  const show = prototype.showNotification
  prototype.showNotification = function (title, { body, data }) {
    reportNotification(title + ' | ' + body + ' | ' + new URL(data.url).hash)
    return show.apply(this, arguments)
  }
}`
const icon = async (): Promise<string> =>
  decodeURIComponent((await viewer.page.locator('link[rel=icon]').getAttribute('href')) ?? '')

test('the title counts who needs somebody, and the icon has a badge for as long', async () => {
  expect(await viewer.page.title()).not.toMatch(/^\(/)
  expect(await icon()).not.toContain('cx="12"')
  shop.become('awaitingQr', needed)
  cafe.become('awaitingQr', needed)
  await vi.waitFor(async () => expect(await viewer.page.title()).toMatch(/^\(2\) /))
  expect(await icon()).toContain('<circle cx="12"')
  for (const account of [shop, cafe]) account.become('healthy', well)
  await vi.waitFor(async () => expect(await viewer.page.title()).not.toMatch(/^\(/))
  expect(await icon()).not.toContain('cx="12"')
})

test('a notification is asked for on a press, and comes when somebody begins to be needed', async () => {
  const { page, context } = viewer
  const button = viewer.button('Notify me')
  expect(await button.getAttribute('aria-pressed')).toBe('false')
  expect(await page.getByRole('button', { name: 'Sound' }).count()).toBe(0)
  await context.grantPermissions(['notifications'])
  await button.click()
  await page.getByText('From now on this browser tells you').first().waitFor()
  await page.evaluate('navigator.serviceWorker.ready.then(({ scope }) => scope)')
  expect(await button.getAttribute('aria-pressed')).toBe('true')
  await viewer.button('Sound').click()
  await page.getByText('A sound is played when somebody is needed.').first().waitFor()
  bar.become('awaitingQr', needed)
  await vi.waitFor(() =>
    expect(notifications).toEqual(['bar: Needs to be linked | The phone unlinked this device. | #/bar']),
  )
  // Told once, and kept over a reload; whoever was in need at the first sight stands on the page.
  bar.become('awaitingQr', { ...needed, message: 'No code is shown.' })
  await page.reload()
  await page.locator('.row-item').first().waitFor()
  expect(await viewer.button('Notify me').getAttribute('aria-pressed')).toBe('true')
  shop.become('awaitingQr', needed)
  await vi.waitFor(() => expect(notifications).toHaveLength(2))
  await viewer.button('Notify me').click()
  cafe.become('awaitingQr', needed)
  await page.getByText('3 of 3 need somebody').waitFor()
  expect(notifications).toHaveLength(2)
  expect(await viewer.barriers()).toEqual([])
})

test('the page can be installed: its manifest is valid, and its icons are there', async () => {
  const session = await viewer.context.newCDPSession(viewer.page)
  const { errors, data } = await session.send('Page.getAppManifest')
  expect(errors).toEqual([])
  const manifest = JSON.parse(data ?? '') as { readonly start_url: string; readonly icons: { readonly src: string }[] }
  const at = await viewer.page.evaluate<string>("document.querySelector('link[rel=manifest]').href")
  expect(new URL(manifest.start_url, at).pathname).toBe('/status/')
  for (const { src } of manifest.icons) {
    const answer = await viewer.page.request.get(new URL(src, at).href)
    expect([answer.status(), answer.headers()['content-type']?.startsWith('image/')]).toEqual([200, true])
  }
  await viewer.page.setViewportSize(phoneSize)
  expect(await viewer.barriers()).toEqual([])
  expect({ breaches: viewer.breaches, thrown: viewer.thrown, foreign: viewer.foreign }).toEqual({
    breaches: [],
    thrown: [],
    foreign: [],
  })
})
