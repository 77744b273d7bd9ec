import { lasting } from '../../languages/span.ts'
import type { AccountView } from '../wire.ts'
import { AccountFilter } from './account-filter.ts'
import type { Accounts } from './accounts.ts'
import { h, say } from './element.ts'
import { serverNow } from './server-clock.ts'

/** Height of a row in CSS pixels, as the style sheet has it. */
const rowHeight = 64
/** Rows kept ready above and below what is seen. */
const spare = 6

interface Row {
  readonly element: HTMLElement
  readonly name: HTMLElement
  readonly host: HTMLElement
  readonly label: HTMLElement
  readonly since: HTMLElement
}

/**
 * Every account, those who need somebody first. Only the rows in sight exist, so that a thousand accounts cost what
 * thirty do. One stop for the Tab key; the arrow keys go through it.
 */
export class AccountList {
  readonly element: HTMLElement
  readonly #accounts: Accounts
  readonly #choose: (account: string) => void
  readonly #filter: AccountFilter
  readonly #count = h('p', { class: 'hint', role: 'status' })
  readonly #canvas = h('div', { class: 'rows-canvas', role: 'presentation' })
  readonly #list: HTMLElement
  readonly #rows = new Map<string, Row>()
  #found: readonly AccountView[] = []
  #chosen = ''
  #active = ''
  #drawing = false

  constructor(accounts: Accounts, choose: (account: string) => void) {
    this.#accounts = accounts
    this.#choose = choose
    this.#filter = new AccountFilter(accounts, () => this.#find(true))
    this.#filter.search.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown') this.#list.focus()
      if (event.key === 'Enter') this.#pick(0)
    })
    this.#list = h(
      'div',
      {
        class: 'rows',
        role: 'listbox',
        tabindex: 0,
        'aria-label': 'Accounts, those who need somebody first',
        onkeydown: (event: KeyboardEvent) => this.#key(event),
        onscroll: () => this.#soon(),
        onfocus: () => this.#activate(Math.max(0, this.#indexOf(this.#active))),
      },
      this.#canvas,
    )
    this.element = h(
      'nav',
      { class: 'account-list', 'aria-label': 'Accounts' },
      ...this.#filter.elements,
      this.#count,
      this.#list,
    )
    new ResizeObserver(() => this.#soon()).observe(this.#list)
  }

  choose(account: string): void {
    this.#chosen = account
    this.#active = account
    this.#soon()
  }

  /** Draws again before the next frame, however many changes have come. */
  show(): void {
    this.#find(false)
  }

  tick(now: number): void {
    for (const [account, { since }] of this.#rows) {
      const view = this.#accounts.get(account)
      if (view) say(since, this.#lasts(view, now))
    }
  }

  /** Whether a state still lasts of which nothing is heard, nobody knows. */
  #lasts(view: AccountView, now: number): string {
    return this.#accounts.known(view).stale ? '' : lasting(now - view.status.since)
  }

  #find(anew: boolean): void {
    this.#found = this.#filter.found()
    const { length } = this.#found
    const people = this.#found.filter((view) => this.#accounts.standing(view).calls).length
    say(
      this.#count,
      `${length} ${length === 1 ? 'account' : 'accounts'}${people === 0 ? '' : `, ${people} for a person`}`,
    )
    if (anew) this.#list.scrollTop = 0
    this.#soon()
  }

  #soon(): void {
    if (this.#drawing) return
    this.#drawing = true
    requestAnimationFrame(() => {
      this.#drawing = false
      this.#draw()
    })
  }

  #draw(): void {
    this.#canvas.style.height = `${this.#found.length * rowHeight}px`
    const first = Math.max(0, Math.floor(this.#list.scrollTop / rowHeight) - spare)
    const last = Math.ceil((this.#list.scrollTop + this.#list.clientHeight) / rowHeight) + spare
    const seen = this.#found.slice(first, last)
    const names = new Set(seen.map(({ account }) => account))
    for (const [account, { element }] of this.#rows) {
      if (names.has(account)) continue
      element.remove()
      this.#rows.delete(account)
    }
    for (const [at, view] of seen.entries()) this.#write(view, first + at)
    const active = this.#rows.get(this.#active)?.element
    if (active) this.#list.setAttribute('aria-activedescendant', active.id)
    else this.#list.removeAttribute('aria-activedescendant')
  }

  #write(view: AccountView, at: number): void {
    const { element, name, host, label, since } = this.#rows.get(view.account) ?? this.#newRow(view.account)
    element.style.transform = `translateY(${at * rowHeight}px)`
    const { tone, word } = this.#accounts.standing(view)
    element.dataset.tone = tone
    element.classList.toggle('active', view.account === this.#active)
    element.setAttribute('aria-posinset', String(at + 1))
    element.setAttribute('aria-setsize', String(this.#found.length))
    element.setAttribute('aria-selected', String(view.account === this.#chosen))
    say(name, view.account)
    const observing = view.mode === 'observe' ? ' · observing' : ''
    say(label, `${word}${observing}`)
    say(host, view.host ?? '')
    say(since, this.#lasts(view, serverNow()))
  }

  #newRow(account: string): Row {
    const [name, host, label, since] = [
      h('bdi', { class: 'row-name' }),
      h('bdi', { class: 'row-host' }),
      h('span', { class: 'row-label' }),
      h('span', { class: 'row-since figure' }),
    ]
    const element = h(
      'div',
      {
        class: 'row-item',
        role: 'option',
        id: `account-${encodeURIComponent(account)}`,
        onclick: () => this.#choose(account),
      },
      h('span', { class: 'lamp', 'aria-hidden': 'true' }),
      h('span', { class: 'row-words' }, h('span', {}, name, host), label),
      since,
    )
    const row = { element, name, host, label, since }
    this.#rows.set(account, row)
    this.#canvas.append(element)
    return row
  }

  #indexOf(account: string): number {
    return this.#found.findIndex((view) => view.account === account)
  }

  #pick(at: number): void {
    const view = this.#found[at]
    if (view) this.#choose(view.account)
  }

  #activate(at: number): void {
    const view = this.#found[Math.min(this.#found.length - 1, Math.max(0, at))]
    if (!view) return
    this.#active = view.account
    const top = this.#indexOf(view.account) * rowHeight
    const { scrollTop, clientHeight } = this.#list
    if (top < scrollTop) this.#list.scrollTop = top
    if (top + rowHeight > scrollTop + clientHeight) this.#list.scrollTop = top + rowHeight - clientHeight
    this.#draw()
  }

  #key(event: KeyboardEvent): void {
    const at = this.#indexOf(this.#active)
    const onePage = Math.max(1, Math.floor(this.#list.clientHeight / rowHeight) - 1)
    const goes: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + onePage,
      PageUp: at - onePage,
      Home: 0,
      End: this.#found.length - 1,
    }
    const to = goes[event.key]
    if (to === undefined && event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    if (to === undefined) this.#pick(at)
    else this.#activate(to)
  }
}
