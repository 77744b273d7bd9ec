import type { AccountView, TrailView } from '../wire.ts'
import { drawingStyle } from './drawing-style.ts'
import { speakDrawing } from './drawing-words.ts'
import { h } from './element.ts'
import type { Tone } from './standing.ts'

/** How far back a passed edge is still seen, newest first. */
const fades = [1, 0.85, 0.7, 0.6] as const

const edgeOf = (root: ParentNode, { edge, transition }: TrailView): Element | null => {
  const exact = transition && root.querySelector(`[data-transition="${CSS.escape(transition)}"]`)
  return exact ? exact.closest('[data-edge]') : edge ? root.querySelector(`[data-edge="${CSS.escape(edge)}"]`) : null
}

/**
 * One of the package's drawings, alive. It stands in a shadow root, so that its class names and the page's do not meet;
 * its own style is taken out of the text and adopted, since the page's policy lets no inline style in.
 */
export class Drawing {
  readonly element = h('div', { class: 'drawing' })
  readonly #name: string
  readonly #root: ShadowRoot
  #loading: Promise<void> | undefined
  #view: AccountView | undefined
  #tone: Tone = 'rest'
  #marked: TrailView | undefined
  #newest = 0

  constructor(name: 'overview' | 'connection') {
    this.#name = name
    this.#root = this.element.attachShadow({ mode: 'open' })
    this.#root.addEventListener('pointerover', (event) => this.#point(event.target as Element))
    this.element.addEventListener('pointerleave', () => this.onPoint(undefined))
  }

  /** Told when the pointer is on an edge that was passed. */
  onPoint: (passed: TrailView | undefined) => void = () => undefined

  get picture(): SVGSVGElement | null {
    return this.#root.querySelector('svg')
  }

  /** Fetches it, once. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  show(view: AccountView, tone: Tone): void {
    this.#view = view
    this.#tone = tone
    const svg = this.picture
    if (!svg) return
    svg.classList.add('following')
    const lit = new Set(view.place)
    for (const state of svg.querySelectorAll('[data-state]'))
      state.classList.toggle('lit', lit.has(state.getAttribute('data-state') ?? ''))
    this.element.style.setProperty('--lit', `var(--${tone === 'unknown' ? 'rest' : tone}-line)`)
    for (const passed of svg.querySelectorAll('.passed')) passed.classList.remove('passed')
    for (const [age, fade] of [...fades.entries()].reverse()) {
      const step = view.trail.at(-1 - age)
      const edge = step && edgeOf(svg, step)
      if (!(edge instanceof SVGElement)) continue
      edge.classList.add('passed')
      edge.style.setProperty('--fade', String(fade))
    }
    this.#run(view.trail.at(-1))
  }

  /** Makes one step stand out, or none. */
  mark(step: TrailView | undefined): void {
    this.#marked = step
    const svg = this.picture
    if (!svg) return
    for (const marked of svg.querySelectorAll('.marked')) marked.classList.remove('marked')
    if (!step) return
    edgeOf(svg, step)?.classList.add('marked')
    if (step.transition)
      svg.querySelector(`[data-transition="${CSS.escape(step.transition)}"]`)?.classList.add('marked')
  }

  /** Where the light is, in pixels of the element; for scrolling there. */
  lightBox(): DOMRect | undefined {
    const lit = [...this.#root.querySelectorAll('.lit > .box:not(.frame)')].at(-1) ?? this.#root.querySelector('.lit')
    return lit?.getBoundingClientRect()
  }

  async #load(): Promise<void> {
    const response = await fetch(`assets/${this.#name}.svg`)
    if (!response.ok) throw new Error(`The drawing is not there: ${response.status}.`)
    const text = await response.text()
    const [whole = '', own = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? []
    const parsed = new DOMParser().parseFromString(text.replace(whole, ''), 'image/svg+xml').documentElement
    const svg = document.importNode(parsed, true) as unknown as SVGSVGElement
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(own + drawingStyle)
    this.#root.adoptedStyleSheets = [sheet]
    svg.removeAttribute('width')
    svg.removeAttribute('height')
    this.#root.replaceChildren(svg)
    speakDrawing(svg)
    if (this.#view) this.show(this.#view, this.#tone)
    this.mark(this.#marked)
  }

  /** The newest step runs along its edge, once. */
  #run(step: TrailView | undefined): void {
    const before = this.#newest
    this.#newest = step?.at ?? 0
    if (!step || before === 0 || before >= step.at || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const path = this.picture && edgeOf(this.picture, step)?.querySelector<SVGPathElement>('path.edge')
    if (!path) return
    const length = path.getTotalLength()
    const dashed = (offset: number) => ({ strokeDasharray: `${length}`, strokeDashoffset: `${offset}` })
    path.animate([dashed(length), dashed(0)], { duration: 700, easing: 'ease-out' })
  }

  #point(target: Element): void {
    const edge = target.closest('.passed')
    const { trail = [] } = this.#view ?? {}
    this.onPoint(
      edge && this.picture ? trail.findLast((step) => edgeOf(this.picture as Element, step) === edge) : undefined,
    )
  }
}
