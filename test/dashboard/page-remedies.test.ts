// @module-tag slow

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard, type DashboardLine } from '../../src/dashboard/index.ts'
import type { StateName, Status } from '../../src/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { World } from '../line/world.ts'

vi.setConfig({ testTimeout: 60_000 })

let chromium: RunningBrowser
const viewers: Viewer[] = []
let dashboard: Dashboard | undefined

beforeAll(async () => {
  chromium = await startChromium()
})
afterEach(async () => {
  const all = viewers.splice(0)
  const objections = all.map(({ breaches, thrown, foreign }) => ({ breaches, thrown, foreign }))
  for (const viewer of all) await viewer.close()
  await dashboard?.close()
  for (const objection of objections) expect(objection).toEqual({ breaches: [], thrown: [], foreign: [] })
})
afterAll(() => chromium.close())

async function look(url: string): Promise<Viewer> {
  const viewer = await Viewer.open(chromium.browser, url, { viewport: phoneSize })
  viewers.push(viewer)
  return viewer
}

/** The page of an account, on a phone. */
async function shown(line: DashboardLine): Promise<Viewer> {
  dashboard = createDashboard(line, { trustLoopback: true })
  const viewer = await look((await dashboard.serve({ port: 0 })).url)
  await viewer.page.locator('.hero').waitFor()
  return viewer
}

async function accountIn(state: StateName, more: Partial<Status>) {
  const account = new ScriptedAccount()
  account.become(state, more)
  return { account, viewer: await shown(account) }
}

const locked = {
  message: 'WhatsApp locked this account.',
  remediation: 'Open WhatsApp on the phone and follow what it says, then call reconnect().',
  remedies: ['reconnect'],
  userAction: 'ask-whatsapp',
} as const
const usedUp = {
  message: 'This account is not linked yet. No code is shown at the moment.',
  remediation: 'No code comes by itself. Ask for one with relink() or requestPairingCode().',
  remedies: ['show-code', 'pairing-code'],
  userAction: 'scan-code',
} as const
const hero = ({ page }: Viewer) => page.locator('.hero')
const happens = async ({ page }: Viewer) => (await page.getByRole('dialog').locator('.happens').textContent()) ?? ''

