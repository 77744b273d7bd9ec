import type { AccountView, HealView, TimelineView } from '../wire.ts'
import { accountPath, ask } from './api.ts'
import { brief } from './duration.ts'
import { h, onChange } from './element.ts'
import { IncidentList } from './incident-list.ts'
import { problem } from './problem.ts'

const spans = [
  ['h24', '24 hours'],
  ['d7', '7 days'],
  ['d30', '30 days'],
] as const

/** Two decimals, rounded down: one lost minute must not read as 100 %. */
const percent = (share: number): string =>
  share === 1 ? '100 %' : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`

/**
 * What happened to the account: how much of the time it was there, its incidents as sentences, how long healing took.
 */
export class TimelinePanel {
  readonly element: HTMLElement
  readonly #account: string
  readonly #figures = h('dl', { class: 'availability' })
  readonly #incidents = new IncidentList()
  readonly #heal = h('div', { class: 'heal' })
  readonly #trouble = h('div', {})
  #asking = false
  #again = false

  constructor(account: string, headingId: string) {
    this.#account = account
    this.element = h(
      'section',
      { class: 'card timeline-panel', 'aria-labelledby': headingId },
      h('h2', { id: headingId }, 'What happened'),
      this.#figures,
      this.#trouble,
      this.#incidents.element,
      this.#heal,
    )
  }

  /** A change of state is what can change the timeline; it is asked for then, not on every change of words. */
  readonly #stale = onChange((_: unknown) => void this.#ask())

  show({ status, trail }: AccountView): void {
    this.#stale([status.state, trail.at(-1)?.at])
  }

  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#again = true
      return
    }
    this.#asking = true
    try {
      const timeline = await ask<TimelineView>('GET', accountPath(this.#account, 'timeline'))
      this.#trouble.replaceChildren()
      this.#availability(timeline.availability)
      this.#incidents.show(timeline.incidents)
      this.#healing(timeline.heal)
    } catch (thrown) {
      this.#trouble.replaceChildren(problem(thrown))
    } finally {
      this.#asking = false
      if (this.#again) {
        this.#again = false
        void this.#ask()
      }
    }
  }

  readonly #availability = onChange((availability: TimelineView['availability']) => {
    this.#figures.replaceChildren(
      ...spans.map(([span, words]) => {
        const share = availability[span]
        const fill = h('span', { class: 'bar-fill' })
        fill.style.transform = `scaleX(${share ?? 0})`
        return h(
          'div',
          {},
          h('dt', {}, words),
          h('dd', { class: 'figure' }, share === null ? 'no record' : percent(share)),
          h('dd', { class: 'bar', 'aria-hidden': 'true' }, fill),
        )
      }),
    )
  })

  readonly #healing = onChange((rows: readonly HealView[]) => {
    if (rows.length === 0) return this.#heal.replaceChildren()
    const longest = Math.max(...rows.map(({ medianMs }) => medianMs), 1)
    this.#heal.replaceChildren(
      h('h3', {}, 'Time to heal'),
      h(
        'table',
        {},
        h(
          'thead',
          { class: 'unseen' },
          h('tr', {}, ...['Cause', 'How often', 'Median'].map((head) => h('th', { scope: 'col' }, head))),
        ),
        h('tbody', {}, ...rows.map((row) => healRow(row, longest))),
      ),
    )
  })
}

function healRow({ words, count, medianMs }: HealView, longest: number): HTMLElement {
  const fill = h('span', { class: 'bar-fill' })
  fill.style.transform = `scaleX(${medianMs / longest})`
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, words, h('span', { class: 'bar', 'aria-hidden': 'true' }, fill)),
    h('td', { class: 'figure' }, `${count} ×`),
    h('td', { class: 'figure' }, brief(medianMs)),
  )
}
