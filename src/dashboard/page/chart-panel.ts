import type { AccountView, TrailView } from '../wire.ts'
import { ChartDialog } from './chart-dialog.ts'
import { Drawing } from './drawing.ts'
import { h } from './element.ts'
import type { Standing, Tone } from './standing.ts'
import { TrailList } from './trail-list.ts'

/** The statechart: where the account is, and how it came there. */
export class ChartPanel {
  readonly element: HTMLElement
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
      { class: 'chart-scroll', tabindex: 0, role: 'group', 'aria-label': 'The drawing of the states' },
      this.#drawing.element,
    )
    this.element = h(
      'section',
      { class: 'card chart-panel', 'aria-labelledby': headingId },
      h(
        'div',
        { class: 'card-head' },
        h('h2', { id: headingId }, 'How it came here'),
        h(
          'button',
          { type: 'button', class: 'button quiet', onclick: () => this.#whole() },
          'Open the full statechart',
        ),
      ),
      this.#scroll,
      this.#trail.element,
    )
    this.#drawing.onPoint = (step) => this.#trail.point(step)
  }

  show(view: AccountView, { tone }: Standing): void {
    this.#view = view
    this.#tone = tone
    this.#drawing.show(view, tone)
    this.#trail.show(view.trail)
    if (view.status.state !== this.#state) void this.#centre()
    this.#state = view.status.state
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
