import type { DropView, IncidentView } from '../wire.ts'
import { lengthOf } from './duration.ts'

/** Two decimals, rounded down: one lost minute must not read as 100 %. */
export const percent = (share: number): string =>
  share === 1 ? '100 %' : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`

const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

const sides: Readonly<Record<DropView['side'], string>> = {
  whatsapp: 'WhatsApp’s side',
  network: 'the network',
  host: 'this host',
  unknown: 'no cause was told',
}

/** Everything that the panel of what happened says. */
export const timelineWords = {
  heading: 'Was it down?',
  spans: { h24: '24 hours', d7: '7 days', d30: '30 days' },
  inSpan: { h24: 'in the last 24 hours', d7: 'in the last 7 days', d30: 'in the last 30 days' },
  onDay: (day: string) => `on ${day}`,
  noRecord: 'no record',
  since: (when: string) => `since ${when}`,
  days: 'Each bar is a day; the arrow keys go through them',
  day: (day: string, up: number | null) => `${day}: ${up === null ? 'no record' : `${percent(up)} connected`}`,
  bars: 'A bar for each day',
  today: 'today',
  none: (span: string) => `Not down ${span}.`,
  down: (ms: number, span: string, incidents: number, drops: number) => {
    const parts = [
      ...(incidents > 0 ? [many(incidents, 'incident', 'incidents')] : []),
      ...(drops > 0 ? [many(drops, 'short drop', 'short drops')] : []),
    ]
    return `${ms === 0 ? 'Connected throughout' : `Down ${lengthOf(ms)}`} ${span}: ${parts.join(' and ')}.`
  },
  messages: ({ late, unread, reread }: IncidentView['messages'], whole: boolean) => {
    const lost = whole && unread === 0 ? ', none lost' : ''
    return [
      ...(late > 0 ? [`${many(late, 'message', 'messages')} arrived late${lost}.`] : []),
      ...(unread > 0
        ? [`${unread} could not be read: asked for again${reread >= unread ? ', and read since' : ''}.`]
        : []),
    ].join(' ')
  },
  incident: ({ cause, downMs, outcome }: IncidentView, ms: number) => {
    const so = outcome === 'open' ? ' so far' : ''
    return downMs === 0 && ms === 0 ? `Connected throughout: ${cause}` : `Down ${lengthOf(ms)}${so}: ${cause}`
  },
  outcome: { healed: '', stopped: 'Stopped before it was over.', open: 'Not over yet.' },
  observed: 'would have',
  drops: (count: number, side: DropView['side']) => `${many(count, 'short drop', 'short drops')}, ${sides[side]}`,
  dropsHint: (together: number, longest: number) => `${lengthOf(together)} together, the longest ${lengthOf(longest)}`,
  more: 'Show more of them',
  heal: 'Time to heal',
  healHeads: ['Cause', 'How often', 'Median'],
} as const
