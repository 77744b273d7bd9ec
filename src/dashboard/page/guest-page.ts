import { isolated } from '../../languages/translation.ts'
import type { AccountView, SessionView } from '../wire.ts'
import { ask } from './api.ts'
import { CodePanel } from './code-panel.ts'
import { h, say } from './element.ts'
import { showFavicon } from './favicon.ts'
import { LiveView } from './live-view.ts'
import { entitle } from './page-title.ts'
import { onAPhone } from './pairing-form.ts'
import { speak } from './speech.ts'
import { wordmark } from './wordmark.ts'

/** What the holder of a one-time link sees: the code of one account, and whether it worked. Nothing else. */
export class GuestPage {
  readonly element: HTMLElement
  /** When there is something to show. */
  readonly ready: Promise<void>
  readonly #code: CodePanel
  readonly #live: LiveView
  #linked = false
  readonly #state = h('p', { class: 'guest-state', role: 'status' })

  /** `ended`: the time of the link is over; whether the account was linked by then. */
  constructor({ account = '' }: SessionView, ended: (linked: boolean) => void) {
    this.#code = new CodePanel(
      'code-title',
      () => ask('POST', 'api/links/code', {}),
      (phone) => ask('POST', 'api/links/characters', { phone }),
    )
    // Who opens a link on a phone has WhatsApp there, most often.
    if (onAPhone) this.#code.openForm()
    this.#live = new LiveView(
      'guest',
      (now) => this.#code.tick(now),
      () => {
        this.#live.end()
        ended(this.#linked)
        // Nobody is let in again by a link.
        return new Promise(() => undefined)
      },
    )
    this.ready = this.#live.ready
    this.element = h(
      'div',
      { class: 'page guest' },
      h('header', { class: 'top' }, wordmark()),
      this.#live.banner,
      this.#live.announcer.element,
      h(
        'main',
        { id: 'main' },
        h('h1', { class: 'unseen' }, `Link ${isolated(account)}`),
        this.#state,
        this.#code.element,
      ),
    )
    this.#live.accounts.onChange(() => this.#show(this.#live.accounts.all[0]))
  }

  #show(view: AccountView | undefined): void {
    if (!view) {
      say(this.#state, 'This account is not there any more. Ask its owner.')
      return
    }
    const { tone, word, title } = this.#live.accounts.standing(view)
    showFavicon(tone, 0)
    this.#code.show(view)
    this.#state.dataset.tone = tone
    const linked = tone === 'open' || tone === 'healing'
    if (tone !== 'unknown') this.#linked = linked
    say(
      this.#state,
      linked
        ? `${isolated(view.account)} is linked and connected. You can close this page.`
        : view.status.state === 'awaitingQr' && tone !== 'unknown'
          ? view.status.message
          : `${isolated(view.account)}: ${word}. Nothing is to be scanned at the moment.`,
    )
    entitle(`${speak(tone === 'unknown' ? title : 'Link')} · ${view.account} · Lifeline`)
  }
}
