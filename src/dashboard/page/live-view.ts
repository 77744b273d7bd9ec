import type { SessionView } from '../wire.ts'
import { Accounts } from './accounts.ts'
import { Announcer } from './announcer.ts'
import { ask, Refusal, whenSignedOut } from './api.ts'
import { h } from './element.ts'
import { Knowledge } from './knowledge.ts'
import { everySecond, setClock } from './server-clock.ts'
import { LiveStream } from './stream.ts'

const longestBlankMs = 500

/**
 * The accounts over a stream that heals itself, with what is said when it is lost: what the owner's page and a guest's
 * have in common.
 */
export class LiveView {
  readonly knowledge = new Knowledge()
  readonly accounts = new Accounts(this.knowledge)
  readonly announcer = new Announcer()
  /** Says that the stream is lost, while it is. */
  readonly banner = h('div', { class: 'banner', role: 'alert' })
  /**
   * Resolves when there is something to show: the first accounts, or after a moment that they do not come. A frame is
   * dear, so none is drawn before.
   */
  readonly ready: Promise<void>
  readonly #stream: LiveStream
  readonly #untick: () => void

  /** `again` is called when the gateway does not know the viewer any more: it resolves when he is let in again. */
  constructor(who: SessionView['who'], tick: (now: number) => void, again: () => Promise<void>) {
    let come: () => void = () => undefined
    this.ready = new Promise((resolve) => {
      come = resolve
      window.setTimeout(resolve, longestBlankMs)
    })
    this.#untick = everySecond((now) => {
      this.accounts.look(now)
      tick(now)
    })
    this.#stream = new LiveStream({
      heard: (kind, data) => {
        setClock(data.at)
        this.knowledge.heard(data)
        this.accounts.look(data.at)
        if (kind === 'ping' || !('accounts' in data)) return
        if (kind === 'changes' && 'gone' in data) this.accounts.change(data.accounts, data.gone)
        else this.accounts.replace(data.accounts)
        come()
      },
      flows: () => {
        this.#lost(false)
      },
      lost: () => {
        this.#lost(true)
      },
      stillIn: async () => {
        const session = await ask<SessionView>('GET', 'api/session').catch((thrown: unknown) => thrown)
        // A gateway that does not answer has thrown nobody out.
        const out = !(session instanceof Refusal) && (session as SessionView).who !== who
        if (out) await again()
      },
    })
    whenSignedOut(again)
    this.#stream.open()
  }

  end(): void {
    whenSignedOut(undefined)
    this.#stream.end()
    this.#untick()
  }

  #lost(lost: boolean): void {
    document.documentElement.classList.toggle('lost', lost)
    if (lost === this.banner.hasChildNodes()) return
    this.banner.replaceChildren(...(lost ? [h('p', {}, 'Connection to the gateway lost; trying again.')] : []))
    if (!lost) this.announcer.say('The connection to the gateway is back.')
  }
}
