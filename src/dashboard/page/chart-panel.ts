import type { AccountView, TrailView } from '../wire.ts'
import { ChartDialog } from './chart-dialog.ts'
import { Drawing } from './drawing.ts'
import { h } from './element.ts'
import type { Standing, Tone } from './standing.ts'
import { TrailList } from './trail-list.ts'

const words = {
  heading: 'How it got here',
  whole: 'Open the full statechart',
  drawing: 'The drawing of the states',
} as const

/** The statechart: where the account is, and how it came there. Folded away: who looks for help needs it last. */
export class ChartPanel {
  readonly element: HTMLElement
  readonly #details: HTMLDetailsElement
  readonly #drawing = new Drawing('overview')
  readonly #scroll: HTMLElement
  readonly #trail = new TrailList(
    (step) => this.#drawing.mark(step),
    (step) => this.#whole(step),
  )
  #view: AccountView | undefined
  #state = ''
  #tone: Tone = 'rest'

  constructor(headingId: string) {
    this.#scroll = h(
      'div',
      { class: 'chart-scroll', tabindex: 0, role: 'group', 'aria-label': words.drawing },
      this.#drawing.element,
    )
    this.#details = h(
      'details',
      { ontoggle: () => this.#opened() },
      h('summary', {}, h('h2', { id: headingId }, words.heading)),
      this.#scroll,
      h('p', {}, h('button', { type: 'button', class: 'button quiet', onclick: () => this.#whole() }, words.whole)),
      this.#trail.element,
    )
    this.element = h('section', { class: 'card chart-panel', 'aria-labelledby': headingId }, this.#details)
    this.#drawing.onPoint = (step) => this.#trail.point(step)
  }

  show(view: AccountView, { tone }: Standing): void {
    this.#view = view
    this.#tone = tone
    this.#drawing.show(view, tone)
    this.#trail.show(view.trail)
    if (view.status.state !== this.#state && this.#details.open) void this.#centre()
    this.#state = view.status.state
  }

  /** It is fetched when somebody looks at it. */
  #opened(): void {
    if (this.#details.open) void this.#centre()
  }

  /** On a phone the drawing is wider than the screen: the light is brought into its middle. */
  async #centre(): Promise<void> {
    await this.#drawing.load()
    const light = this.#drawing.lightBox()
    if (!light) return
    const own = this.#scroll.getBoundingClientRect()
    this.#scroll.scrollLeft += light.x + light.width / 2 - own.x - own.width / 2
  }

  #whole(step?: TrailView): void {
    if (this.#view) new ChartDialog(this.#view, this.#tone, step).open()
  }
}