describe('what to do', () => {
  test('is a button in the card, within five stops of the Tab key, and no method of the library', async () => {
    const { account, viewer } = await accountIn('blocked', locked)
    const { page } = viewer
    expect(await hero(viewer).textContent()).toContain('follow what it says, then press “Reconnect”.')
    expect(await hero(viewer).textContent()).not.toContain('()')
    const box = await hero(viewer).getByRole('button', { name: 'Reconnect' }).boundingBox()
    expect((box?.y ?? 9_999) + (box?.height ?? 0)).toBeLessThan(phoneSize.height)
    let stops = 0
    while (stops < 5 && (await viewer.focused()) !== 'Reconnect') {
      await page.keyboard.press('Tab')
      stops += 1
    }
    expect(await viewer.focused()).toBe('Reconnect')
    await page.keyboard.press('Enter')
    // Offline there is no connection to close.
    expect(await happens(viewer)).toMatch(/^The account is offline\. It is tried now/)
    await page.getByRole('dialog').getByRole('button', { name: 'Reconnect' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(account.asked).toEqual(['reconnect'])
    expect(await viewer.barriers()).toEqual([])
  })

  test('a ban for a time offers no button, and whoever reconnects all the same is told what it may cost', async () => {
    const lastClose = { at: Date.now(), cause: { kind: 'temporary-ban', message: '' } } as const
    const { viewer } = await accountIn('blocked', { userAction: 'wait', remediation: 'Wait.', lastClose })
    expect(await hero(viewer).getByRole('button').count()).toBe(0)
    await viewer.page.locator('[data-action="reconnect"]').click()
    expect(await happens(viewer)).toMatch(/may make it longer/)
    expect(await happens(viewer)).not.toMatch(/connection is closed/)
  })

  test('a button that is grey says why', async () => {
    const { viewer } = await accountIn('reconnecting', { message: 'The connection was lost.' })
    const grey = viewer.page.locator('.action[aria-disabled="true"]')
    expect(await grey.count()).toBe(2)
    for (const text of await grey.locator('.hint').allTextContents())
      expect(text).toBe('Only while the account is connected.')
  })

  test('while it reconnects, the card says since when it is down, the next try, and has a button for it', async () => {
    const now = Date.now()
    const account = new ScriptedAccount()
    const move = (agoMs: number, from: StateName, to: StateName) =>
      ({ type: 'transition', event: 'e', generation: 1, at: now - agoMs, from, to }) as const
    const hour = 3_600_000
    account.history = () => [
      move(9 * hour, 'connecting', 'healthy'),
      move(3 * hour, 'healthy', 'reconnecting'),
      move(2 * hour, 'reconnecting', 'connecting'),
      move(1_000, 'connecting', 'reconnecting'),
    ]
    account.become('reconnecting', { message: 'The connection was lost.', nextAttemptAt: now + 600_000 })
    const viewer = await shown(account)
    expect(await hero(viewer).locator('.since').textContent()).toMatch(/^not connected for 3 h, since /)
    expect(await hero(viewer).locator('.next').textContent()).toMatch(/^Next try in (10:00|9:\d\d)$/)
    await hero(viewer).getByRole('button', { name: 'Reconnect' }).click()
    expect(await happens(viewer)).toMatch(/tried now in place of at \d\d:\d\d:\d\d/)
    await viewer.page.keyboard.press('Escape')
    account.become('connecting', { message: 'Connecting to WhatsApp.' })
    await hero(viewer).getByText('Connecting', { exact: true }).waitFor()
    expect(await hero(viewer).locator('.since').textContent()).toMatch(/^not connected for 3 h, since /)
  })
})

describe('codes that are used up', () => {
  test('are said so, and new ones come with a press on the square', async () => {
    const { account, viewer } = await accountIn('awaitingQr', usedUp)
    const square = viewer.page.locator('.code-panel')
    await square.getByText('No further one comes by itself.').waitFor()
    expect(await square.textContent()).not.toContain('The next code appears here by itself.')
    expect(await square.locator('.ring').getAttribute('style')).toMatch(/stroke-dashoffset: 100/)
    expect(await viewer.barriers()).toEqual([])
    await square.getByRole('button', { name: 'Show new codes' }).click()
    await vi.waitFor(() => expect(account.asked).toEqual(['relink']))
    account.showCode('2@a-code-of-this-test')
    await square.locator('svg.qr').waitFor()
    // The card has the same button, and asks no question about what costs nothing.
    account.become('awaitingQr', usedUp)
    await hero(viewer).getByRole('button', { name: 'Show a code' }).click()
    await vi.waitFor(() => expect(account.asked).toEqual(['relink', 'relink']))
    await hero(viewer).getByRole('button', { name: 'Link with the phone number' }).click()
    await viewer.page.keyboard.type('0049 170 0000001')
    await viewer.page.keyboard.press('Enter')
    await vi.waitFor(() => expect(account.asked).toContain('pairing code for 491700000001'))
    account.become('awaitingQr', {
      userAction: 'scan-code',
      remedies: [],
      qr: { code: '2@another', number: 2, expiresAt: Date.now() + 60_000, pairingCode: 'ABCD1234' },
    })
    await square.getByText('On the phone with the number +491700000001').waitFor()
    expect(await square.locator('.pairing-code').textContent()).toBe('ABCD-1234')
    // Characters for which another page asked are for a number that this one does not know.
    account.become('awaitingQr', {
      userAction: 'scan-code',
      remedies: [],
      qr: { code: '2@third', number: 3, expiresAt: Date.now() + 60_000, pairingCode: 'WXYZ5678' },
    })
    await square.getByText('WXYZ-5678').waitFor()
    expect(await square.getByText('On the phone: WhatsApp, Linked devices').count()).toBe(1)
    expect(await square.getByText('491700000001').count()).toBe(0)
  })

  test('are asked for once more by a guest, within the link, and never where that would unlink the account', async () => {
    const account = new ScriptedAccount()
    account.become('awaitingQr', usedUp)
    dashboard = createDashboard(account, { trustLoopback: true })
    await dashboard.serve({ port: 0 })
    const guest = await look(account.relinkUrl(undefined))
    const again = guest.button('Show new codes')
    await guest.button('Show the code').click()
    await again.click()
    await vi.waitFor(() => expect(account.asked).toEqual(['relink']))
    account.showCode('2@a-code-of-this-test')
    await guest.page.locator('svg.qr').waitFor()
    // The guest's link does this once, and no page of its own makes it do more.
    account.become('awaitingQr', usedUp)
    await again.click()
    await guest.page.getByText('This link has asked for new codes already.').waitFor()
    expect(account.asked).toEqual(['relink'])
    expect(await guest.barriers()).toEqual([])
    const other = await look(account.relinkUrl(undefined))
    await other.button('Show the code').click()
    await other.page.locator('.guest-state').waitFor()
    account.become('healthy', { userAction: 'none', remedies: [] })
    const answer = await other.page.evaluate(
      "fetch('api/links/code', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then((one) => one.status)",
    )
    expect(answer).toBe(409)
    expect(account.asked).toEqual(['relink'])
  })
})

describe('what lies in the quarantine', () => {
  const entry = (id: string, at: number, ...names: string[]) => ({
    id,
    at,
    reason: 'it was torn',
    files: names.map((name) => ({ name, bytes: 10, sha256: '' })),
  })
  // The second has a newer version of what the first holds, and the third a whole account.
  const entries = [
    entry('one', 1, 'session-1.json'),
    entry('two', 2, 'session-1.json', 'session-2.json'),
    entry('whole', 3, 'creds.json', 'session-3.json'),
  ]
  const kept = /each as it was\. If a newer one stands in the place of one of them, nothing is moved\.$/
  const replaced = /each as it was\. Newer ones in their place go into the quarantine\.$/

  async function asked(state: StateName) {
    const account = new ScriptedAccount()
    account.quarantined = async () => entries
    account.become(state)
    const viewer = await shown(account)
    await viewer.button(/^Restore from the quarantine/).click()
    const dialog = viewer.page.getByRole('dialog')
    const choices = dialog.getByRole('radio')
    await choices.first().waitFor()
    expect(await choices.evaluateAll((all) => all.map((one) => one.getAttribute('value')))).toEqual([
      'whole',
      'two',
      'one',
    ])
    const standing = async () => ({
      chosen: await dialog.locator('input:checked').first().getAttribute('value'),
      box: await dialog.getByRole('checkbox').isChecked(),
      says: await dialog.locator('.happens li').first().textContent(),
    })
    return { account, dialog, standing, choose: (id: string) => dialog.locator(`input[value="${id}"]`).check() }
  }

  test('is restored from what stands against nothing newer, and the box and the text agree whatever is chosen', async () => {
    const { account, dialog, standing, choose } = await asked('healthy')
    expect(await standing()).toEqual({ chosen: 'two', box: false, says: expect.stringMatching(kept) })
    await choose('one')
    expect(await standing()).toEqual({ chosen: 'one', box: true, says: expect.stringMatching(replaced) })
    await dialog.getByRole('checkbox').uncheck()
    expect(await standing()).toEqual({ chosen: 'one', box: false, says: expect.stringMatching(kept) })
    await choose('whole')
    expect(await standing()).toEqual({ chosen: 'whole', box: true, says: expect.stringMatching(replaced) })
    await choose('two')
    expect(await standing()).toEqual({ chosen: 'two', box: false, says: expect.stringMatching(kept) })
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(account.asked).toEqual(['restore two'])
  })

  test('gives an account that has lost its link its credentials back, in the place of what stands there', async () => {
    const { account, dialog, standing } = await asked('awaitingQr')
    expect(await standing()).toEqual({ chosen: 'whole', box: true, says: expect.stringMatching(replaced) })
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(account.asked).toEqual(['restore whole by force'])
  })
})

test('a link to this machine alone warns that no phone can open it, and says what would help', async () => {
  const { viewer } = await accountIn('awaitingQr', usedUp)
  await viewer.button(/^Make a one-time link/).click()
  await viewer.button('Make the link').click()
  const dialog = viewer.page.getByRole('dialog')
  await dialog.getByText('This link opens on the gateway’s own machine alone, not on a phone.').waitFor()
  expect(await dialog.textContent()).toMatch(
    /--dashboard-host \d+\.\d+\.\d+\.\d+; for one elsewhere, with --public-url/,
  )
  expect(await viewer.barriers()).toEqual([])
})

test('a link that was used says so, and tells its holder nothing of files and tokens', async () => {
  const account = new ScriptedAccount()
  dashboard = createDashboard(account, { trustLoopback: true })
  await dashboard.serve({ port: 0 })
  const link = account.relinkUrl(undefined)
  for (const told of [false, true]) {
    const guest = await look(link)
    await guest.button('Show the code').click()
    if (!told) await guest.page.locator('.guest-state').waitFor()
    else expect(await guest.page.getByRole('alert').textContent()).toMatch(/^This link does not work.*whoever sent it/)
  }
})

test('a code that was asked for by mistake is called off in the card, and the old link holds', async () => {
  const world = await World.open(undefined, { seed: 'called off' })
  try {
    const gateway = await (await world.gateway()).up()
    const before = await gateway.identity()
    const viewer = await shown(gateway.line)
    await viewer.sees('Connected')
    await gateway.line.relink()
    await viewer.page.locator('svg.qr').waitFor()
    const again = gateway.next('healthy')
    await hero(viewer).getByRole('button', { name: 'Cancel: keep the old link' }).click()
    await viewer.page.getByRole('dialog').getByRole('button', { name: 'Keep the old link' }).click()
    await again
    await viewer.sees('Connected')
    expect(await gateway.identity()).toBe(before)
  } finally {
    await dashboard?.close()
    await world.close()
  }
})
