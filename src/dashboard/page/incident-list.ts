import type { IncidentView } from '../wire.ts'
import { moment, timeOfDay, when } from './duration.ts'
import { h, say } from './element.ts'
import { serverNow } from './server-clock.ts'

/** Incidents shown at once; more on request. */
const page = 8

interface Row {
  readonly element: HTMLElement
  written: string
}

/** Incidents as sentences, newest first; each opens into its events, and stays open when another one comes. */
export class IncidentList {
  readonly #list = h('ol', { class: 'incidents' })
  readonly #more = h('button', { type: 'button', class: 'button quiet', hidden: true }, 'Show earlier ones')
  readonly #none = h('p', { class: 'hint' }, 'Nothing has gone wrong that is on record.')
  readonly element = h('div', {}, this.#none, this.#list, this.#more)
  readonly #rows = new Map<string, Row>()
  #shown = page
  #incidents: readonly IncidentView[] = []

  constructor() {
    this.#more.addEventListener('click', () => {
      const first = this.#shown
      this.#shown += 3 * page
      this.show(this.#incidents)
      this.#list.children[first]?.querySelector('summary')?.focus()
    })
  }

  show(incidents: readonly IncidentView[]): void {
    this.#incidents = incidents
    const visible = incidents.toReversed().slice(0, this.#shown)
    this.#none.hidden = incidents.length > 0
    this.#more.hidden = incidents.length <= this.#shown
    const ids = new Set(visible.map(({ id }) => id))
    for (const [id, { element }] of this.#rows) {
      if (ids.has(id)) continue
      element.remove()
      this.#rows.delete(id)
    }
    for (const [at, incident] of visible.entries()) {
      const { element } = this.#row(incident)
      // Moving an element takes its focus, so only what stands elsewhere is put in its place.
      if (this.#list.children[at] !== element) this.#list.insertBefore(element, this.#list.children[at] ?? null)
    }
  }

  #row(incident: IncidentView): Row {
    const row = this.#rows.get(incident.id) ?? { element: rowElement(), written: '' }
    this.#rows.set(incident.id, row)
    const now = JSON.stringify(incident)
    if (row.written !== now) write(row.element, incident)
    row.written = now
    return row
  }
}

const rowElement = (): HTMLElement =>
  h(
    'li',
    {},
    h(
      'details',
      { class: 'incident' },
      h('summary', {}, h('time', {}), h('span', { class: 'sentence' })),
      h('ol', { class: 'events' }),
    ),
  )

function write(row: HTMLElement, { beganAt, endedAt, sentence, wouldHave, events }: IncidentView): void {
  const time = row.querySelector('time')
  const words = row.querySelector('.sentence')
  if (!time || !words) return
  row.classList.toggle('lasts', endedAt === undefined)
  time.dateTime = new Date(beganAt).toISOString()
  time.title = moment(beganAt)
  say(time, when(beganAt, serverNow()))
  words.replaceChildren(
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
    wouldHave ? h('span', { class: 'tag' }, 'would have') : '',
  )
  row
    .querySelector('.events')
    ?.replaceChildren(
      ...events.map(({ at, words, why }) =>
        h(
          'li',
          {},
          h('time', { datetime: new Date(at).toISOString() }, timeOfDay(at)),
          h('span', { class: 'step-words' }, words, why !== undefined && h('span', { class: 'why' }, why)),
        ),
      ),
    )
}
