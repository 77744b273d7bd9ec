// @module-tag slow

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { Viewer } from '../browser/viewer.ts'
import { sharedServer } from '../stores/postgres/databases.ts'
import { Trial } from './trial/trial.ts'

/** So long a lease outlives its host: nobody takes over while the page is looked at. */
const ttlMs = 60_000
/** The page's ten seconds, and what a busy machine adds to the beat of its clock. */
const leastMs = 10_000 + 2_000

let trial: Trial
let chromium: RunningBrowser
let dashboard: Dashboard

beforeAll(async () => {
  ;[chromium, trial] = await Promise.all([startChromium(), Trial.open(2, sharedServer, ttlMs)])
  await trial.link(['a', 'b'])
  await trial.until(
    () => trial.watcher.lines().every(({ host, status }) => host !== undefined && status.state === 'healthy'),
    20_000,
    'every account seen',
  )
}, 200_000)
afterAll(async () => {
  await dashboard?.close()
  await chromium?.close()
  await trial?.close()
}, 60_000)

test('ten seconds after a host process was killed nothing of it is green on the page, and the other host still is', async () => {
  dashboard = createDashboard(trial.watcher, { trustLoopback: true })
  const { url } = await dashboard.serve({ port: 0 })
  const viewer = await Viewer.open(chromium.browser, url)
  const { page } = viewer
  await page.getByText('2 of 2 connected').waitFor()
  const row = (host: string) => page.locator('.row-item', { has: page.locator('.row-host', { hasText: host }) })
  await row('a').click()
  await viewer.sees('Connected')
  const killed = trial.host('a')
  const since = performance.now()
  killed.signal('SIGKILL')
  await killed.ended()
  trial.hosts.delete('a')
  await page.locator('.summary', { hasText: '1 of 2 connected, nothing heard of 1' }).waitFor()
  const tookMs = performance.now() - since
  console.log(`nothing green of a killed host after ${(tookMs / 1_000).toFixed(1)} s`)
  expect(tookMs).toBeLessThan(leastMs)
  expect(await row('a').getAttribute('data-tone')).toBe('unknown')
  expect(await row('a').locator('.row-label').textContent()).toMatch(/^Last known: Connected, \d\d:\d\d$/)
  expect(await row('b').getAttribute('data-tone')).toBe('open')
  expect(await page.locator('.hero').getAttribute('data-tone')).toBe('unknown')
  expect(await page.title()).toMatch(/^Offline · /)
  expect([viewer.breaches, viewer.thrown, viewer.foreign]).toEqual([[], [], []])
  await viewer.close()
}, 60_000)
