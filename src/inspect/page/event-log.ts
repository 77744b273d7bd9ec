import { placesIn } from '../../diagram/places.ts'
import type { EventMessage, SnapshotMessage } from '../wire.ts'

const most = 300

const span = (text: string, className: string): HTMLElement => {
  const element = document.createElement('span')
  element.className = className
  element.textContent = text
  return element
}

/** A name, which goes on in the next line after a dot where it is too long for one. */
function nameOf(type: string): HTMLElement {
  const name = span('', 'name')
  for (const part of type.split(/(?<=\.)/)) name.append(part, document.createElement('wbr'))
  return name
}

/** What an event says of itself beside its name: `network 408`. */
function about({ cause }: EventMessage['event']): string {
  if (typeof cause !== 'object' || cause === null) return ''
  return Object.values(cause).join(' ')
}

/** The events, newest first, each with the state that it led to. */
export class EventLog {
  readonly #list: HTMLElement
  #place = ''

  constructor(list: HTMLElement) {
    this.#list = list
  }

  clear(): void {
    this.#list.replaceChildren()
    this.#place = ''
  }

  add({ event, createdAt, snapshot }: SnapshotMessage): void {
    const place = placesIn(snapshot.value).at(-1) ?? ''
    const time = document.createElement('time')
    time.textContent = new Date(Number(createdAt)).toTimeString().slice(0, 8)
    const item = document.createElement('li')
    item.append(time, ' ', nameOf(event.type), ' ', span(about(event), 'why'))
    if (place !== this.#place) item.append(document.createElement('br'), span(`→ ${place}`, 'moved'))
    this.#place = place
    this.#list.prepend(item)
    while (this.#list.childElementCount > most) this.#list.lastElementChild?.remove()
  }
}
