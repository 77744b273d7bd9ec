// @module-tag slow/together

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { Storm } from '../browser/storm.ts'
import { Viewer } from '../browser/viewer.ts'
import { sessionFiles } from '../line/damage.ts'
import type { Gateway } from '../line/gateway.ts'
import { World } from '../line/world.ts'

vi.setConfig({ testTimeout: 120_000 })

/** The tests are one story of one account; each begins where the one before it ended. */
let chromium: RunningBrowser
let world: World
let storm: Storm
let gateway: Gateway
let dashboard: Dashboard
let viewer: Viewer

/** Degraded soon, and for so long that nothing is set aside before a person says so. */
const patience = { escalateAfterMs: 50_000 }

beforeAll(async () => {
  ;[chromium, world] = await Promise.all([startChromium(), World.open(undefined, { seed: 'actions' })])
  storm = await Storm.ready(world, '491700000031', { policy: { decrypt: patience } })
  gateway = storm.gateway
  dashboard = createDashboard(gateway.line, { trustLoopback: true })
  viewer = await Viewer.open(chromium.browser, (await dashboard.serve({ port: 0 })).url)
  await gateway.up()
  await viewer.sees('Connected')
})
afterAll(async () => {
  await viewer.close()
  await dashboard.close()
  await chromium.close()
  await world.close()
})

const dialog = (name: string) => viewer.page.getByRole('dialog', { name })

/** What stands in the dialog that asks before this is done. */
async function asked(button: RegExp, question: string): Promise<string> {
  await viewer.button(button).click()
  await dialog(question).waitFor()
  return (await dialog(question).locator('.happens').textContent()) ?? ''
}

async function confirm(question: string, button: string): Promise<void> {
  await dialog(question).getByRole('button', { name: button, exact: true }).click()
  await dialog(question).waitFor({ state: 'detached' })
}

const note = (text: string) => viewer.page.locator('.note', { hasText: text }).waitFor()

const digest = async (name: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(join(gateway.folder, name)))
    .digest('hex')

/** Credentials and all that is no session: no action on sessions may change which there are. */
const others = async (): Promise<readonly string[]> =>
  (await readdir(gateway.folder))
    .filter((name) => !/^(session|pre-key|lid-mapping|device-list|tctoken)-?/.test(name))
    .sort()

test('what would not be taken now is marked so, and opens no question', async () => {
  const failing = viewer.button(/^Set failing sessions aside/)
  expect(await failing.getAttribute('aria-disabled')).toBe('true')
  await failing.click({ force: true })
  expect(await viewer.page.getByRole('dialog').count()).toBe(0)
})

test('the failing sessions go into the quarantine, as the question says, and the account heals', async () => {
  const [sessions, rest, creds] = [await sessionFiles(gateway.folder), await others(), await gateway.identity()]
  await storm.breaks()
  await viewer.page.locator('.hero[data-state="degraded"]').waitFor()
  const says = await asked(/^Set failing sessions aside/, 'Set the failing sessions aside?')
  expect(says).toMatch(/The connection is closed.*go into the quarantine.*can be restored.*same credentials/)
  await confirm('Set the failing sessions aside?', 'Set failing aside')
  await note('The failing sessions are being set aside.')
  await storm.heals()
  await viewer.sees('Connected')
  const [entry] = await gateway.line.quarantined()
  expect(entry?.files.length).toBeGreaterThanOrEqual(5)
  for (const { name } of entry?.files ?? []) expect(sessions).toContain(name)
  expect(await others()).toEqual(rest)
  expect(await gateway.identity()).toBe(creds)
})

