// @module-tag slow/together

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { Storm } from '../browser/storm.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import type { Gateway } from '../line/gateway.ts'
import { World } from '../line/world.ts'

vi.setConfig({ testTimeout: 150_000 })

let chromium: RunningBrowser
let world: World
let dashboard: Dashboard | undefined
const viewers: Viewer[] = []

beforeAll(async () => {
  ;[chromium, world] = await Promise.all([startChromium(), World.open(undefined, { seed: 'page' })])
})
afterEach(async () => {
  const all = viewers.splice(0)
  const objections = all.map(({ breaches, thrown, foreign }) => ({ breaches, thrown, foreign }))
  await Promise.all(all.map((viewer) => viewer.close()))
  await dashboard?.close()
  dashboard = undefined
  await world.calm()
  for (const objection of objections) expect(objection).toEqual({ breaches: [], thrown: [], foreign: [] })
})
afterAll(async () => {
  await chromium.close()
  await world.close()
})

async function look(url: string, options?: Parameters<typeof Viewer.open>[2]): Promise<Viewer> {
  const viewer = await Viewer.open(chromium.browser, url, options)
  viewers.push(viewer)
  return viewer
}

async function show(gateway: Gateway): Promise<string> {
  dashboard = createDashboard(gateway.line, { trustLoopback: true })
  return (await dashboard.serve({ port: 0 })).url
}

/** The states that are lit on the drawing, which is folded away at first. */
async function lit(viewer: Viewer, state: string): Promise<void> {
  const panel = viewer.page.locator('.chart-panel details')
  if ((await panel.getAttribute('open')) === null) await panel.locator('summary').click()
  await viewer.page.locator(`.chart-panel [data-state="${state}"].lit`).waitFor()
}

