import { stateWords } from '../../../machines/state-words.ts'
import type { TrailView } from '../wire.ts'
import { moment, when } from './duration.ts'
import { h, onChange } from './element.ts'
import { serverNow } from './server-clock.ts'

/**
 * The last changes of state, newest first, each with its why. A step that is pointed at or focused stands out on the
 * drawing.
 */
export class TrailList {
  readonly element = h('ol', { class: 'trail', 'aria-label': 'The last changes, newest first' })
  readonly #mark: (step: TrailView | undefined) => void
  readonly #open: (step: TrailView) => void
  #items = new Map<number, HTMLElement>()

  constructor(mark: (step: TrailView | undefined) => void, open: (step: TrailView) => void) {
    this.#mark = mark
    this.#open = open
  }

  readonly show = onChange((trail: readonly TrailView[]) => {
    const focused = [...this.#items].find(([, item]) => item.contains(document.activeElement))?.[0]
    this.#items = new Map(trail.toReversed().map((step) => [step.at, this.#item(step)]))
    this.element.replaceChildren(...this.#items.values())
    if (focused !== undefined) this.#items.get(focused)?.querySelector('button')?.focus()
  })

  point(step: TrailView | undefined): void {
    for (const [at, item] of this.#items) item.classList.toggle('pointed', at === step?.at)
  }

  #item(step: TrailView): HTMLElement {
    const { at, from, to, why } = step
    const mark = () => this.#mark(step)
    const unmark = () => this.#mark(undefined)
    return h(
      'li',
      { onpointerenter: mark, onpointerleave: unmark },
      h(
        'button',
        { type: 'button', class: 'step', onfocus: mark, onblur: unmark, onclick: () => this.#open(step) },
        h('time', { datetime: new Date(at).toISOString(), title: moment(at) }, when(at, serverNow())),
        h(
          'span',
          { class: 'step-words' },
          h(
            'strong',
            {},
            stateWords[from],
            h('span', { class: 'arrow', 'aria-hidden': 'true' }, ' → '),
            h('span', { class: 'unseen' }, ' to '),
            stateWords[to],
          ),
          why !== undefined && h('span', { class: 'why' }, why),
        ),
      ),
    )
  }
}
