import { placesIn } from '../../diagram/places.ts'

const style = `
svg{display:block;width:max(100%,1500px);height:auto}
svg>rect.paper{fill:none}
[data-state]>.box{stroke-opacity:.5;fill-opacity:.45}
[data-state].lit>.box{stroke-opacity:1;fill-opacity:1;stroke-width:4}
[data-state].lit>.box:not(.frame){stroke:var(--lit);stroke-width:5;filter:drop-shadow(0 0 12px var(--lit))}
`

/**
 * The drawing of the statechart, the present state lit. Its own style is adopted, since the page's policy lets none in
 * that stands in the text.
 */
export class Chart {
  readonly #root: ShadowRoot
  readonly #place: HTMLElement
  #value: unknown
  #seen = ''

  constructor(frame: HTMLElement, place: HTMLElement) {
    this.#root = frame.attachShadow({ mode: 'open' })
    this.#place = place
    void this.#load()
  }

  show(value: unknown): void {
    this.#value = value
    const places = placesIn(value)
    this.#place.textContent = places.at(-1)?.replaceAll('.', ' › ') ?? 'No statechart yet.'
    for (const state of this.#root.querySelectorAll('[data-state]'))
      state.classList.toggle('lit', places.includes(state.getAttribute('data-state') ?? ''))
    const innermost = places.at(-1) ?? ''
    if (innermost === this.#seen) return
    this.#seen = innermost
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    const lit = this.#root.querySelector(`[data-state="${CSS.escape(innermost)}"]`)
    lit?.scrollIntoView({ block: 'center', inline: 'center', behavior: still ? 'auto' : 'smooth' })
  }

  async #load(): Promise<void> {
    const text = await (await fetch('/connection.svg')).text()
    const [whole = '', own = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? []
    const svg = new DOMParser().parseFromString(text.replace(whole, ''), 'image/svg+xml').documentElement
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(own + style)
    this.#root.adoptedStyleSheets = [sheet]
    svg.removeAttribute('width')
    svg.removeAttribute('height')
    this.#root.replaceChildren(svg)
    this.#seen = ''
    if (this.#value !== undefined) this.show(this.#value)
  }
}
