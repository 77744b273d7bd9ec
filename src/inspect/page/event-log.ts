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

/** The newest row, as long as equal events come. */
interface Newest {
  readonly said: string
  readonly item: HTMLElement
  readonly time: HTMLElement
  readonly times: HTMLElement
  count: number
}

/**
 * The events, newest first, each with the state that it led to. Equal ones that follow each other are one row with
 * their number, and one kind alone can be shown.
 */
export class EventLog {
  readonly #list: HTMLElement
  readonly #kind: HTMLSelectElement
  readonly #kinds = new Set<string>()
  #place = ''
  #newest: Newest | undefined

  constructor(list: HTMLElement, kind: HTMLSelectElement) {
    this.#list = list
    this.#kind = kind
    kind.addEventListener('change', () => {
      for (const item of this.#list.children) this.#filter(item as HTMLElement)
    })
  }

  clear(): void {
    this.#list.replaceChildren()
    this.#place = ''
    this.#newest = undefined
  }

  add({ event, createdAt, snapshot }: SnapshotMessage): void {
    const place = placesIn(snapshot.value).at(-1) ?? ''
    const said = `${event.type} ${about(event)}`
    const at = new Date(Number(createdAt)).toTimeString().slice(0, 8)
    if (this.#newest?.said === said && place === this.#place) {
      this.#again(this.#newest, at)
      return
    }
    const time = document.createElement('time')
    time.textContent = at
    const item = document.createElement('li')
    const times = span('', 'times')
    item.dataset.kind = event.type
    item.append(time, ' ', nameOf(event.type), times, ' ', span(about(event), 'why'))
    if (place !== this.#place) item.append(document.createElement('br'), span(`→ ${place}`, 'moved'))
    this.#place = place
    this.#newest = { said, item, time, times, count: 1 }
    this.#offer(event.type)
    this.#filter(item)
    this.#list.prepend(item)
    while (this.#list.childElementCount > most) this.#list.lastElementChild?.remove()
  }

  #again(newest: Newest, at: string): void {
    newest.count += 1
    newest.time.textContent = at
    newest.times.textContent = ` × ${newest.count}`
  }

  #filter(item: HTMLElement): void {
    item.hidden = this.#kind.value !== '' && item.dataset.kind !== this.#kind.value
  }

  /** A kind that came for the first time can be chosen; the list of them is in the order of their names. */
  #offer(kind: string): void {
    if (this.#kinds.has(kind)) return
    this.#kinds.add(kind)
    const after = [...this.#kind.options].find(({ value }) => value > kind)
    this.#kind.add(new Option(kind, kind), after ?? null)
  }
}
