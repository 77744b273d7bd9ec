import type { ActionView } from '../wire.ts'
import { ActionsPanel } from './actions-panel.ts'
import { accountPath, ask } from './api.ts'
import { ChartPanel } from './chart-panel.ts'
import { CodePanel } from './code-panel.ts'
import { h } from './element.ts'
import { serverNow } from './server-clock.ts'
import type { Shown } from './standing.ts'
import { StatusPanel } from './status-panel.ts'
import { TimelinePanel } from './timeline-panel.ts'
import { TrafficPanel } from './traffic-panel.ts'

/** Everything about one account. */
export class AccountDetail {
  readonly account: string
  readonly element: HTMLElement
  readonly #status: StatusPanel
  readonly #code: CodePanel
  readonly #chart = new ChartPanel('chart-title')
  readonly #traffic: TrafficPanel
  readonly #timeline: TimelinePanel
  readonly #actions: ActionsPanel

  constructor(account: string, tell: (sentence: string) => void) {
    this.account = account
    const act = (action: string, body: object) =>
      ask<ActionView>('POST', accountPath(account, `actions/${action}`), body)
    this.#code = new CodePanel(
      'code-title',
      () => act('relink', {}),
      (phone) => act('pairing-code', { phone }),
    )
    this.#traffic = new TrafficPanel(account, 'traffic-title')
    this.#timeline = new TimelinePanel(account, 'timeline-title')
    this.#actions = new ActionsPanel(account, 'actions-title', tell)
    this.#status = new StatusPanel(
      this.#actions.tell,
      () => this.#code.askForCodes(),
      () => this.#code.askForCharacters(),
      this.#timeline.lately,
    )
    this.element = h(
      'div',
      { class: 'detail' },
      h(
        'div',
        { class: 'main-column' },
        this.#status.element,
        this.#code.element,
        this.#traffic.element,
        this.#timeline.element,
        this.#chart.element,
      ),
      h('div', { class: 'side-column' }, this.#actions.element),
    )
  }

  show(shown: Shown): void {
    const { view, standing, known } = shown
    this.element.classList.toggle('stale', known.stale)
    this.#status.show(shown)
    this.#code.show(view)
    this.#traffic.show(view, serverNow())
    this.#chart.show(view, standing)
    this.#timeline.show(view)
    this.#actions.show(view)
  }

  tick(now: number): void {
    this.#status.tick(now)
    this.#code.tick(now)
    this.#traffic.tick(now)
    this.#timeline.tick(now)
  }
}
