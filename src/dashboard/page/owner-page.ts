import type { AccountView, SessionView } from '../wire.ts'
import { AccountDetail } from './account-detail.ts'
import { AccountList } from './account-list.ts'
import { Alerts } from './alerts.ts'
import { ask } from './api.ts'
import { h, say } from './element.ts'
import { showFavicon } from './favicon.ts'
import { HostList } from './host-list.ts'
import { LiveView } from './live-view.ts'
import { entitle } from './page-title.ts'
import { serverNow } from './server-clock.ts'
import { signInAgain } from './signed-out.ts'
import { speak } from './speech.ts'
import type { Standing } from './standing.ts'
import { wordmark } from './wordmark.ts'

/** The account that the address names: `#/bot%201`. */
const named = (): string => {
  try {
    return location.hash.startsWith('#/') ? decodeURIComponent(location.hash.slice(2)) : ''
  } catch {
    return ''
  }
}

/**
 * The whole dashboard. With one account its detail stands there at once; with many, a list and the detail of the chosen
 * one.
 */
export class OwnerPage {
  readonly element: HTMLElement
  /** When there is something to show. */
  readonly ready: Promise<void>
  readonly #live: LiveView
  readonly #list: AccountList
  readonly #hosts: HostList
  readonly #main = h('div', { id: 'main', tabindex: -1 })
  readonly #summary = h('p', { class: 'summary' })
  readonly #back = h('a', { href: '#', class: 'back button quiet' }, '‹ All accounts')
  #detail: AccountDetail | undefined
  readonly #alerts: Alerts
  readonly #said = new Map<string, string>()

  /** `left`: its owner has signed out. */
  constructor(session: SessionView, left: () => void) {
    this.#live = new LiveView('owner', (now) => this.#tick(now), signInAgain)
    const { accounts, announcer, banner, knowledge } = this.#live
    this.#alerts = new Alerts((sentence) => announcer.say(sentence))
    this.#hosts = new HostList(knowledge)
    this.#list = new AccountList(accounts, (account) => {
      location.hash = `#/${encodeURIComponent(account)}`
    })
    const out = async (): Promise<void> => {
      await ask('DELETE', 'api/session').catch(() => undefined)
      this.#leave(left)
    }
    this.ready = this.#live.ready
    // Last for the keyboard, so that what helps is soon reached.
    const corner = h(
      'div',
      { class: 'row top-actions' },
      this.#alerts.element,
      session.expiresAt !== undefined &&
        h('button', { type: 'button', class: 'button quiet', onclick: () => void out() }, 'Sign out'),
    )
    this.element = h(
      'div',
      { class: 'page' },
      h('a', { href: '#main', class: 'skip', onclick: (event: Event) => this.#skip(event) }, 'Skip to the account'),
      h('header', { class: 'top' }, wordmark(), this.#summary),
      banner,
      announcer.element,
      h(
        'main',
        { class: 'body' },
        h(
          'div',
          { class: 'list-column' },
          h('h1', { class: 'unseen' }, 'Accounts'),
          this.#hosts.element,
          this.#list.element,
        ),
        this.#main,
      ),
      corner,
    )
    // How long its words are is the language's matter.
    const room = () => this.element.style.setProperty('--corner', `${corner.offsetWidth}px`)
    new ResizeObserver(room).observe(corner)
    accounts.onChange((changed) => this.#show(changed))
    window.addEventListener('hashchange', this.#route)
  }

  #leave(left: () => void): void {
    window.removeEventListener('hashchange', this.#route)
    this.#live.end()
    left()
  }

  #skip(event: Event): void {
    event.preventDefault()
    this.#main.focus()
  }

  readonly #route = (): void => {
    this.#show(new Set())
    if (this.element.classList.contains('chosen')) this.#main.focus()
    window.scrollTo(0, 0)
  }

  #show(changed: ReadonlySet<string>): void {
    const { all } = this.#live.accounts
    const many = all.length > 1
    const wanted = many ? named() : (all[0]?.account ?? '')
    const view = this.#live.accounts.get(wanted) ?? all[0]
    this.element.classList.toggle('many', many)
    this.element.classList.toggle('chosen', many && this.#live.accounts.get(wanted) !== undefined)
    this.#list.element.hidden = !many
    if (many) {
      this.#list.choose(view?.account ?? '')
      this.#list.show()
      this.#hosts.show(all, serverNow())
    }
    this.#totals(all)
    this.#announce(changed, view)
    if (!view) {
      this.#detail = undefined
      this.#main.replaceChildren(h('p', { class: 'card empty' }, 'No account is supervised here yet.'))
      return
    }
    const { accounts } = this.#live
    const standing = accounts.standing(view)
    const people = this.#calls(all)
    entitle(`${people > 0 ? `(${people}) ` : ''}${speak(standing.title)} · ${view.account} · Lifeline`)
    showFavicon(all[0] ? accounts.standing(all[0]).tone : 'rest', people)
    const shown = { view, standing, known: accounts.known(view) }
    if (this.#detail?.account !== view.account) {
      this.#detail = new AccountDetail(view.account, (sentence) => this.#live.announcer.say(sentence))
      this.#main.replaceChildren(this.#back, this.#detail.element)
      this.#detail.show(shown)
    } else if (changed.has(view.account)) this.#detail.show(shown)
  }

  #tick(now: number): void {
    this.#detail?.tick(now)
    this.#list.tick(now)
    this.#hosts.tick(now)
  }

  /** How many need somebody. */
  #calls(all: readonly AccountView[]): number {
    const calling = all.map((view) => ({ view, standing: this.#live.accounts.standing(view) }))
    const calls = calling
      .filter(({ standing }) => standing.calls)
      .map(({ view: { account, status }, standing: { word } }) => ({ account, word, message: status.message }))
    this.#alerts.show(calls)
    return calls.length
  }

  #totals(all: readonly AccountView[]): void {
    const standings = all.map((view) => this.#live.accounts.standing(view))
    const count = (is: (standing: Standing) => boolean): number => standings.filter(is).length
    const people = count(({ calls }) => calls)
    const unheard = count(({ tone }) => tone === 'unknown')
    this.#summary.classList.toggle('calls', people > 0)
    const parts = [
      people > 0
        ? `${people} of ${all.length} ${people === 1 ? 'needs' : 'need'} somebody`
        : `${count(({ open }) => open)} of ${all.length} connected`,
      ...(unheard > 0 ? [`nothing heard of ${unheard}`] : []),
    ]
    say(this.#summary, all.length < 2 ? '' : parts.join(', '))
  }

  /**
   * The chosen account's changes of state, and any account that begins to need somebody. The first sight is not read:
   * it stands there.
   */
  #announce(changed: ReadonlySet<string>, chosen: AccountView | undefined): void {
    for (const account of changed) {
      const view = this.#live.accounts.get(account)
      if (!view) continue
      const before = this.#said.get(account)
      const { calls, tone, word } = this.#live.accounts.standing(view)
      const now = `${view.status.state} ${view.status.userAction} ${tone === 'unknown'}`
      this.#said.set(account, now)
      if (before === undefined || before === now) continue
      if (account === chosen?.account || calls)
        this.#live.announcer.say(`${account}: ${word}.${tone === 'unknown' ? '' : ` ${view.status.message}`}`)
    }
  }
}
