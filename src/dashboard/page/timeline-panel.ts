import type { AccountView, HealView, TimelineView } from '../wire.ts'
import { accountPath, ask } from './api.ts'
import { brief, day, whenToMinute } from './duration.ts'
import { h, onChange, say } from './element.ts'
import { IncidentList } from './incident-list.ts'
import { type Outages, outagesIn, type Stretch } from './outages.ts'
import { problem } from './problem.ts'
import { serverNow } from './server-clock.ts'
import { percent, timelineWords as words } from './timeline-words.ts'
import { UptimeBars } from './uptime-bars.ts'

const dayMs = 86_400_000
const spans = [
  ['h24', dayMs],
  ['d7', 7 * dayMs],
  ['d30', 30 * dayMs],
] as const
type Span = (typeof spans)[number][0]
/** A share of less than this says nothing. */
const leastRecordMs = 60_000

/**
 * Was it down, for how long, why, and what became of the messages: the share of the time that it was there, a bar for
 * each day, and what went wrong in the stretch that is chosen.
 */
export class TimelinePanel {
  readonly element: HTMLElement
  /** The answer for the last 24 hours, for the first screen. */
  readonly lately = h('p', { class: 'lately', hidden: true })
  readonly #account: string
  readonly #figures = h('div', { class: 'availability' })
  readonly #bars = new UptimeBars((at) => this.#choose(this.#chosen === at ? undefined : at))
  readonly #answer = h('p', { class: 'answer', role: 'status' })
  readonly #incidents = new IncidentList()
  readonly #heal = h('div', { class: 'heal' })
  readonly #trouble = h('div', {})
  #timeline: TimelineView | undefined
  /** The stretch, or the day by its midnight, that a person has chosen. */
  #chosen: Span | number | undefined
  #asking = false
  #again = false

  constructor(account: string, headingId: string) {
    this.#account = account
    this.element = h(
      'section',
      { class: 'card timeline-panel', 'aria-labelledby': headingId },
      h('h2', { id: headingId }, words.heading),
      this.#figures,
      this.#bars.element,
      this.#trouble,
      this.#answer,
      this.#incidents.element,
      this.#heal,
    )
  }

  /** A change of state is what can change the timeline; it is asked for then, not on every change of words. */
  readonly #stale = onChange((_: unknown) => void this.#ask())

  show({ status, trail }: AccountView): void {
    this.#stale([status.state, trail.at(-1)?.at])
  }

  tick(now: number): void {
    this.#incidents.tick(now)
    // What arrives late does so after the state has changed, and days end.
    if (this.#timeline && now - this.#timeline.at >= 60_000 && !document.hidden) void this.#ask()
  }

  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#again = true
      return
    }
    this.#asking = true
    try {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
      const path = `timeline?zone=${encodeURIComponent(timeZone)}`
      this.#timeline = await ask<TimelineView>('GET', accountPath(this.#account, path))
      this.#trouble.replaceChildren()
      this.#write()
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

  #choose(chosen: Span | number | undefined): void {
    this.#chosen = chosen
    this.#write()
  }

  #write(): void {
    const timeline = this.#timeline
    if (!timeline) return
    const now = serverNow()
    const chosen = this.#chosen ?? fitting(timeline, now)
    this.#availability([timeline.availability, timeline.since, chosen, Math.floor(now / leastRecordMs)])
    this.#bars.show(timeline.days, typeof chosen === 'number' ? chosen : undefined)
    const outages = outagesIn(timeline, stretchOf(timeline, chosen, now), now)
    const span = typeof chosen === 'number' ? words.onDay(day(chosen)) : words.inSpan[chosen]
    say(this.#answer, answerOf(outages, span))
    const lastDay = { from: now - dayMs, to: now }
    // What began a moment ago says nothing yet.
    this.lately.hidden = timeline.since === null || now - timeline.since < leastRecordMs
    say(this.lately, this.lately.hidden ? '' : answerOf(outagesIn(timeline, lastDay, now), words.inSpan.h24))
    this.#incidents.show(timeline, outages, now)
    this.#healing(timeline.heal)
  }

  readonly #availability = onChange(
    ([availability, since, chosen]: readonly [
      TimelineView['availability'],
      number | null,
      Span | number,
      minute: number,
    ]) => {
      const now = serverNow()
      const focused = this.#figures.contains(document.activeElement)
      this.#figures.replaceChildren(
        ...spans.map(([span, spanMs]) => {
          const share = availability[span]
          const known = since === null ? 0 : now - since
          const from = since === null ? '' : words.since(whenToMinute(since, now))
          const fill = h('span', { class: 'bar-fill' })
          fill.style.transform = `scaleX(${share ?? 0})`
          const figure = share === null ? words.noRecord : known < leastRecordMs ? from : percent(share)
          return h(
            'button',
            {
              type: 'button',
              class: 'span',
              'aria-pressed': String(chosen === span),
              onclick: () => this.#choose(span),
            },
            h('span', { class: 'span-name' }, words.spans[span]),
            h('span', { class: 'figure' }, figure),
            known >= leastRecordMs && known < spanMs && h('span', { class: 'hint' }, from),
            h('span', { class: 'bar', 'aria-hidden': 'true' }, fill),
          )
        }),
      )
      if (focused) this.#figures.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus()
    },
  )

  readonly #healing = onChange((rows: readonly HealView[]) => {
    if (rows.length === 0) return this.#heal.replaceChildren()
    const longest = Math.max(...rows.map(({ medianMs }) => medianMs), 1)
    this.#heal.replaceChildren(
      h('h3', {}, words.heal),
      h(
        'table',
        {},
        h('thead', { class: 'unseen' }, h('tr', {}, ...words.healHeads.map((head) => h('th', { scope: 'col' }, head)))),
        h('tbody', {}, ...rows.map((row) => healRow(row, longest))),
      ),
    )
  })
}

/** Whether it was down in a stretch of time, and what became of the messages. */
function answerOf({ incidents, drops, downMs, messages, whole }: Outages, span: string): string {
  const dropped = drops.reduce((all, [, some]) => all + some.length, 0)
  const down = incidents.length + dropped === 0 ? words.none(span) : words.down(downMs, span, incidents.length, dropped)
  return [down, words.messages(messages, whole)].filter(Boolean).join(' ')
}

/** The shortest stretch in which something went wrong: what was last night comes before what was last month. */
const fitting = (timeline: TimelineView, now: number): Span => {
  const found = spans.find(([, ms]) => {
    const { incidents, drops } = outagesIn(timeline, { from: now - ms, to: now }, now)
    return incidents.length + drops.length > 0
  })
  return found?.[0] ?? 'h24'
}

function stretchOf({ days }: TimelineView, chosen: Span | number, now: number): Stretch {
  if (typeof chosen !== 'number') {
    const [, ms] = spans.find(([span]) => span === chosen) ?? spans[0]
    return { from: now - ms, to: now }
  }
  const next = days[days.findIndex(({ at }) => at === chosen) + 1]
  return { from: chosen, to: next?.at ?? now }
}

function healRow({ words: cause, count, medianMs }: HealView, longest: number): HTMLElement {
  const fill = h('span', { class: 'bar-fill' })
  fill.style.transform = `scaleX(${medianMs / longest})`
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, cause, h('span', { class: 'bar', 'aria-hidden': 'true' }, fill)),
    h('td', { class: 'figure' }, `${count} ×`),
    h('td', { class: 'figure' }, brief(medianMs)),
  )
}
