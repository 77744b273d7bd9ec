import type { AccountView } from '../wire.ts'
import { lasting, moment, remaining, when } from './duration.ts'
import { h, onChange, say } from './element.ts'
import { serverNow } from './server-clock.ts'
import { needsPerson, toneOf } from './tone.ts'

/**
 * The state of one account in words: what is, since when, what is the matter, what to do, and when the next try comes.
 */
export class StatusPanel {
  readonly element: HTMLElement
  readonly #label = h('h1', { class: 'state' })
  readonly #since = h('p', { class: 'since' })
  readonly #lasts = h('span', { class: 'figure' })
  readonly #message = h('p', { class: 'message' })
  readonly #remedy = h('div', { class: 'remedy', hidden: true })
  readonly #next = h('p', { class: 'next', hidden: true })
  readonly #left = h('strong', { class: 'figure' })
  readonly #bar = h('span', { class: 'bar-fill' })
  readonly #who = h('p', { class: 'who' })
  readonly #observes = h(
    'p',
    { class: 'observes', hidden: true },
    h('strong', {}, 'Only observing.'),
    ' Nothing is touched: what it says it would have done, it has not done.',
  )
  #view: AccountView | undefined
  /** When the wait for the next try was first seen: the bar's beginning. */
  #waitBegan = 0

  constructor() {
    this.element = h(
      'section',
      { class: 'card hero', 'aria-label': 'Status' },
      this.#who,
      h('div', { class: 'headline' }, h('span', { class: 'lamp', 'aria-hidden': 'true' }), this.#label),
      this.#since,
      this.#message,
      this.#remedy,
      this.#next,
      this.#observes,
    )
    this.#next.append('Next try in ', this.#left, h('span', { class: 'bar', 'aria-hidden': 'true' }, this.#bar))
  }

  show(view: AccountView): void {
    const { status } = view
    if (status.nextAttemptAt !== this.#view?.status.nextAttemptAt) this.#waitBegan = Math.max(status.since, 0)
    this.#view = view
    this.element.dataset.tone = toneOf(view)
    this.element.dataset.state = status.state
    this.element.classList.toggle('calls', needsPerson(view))
    say(this.#label, view.label)
    // `Connected` and then `Connected.` would be said twice.
    this.#message.hidden = status.message === `${view.label}.`
    say(this.#message, status.message)
    this.#remediation(status.remediation ?? '')
    this.#person([view.account, status.self?.name ?? '', number(status.self?.id), view.host ?? ''])
    this.#sinceAt(status.since)
    this.#observes.hidden = view.mode !== 'observe'
    this.tick(serverNow())
  }

  tick(now: number): void {
    if (!this.#view) return
    const { status } = this.#view
    say(this.#lasts, lasting(now - status.since))
    const at = status.nextAttemptAt
    this.#next.hidden = at === undefined
    if (at === undefined) return
    say(this.#left, at > now ? remaining(at - now) : 'a moment')
    const whole = Math.max(1, at - this.#waitBegan)
    this.#bar.style.transform = `scaleX(${Math.min(1, Math.max(0, (now - this.#waitBegan) / whole))})`
  }

  readonly #sinceAt = onChange((at: number) =>
    this.#since.replaceChildren(
      'for ',
      this.#lasts,
      ', since ',
      h('time', { datetime: new Date(at).toISOString(), title: moment(at) }, when(at, serverNow())),
    ),
  )

  readonly #remediation = onChange((text: string) => {
    this.#remedy.hidden = text === ''
    this.#remedy.replaceChildren(h('span', { class: 'remedy-name' }, 'What to do'), h('p', {}, text))
  })

  readonly #person = onChange(([account = '', name = '', phone = '', host = '']: readonly string[]) => {
    const parts = [name, phone, host && `on ${host}`].filter(Boolean)
    this.#who.replaceChildren(h('strong', {}, account), ...parts.flatMap((part) => [' · ', part]))
  })
}

/** `491700000001:3@s.whatsapp.net` as people write it. */
function number(id: string | undefined): string {
  const digits = /^\d+(?=[:@])/.exec(id ?? '')?.[0]
  return digits === undefined || id?.includes('@lid') ? '' : `+${digits}`
}
