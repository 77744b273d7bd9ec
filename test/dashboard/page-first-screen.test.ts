// @module-tag slow/together

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

vi.setConfig({ testTimeout: 60_000 })

/** One page that is looked at in each state. */
const account = new ScriptedAccount('متجر الزاوية')
let chromium: RunningBrowser
let dashboard: Dashboard
let viewer: Viewer

beforeAll(async () => {
  chromium = await startChromium()
  dashboard = createDashboard(account, { trustLoopback: true })
  const { url } = await dashboard.serve({ port: 0 })
  viewer = await Viewer.open(chromium.browser, url, { viewport: phoneSize })
  await viewer.page.locator('.state').waitFor()
})
afterAll(async () => {
  await viewer.close()
  await dashboard.close()
  await chromium.close()
})

/** Whether all of it stands on the first screen of a phone. */
async function onFirstScreen(selector: string): Promise<boolean> {
  await viewer.page.evaluate('scrollTo(0, 0)')
  const box = await viewer.page.locator(selector).first().boundingBox()
  return box !== null && box.y >= 0 && box.y + box.height <= phoneSize.height
}

const self = { id: '491700000001:3@s.whatsapp.net', name: 'الزاوية' }
const message = (fromMe: boolean, content: object = { conversation: 'hello' }) => ({
  key: { fromMe, remoteJid: '491700000002@s.whatsapp.net', id: 'A' },
  message: content,
})

test('who it is, how it is, what came and went and a reconnect within five stops stand on the first screen', async () => {
  const { page } = viewer
  account.become('healthy', { message: 'Connected.', self })
  account.ev.emit('messages.upsert', {
    type: 'notify',
    messages: [message(false), message(false), message(true), message(true, { protocolMessage: {} })],
  } as never)
  await page.reload()
  await viewer.sees('Connected')
  await page.getByText('2 in, 1 out').waitFor()
  expect(await page.locator('.who').textContent()).toBe('متجر الزاوية · الزاوية · +491700000001')
  expect(await page.locator('.who bdi').count()).toBe(3)
  // Each keeps its place beside names from right to left.
  const places = await page.locator('.who bdi').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().x))
  expect(places).toEqual(places.toSorted((one, other) => one - other))
  for (const name of ['Last message in', 'Last message out'])
    expect(await page.locator('.traffic > div', { hasText: name }).textContent()).toMatch(/\d\d:\d\d:\d\d, \d+ s ago$/)
  const waits = page.locator('.traffic > div', { hasText: 'not taken in' })
  expect(await waits.isVisible()).toBe(false)
  expect(await page.locator('.spark').getAttribute('aria-label')).toBe('Per minute, last hour: at most 3 a minute')
  expect(await page.locator('.spark rect:not(.spark-floor)').count()).toBe(1)
  for (const part of ['.who', '.state', '.since', '.remedy-buttons', '.traffic-panel'])
    expect(await onFirstScreen(part), part).toBe(true)
  await page.keyboard.press('Tab')
  let stops = 1
  while (stops < 5 && (await viewer.focused()) !== 'Reconnect') {
    await page.keyboard.press('Tab')
    stops += 1
  }
  expect(await viewer.focused()).toBe('Reconnect')
  // A status that brings the same buttons takes the focus from none, also where one would not be taken now.
  account.become('connecting', { message: 'Connecting to WhatsApp.' })
  await viewer.sees('Connecting')
  expect(await viewer.focused()).toBe('Reconnect')
  expect(await viewer.barriers()).toEqual([])
})

test('the way that it went is folded away, and told in the words of the rest', async () => {
  const { page } = viewer
  expect(await page.locator('.chart-panel .drawing').isVisible()).toBe(false)
  expect([...viewer.bytes.keys()].filter((path) => path.endsWith('.svg'))).toEqual([])
  account.become('awaitingQr', { userAction: 'scan-code', message: 'The phone or WhatsApp unlinked this device.' })
  await page.getByText('How it got here').click()
  await page.locator('.chart-panel svg [data-state]').first().waitFor()
  const first = page.locator('.trail li').first()
  expect(await first.locator('strong').textContent()).toBe('connecting →  to waiting for a code')
  expect(await page.locator('.trail').textContent()).not.toMatch(/awaitingQr|healthy|pruningSessions/)
  await page.getByText('How it got here').click()
})

test('a code, and the characters to type with where they go, are above the fold', async () => {
  const { page } = viewer
  account.showCode('2@a-code-of-this-test'.repeat(8))
  await page.locator('svg.qr').waitFor()
  expect(await onFirstScreen('.code-square')).toBe(true)
  const qr = { code: '2@another', number: 2, expiresAt: Date.now() + 60_000, pairingCode: 'ABCD1234' }
  account.become('awaitingQr', { userAction: 'scan-code', qr })
  await page.locator('.pairing-code').waitFor()
  expect(await onFirstScreen('.pairing-code')).toBe(true)
  expect(await onFirstScreen('.pairing .hint')).toBe(true)
  expect(await viewer.barriers()).toEqual([])
  expect({ breaches: viewer.breaches, thrown: viewer.thrown, foreign: viewer.foreign }).toEqual({
    breaches: [],
    thrown: [],
    foreign: [],
  })
})

test('on the phone itself a guest is shown the way by number first, and told for which number and where to type', async () => {
  account.showCode('2@a-code-of-this-test')
  const link = account.relinkUrl(undefined)
  const guest = await Viewer.open(chromium.browser, link, { viewport: phoneSize, hasTouch: true, isMobile: true })
  await guest.button('Show the code').click()
  const input = guest.page.getByLabel('Number of the phone that has WhatsApp')
  await input.waitFor()
  const [number, square] = [await input.boundingBox(), await guest.page.locator('.code-square').boundingBox()]
  expect(number?.y).toBeLessThan(square?.y ?? 0)
  expect((square?.y ?? 0) + (square?.height ?? 0)).toBeLessThan(phoneSize.height)
  // As it is copied from a phone's contacts.
  await input.fill('\u202a+49 (0)170\u00a00000\u20111\u202c')
  await guest.button('Get a code to type').click()
  await vi.waitFor(() => expect(account.asked).toContain('pairing code for 4917000001'))
  const qr = { code: '2@another', number: 2, expiresAt: Date.now() + 60_000, pairingCode: 'ABCD1234' }
  account.become('awaitingQr', { userAction: 'scan-code', qr })
  await guest.page.getByText('On the phone with the number +4917000001: WhatsApp, Linked devices').waitFor()
  expect(await guest.barriers()).toEqual([])
  account.become('healthy', { userAction: 'none' })
  await guest.page.getByText('is linked and connected').waitFor()
  const late = await guest.page.evaluate(
    "fetch('api/links/characters', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{\"phone\":\"1234567\"}' }).then((one) => one.status)",
  )
  expect(late).toBe(409)
  await guest.close()
})

test('messages that have arrived and are not taken in stand beside the last one out, while there are any', async () => {
  const { page } = viewer
  const waits = page.locator('.traffic > div', { hasText: 'Arrived, not taken in yet' })
  account.become('healthy', { message: 'Connected.', messagesWaiting: 4 })
  await page.reload()
  await waits.waitFor()
  expect(await waits.locator('dd').textContent()).toBe('4')
  expect(await page.locator('.traffic > div:not([hidden]) dt').allTextContents()).toEqual(
    expect.arrayContaining(['Last message out', 'Arrived, not taken in yet']),
  )
  account.become('reconnecting', { messagesWaiting: 0 })
  await waits.waitFor({ state: 'hidden' })
})
