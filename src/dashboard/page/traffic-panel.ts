import { lasting } from '../../languages/span.ts'
import type { AccountView, TrafficView } from '../wire.ts'
import { accountPath, ask } from './api.ts'
import { minuteOfDay, moment, when } from './duration.ts'
import { h, onChange, s, say } from './element.ts'
import { speak } from './speech.ts'

const words = {
  heading: 'Messages',
  received: 'Last message in',
  sent: 'Last message out',
  waiting: 'Arrived, not taken in yet',
  today: 'Today',
  perMinute: 'Per minute, last hour',
  versions: 'Versions',
  none: 'none yet',
  noneSince: (since: string) => `none since ${since}`,
  ago: (time: string, ago: string) => `${time}, ${ago} ago`,
  counts: (received: number, sent: number) => `${received} in, ${sent} out`,
  countsSince: (since: string) => `counted since ${since}`,
  most: (most: number) => (most === 0 ? 'none' : `at most ${most} a minute`),
  whatsapp: (version: string) => `WhatsApp ${version}`,
  baileys: (version: string) => `Baileys ${version}`,
  notYet: 'known once it connects',
  elsewhere: (host: string) => `counted on ${host}`,
} as const

/** So often is looked, while somebody looks. */
const lookMs = 5_000

const midnight = (now: number): number => new Date(now).setHours(0, 0, 0, 0)

/** What goes through an account: the last message in and out, how many today and in each minute, and who speaks. */
export class TrafficPanel {
  readonly element: HTMLElement
  readonly #account: string
  readonly #received = h('dd', { class: 'figure' })
  readonly #sent = h('dd', { class: 'figure' })
  readonly #waiting = h('dd', { class: 'figure' })
  readonly #today = h('dd', { class: 'figure' })
  readonly #todayHint = h('dd', { class: 'hint', hidden: true })
  readonly #versions = h('dd', { class: 'figure' })
  readonly #chart = s('svg', {
    ...{ class: 'spark', viewBox: '0 0 60 16', preserveAspectRatio: 'none' },
    ...{ role: 'img', 'aria-label': words.perMinute },
  })
  readonly #most = h('dd', { class: 'hint figure' })
  /** Shown only while something waits. */
  readonly #waits: HTMLElement
  #traffic: TrafficView | undefined
  #host = ''
  #askedAt = 0
  #asking = false
  #state = ''

  constructor(account: string, headingId: string) {
    this.#account = account
    const fact = (name: string, ...values: readonly Node[]): HTMLElement => h('div', {}, h('dt', {}, name), ...values)
    this.#waits = fact(words.waiting, this.#waiting)
    this.#waits.hidden = true
    this.element = h(
      'section',
      { class: 'card traffic-panel', 'aria-labelledby': headingId },
      h('h2', { id: headingId, class: 'unseen' }, words.heading),
      h(
        'dl',
        { class: 'traffic' },
        fact(words.received, this.#received),
        fact(words.sent, this.#sent),
        this.#waits,
        fact(words.today, this.#today, this.#todayHint),
        fact(words.perMinute, h('dd', {}, this.#chart), this.#most),
        fact(words.versions, this.#versions),
      ),
    )
  }

  show({ status, host = '' }: AccountView, now: number): void {
    this.#host = host
    if (status.state !== this.#state) this.#askedAt = 0
    this.#state = status.state
    this.tick(now)
  }

  tick(now: number): void {
    if (!document.hidden && !this.#asking && (this.#askedAt === 0 || now - this.#askedAt >= lookMs)) void this.#ask(now)
    if (this.#traffic) this.#write(this.#traffic, now)
  }

  async #ask(now: number): Promise<void> {
    this.#askedAt = now
    this.#asking = true
    const path = accountPath(this.#account, `traffic?from=${midnight(now)}`)
    // What is not answered is asked for again; the banner says that the gateway is not heard.
    const traffic = await ask<TrafficView>('GET', path).catch(() => undefined)
    this.#asking = false
    if (!traffic) return
    this.#traffic = traffic
    this.#write(traffic, now)
  }

  #write(traffic: TrafficView, now: number): void {
    const { since, receivedAt, sentAt, waiting = 0, received, sent, perMinute, whatsapp, baileys } = traffic
    const none = now - since < 60_000 ? words.none : words.noneSince(when(since, now))
    const last = (at: number | undefined): string =>
      at === undefined ? none : words.ago(when(at, now), lasting(now - at))
    say(this.#received, last(receivedAt))
    say(this.#sent, last(sentAt))
    for (const [element, at] of [[this.#received, receivedAt] as const, [this.#sent, sentAt] as const])
      if (at !== undefined) element.title = moment(at)
    this.#waits.hidden = waiting === 0
    say(this.#waiting, String(waiting))
    say(this.#today, words.counts(received, sent))
    const whole = since <= midnight(now)
    this.#todayHint.hidden = whole
    const elsewhere = this.#host !== '' && received + sent === 0 && whatsapp === undefined
    say(this.#todayHint, elsewhere ? words.elsewhere(this.#host) : whole ? '' : words.countsSince(minuteOfDay(since)))
    const speak = [whatsapp && words.whatsapp(whatsapp), baileys && words.baileys(baileys)].filter(Boolean)
    say(this.#versions, speak.length === 0 ? words.notYet : speak.join(' · '))
    this.#spark(perMinute)
  }

  readonly #spark = onChange((perMinute: readonly number[]) => {
    const most = Math.max(...perMinute)
    say(this.#most, words.most(most))
    this.#chart.setAttribute('aria-label', speak(`${words.perMinute}: ${words.most(most)}`))
    this.#chart.replaceChildren(
      s('rect', { class: 'spark-floor', x: 0, y: 15.5, width: 60, height: 0.5 }),
      ...perMinute.flatMap((count, at) => {
        const height = most === 0 ? 0 : (15 * count) / most
        return height === 0 ? [] : [s('rect', { x: at + 0.1, y: 15.5 - height, width: 0.8, height })]
      }),
    )
  })
}
