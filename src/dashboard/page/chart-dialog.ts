import { stateWords } from '../../../machines/state-words.ts'
import type { AccountView, TrailView } from '../wire.ts'
import { Drawing } from './drawing.ts'
import { h } from './element.ts'
import type { Tone } from './standing.ts'

const zooms = [0.35, 0.5, 0.7, 1, 1.4] as const

/** Every state and every transition, to be walked through and zoomed. */
export class ChartDialog {
  readonly #drawing = new Drawing('connection')
  readonly #view: AccountView
  readonly #tone: Tone
  readonly #step: TrailView | undefined
  readonly #scroll: HTMLElement
  readonly #element: HTMLDialogElement
  #zoom = 2

  constructor(view: AccountView, tone: Tone, step: TrailView | undefined) {
    this.#view = view
    this.#tone = tone
    this.#step = step
    this.#scroll = h(
      'div',
      {
        class: 'chart-scroll whole',
        tabindex: 0,
        role: 'group',
        'aria-label': 'The full statechart; scrolls with the arrow keys',
      },
      this.#drawing.element,
    )
    const zoom = (by: number, words: string, sign: string) =>
      h(
        'button',
        { type: 'button', class: 'button quiet', 'aria-label': words, onclick: () => this.#setZoom(by) },
        sign,
      )
    this.#element = h(
      'dialog',
      { class: 'dialog wide', 'aria-labelledby': 'whole-chart', onclose: () => this.#element.remove() },
      h(
        'div',
        { class: 'card-head' },
        h('h2', { id: 'whole-chart' }, 'The full statechart'),
        h(
          'div',
          { class: 'row' },
          zoom(-1, 'Smaller', '−'),
          zoom(1, 'Larger', '+'),
          h('button', { type: 'button', class: 'button', onclick: () => this.#element.close() }, 'Close'),
        ),
      ),
      step?.why !== undefined &&
        h('p', { class: 'hint' }, `${stateWords[step.from]} → ${stateWords[step.to]}: ${step.why}`),
      this.#scroll,
    )
  }

  open(): void {
    document.body.append(this.#element)
    this.#element.showModal()
    void this.#show()
  }

  async #show(): Promise<void> {
    await this.#drawing.load()
    this.#drawing.show(this.#view, this.#tone)
    this.#drawing.mark(this.#step)
    this.#setZoom(0)
    this.#scroll.focus()
  }

  #setZoom(by: number): void {
    this.#zoom = Math.min(zooms.length - 1, Math.max(0, this.#zoom + by))
    const width = this.#drawing.picture?.viewBox.baseVal.width ?? 0
    this.#drawing.element.style.width = `${width * (zooms[this.#zoom] ?? 1)}px`
    const light = this.#drawing.lightBox()
    const own = this.#scroll.getBoundingClientRect()
    if (!light) return
    this.#scroll.scrollBy(
      light.x + light.width / 2 - own.x - own.width / 2,
      light.y + light.height / 2 - own.y - own.height / 2,
    )
  }
}
