import { lasting } from '../../languages/span.ts'
import type { AccountView } from '../wire.ts'
import { timeOfDay } from './duration.ts'
import { h, say } from './element.ts'
import type { Knowledge } from './knowledge.ts'

/** Every host with what it runs, and when it last showed that it lives. Not there for a single one. */
export class HostList {
  readonly element: HTMLElement
  readonly #list = h('ul', { class: 'hosts' })
  readonly #rows = new Map<string, { readonly element: HTMLElement; readonly heard: HTMLElement }>()
  readonly #knowledge: Knowledge
  #counts = new Map<string, number>()

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge
    this.element = h('section', { 'aria-label': 'Hosts', hidden: true }, this.#list)
  }

  show(all: readonly AccountView[], now: number): void {
    this.#counts = new Map()
    for (const { host = '' } of all) this.#counts.set(host, (this.#counts.get(host) ?? 0) + 1)
    this.tick(now)
  }

  tick(now: number): void {
    const { hosts } = this.#knowledge
    this.element.hidden = hosts.length < 2
    const names = new Set(hosts.map(({ host }) => host))
    for (const [host, { element }] of this.#rows) {
      if (names.has(host)) continue
      element.remove()
      this.#rows.delete(host)
    }
    for (const { host, heardAt } of hosts) {
      const { element, heard } = this.#row(host)
      const { stale } = this.#knowledge.of({ host }, now)
      element.dataset.tone = stale ? 'unknown' : 'open'
      const count = this.#counts.get(host) ?? 0
      const accounts = `${count} ${count === 1 ? 'account' : 'accounts'}`
      say(
        heard,
        stale
          ? `${accounts} · last heard ${timeOfDay(heardAt)}, ${lasting(now - heardAt)} ago`
          : `${accounts} · alive, heard ${timeOfDay(heardAt)}`,
      )
    }
  }

  #row(host: string) {
    const known = this.#rows.get(host)
    if (known) return known
    const heard = h('span', { class: 'hint figure' })
    const element = h(
      'li',
      { class: 'host' },
      h('span', { class: 'lamp', 'aria-hidden': 'true' }),
      h('strong', {}, h('bdi', {}, host)),
      heard,
    )
    const row = { element, heard }
    this.#rows.set(host, row)
    this.#list.append(element)
    return row
  }
}
