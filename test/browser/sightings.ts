import type { Page } from 'playwright-core'
import type { StateName } from '../../src/index.ts'

/** What stood on the page at one moment. */
export interface Sighting {
  readonly state?: StateName
  /** The ids of the states that were lit on the drawing; none before the drawing was there. */
  readonly lit: readonly string[]
  /** How many ways were traced on the drawing. */
  readonly passed: number
  /** The code to scan, as the page drew it. */
  readonly code?: string
  readonly incidents: readonly string[]
  readonly lost: boolean
}

/** Looks after every change, when all that belongs to the change has been drawn. */
const look = `{
  let last = ''
  const texts = (selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent)
  new MutationObserver(() => {
    // The drawing is folded away until somebody wants to see it.
    const folded = document.querySelector('.chart-panel details:not([open])')
    if (folded) folded.open = true
    const drawing = document.querySelector('.chart-panel .drawing')?.shadowRoot
    const lit = [...(drawing?.querySelectorAll('[data-state].lit') ?? [])].map((one) => one.getAttribute('data-state'))
    const now = JSON.stringify({
      state: document.querySelector('.hero')?.dataset.state,
      lit,
      passed: drawing?.querySelectorAll('[data-edge].passed').length ?? 0,
      code: document.querySelector('.code-panel:not([hidden]) .code-frame svg')?.outerHTML,
      incidents: texts('.incident summary'),
      lost: document.querySelector('.banner p') !== null,
    })
    if (now === last) return
    last = now
    reportSighting(now)
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
}`

/** Everything that comes to stand on a page from now on, in order, however short it stands there. */
export async function sightingsOn(page: Page): Promise<readonly Sighting[]> {
  const seen: Sighting[] = []
  await page.exposeFunction('reportSighting', (now: string) => seen.push(JSON.parse(now) as Sighting))
  await page.evaluate(look)
  return seen
}
