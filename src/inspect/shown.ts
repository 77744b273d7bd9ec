import type { AnyEventObject, Snapshot } from 'xstate'
import type { Context } from '../../machines/index.ts'

// What may be seen, field by field: a field that the machine gets later is hidden until somebody names it here. No
// code, key, credential, phone number or address of a contact is among them.

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const some = (value: unknown, ...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, fieldOf(value, name)]).filter(([, one]) => one !== undefined))

const isContext = (value: unknown): value is Context => fieldOf(value, 'pair') !== undefined

const shownEvidence = (evidence: unknown): Record<string, unknown> => {
  const { addresses } = some(evidence, 'addresses')
  return {
    ...some(evidence, 'level', 'suspected', 'messages'),
    ...(Array.isArray(addresses) ? { devices: addresses.length } : {}),
  }
}

const shownOutbound = (outbound: unknown): Record<string, unknown> =>
  some(outbound, 'level', 'contacts', 'ownPhone', 'companions', 'messages')

function shownContext(context: Context): Record<string, unknown> {
  const { pair, evidence, outbound, closes, prune, verifying, block, delay } = context
  return {
    ...some(context, 'account', 'mode', 'generation', 'attempt', 'since', 'restartRun', 'restarts', 'refusedRun'),
    ...some(context, 'conflicts', 'conflictProbe', 'tried', 'degradedSince', 'exhausted', 'exhaustedAt'),
    ...(delay ? { delay: some(delay, 'at', 'delayMs', 'cadence') } : {}),
    evidence: shownEvidence(evidence),
    outbound: shownOutbound(outbound),
    closes: closes.slice(-5).map(({ at, cause }) => ({ at, ...some(cause, 'kind', 'code', 'detail') })),
    ...(prune ? { prune: some(prune, 'scope', 'why') } : {}),
    ...(verifying ? { verifying: some(verifying, 'scope', 'why', 'at', 'since', 'proven') } : {}),
    ...(block ? { block: some(block, 'reason', 'until') } : {}),
    pair: {
      ...some(pair, 'reason', 'windows', 'codes', 'resume', 'asked'),
      ...(pair.qr ? { qr: some(pair.qr, 'number', 'expiresAt') } : {}),
      ...(pair.stranger ? { stranger: some(pair.stranger, 'link') } : {}),
    },
  }
}

/**
 * A snapshot as a viewer sees it: of the statechart where it is and what its guards look at, of a service only whether
 * it runs.
 */
export function shownSnapshot(snapshot: Snapshot<unknown>): Record<string, unknown> {
  const { context, tags } = some(snapshot, 'context', 'tags')
  return {
    ...some(snapshot, 'status', 'value'),
    ...(tags instanceof Set ? { tags: [...tags] } : {}),
    ...(isContext(context) ? { context: shownContext(context) } : {}),
  }
}

/** An event as a viewer sees it: its name, and why it came where that is plain. */
export function shownEvent(event: AnyEventObject): { readonly type: string } & Record<string, unknown> {
  return {
    type: event.type,
    ...some(event, 'generation', 'scope'),
    ...('cause' in event ? { cause: some(event.cause, 'kind', 'code', 'detail') } : {}),
    ...('problem' in event ? { problem: some(event.problem, 'kind') } : {}),
    ...('evidence' in event ? { evidence: shownEvidence(event.evidence) } : {}),
    ...('outbound' in event ? { outbound: shownOutbound(event.outbound) } : {}),
  }
}
