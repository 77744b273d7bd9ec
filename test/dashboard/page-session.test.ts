// @module-tag slow/together

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboardWith } from '../../src/dashboard/dashboard.ts'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

vi.setConfig({ testTimeout: 60_000 })

let chromium: RunningBrowser
const viewers: Viewer[] = []
const dashboards: Dashboard[] = []

beforeAll(async () => {
  chromium = await startChromium()
})
afterEach(async () => {
  const all = viewers.splice(0)
  const objections = all.map(({ breaches, thrown, foreign }) => ({ breaches, thrown, foreign }))
  for (const viewer of all) await viewer.close()
  for (const dashboard of dashboards.splice(0)) await dashboard.close()
  for (const objection of objections) expect(objection).toEqual({ breaches: [], thrown: [], foreign: [] })
})
afterAll(() => chromium.close())

const token = 'one-token-of-this-test-alone'
const fieldName = 'Token of this gateway'
const number = '+49 170 0000001'

async function look(url: string): Promise<Viewer> {
  const viewer = await Viewer.open(chromium.browser, url, { viewport: phoneSize })
  viewers.push(viewer)
  return viewer
}

async function enter({ page }: Viewer, secret = token): Promise<void> {
  await page.getByLabel(fieldName).fill(secret)
  await page.keyboard.press('Enter')
}

/** A dashboard with a clock that the test puts forward, and its owner on a phone, who types a number in the form. */
async function signedIn() {
  const account = new ScriptedAccount()
  account.showCode('2@a-code-of-this-test')
  let aheadMs = 0
  const dashboard = createDashboardWith(account, { token, sessionMs: 3_600_000 }, { now: () => Date.now() + aheadMs })
  dashboards.push(dashboard)
  const served = await dashboard.serve({ port: 0 })
  const viewer = await look(served.url)
  await enter(viewer)
  await viewer.page.getByText('No camera? Link with the phone number').click()
  await phone(viewer).fill(number)
  /** The session ends, and the account changes: whoever may not watch any more is not told of it. */
  const expire = (): void => {
    aheadMs += 3_600_001
    account.become('awaitingQr', { userAction: 'scan-code' })
  }
  return { account, dashboard, served, viewer, expire }
}
const phone = ({ page }: Viewer) => page.getByLabel('Number of the phone that has WhatsApp')
const signedOut = ({ page }: Viewer) => page.getByRole('dialog', { name: 'You are signed out' })

/** The sign-in field stands over the page, which is not seen, and shows nothing but what was typed afterwards. */
async function goesOn(viewer: Viewer, secret = token): Promise<void> {
  const { page } = viewer
  await signedOut(viewer).waitFor()
  expect(await page.title()).toBe('Signed out · Lifeline')
  expect(await page.evaluate('document.activeElement.id')).toBe('token')
  expect(await viewer.barriers()).toEqual([])
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Escape')
  expect(await signedOut(viewer).isVisible()).toBe(true)
  await enter(viewer, `${secret} but wrong`)
  await signedOut(viewer).getByText('This does not let you in.').waitFor()
  await enter(viewer, secret)
  await signedOut(viewer).waitFor({ state: 'detached' })
  expect(await phone(viewer).inputValue()).toBe(number)
}

