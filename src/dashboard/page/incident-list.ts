import { lasting } from '../../languages/span.ts'
import type { DropView, IncidentView, TimelineView } from '../wire.ts'
import { moment, timeOfDay, when } from './duration.ts'
import { h, say } from './element.ts'
import { downMsOf, type Outages } from './outages.ts'
import { timelineWords as words } from './timeline-words.ts'

/** Incidents shown at once; more on request. */
const page = 8
/** Short drops named one by one, of each side. */
const mostDrops = 50

interface Row {
  readonly element: HTMLElement
  written: string
}

/** Incidents, longest first, short drops folded by side; each opens, and stays open when another one comes. */
export class IncidentList {
  readonly #list = h('ol', { class: 'incidents' })
  readonly #more = h('button', { type: 'button', class: 'button quiet', hidden: true }, words.more)
  readonly element = h('div', {}, this.#list, this.#more)
  readonly #rows = new Map<string, Row>()
  #shown = page
  #again: () => void = () => undefined
  #lasting: readonly (readonly [Element, IncidentView])[] = []
  #timeline: TimelineView | undefined

  constructor() {
    this.#more.addEventListener('click', () => {
      const first = this.#shown
      this.#shown += 3 * page
      this.#again()
      this.#list.children[first]?.querySelector('summary')?.focus()
    })
  }

  show(timeline: TimelineView, { incidents, drops }: Outages, now: number): void {
    this.#timeline = timeline
    this.#again = () => this.show(timeline, { incidents, drops } as Outages, now)
    const visible = incidents.slice(0, this.#shown)
    this.#more.hidden = incidents.length <= this.#shown
    const elements = [
      ...visible.map((one) => this.#row(one.id, one, (row) => writeIncident(row, one, now))),
      ...drops.map(([side, all]) => this.#row(`drops ${side}`, all, (row) => writeDrops(row, side, all, now))),
    ]
    for (const [id, { element }] of this.#rows) {
      if (elements.includes(element)) continue
      element.remove()
      this.#rows.delete(id)
    }
    // Moving an element takes its focus, so only what stands elsewhere is put in its place.
    for (const [at, element] of elements.entries())
      if (this.#list.children[at] !== element) this.#list.insertBefore(element, this.#list.children[at] ?? null)
    this.#lasting = visible.flatMap((one, at) => {
      const sentence = elements[at]?.querySelector('.sentence-words')
      return sentence ? [[sentence, one] as const] : []
    })
    this.tick(now)
  }

  /** What lasts counts on. */
  tick(now: number): void {
    for (const [sentence, one] of this.#lasting)
      if (this.#timeline) say(sentence, words.incident(one, downMsOf(one, this.#timeline, now)))
  }

  #row(id: string, value: unknown, write: (row: HTMLElement) => void): HTMLElement {
    const row = this.#rows.get(id) ?? { element: rowElement(), written: '' }
    this.#rows.set(id, row)
    const now = JSON.stringify(value)
    if (row.written !== now) write(row.element)
    row.written = now
    return row.element
  }
}

const rowElement = (): HTMLElement =>
  h(
    'li',
    {},
    h(
      'details',
      { class: 'incident' },
      h(
        'summary',
        {},
        h('time', {}),
        h('span', { class: 'sentence' }, h('span', { class: 'sentence-words' })),
        h('span', { class: 'facts' }),
      ),
      h('ol', { class: 'events' }),
    ),
  )

const part = (row: HTMLElement, selector: string): HTMLElement => {
  const found = row.querySelector<HTMLElement>(selector)
  if (!found) throw new Error(`A row has no ${selector}.`)
  return found
}

function writeIncident(row: HTMLElement, incident: IncidentView, now: number): void {
  const { beganAt, endedAt, facts, outcome, wouldHave, events } = incident
  row.classList.toggle('lasts', outcome === 'open')
  const time = part(row, 'time') as HTMLTimeElement
  time.dateTime = new Date(beganAt).toISOString()
  time.title = moment(beganAt)
  say(time, endedAt === undefined ? when(beganAt, now) : `${when(beganAt, now)} – ${endOf(beganAt, endedAt, now)}`)
  row.querySelector('.tag')?.remove()
  if (wouldHave) part(row, '.sentence').append(h('span', { class: 'tag' }, words.observed))
  say(part(row, '.facts'), [...facts, words.outcome[outcome]].filter(Boolean).join(' '))
  part(row, '.events').replaceChildren(
    ...events.map(({ at, words: said, why }) =>
      h(
        'li',
        {},
        h('time', { datetime: new Date(at).toISOString() }, timeOfDay(at)),
        h('span', { class: 'step-words' }, said, why !== undefined && h('span', { class: 'why' }, why)),
      ),
    ),
  )
}

const endOf = (beganAt: number, endedAt: number, now: number): string =>
  new Date(beganAt).toDateString() === new Date(endedAt).toDateString() ? timeOfDay(endedAt) : when(endedAt, now)

function writeDrops(row: HTMLElement, side: DropView['side'], drops: readonly DropView[], now: number): void {
  const lengths = drops.map(({ ms }) => ms)
  part(row, 'time').hidden = true
  say(part(row, '.sentence-words'), words.drops(drops.length, side))
  say(
    part(row, '.facts'),
    words.dropsHint(
      lengths.reduce((all, ms) => all + ms, 0),
      Math.max(...lengths),
    ),
  )
  part(row, '.events').replaceChildren(
    ...drops
      .toReversed()
      .slice(0, mostDrops)
      .map(({ at, ms }) =>
        h(
          'li',
          {},
          h('time', { datetime: new Date(at).toISOString() }, when(at, now)),
          h('span', { class: 'step-words figure' }, lasting(ms)),
        ),
      ),
  )
}
