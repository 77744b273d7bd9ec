import { read } from '../errors/error-chain.ts'
import type { DashboardLine } from './lines.ts'
import type { TrafficView } from './wire.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
/** A day of a viewer in any zone, on the longest day of the year. */
const keptMs = 25 * 3_600_000
/** Minutes of the little chart. */
const chartMinutes = 60

interface Minute {
  received: number
  sent: number
}

/**
 * Counts the messages of one account by minute, since the dashboard watches it: no text, no name, no number. Messages
 * that cannot be read are not counted before they are.
 */
export class Traffic {
  readonly #since: number
  readonly #now: () => number
  readonly #minutes = new Map<number, Minute>()
  readonly #off: () => void
  readonly #line: Pick<DashboardLine, 'status'>
  #receivedAt: number | undefined
  #sentAt: number | undefined

  constructor(line: Pick<DashboardLine, 'ev' | 'status'>, now: () => number) {
    const { ev } = line
    this.#line = line
    this.#now = now
    this.#since = now()
    const take = ({ messages }: { readonly messages: readonly unknown[] }): void => {
      for (const message of messages) this.#take(message)
    }
    ev.on('messages.upsert', take)
    this.#off = () => ev.off('messages.upsert', take)
  }

  /** `from`: the viewer's last midnight, epoch milliseconds. */
  view(from: number): Omit<TrafficView, 'whatsapp' | 'baileys'> {
    const now = this.#now()
    const minute = Math.floor(now / minuteMs)
    const day = [...this.#minutes].filter(([at]) => (at + 1) * minuteMs > Math.max(from, now - dayMs))
    const sum = (of: keyof Minute): number => day.reduce((all, [, counts]) => all + counts[of], 0)
    // The supervision has watched for longer than anybody looks at this page, and sees what cannot be read too.
    const { lastInboundAt, lastOutboundAt, messagesWaiting } = this.#line.status
    const receivedAt = later(this.#receivedAt, lastInboundAt)
    const sentAt = later(this.#sentAt, lastOutboundAt)
    return {
      since: this.#since,
      ...(receivedAt === undefined ? {} : { receivedAt }),
      ...(sentAt === undefined ? {} : { sentAt }),
      ...(messagesWaiting === undefined ? {} : { waiting: messagesWaiting }),
      received: sum('received'),
      sent: sum('sent'),
      perMinute: Array.from({ length: chartMinutes }, (_, at) => {
        const { received = 0, sent = 0 } = this.#minutes.get(minute - chartMinutes + 1 + at) ?? {}
        return received + sent
      }),
    }
  }

  end(): void {
    this.#off()
  }

  #take(message: unknown): void {
    if (!isMessage(message)) return
    const now = this.#now()
    const at = Math.floor(now / minuteMs)
    const counts = this.#minutes.get(at) ?? this.#begin(at)
    if (read(read(message, 'key'), 'fromMe') === true) {
      counts.sent += 1
      this.#sentAt = now
    } else {
      counts.received += 1
      this.#receivedAt = now
    }
  }

  #begin(at: number): Minute {
    for (const old of this.#minutes.keys()) if (old < at - keptMs / minuteMs) this.#minutes.delete(old)
    const counts = { received: 0, sent: 0 }
    this.#minutes.set(at, counts)
    return counts
  }
}

const later = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)

/** What a person would call one: no status update, no word of the protocol, nothing that cannot be read yet. */
function isMessage(message: unknown): boolean {
  const content = read(message, 'message')
  return (
    typeof content === 'object' &&
    content !== null &&
    read(content, 'protocolMessage') == null &&
    read(read(message, 'key'), 'remoteJid') !== 'status@broadcast'
  )
}