describe('an owner whose session has ended', () => {
  test('is asked for the token where the page stands, keeps what was typed, and goes on', async () => {
    const { account, viewer, expire } = await signedIn()
    expire()
    await goesOn(viewer)
    account.become('healthy', { userAction: 'none' })
    await viewer.sees('Connected')
    expect(await viewer.page.title()).toBe('Connected · a · Lifeline')
    expect(await viewer.page.locator('.banner p').count()).toBe(0)
  })

  test('is asked for the new token after the gateway was started anew with another one', async () => {
    const { account, dashboard, served, viewer } = await signedIn()
    await dashboard.close()
    const other = createDashboard(account, { token: 'another-token-of-this-test' })
    dashboards.push(other)
    await other.serve({ port: served.port })
    await goesOn(viewer, 'another-token-of-this-test')
    account.become('healthy', { userAction: 'none' })
    await viewer.sees('Connected')
  })

  test('is asked at a press, of which nothing is done, and presses again where the question still stands', async () => {
    const { account, viewer } = await signedIn()
    account.become('healthy', { userAction: 'none' })
    await viewer.page.locator('.hero').getByRole('button', { name: 'Reconnect' }).click()
    await viewer.context.clearCookies()
    const question = viewer.page.getByRole('dialog', { name: 'Reconnect this account?' })
    await question.getByRole('button', { name: 'Reconnect' }).click()
    await goesOn(viewer)
    await question.getByText('You are signed out: nothing was done.').waitFor()
    expect(account.asked).toEqual([])
    await question.getByRole('button', { name: 'Reconnect' }).click()
    await question.waitFor({ state: 'detached' })
    expect(account.asked).toEqual(['reconnect'])
  })

  test('is asked when something is to be read, which is then read', async () => {
    const { viewer } = await signedIn()
    await viewer.context.clearCookies()
    await viewer.button(/^Restore from the quarantine/).click()
    await goesOn(viewer)
    await viewer.page.getByRole('radio').first().waitFor()
  })

  test('goes on without typing after a sign-in in another tab', async () => {
    const { dashboard, viewer, expire } = await signedIn()
    expire()
    await signedOut(viewer).waitFor()
    const tab = await viewer.context.newPage()
    await tab.goto(dashboard.signInUrl())
    await tab.locator('.hero').waitFor()
    await viewer.page.bringToFront()
    await viewer.page.evaluate("dispatchEvent(new Event('focus'))")
    await signedOut(viewer).waitFor({ state: 'detached' })
    expect(await phone(viewer).inputValue()).toBe(number)
  })
})

describe('a guest whose link has ended', () => {
  async function guest() {
    const account = new ScriptedAccount()
    account.showCode('2@a-code-of-this-test')
    let aheadMs = 0
    const dashboard = createDashboardWith(account, { token }, { now: () => Date.now() + aheadMs })
    dashboards.push(dashboard)
    await dashboard.serve({ port: 0 })
    const viewer = await look(account.relinkUrl(undefined))
    await viewer.button('Show the code').click()
    await viewer.page.locator('svg.qr').waitFor()
    const expire = (): void => {
      aheadMs += 3_600_001
    }
    return { account, viewer, expire }
  }
  const ended = async ({ page }: Viewer, says: RegExp): Promise<void> => {
    await page.getByRole('heading', { name: 'This link has ended' }).waitFor()
    expect(await page.locator('main').textContent()).toMatch(says)
    expect(await page.getByLabel(fieldName).count()).toBe(0)
    expect(await page.locator('body').textContent()).not.toMatch(/token/i)
    expect(await page.title()).toBe('Link · Lifeline')
  }
  const over = /It works once, and for a short time\. Ask whoever sent it for a new one\.$/

  test('is told so, also after the page is loaded again, and hears of no token', async () => {
    const { account, viewer, expire } = await guest()
    expire()
    account.showCode('2@another-code')
    await ended(viewer, over)
    expect(await viewer.barriers()).toEqual([])
    await viewer.page.reload()
    await ended(viewer, over)
  })

  test('is told so at a press', async () => {
    const { viewer } = await guest()
    await viewer.page.getByText('No camera? Link with the phone number').click()
    await phone(viewer).fill(number)
    await viewer.context.clearCookies()
    await viewer.button('Get a code to type').click()
    await ended(viewer, over)
  })

  test('is told that the account was linked, if it was', async () => {
    const { account, viewer, expire } = await guest()
    account.become('healthy', { userAction: 'none' })
    await viewer.page.getByText('is linked and connected').waitFor()
    expire()
    account.become('healthy', { userAction: 'none', message: 'Connected.' })
    await ended(viewer, /The account was linked\. You can close this page\.$/)
  })
})
