import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { catalogues } from '../../src/languages/catalogues.ts'
import type { Language } from '../../src/languages/language.ts'
import { Translation } from '../../src/languages/translation.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { World } from '../line/world.ts'

vi.setConfig({ testTimeout: 150_000 })

let chromium: RunningBrowser
let world: World
let dashboard: Dashboard
let url: string

beforeAll(async () => {
  ;[chromium, world] = await Promise.all([startChromium(), World.open(undefined, { seed: 'languages' })])
  const linked = await world.linked('491700000031', { account: 'shop' })
  const waits = world.newcomer({ account: 'مرحبا', connect: (given) => world.socket(given, { qrTimeout: 120_000 }) })
  await waits.start()
  dashboard = createDashboard([linked.line, waits.line], { trustLoopback: true })
  url = (await dashboard.serve({ port: 0 })).url
})
afterAll(async () => {
  await dashboard?.close()
  await chromium?.close()
  await world?.close()
})

/**
 * Every text that a person may read: what stands in elements, in the drawing and in the attributes that are read
 * aloud. Names stand in `<bdi>`.
 */
const texts = `(() => {
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode())
    if (!walk.currentNode.parentElement.closest('bdi, script, style, .wordmark')) found.push(walk.currentNode.data)
  for (const name of ['aria-label', 'title', 'placeholder'])
    for (const element of document.querySelectorAll('[' + name + ']')) found.push(element.getAttribute(name))
  const drawn = document.querySelector('.chart-panel .drawing').shadowRoot.querySelectorAll('text, title, desc')
  found.push(...[...drawn].flatMap((text) => text.textContent.split('\\n')))
  return [...new Set(found.map((text) => text.trim()))].filter((text) => text !== '')
})()`

const englishWords = /(?<!\p{L})(the|is|are|with|this|and|from|not|been|to be)(?!\p{L})/iu

describe.each(Object.keys(catalogues) as Exclude<Language, 'en'>[])('for a browser that asks for %s', (language) => {
  test('the page and the code are in that language, for people who see badly too, and fit on a phone', async () => {
    const translation = new Translation(language, catalogues[language])
    const isEnglish = (text: string): boolean => {
      const said = translation.find(text)
      const known = Object.values(catalogues[language]).includes(text)
      return (said !== undefined && said !== text && !known) || englishWords.test(text)
    }
    const options = { locale: language, viewport: phoneSize }
    const viewer = await Viewer.open(chromium.browser, url, options)
    try {
      for (const account of ['shop', 'مرحبا']) {
        await viewer.page.goto(`${url}#/${encodeURIComponent(account)}`)
        const shown = account === 'shop' ? '.traffic-panel .figure' : '.code-frame svg'
        await viewer.page.locator(shown).first().waitFor()
        await viewer.page.locator('.timeline-panel .availability button').first().waitFor()
        await viewer.page.locator('.chart-panel summary').click()
        await viewer.page.locator('.chart-panel .drawing svg.following').waitFor()
        const said = await viewer.page.evaluate<string[]>(texts)
        expect(said.length).toBeGreaterThan(40)
        expect(said.filter(isEnglish)).toEqual([])
        expect(await viewer.page.evaluate<string>('document.documentElement.lang')).toBe(language)
        expect(await viewer.barriers()).toEqual([])
        const wide = await viewer.page.evaluate<number>('document.documentElement.scrollWidth')
        expect(wide).toBeLessThanOrEqual(phoneSize.width)
      }
      expect(await viewer.state.textContent()).toBe(translation.of('Scan the code'))
      expect([viewer.breaches, viewer.thrown, viewer.foreign]).toEqual([[], [], []])
    } finally {
      await viewer.close()
    }
  })
})

test('an English browser loads no other language, and so does one whose language is not there', async () => {
  const viewer = await Viewer.open(chromium.browser, `${url}#/shop`, { locale: 'fr-FR' })
  try {
    await viewer.sees('Connected')
    expect([...viewer.bytes.keys()].filter((path) => path.endsWith('.json'))).toEqual([])
  } finally {
    await viewer.close()
  }
})

test('the option of the dashboard comes before what the browser asks for', async () => {
  const fixed = createDashboard([], { trustLoopback: true, language: 'es' })
  const answer = await fixed.fetch(new Request('http://localhost/', { headers: { 'accept-language': 'de' } }))
  expect(answer.headers.get('content-language')).toBe('es')
  expect(await answer.text()).toContain('<html lang="es">')
  await fixed.close()
  expect(() => createDashboard([], { language: 'xx' as never })).toThrow(/one of en, de, es, pt-BR, id, hi/)
})
