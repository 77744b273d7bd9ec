// @module-tag slow/together

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDashboard, type Dashboard } from '../../src/dashboard/index.ts'
import { catalogues } from '../../src/languages/catalogues.ts'
import type { Language } from '../../src/languages/language.ts'
import { Translation } from '../../src/languages/translation.ts'
import { type RunningBrowser, startChromium } from '../browser/chromium.ts'
import { phoneSize, Viewer } from '../browser/viewer.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { World } from '../line/world.ts'
import { shareOf } from '../share.ts'

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
 * aloud. A sentence is one text with the numbers in it; a name that stands alone in its element is none.
 */
const texts = `(() => {
  const found = []
  for (const element of document.body.querySelectorAll(':not(bdi, script, style, .wordmark, .wordmark *)')) {
    const parts = [...element.childNodes].map((node) => [node.nodeType === 3, node.localName === 'bdi', node.textContent])
    let sentence = ''
    let said = false
    for (const [text, apart, words] of [...parts, [false, false, '']])
      if (text || apart) {
        said ||= text
        sentence += words
      } else {
        if (said) found.push(sentence)
        said = false
        sentence = ''
      }
  }
  for (const name of ['aria-label', 'title', 'placeholder'])
    for (const element of document.querySelectorAll('[' + name + ']')) found.push(element.getAttribute(name))
  const drawn = document.querySelector('.chart-panel .drawing').shadowRoot.querySelectorAll('text, title, desc')
  found.push(...[...drawn].flatMap((text) => text.textContent.split('\\n')))
  return [...new Set(found.map((text) => text.trim()))].filter((text) => text !== '')
})()`

/** Numbers, and names from right to left, that stand in no element of their own. */
const mixed = `(() => {
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode())
    if (!walk.currentNode.parentElement.closest('bdi, script, style, option')) found.push(walk.currentNode.data)
  return found.filter((text) => /(?<![\\p{L}\\p{Nd}])\\p{Nd}+(?![\\p{L}\\p{Nd}])|\\p{Script=Arabic}/u.test(text))
})()`

/** How far what stands at the top is from the buttons in its corner, in pixels. */
const gap = `(() => {
  const corner = document.querySelector('.top-actions').getBoundingClientRect()
  const beside = [...document.querySelectorAll('.top > *')].map((one) => one.getBoundingClientRect())
  const gaps = beside.map(({ right, top }) => (top >= corner.bottom ? Infinity : corner.left - right))
  return Math.min(...gaps)
})()`

const englishWords = /(?<!\p{L})(the|is|are|with|this|and|from|not|been|to be)(?!\p{L})/iu

const languages = Object.keys(catalogues) as Exclude<Language, 'en'>[]
describe.each(shareOf(languages, 2))('for a browser that asks for %s', (language) => {
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
        expect(await viewer.page.evaluate<string[]>(mixed)).toEqual([])
        expect(await viewer.page.evaluate<string>('document.documentElement.lang')).toBe(language)
        expect(await viewer.barriers()).toEqual([])
        const wide = await viewer.page.evaluate<number>('document.documentElement.scrollWidth')
        expect(wide).toBeLessThanOrEqual(phoneSize.width)
        for (const width of [1280, phoneSize.width]) {
          await viewer.page.setViewportSize({ width, height: 844 })
          expect(await viewer.page.evaluate<number>(gap), `beside the corner, ${width} wide`).toBeGreaterThan(7)
        }
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
    await viewer.page.locator('.timeline-panel .availability button').first().waitFor()
    expect(await viewer.page.evaluate<string[]>(mixed)).toEqual([])
    expect(await viewer.page.locator('.account-list .hint bdi, .timeline-panel bdi').count()).toBeGreaterThan(2)
  } finally {
    await viewer.close()
  }
})

test('what a press is refused with, and a link that was used, are told in the language of whoever reads them', async () => {
  const account = new ScriptedAccount()
  const own = createDashboard(account, { trustLoopback: true })
  const address = (await own.serve({ port: 0 })).url
  const used = account.relinkUrl(undefined)
  const viewer = await Viewer.open(chromium.browser, address, { locale: 'es' })
  try {
    await viewer.sees('Conectada')
    await viewer.page.locator('.action', { hasText: 'Apartar todas las sesiones' }).click()
    const dialog = viewer.page.getByRole('dialog')
    await dialog.locator('button[type=submit]').click()
    const refused = await dialog.locator('.problem').textContent()
    expect(refused).toBe('No es posible en este estado: conectada.Iníciala en el programa que la ejecuta.')
    const body = JSON.stringify({ secret: new URL(used).hash.slice(1) })
    const headers = { 'content-type': 'application/json', origin: 'http://localhost' }
    await own.fetch(new Request('http://localhost/api/links/redeem', { method: 'POST', headers, body }))
    await viewer.page.goto(used)
    await viewer.page.getByRole('button', { name: 'Mostrar el código' }).click()
    expect(await viewer.page.locator('.problem').textContent()).toMatch(/^Este enlace ya no funciona\.Funciona una vez/)
  } finally {
    await viewer.close()
    await own.close()
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
