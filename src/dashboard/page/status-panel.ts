import { lasting, moment, remaining, when } from './duration.ts'
import { h, onChange, say } from './element.ts'
import { serverNow } from './server-clock.ts'
import type { Shown } from './standing.ts'

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
  #shown: Shown | undefined
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

  show(shown: Shown): void {
    const { view, standing, known } = shown
    const { status } = view
    if (status.nextAttemptAt !== this.#shown?.view.status.nextAttemptAt) this.#waitBegan = Math.max(status.since, 0)
    this.#shown = shown
    this.element.dataset.tone = standing.tone
    this.element.dataset.state = status.state
    this.element.classList.toggle('calls', standing.calls)
    say(this.#label, standing.word)
    // `Connected` and then `Connected.` would be said twice.
    this.#message.hidden = !known.stale && status.message === `${view.label}.`
    say(this.#message, known.stale ? silence(shown) : status.message)
    this.#remediation(known.stale ? '' : (status.remediation ?? ''))
    this.#person([view.account, status.self?.name ?? '', number(status.self?.id), view.host ?? ''])
    this.#sinceAt(known.stale ? ['last heard', known.heardAt] : ['', status.since])
    this.#observes.hidden = view.mode !== 'observe'
    this.tick(serverNow())
  }

  tick(now: number): void {
    if (!this.#shown) return
    const { view, known } = this.#shown
    const { status } = view
    say(this.#lasts, lasting(now - (known.stale ? known.heardAt : status.since)))
    const at = known.stale ? undefined : status.nextAttemptAt
    this.#next.hidden = at === undefined
    if (at === undefined) return
    say(this.#left, at > now ? remaining(at - now) : 'a moment')
    const whole = Math.max(1, at - this.#waitBegan)
    this.#bar.style.transform = `scaleX(${Math.min(1, Math.max(0, (now - this.#waitBegan) / whole))})`
  }

  readonly #sinceAt = onChange(([what, at]: readonly ['' | 'last heard', number]) => {
    const moments = h('time', { datetime: new Date(at).toISOString(), title: moment(at) }, when(at, serverNow()))
    if (what === '') this.#since.replaceChildren('for ', this.#lasts, ', since ', moments)
    else this.#since.replaceChildren('last heard ', this.#lasts, ' ago, at ', moments)
  })

  readonly #remediation = onChange((text: string) => {
    this.#remedy.hidden = text === ''
    this.#remedy.replaceChildren(h('span', { class: 'remedy-name' }, 'What to do'), h('p', {}, text))
  })

  readonly #person = onChange(([account = '', name = '', phone = '', host = '']: readonly string[]) => {
    const parts = [name, phone, host && `on ${host}`].filter(Boolean)
    this.#who.replaceChildren(h('strong', {}, account), ...parts.flatMap((part) => [' · ', part]))
  })
}

/** Why nobody knows how the account fares now, and what will happen. */
function silence({ view, known }: Shown): string {
  return known.silent === 'host'
    ? `The host ${view.host ?? ''} does not answer. If it is gone, another host takes the account over by itself.`
    : 'This page does not hear its gateway. It tries again by itself; see that the gateway runs.'
}

/** `491700000001:3@s.whatsapp.net` as people write it. */
function number(id: string | undefined): string {
  const digits = /^\d+(?=[:@])/.exec(id ?? '')?.[0]
  return digits === undefined || id?.includes('@lid') ? '' : `+${digits}`
}
