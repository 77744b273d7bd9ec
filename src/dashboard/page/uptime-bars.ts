import type { TimelineView } from '../wire.ts'
import { day } from './duration.ts'
import { h, onChange } from './element.ts'
import { timelineWords as words } from './timeline-words.ts'

type Days = TimelineView['days']

/** However little was lost, it is seen. */
const leastSeen = 0.14

/** A bar for each day; a press opens its incidents. One stop for the Tab key, the arrow keys go through the days. */
export class UptimeBars {
  readonly element: HTMLElement
  readonly #bars = h('div', {
    class: 'days',
    role: 'group',
    'aria-label': words.days,
    onkeydown: (event: KeyboardEvent) => this.#key(event),
  })
  readonly #choose: (at: number) => void

  constructor(choose: (at: number) => void) {
    this.#choose = choose
    this.element = h(
      'div',
      { class: 'uptime' },
      this.#bars,
      h('p', { class: 'days-ends hint', 'aria-hidden': 'true' }, h('span', {}, words.bars), h('span', {}, words.today)),
    )
  }

  /** `chosen`: the midnight of the day that is open, if one is. */
  show(days: Days, chosen: number | undefined): void {
    this.#write(days)
    const bars = [...this.#bars.children]
    const at = days.findIndex((one) => one.at === chosen)
    for (const [index, bar] of bars.entries()) {
      bar.setAttribute('aria-pressed', String(index === at))
      bar.setAttribute('tabindex', index === (at < 0 ? bars.length - 1 : at) ? '0' : '-1')
    }
  }

  readonly #write = onChange((days: Days) => {
    const focused = [...this.#bars.children].indexOf(document.activeElement ?? this.#bars)
    this.#bars.replaceChildren(
      ...days.map(({ at, up }) => {
        const label = words.day(day(at), up)
        const lost = h('span', { class: 'lost-share' })
        const share = up === null || up === 1 ? 0 : Math.max(leastSeen, 1 - up)
        lost.style.transform = `scaleY(${share})`
        const press = () => this.#choose(at)
        const kind = up === null ? 'day unrecorded' : 'day'
        return h('button', { type: 'button', class: kind, title: label, 'aria-label': label, onclick: press }, lost)
      }),
    )
    const again = this.#bars.children[focused]
    if (again instanceof HTMLElement) again.focus()
  })

  #key(event: KeyboardEvent): void {
    const bars = [...this.#bars.querySelectorAll<HTMLElement>('.day')].filter((bar) => bar.offsetParent !== null)
    const at = bars.indexOf(document.activeElement as HTMLElement)
    const goes: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: bars.length - 1,
    }
    const to = bars[goes[event.key] ?? -1]
    if (!to) return
    event.preventDefault()
    for (const bar of bars) bar.setAttribute('tabindex', bar === to ? '0' : '-1')
    to.focus()
  }
}
