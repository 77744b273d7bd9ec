import type { Assessment, ConnectionEvent, OutboundAssessment } from '../../machines/index.ts'
import { type Seal, sealedCause, sealedSelf } from './sealed.ts'

/** An event of the statechart as it is kept: what its decisions need, nothing secret, nothing personal. */
export interface RecordedEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** Evidence as a change to the one before: an account with many failing contacts is told of each of them once. */
interface EvidenceChange extends Pick<Assessment, 'level' | 'suspected' | 'messages'> {
  readonly more?: readonly string[]
  readonly fewer?: readonly string[]
  readonly curable?: readonly string[]
  readonly incurable?: readonly string[]
}

/** The same for those who cannot read us. */
interface OutboundChange extends Omit<OutboundAssessment, 'addresses'> {
  readonly more?: readonly string[]
  readonly fewer?: readonly string[]
}

interface AnyEvent {
  readonly type: string
}

const field = (event: AnyEvent, name: string): unknown => Reflect.get(event, name)

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const list = (name: string, values: readonly string[]): Record<string, readonly string[]> =>
  values.length === 0 ? {} : { [name]: values }

const beyond = (values: readonly string[], known: readonly string[]): readonly string[] => {
  const set = new Set(known)
  return values.filter((value) => !set.has(value))
}

function change({ level, suspected, messages, addresses, curable }: Assessment, before: Assessment): EvidenceChange {
  return {
    level,
    suspected,
    messages,
    ...list('more', beyond(addresses, before.addresses)),
    ...list('fewer', beyond(before.addresses, addresses)),
    ...list('curable', beyond(curable, before.curable)),
    ...list('incurable', beyond(before.curable, curable)),
  }
}

/** The evidence that a change leads to. */
function changed(kept: EvidenceChange, before: Assessment): Assessment {
  const { level, suspected, messages } = kept
  const after = (known: readonly string[], more: unknown, fewer: unknown) =>
    [...beyond(known, strings(fewer)), ...strings(more)].sort()
  return {
    level,
    suspected,
    messages,
    addresses: after(before.addresses, kept.more, kept.fewer),
    curable: after(before.curable, kept.curable, kept.incurable),
  }
}

const outboundChange = ({ addresses, ...rest }: OutboundAssessment, before: OutboundAssessment): OutboundChange => ({
  ...rest,
  ...list('more', beyond(addresses, before.addresses)),
  ...list('fewer', beyond(before.addresses, addresses)),
})

const outboundAfter = ({ more, fewer, ...rest }: OutboundChange, before: OutboundAssessment): OutboundAssessment => ({
  ...rest,
  addresses: [...beyond(before.addresses, strings(fewer)), ...strings(more)].sort(),
})

/** The same for those who cannot read us. */
export const sealedOutbound = (outbound: OutboundAssessment, seal: Seal): OutboundAssessment => ({
  ...outbound,
  addresses: outbound.addresses.map(seal).sort(),
})

/** Evidence with stand-ins for its addresses. */
export const sealedEvidence = (evidence: Assessment, seal: Seal): Assessment => ({
  ...evidence,
  addresses: evidence.addresses.map(seal).sort(),
  curable: evidence.curable.map(seal).sort(),
})

/** What was kept last of messages that cannot be read, here and there; sealed. */
export interface Known {
  readonly evidence: Assessment
  readonly outbound: OutboundAssessment
}

interface Keeping extends Known {
  readonly seal: Seal
  readonly expected: string | undefined
}

/** What is kept of an event, and what is known after it. */
export function keptEvent(
  event: AnyEvent,
  { seal, evidence, outbound, expected }: Keeping,
): Known & { readonly event: RecordedEvent } {
  const { type } = event
  const generation = field(event, 'generation')
  const base: RecordedEvent = typeof generation === 'number' ? { type, generation } : { type }
  const known = event as ConnectionEvent
  const kept = (fields: Record<string, unknown>) => ({ event: { ...base, ...fields }, evidence, outbound })
  switch (known.type) {
    case 'socket.close':
    case 'liveness.lost': {
      const { message: _message, ...cause } = sealedCause(known.cause)
      return kept({ cause })
    }
    case 'socket.open':
      return kept(known.self === undefined ? {} : { self: sealedSelf(known.self.id, expected) })
    case 'socket.qr':
      return kept({ expiresAt: known.expiresAt })
    case 'socket.codeRefused': {
      const { code, waitMs } = known
      return kept({ ...(code === undefined ? {} : { code }), ...(waitMs === undefined ? {} : { waitMs }) })
    }
    case 'auth.failed':
      return kept({ problem: { kind: known.problem.kind } })
    case 'evidence.changed': {
      const after = sealedEvidence(known.evidence, seal)
      return { event: { ...base, evidence: change(after, evidence) }, evidence: after, outbound }
    }
    case 'outbound.changed': {
      const after = sealedOutbound(known.outbound, seal)
      return { event: { ...base, outbound: outboundChange(after, outbound) }, evidence, outbound: after }
    }
    case 'prune.proven':
      return kept({ address: seal(known.address) })
    case 'prune':
      return kept({ scope: known.scope })
    default:
      return kept(ofService(event, seal))
  }
}

/** How a service ended. */
function ofService(event: AnyEvent, seal: Seal): Record<string, unknown> {
  if (event.type.startsWith('xstate.error.')) {
    const kind = Object(Object(field(event, 'error')).problem).kind
    return typeof kind === 'string' ? { problem: { kind } } : {}
  }
  const output: unknown = field(event, 'output')
  if (typeof output !== 'object' || output === null) return {}
  const { link, reason, addresses } = output as Record<string, unknown>
  return {
    output: {
      ...(link === undefined ? {} : { link, reason }),
      ...(addresses === undefined ? {} : { addresses: strings(addresses).map(seal) }),
    },
  }
}

/** The event that a statechart can be sent for what was kept of one. `before` is what was known until then. */
export function sentEvent(kept: RecordedEvent, before: Known): Known & { readonly event: AnyEvent } {
  const same = (event: AnyEvent) => ({ ...before, event })
  switch (kept.type) {
    case 'evidence.changed': {
      const evidence = changed(Object(kept.evidence), before.evidence)
      return { ...before, event: { type: kept.type, evidence } as AnyEvent, evidence }
    }
    case 'outbound.changed': {
      const outbound = outboundAfter(Object(kept.outbound), before.outbound)
      return { ...before, event: { type: kept.type, outbound } as AnyEvent, outbound }
    }
    case 'socket.close':
    case 'liveness.lost':
      return same({ ...kept, cause: { message: '', ...Object(kept.cause) } } as AnyEvent)
    case 'auth.failed':
      return same({ ...kept, problem: { message: '', ...Object(kept.problem) } } as AnyEvent)
    case 'socket.qr':
    case 'socket.pairingCode':
      return same({ ...kept, code: 'not kept' } as AnyEvent)
    case 'pairing.request':
      return same({ ...kept, phone: '15550000000' } as AnyEvent)
    case 'disk.trouble':
      return same({ ...kept, message: 'not kept' } as AnyEvent)
  }
  if (!kept.type.startsWith('xstate.error.')) return same(kept)
  const error = Object.assign(
    new Error('not kept'),
    kept.problem === undefined ? {} : { problem: { message: '', ...Object(kept.problem) } },
  )
  return same({ ...kept, error } as AnyEvent)
}
