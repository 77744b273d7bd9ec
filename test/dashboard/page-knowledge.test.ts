// @module-tag slow/together

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { ScriptedAccount, ScriptedSource } from '../line/scripted-account.ts'

vi.setConfig({ testTimeout: 60_000 })

let chromium: RunningBrowser
let viewer: Viewer | undefined
let dashboard: Dashboard | undefined

beforeAll(async () => {
  chromium = await startChromium()
})
afterEach(async () => {
  const { breaches = [], thrown = [], foreign = [] } = viewer ?? {}
  await viewer?.close()
  await dashboard?.close()
  expect({ breaches, thrown, foreign }).toEqual({ breaches: [], thrown: [], foreign: [] })
})
afterAll(() => chromium.close())

/** A page whose own clock goes as the test says. */
async function shown(source: ConstructorParameters<typeof ScriptedSource>[0] | ScriptedSource, phone = false) {
  dashboard = createDashboard(source, { trustLoopback: true })
  const served = await dashboard.serve({ port: 0 })
  const options = phone ? { viewport: phoneSize } : {}
  viewer = await Viewer.open(chromium.browser, served.url, options, (page) => page.clock.install())
  return { viewer, served, page: viewer.page }
}

/** The colour of the icon. */
const icon = async ({ page }: Viewer): Promise<string> =>
  /fill="(#\w+)"/.exec(decodeURIComponent((await page.locator('link[rel=icon]').getAttribute('href')) ?? ''))?.[1] ?? ''
const grey = '#94a1b2'

describe('what the page says of an account', () => {
  test('a page that lost its gateway shows nothing green after ten seconds, and the news when it is back', async () => {
    const account = new ScriptedAccount('a')
    account.become('healthy', { message: 'Connected.' })
    const { page, served, ...rest } = await shown(account)
    await page.locator('.hero[data-tone="open"]').waitFor()
    await served.close()
    await page.getByText('Connection to the gateway lost').waitFor()
    await page.clock.runFor(10_000)
    expect(await page.locator('.state').textContent()).toMatch(/^Last known: Connected, \d\d:\d\d$/)
    expect(await page.locator('[data-tone="open"]').count()).toBe(0)
    expect(await page.title()).toBe('Offline · a · Lifeline')
    expect(await icon(rest.viewer)).toBe(grey)
    const since = await page.locator('.since').textContent()
    expect(since).toMatch(/^last heard 1\d s ago/)
    expect(await rest.viewer.barriers()).toEqual([])
    await dashboard?.serve({ port: served.port })
    await page.clock.runFor(15_000)
    await rest.viewer.sees('Connected')
    expect(await page.title()).toBe('Connected · a · Lifeline')
  })

  test('a host that was killed has nothing connected after ten seconds, in the list, its counts and the account', async () => {
    const accounts = ['a', 'b', 'c'].map((name, at) =>
      Object.assign(new ScriptedAccount(name), { host: at === 2 ? 'host-c' : 'host-a' }),
    )
    for (const account of accounts) account.become('healthy', { message: 'Connected.' })
    const source = new ScriptedSource(...accounts)
    const seen = { 'host-a': 0, 'host-c': 2_000 }
    const hosts = () => Object.entries(seen).map(([host, seenAgoMs]) => ({ host, seenAgoMs }))
    const { page, viewer: person } = await shown(Object.assign(source, { hosts }))
    const summary = page.locator('.summary')
    await page.getByText('3 of 3 connected').waitFor()
    expect(await page.locator('.row-item', { hasText: 'c' }).last().textContent()).toContain('host-c')
    seen['host-c'] = 9_900
    await page.getByText('2 of 3 connected, nothing heard of 1').waitFor()
    // What nothing is known of comes first while nobody else is needed.
    const first = page.locator('.row-item[aria-posinset="1"]')
    expect(await first.textContent()).toMatch(/^chost-cLast known: Connected, \d\d:\d\d$/)
    await first.click()
    await page.locator('.hero', { hasText: 'The host host-c does not answer' }).waitFor()
    expect(await page.locator('.hero').getAttribute('data-tone')).toBe('unknown')
    expect(await page.title()).toBe('Offline · c · Lifeline')
    expect(await icon(person)).toBe(grey)
    expect(await page.locator('.hosts li').allTextContents()).toEqual([
      expect.stringMatching(/^host-a2 accounts · alive, heard/),
      expect.stringMatching(/^host-c1 account · last heard .* s ago$/),
    ])
    expect(await person.barriers()).toEqual([])
    seen['host-c'] = 0
    await person.sees('Connected')
    expect(await summary.textContent()).toBe('3 of 3 connected')
  })

  test('a full disk is no green: lamp, word, icon, title and count say that somebody is needed', async () => {
    const [full, well] = [new ScriptedAccount('full'), new ScriptedAccount('well')]
    full.become('healthy', { userAction: 'check-disk', message: 'Connected. But writing to the disk fails: no space.' })
    const { page, viewer: person } = await shown(new ScriptedSource(full, well))
    await page.getByText('1 of 2 needs somebody').waitFor()
    const row = page.locator('.row-item[aria-posinset="1"]')
    expect(await row.textContent()).toContain('fullConnected, but the disk is in trouble')
    expect(await row.getAttribute('data-tone')).toBe('person')
    expect(await page.title()).toBe('(1) Connected, but the disk is in trouble · full · Lifeline')
    expect(await page.locator('.hero').getAttribute('data-tone')).toBe('person')
    expect(await icon(person)).toBe('#d6447d')
  })
})
