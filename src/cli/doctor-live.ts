import type { PublicStatus } from '../../machines/public-status.ts'
import { span } from '../languages/span.ts'
import { hang, plural } from './columns.ts'
import { given } from './given.ts'
import { dateOf } from './moment.ts'
import type { Paint } from './paint.ts'

/** `2026-11-30 05:01:02, 3 min ago`. */
const moment = (at: number, now: number): string => `${dateOf(at)}, ${span(now - at)} ago`

const isConnected = ({ state }: PublicStatus): boolean => state === 'healthy'

/** What `lifeline doctor --live` says of a running gateway. */
export const liveReport = (location: string, url: string, pid: number, status: PublicStatus) => {
  const { state, since, message, remediation, lastInboundAt, lastOutboundAt, messagesWaiting = 0 } = status
  return {
    location,
    ok: isConnected(status),
    gateway: { url, pid },
    state,
    since,
    message,
    ...given({ remediation }),
    lastInboundAt: lastInboundAt ?? null,
    lastOutboundAt: lastOutboundAt ?? null,
    messagesWaiting,
  }
}

/** The same as a table. */
export function liveLines(report: ReturnType<typeof liveReport>, paint: Paint, now: number): readonly string[] {
  const { location, gateway, state, since, message, remediation } = report
  const passed = (at: number | null) => (at === null ? 'none since the gateway started' : moment(at, now))
  const indent = 16
  const row = (name: string, said: string) => hang(paint.dim(name.padEnd(indent)), said, paint.width, indent)
  return [
    paint.bold(location),
    paint.dim('state'.padEnd(indent)) + paint.state(state, state),
    ...row('since', moment(since, now)),
    ...row('says', [message, remediation].filter(Boolean).join(' ')),
    ...row('last inbound', passed(report.lastInboundAt)),
    ...row('last outbound', passed(report.lastOutboundAt)),
    ...row('waiting', plural(report.messagesWaiting, 'message')),
    ...row('gateway', `process ${gateway.pid}, ${gateway.url}`),
  ]
}
