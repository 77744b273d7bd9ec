import type { InspectionEvent } from 'xstate'
import type { ConnectionEvent, Context } from '../../machines/index.ts'
import { redacted } from '../errors/redact.ts'

const isContext = (value: unknown): value is Context => typeof value === 'object' && value !== null && 'pair' in value

/** Whoever holds a code can link a device, so the inspector sees that there is one, and not which. */
function contextWithoutCodes(context: Context): Context {
  const { qr, pairingCode } = context.pair
  if (qr === undefined && pairingCode === undefined) return context
  return {
    ...context,
    pair: {
      ...context.pair,
      ...(pairingCode === undefined ? {} : { pairingCode: redacted }),
      ...(qr === undefined ? {} : { qr: { number: qr.number, expiresAt: qr.expiresAt, code: redacted } }),
    },
  }
}

const codeEvents: ReadonlySet<string> = new Set<ConnectionEvent['type']>(['socket.qr', 'socket.pairingCode'])

/** An inspection event as it may be shown: the codes are taken out, everything else is as it was. */
export function withoutCodes(inspected: InspectionEvent): InspectionEvent {
  let shown = inspected
  if ('event' in shown && codeEvents.has(shown.event.type))
    shown = { ...shown, event: { ...shown.event, code: redacted } }
  if ('snapshot' in shown && 'context' in shown.snapshot && isContext(shown.snapshot.context)) {
    const snapshot = { ...shown.snapshot, context: contextWithoutCodes(shown.snapshot.context) }
    shown = { ...shown, snapshot }
  }
  return shown
}