describe('the page in Chromium', () => {
  test('a code is read from its pixels, rotates, is scanned by the phone, and turns into a connected account', async () => {
    const gateway = world.newcomer({ connect: (given) => world.socket(given, { qrTimeout: 3_000 }) })
    const url = await show(gateway)
    await gateway.start()
    const viewer = await look(url, { viewport: phoneSize, deviceScaleFactor: 2 })
    await viewer.page.locator('.code-frame svg').waitFor()
    await lit(viewer, 'awaitingQr')
    expect(gateway.codes.map(({ code }) => code)).toContain(await viewer.scan())

    const number = (gateway.line.status.qr?.number ?? 1) + 1
    await viewer.page.getByText(`Code ${number}`, { exact: true }).waitFor()
    const text = await viewer.scan()
    expect(text).toBe(gateway.codes[number - 1]?.code)
    await world.server.phone(gateway.number).scan(text ?? '')
    await viewer.sees('Connected')
    await lit(viewer, 'healthy')
    expect(await viewer.page.locator('.code-frame svg').count()).toBe(0)
    expect(await viewer.page.locator('.trail li').first().textContent()).toContain('to connected')
    expect(await viewer.page.locator('.hero').textContent()).toContain(`+${gateway.number}`)
    await viewer.page.locator('.traffic', { hasText: /WhatsApp 2\.\d+\.\d+ · Baileys \d+\.\d+\.\d+/ }).waitFor()
    await world.friends(gateway, ['anna'])
    await viewer.page.locator('.traffic', { hasText: /Today[1-9]\d* in, [1-9]\d* out/ }).waitFor()
  })

  test('the light follows a storm of unreadable messages, and the timeline tells how it was healed', async () => {
    const storm = await Storm.ready(world, '491700000021')
    const viewer = await look(await show(storm.gateway), { reducedMotion: 'no-preference' })
    await storm.gateway.up()
    await viewer.sees('Connected')
    await lit(viewer, 'healthy')
    expect(await viewer.breathes()).toBe(true)
    await storm.breaks()
    await lit(viewer, 'degraded')
    expect(await viewer.state.textContent()).not.toBe('Connected')
    await storm.heals()
    await lit(viewer, 'healthy')
    const passed = viewer.page.locator('.chart-panel [data-edge].passed')
    expect(await passed.count()).toBeGreaterThan(2)

    const incident = viewer.page.locator('.incident', { hasText: /sessions? set aside\./ }).first()
    await incident.waitFor()
    await incident.locator('summary').click()
    await incident
      .locator('.events li', { hasText: /set aside/ })
      .first()
      .waitFor()
    expect(await viewer.page.locator('.availability').textContent()).toMatch(/\d %|since \d\d:\d\d/)
    // What is pointed at in the list stands out on the drawing.
    await viewer.page.locator('.step').first().hover()
    await viewer.page.locator('.chart-panel [data-edge].marked').waitFor()
  })

  test('a lost stream is said, and resumes by itself with what came meanwhile', async () => {
    const gateway = await (await world.gateway()).up()
    const accountViews = createDashboard(gateway.line, { trustLoopback: true })
    dashboard = accountViews
    const served = await accountViews.serve({ port: 0 })
    const viewer = await look(served.url)
    await viewer.sees('Connected')
    await lit(viewer, 'healthy')
    expect(await viewer.breathes(), 'by somebody who asked for less motion').toBe(false)
    await served.close()
    await viewer.page.getByText('Connection to the gateway lost; trying again.').waitFor()
    await world.server.unplug()
    await gateway.until('reconnecting')
    await accountViews.serve({ port: Number(new URL(served.url).port) })
    await viewer.page.locator('.hero[data-state="reconnecting"]').waitFor()
    expect(await viewer.page.locator('.banner p').count()).toBe(0)
    expect(await viewer.page.locator('.next').textContent()).toMatch(/^(Next try in (\d+:\d\d|a moment)|Trying now)$/)
    await world.server.plug()
    await viewer.sees('Connected')
  })

  test('an action is asked for, called off and done with the keyboard alone, and the focus is where it was', async () => {
    const gateway = await (await world.gateway()).up()
    const viewer = await look(await show(gateway))
    await viewer.sees('Connected')
    const { keyboard } = viewer.page
    for (let stop = 0; stop < 5 && !(await viewer.focused()).startsWith('Reconnect'); stop += 1)
      await keyboard.press('Tab')
    expect(await viewer.focused()).toMatch(/^Reconnect/)
    await keyboard.press('Enter')
    const dialog = viewer.page.getByRole('dialog', { name: 'Reconnect this account?' })
    await dialog.getByText('with the same credentials').waitFor()
    await keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await viewer.focused()).toMatch(/^Reconnect/)
    expect(gateway.path).not.toContain('reconnecting')

    await keyboard.press('Enter')
    await dialog.waitFor()
    expect(await viewer.focused()).toBe('Reconnect')
    await keyboard.press('Enter')
    await gateway.until(() => gateway.path.includes('reconnecting'))
    await dialog.waitFor({ state: 'detached' })
    expect(await viewer.focused()).toMatch(/^Reconnect/)
    await viewer.page.getByRole('status').getByText('A reconnect was asked for.').waitFor()
  })

  test('axe finds no barrier in light, dark and phone size: connected, asking, and awaiting a scan', async () => {
    const gateway = await (await world.gateway()).up()
    const viewer = await look(await show(gateway))
    const { page } = viewer
    const inBothThemes = async (what: string): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await viewer.barriers(), `${what}, ${colorScheme}`).toEqual([])
      }
    }
    await viewer.sees('Connected')
    await inBothThemes('connected')
    await viewer.button(/^Set all sessions aside/).click()
    await inBothThemes('asking')
    await page.keyboard.press('Escape')
    await gateway.line.relink()
    await page.locator('.code-frame svg').waitFor()
    await page.setViewportSize(phoneSize)
    await page.locator('.pairing summary').click()
    await inBothThemes('awaiting a scan on a phone')
  })

  test('a one-time link shows the code of its account and nothing else, once', async () => {
    const gateway = world.newcomer({ connect: (given) => world.socket(given, { qrTimeout: 20_000 }) })
    const owner = await look(await show(gateway))
    await gateway.start()
    await gateway.until(() => gateway.line.status.qr !== undefined)
    await owner.button(/^Make a one-time link/).click()
    await owner.button('Make the link').click()
    const link = await owner.page.getByLabel('The link', { exact: true }).inputValue()

    const guest = await look(link, { viewport: phoneSize, deviceScaleFactor: 2 })
    expect(await guest.barriers()).toEqual([])
    await guest.button('Show the code').click()
    await guest.page.locator('.code-frame svg').waitFor()
    expect(guest.page.url()).not.toContain('#')
    expect(await guest.barriers()).toEqual([])
    expect(await guest.page.locator('.actions-panel, .timeline-panel, .chart-panel').count()).toBe(0)

    const late = await look(link)
    await late.button('Show the code').click()
    await late.page.getByRole('alert').waitFor()
    await world.server.phone(gateway.number).scan((await guest.scan()) ?? '')
    await guest.page.getByText('is linked and connected').waitFor()
  })

  test('without a session the token is asked for; a wrong one is refused, the right one lets in', async () => {
    const gateway = await (await world.gateway()).up()
    const token = 'a token of this test alone'.replaceAll(' ', '-')
    dashboard = createDashboard(gateway.line, { token })
    const { url } = await dashboard.serve({ port: 0 })
    const viewer = await look(url)
    await viewer.page.getByLabel('Token of this gateway').fill('this one is wrong, and long enough')
    expect(await viewer.barriers()).toEqual([])
    await viewer.page.keyboard.press('Enter')
    await viewer.page.getByRole('alert').waitFor()
    await viewer.page.getByLabel('Token of this gateway').fill(token)
    await viewer.page.keyboard.press('Enter')
    await viewer.sees('Connected')
    await viewer.button('Sign out').click()
    await viewer.page.getByLabel('Token of this gateway').waitFor()
  })

  test('a sign-in link lets in at once and leaves no secret in the address; used again, it asks for the token', async () => {
    const gateway = await (await world.gateway()).up()
    dashboard = createDashboard(gateway.line)
    const { url } = await dashboard.serve({ port: 0 })
    const link = dashboard.signInUrl()
    const owner = await look(link)
    await owner.sees('Connected')
    expect(owner.page.url()).toBe(url)
    await owner.page.reload()
    await owner.sees('Connected')
    const late = await look(link)
    await late.page.getByRole('alert').waitFor()
    await late.page.getByLabel('Token of this gateway').waitFor()
    expect([...owner.thrown, ...owner.breaches, ...late.thrown, ...late.breaches]).toEqual([])
  })
})