test('all sessions go into the quarantine, as the question says, and no code is shown', async () => {
  const [sessions, creds] = [await sessionFiles(gateway.folder), await gateway.identity()]
  expect(sessions.length).toBeGreaterThan(5)
  const says = await asked(/^Set all sessions aside/, 'Set all sessions aside?')
  expect(says).toMatch(
    /every session file goes into the quarantine.*The credentials are not touched: nobody has to scan/,
  )
  expect(await viewer.barriers()).toEqual([])
  const again = gateway.next('healthy')
  await confirm('Set all sessions aside?', 'Set all aside')
  await note('All sessions are being set aside.')
  await again
  const entry = (await gateway.line.quarantined()).at(-1)
  expect(entry?.files.map(({ name }) => name).sort()).toEqual(sessions)
  expect(await gateway.identity()).toBe(creds)
  expect(gateway.path).not.toContain('awaitingQr')
})

test('what was set aside is listed, newest first, and goes back to where it was, byte for byte', async () => {
  const entries = await gateway.line.quarantined()
  const newest = entries.at(-1)
  const says = await asked(/^Restore from the quarantine/, 'Restore from the quarantine?')
  expect(says).toMatch(
    /The files go back to where they were.*nothing is moved\.The connection is closed, and opened again.*stays in the quarantine/,
  )
  const choices = dialog('Restore from the quarantine?').getByRole('radio')
  await choices.first().waitFor()
  expect(await choices.count()).toBe(entries.length)
  expect(await choices.first().inputValue()).toBe(newest?.id)
  expect(await choices.first().isChecked()).toBe(true)
  expect(await viewer.barriers()).toEqual([])
  await viewer.page.getByLabel(/^Set newer files aside/).check()
  const now = dialog('Restore from the quarantine?').locator('.happens')
  expect(await now.textContent()).toMatch(/each as it was\. Newer ones in their place go into the quarantine\./)
  // Nobody gets in until the files have been looked at: what is read of the next message turns a session.
  world.server.always({ kind: 'reset', at: 'upgrade' })
  await confirm('Restore from the quarantine?', 'Restore')
  await note(`Restored: ${newest?.files.length} files.`)
  for (const { name, sha256 } of newest?.files ?? []) expect(await digest(name), name).toBe(sha256)
  const again = gateway.next('healthy')
  world.server.clear()
  await again
  expect((await gateway.line.quarantined()).map(({ id }) => id)).not.toContain(newest?.id)
})

test('a code is shown when it is asked for, and characters for a phone without a camera link the account anew', async () => {
  const before = await gateway.identity()
  const codesBefore = gateway.codes.length
  const says = await asked(/^Show a code/, 'Link this account anew?')
  expect(says).toMatch(
    /goes offline, and a code is shown here.*old credentials stay where they are until.*into the quarantine/,
  )
  await confirm('Link this account anew?', 'Show a code')
  await viewer.page.locator('.code-frame svg').waitFor()
  expect(await viewer.scan()).toBe(gateway.codes.at(-1)?.code)
  expect(gateway.codes.length).toBeGreaterThan(codesBefore)
  expect(await gateway.identity(), 'the old credentials stay until the new pairing has opened').toBe(before)

  await viewer.page.getByText('No camera? Link with the phone number').click()
  await viewer.page.getByLabel('Number of the phone that has WhatsApp').fill('+49 170 0000031')
  await viewer.button('Get a code to type').click()
  const typed = viewer.page.locator('.pairing-code')
  await typed.waitFor()
  const characters = (await typed.textContent())?.replace('-', '') ?? ''
  expect(characters).toMatch(/^[1-9A-Z]{8}$/)
  expect(await viewer.barriers()).toEqual([])
  await world.server.phone(gateway.number).enterPairingCode(characters)
  await gateway.until('healthy')
  await viewer.sees('Connected')
  expect(await typed.count()).toBe(0)
  expect(await gateway.identity()).not.toBe(before)
  const kept = (await gateway.line.quarantined()).at(-1)
  expect(kept?.files.map(({ name }) => name)).toContain('creds.json')
  expect({ breaches: viewer.breaches, thrown: viewer.thrown, foreign: viewer.foreign }).toEqual({
    breaches: [],
    thrown: [],
    foreign: [],
  })
})
