import { lasting } from '../../languages/span.ts'
import { isolated } from '../../languages/translation.ts'
import { askToAct } from './action-dialog.ts'
import { keepLink, wordsOf } from './action-words.ts'
import { moment, remaining, when } from './duration.ts'
import { h, onChange, say } from './element.ts'
import { type Offer, type OfferedButton, offersOf, offerTitles, remediationHere } from './remedy-words.ts'
import { serverNow } from './server-clock.ts'
import { speak } from './speech.ts'
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
  readonly #nextWords = h('span', {})
  readonly #nextBar = h('span', { class: 'bar', 'aria-hidden': 'true' }, this.#bar)
  readonly #who = h('p', { class: 'who' })
  readonly #observes = h(
    'p',
    { class: 'observes', hidden: true },
    h('strong', {}, 'Only observing.'),
    ' Nothing is touched: what it says it would have done, it has not done.',
  )
  readonly #tell: (sentence: string) => void
  readonly #newCodes: () => void
  readonly #byNumber: () => void
  readonly #buttons = h('div', { class: 'row remedy-buttons', hidden: true })
  #shown: Shown | undefined
  /** When the wait for the next try was first seen: the bar's beginning. */
  #waitBegan = 0

  /**
   * `tell` says what was asked for; `newCodes` asks for a series of codes; `byNumber` opens the way to link without a
   * camera; `lately` says whether it was down.
   */
  constructor(tell: (sentence: string) => void, newCodes: () => void, byNumber: () => void, lately: HTMLElement) {
    this.#newCodes = newCodes
    this.#tell = tell
    this.#byNumber = byNumber
    this.element = h(
      'section',
      { class: 'card hero', 'aria-label': 'Status' },
      this.#who,
      h('div', { class: 'headline' }, h('span', { class: 'lamp', 'aria-hidden': 'true' }), this.#label),
      this.#since,
      this.#message,
      this.#remedy,
      this.#next,
      this.#buttons,
      lately,
      this.#observes,
    )
    this.#next.append(this.#nextWords, this.#left, this.#nextBar)
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
    // While a code is shown the steps beside it say what to do.
    this.#remediation(known.stale || view.qr !== undefined ? '' : remediationHere(status))
    this.#offers(known.stale ? [] : offersOf(view))
    this.#person([view.account, status.self?.name ?? '', number(status.self?.id), view.host ?? ''])
    this.#sinceAt(
      known.stale ? ['heard', known.heardAt] : [view.downSince === undefined ? 'is' : 'down', sinceOf(view)],
    )
    this.#observes.hidden = view.mode !== 'observe'
    this.tick(serverNow())
  }

  tick(now: number): void {
    if (!this.#shown) return
    const { view, known } = this.#shown
    const { status } = view
    say(this.#lasts, lasting(now - (known.stale ? known.heardAt : sinceOf(view))))
    const at = known.stale ? undefined : status.nextAttemptAt
    const trying = !known.stale && view.downSince !== undefined && status.state === 'connecting'
    this.#next.hidden = at === undefined && !trying
    this.#nextBar.hidden = at === undefined
    say(this.#nextWords, at === undefined ? 'Trying now' : 'Next try in ')
    say(this.#left, at === undefined ? '' : at > now ? remaining(at - now) : 'a moment')
    if (at === undefined) return
    const whole = Math.max(1, at - this.#waitBegan)
    this.#bar.style.transform = `scaleX(${Math.min(1, Math.max(0, (now - this.#waitBegan) / whole))})`
  }

  readonly #sinceAt = onChange(([what, at]: readonly [keyof typeof sinceWords, number]) => {
    const [before, between] = sinceWords[what]
    const time = h('time', { datetime: new Date(at).toISOString(), title: moment(at) }, when(at, serverNow()))
    this.#since.replaceChildren(speak(before), this.#lasts, speak(between), time)
  })

  readonly #remediation = onChange((text: string) => {
    this.#remedy.hidden = text === ''
    this.#remedy.replaceChildren(h('span', { class: 'remedy-name' }, 'What to do'), h('p', {}, text))
  })

  /** What helps now, as buttons; an update that brings the same ones leaves the focus where it is. */
  #offers(offers: readonly OfferedButton[]): void {
    this.#buttons.hidden = offers.length === 0
    this.#place(offers.map(({ offer }) => offer))
    for (const [at, { helps, takes }] of offers.entries()) {
      const button = this.#buttons.children[at]
      if (!button) continue
      button.className = helps && at === 0 ? 'button primary' : 'button'
      if (takes) button.removeAttribute('aria-disabled')
      else button.setAttribute('aria-disabled', 'true')
    }
  }

  readonly #place = onChange((offers: readonly Offer[]) => {
    this.#buttons.replaceChildren(
      ...offers.map((offer) =>
        h('button', { type: 'button', 'data-offer': offer, onclick: () => this.#press(offer) }, offerTitles[offer]),
      ),
    )
  })

  #press(offer: Offer): void {
    const button = this.#buttons.querySelector(`[data-offer="${offer}"]`)
    if (!this.#shown || button?.getAttribute('aria-disabled') === 'true') return
    const { view } = this.#shown
    if (offer === 'pairing-code') this.#byNumber()
    // Nothing is lost by a series of codes where the last one ran out: that needs no question.
    else if (offer === 'show-code' && view.status.state === 'awaitingQr') this.#newCodes()
    else if (offer === 'keep-link') askToAct(keepLink, view, this.#tell)
    else askToAct(wordsOf(offer === 'show-code' ? 'relink' : 'reconnect'), view, this.#tell)
  }

  readonly #person = onChange(([account = '', name = '', phone = '', host = '']: readonly string[]) => {
    const parts = [name, phone, host && speak(`on ${host}`)].filter(Boolean)
    const isolated = parts.flatMap((part) => [' · ', h('bdi', {}, part)])
    this.#who.replaceChildren(h('strong', {}, h('bdi', {}, account)), ...isolated)
  })
}

/** What the time in the card is the time of: the state, the whole outage, or the silence. */
const sinceWords = {
  is: ['for ', ', since '],
  down: ['not connected for ', ', since '],
  heard: ['last heard ', ' ago, at '],
} as const

/** A try takes a second; how long it has been down is what counts. */
const sinceOf = ({ status, downSince }: Shown['view']): number => downSince ?? status.since

/** Why nobody knows how the account fares now, and what will happen. */
function silence({ view, known }: Shown): string {
  return known.silent === 'host'
    ? `The host ${isolated(view.host ?? '')} does not answer. If it is gone, another host takes the account over by itself.`
    : 'This page does not hear its gateway. It tries again by itself; see that the gateway runs.'
}

/** `491700000001:3@s.whatsapp.net` as people write it. */
function number(id: string | undefined): string {
  const digits = /^\d+(?=[:@])/.exec(id ?? '')?.[0]
  return digits === undefined || id?.includes('@lid') ? '' : `+${digits}`
}
