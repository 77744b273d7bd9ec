import { setTimeout as pause } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { createDashboard } from '../src/dashboard/index.ts'
import { startChromium } from '../test/browser/chromium.ts'
import { asLines, type ScriptedLine, scriptedLines } from './dashboard/scripted-line.ts'
import { median, type Row } from './table.ts'

const visits = 20
/** How many accounts, and what an update may take. */
const many = [
  [1_000, '<= 100 ms'],
  [5_000, '<= 300 ms'],
] as const
const changes = 100

/**
 * Tells, once, when the frame with the state in words was on the screen; by the page's own clock, which begins with the
 * navigation.
 */
const firstSight = `
  new PerformanceObserver((seen) => reportSight(seen.getEntries()[0].renderTime)).observe({ type: 'element', buffered: true })
  const look = new MutationObserver(() => {
    const state = document.querySelector('.state')
    if (!state?.textContent) return
    look.disconnect()
    state.setAttribute('elementtiming', 'state')
  })
  look.observe(document, { subtree: true, childList: true, characterData: true })
`

interface Visit {
  /** From the navigation's start to the first status on the screen, ms. */
  readonly sightMs: number
  readonly requests: number
  readonly bytes: number
}

/** Somebody who has never been here: nothing is in a cache, no connection is open. */
async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  let requests = 0
  page.on('request', () => {
    requests += 1
  })
  const sight = new Promise<number>((resolve) => {
    void page.exposeFunction('reportSight', resolve).then(async () => {
      await page.addInitScript({ content: firstSight })
      await page.goto(url, { waitUntil: 'commit' })
    })
  })
  const sightMs = await sight
  await page.locator('.availability .figure').first().waitFor()
  const bytes = await page.evaluate<number>(
    'performance.getEntries().reduce((sum, { transferSize = 0 }) => sum + transferSize, 0)',
  )
  await context.close()
  return { sightMs, requests, bytes }
}

/**
 * Milliseconds from a change of one account of many until the frame that shows it, and the page's heap before and
 * after, MiB.
 */
async function changesOnPage(browser: Browser, url: string, lines: readonly ScriptedLine[]) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  const heap = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage')
    return (await session.send('Runtime.getHeapUsage')).usedSize / 2 ** 20
  }
  let seen: (at: number) => void = () => undefined
  await page.exposeFunction('reportNews', (at: number) => seen(at))
  await page.goto(url)
  await page.locator('.row-item').first().waitFor()
  await page.evaluate(`{
    let last = ''
    new MutationObserver(() => {
      const text = document.querySelector('.hero')?.textContent.match(/news \\d+\\./)?.[0] ?? ''
      if (text === last) return
      last = text
      requestAnimationFrame(() => reportNews(Date.now()))
    }).observe(document, { subtree: true, childList: true, characterData: true })
  }`)
  const [shown] = lines
  const round = async (first: number): Promise<readonly number[]> => {
    const times: number[] = []
    for (let change = 0; change < changes; change += 1) {
      // Others change at the same moment, so that the list is sorted anew.
      for (const other of lines.slice(1 + change * 9, 10 + change * 9))
        other.become(change % 2 === 0 ? 'reconnecting' : 'healthy', 'as the others')
      const at = new Promise<number>((resolve) => {
        seen = resolve
      })
      const start = Date.now()
      shown?.become(change % 2 === 0 ? 'reconnecting' : 'healthy', `news ${first + change}.`)
      times.push((await at) - start)
      // Off the beat of the batches.
      await pause(20 + (change % 17))
    }
    return times
  }
  const times = await round(1_000)
  const before = await heap()
  const again = await round(2_000)
  const after = await heap()
  await context.close()
  return { times: [...times, ...again], before, after }
}

const ms = (value: number): string => `${value.toFixed(0)} ms`

/** The page in Chromium: how soon it says how the account is, and how soon what changed among a thousand. */
export async function page(): Promise<Row[]> {
  const { browser, close } = await startChromium()
  const one = createDashboard(asLines(scriptedLines(1)), { trustLoopback: true })
  const { url: small } = await one.serve({ port: 0 })
  const seen: Visit[] = []
  for (let n = 0; n < visits; n += 1) seen.push(await visit(browser, small))
  await one.close()
  const sights = seen.map(({ sightMs }) => sightMs)

  const rows: Row[] = []
  for (const [accounts, target] of many) {
    const lines = scriptedLines(accounts)
    const all = createDashboard(asLines(lines), { trustLoopback: true })
    const { url } = await all.serve({ port: 0 })
    const { times, before, after } = await changesOnPage(browser, url, lines)
    await all.close()
    rows.push({
      what: `page: from a change of one of ${accounts} accounts to the frame that shows it (${times.length} changes)`,
      ours: `${ms(median(times))}, the worst ${ms(Math.max(...times))}`,
      beside: `changes are told together, at most once in 50 ms; heap of the page ${before.toFixed(1)} MiB, ${after.toFixed(1)} MiB after ${changes} more`,
      target,
    })
  }
  await close()
  return [
    {
      what: `page: from the navigation to the first status on the screen, in Chromium (${visits} visitors, nothing cached)`,
      ours: `${ms(median(sights))}, the first ${ms(sights[0] ?? Number.NaN)}, the worst ${ms(Math.max(...sights))}`,
      beside: `${seen[0]?.requests} requests, ${((seen[0]?.bytes ?? 0) / 1_000).toFixed(1)} kB over the wire`,
      target: '<= 300 ms, under 100 kB',
    },
    ...rows,
  ]
}
