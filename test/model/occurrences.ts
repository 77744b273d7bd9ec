import type { AnyStateNode } from 'xstate'
import {
  type Assessment,
  allFine,
  allHeard,
  type CauseKind,
  causeKinds,
  connectionMachine,
  type OutboundAssessment,
  type Prepared,
} from '../../machines/index.ts'
import { stranger } from '../machines/world.ts'

export type Event = Parameters<typeof connectionMachine.transition>[1]

/** Something that can happen to the machine in any state, whether the state handles it or not. */
export interface Occurrence {
  readonly event: Event
  /** How it reads in a report. */
  readonly name: string
  /** It happens by itself once network, disk, account and contacts are well. */
  readonly well: boolean
  /** How long after the state was reached it comes. */
  readonly afterMs: number
  readonly close?: CauseKind
}

const dayMs = 86_400_000
const named = (type: string, rest: object = {}): Event => ({ type, ...rest }) as unknown as Event
const at = (name: string, event: Event, rest: Partial<Occurrence> = {}): Occurrence => ({
  event,
  name,
  well: false,
  afterMs: 1,
  ...rest,
})

const nodes = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodes)]
const everywhere = nodes(connectionMachine.root)

/** Timers and services, as the statechart itself names them: a new one is met without a word here. */
const timers = everywhere.flatMap((node) =>
  [...node.transitions.keys()].filter((type) => type.startsWith('xstate.after.')),
)
export const services = [...new Set(everywhere.flatMap((node) => node.invoke.map(({ id }) => id)))]

const failing: Assessment = { level: 'failing', suspected: true, addresses: ['a.0'], curable: ['a.0'], messages: 3 }
const evidence = {
  fine: allFine,
  suspected: { ...failing, level: 'fine' },
  failing,
  incurable: { ...failing, curable: [] },
  storm: { ...failing, level: 'storm' },
  'incurable storm': { ...failing, level: 'storm', curable: [] },
} satisfies Readonly<Record<string, Assessment>>
export type Evidence = keyof typeof evidence

const unheard: OutboundAssessment = { ...allHeard, level: 'failing', addresses: ['u.0'], contacts: 1, messages: 3 }
const outbound = {
  fine: allHeard,
  failing: unheard,
  others: { ...unheard, addresses: ['u.0', 'v.0'], contacts: 2 },
} satisfies Readonly<Record<string, OutboundAssessment>>
export type Outbound = keyof typeof outbound

const prepared = (link: Prepared['link'], reason: Prepared['reason']): Prepared => ({ link, reason })
const done = (service: string, output: unknown, rest: Partial<Occurrence> = {}): Occurrence =>
  at(`${service} done`, named(`xstate.done.actor.${service}`, { output, actorId: service }), rest)

/** One error of each kind that a service can fail with, and the two shapes that nobody expects. */
const errors = {
  error: new Error('x'),
  'not-owner': { problem: { kind: 'not-owner', message: 'm' } },
  disk: { problem: { kind: 'disk', message: 'm' } },
  creds: { problem: { kind: 'creds', message: 'm' } },
  nothing: undefined,
}

/** What does not come from a socket. */
export const occurrences: readonly Occurrence[] = [
  // A timer fires when its time is over; with a clock that was set back it fires although the clock says that it is
  // not.
  ...timers.map((type) => at(type, named(type), { well: true, afterMs: dayMs })),
  ...timers.map((type) => at(`${type} by a clock set back`, named(type))),
  ...services
    .filter((service) => service !== 'prepareAuth')
    .map((service) => done(service, service === 'pruneSessions' ? { addresses: [] } : undefined, { well: true })),
  done('prepareAuth', prepared('linked', 'never-linked'), { well: true, name: 'prepareAuth linked' }),
  done('prepareAuth', prepared('unlinked', 'never-linked'), { name: 'prepareAuth unlinked' }),
  done('prepareAuth', prepared('unlinked', 'creds-lost'), { name: 'prepareAuth lost' }),
  done('prepareAuth', prepared('staged', 'asked'), { name: 'prepareAuth staged' }),
  done('pruneSessions', { addresses: ['a.0'], quarantine: 'q' }, { name: 'pruneSessions set aside' }),
  ...services.flatMap((service) =>
    Object.entries(errors).map(([kind, error]) =>
      at(`${service} fails: ${kind}`, named(`xstate.error.actor.${service}`, { error, actorId: service })),
    ),
  ),
  at('a forgotten child fails', named('xstate.error.actor.nobody', { error: errors.error, actorId: 'nobody' })),
  ...Object.entries(evidence).map(([name, found]) =>
    at(`messages: ${name}`, named('evidence.changed', { evidence: found }), { well: name === 'fine' }),
  ),
  ...Object.entries(outbound).map(([name, found]) =>
    at(`outbound: ${name}`, named('outbound.changed', { outbound: found }), { well: name === 'fine' }),
  ),
  ...['start', 'stop', 'reconnect', 'relink'].map((type) => at(type, named(type))),
  at('prune all', named('prune', { scope: 'all' })),
  at('prune failing', named('prune', { scope: 'failing' })),
  at('pairing.request', named('pairing.request', { phone: '1' })),
  at('prune.proven', named('prune.proven', { address: 'a.0' })),
  at('disk.trouble', named('disk.trouble', { message: 'm' })),
  at('disk.well', named('disk.well')),
]

/** The machine only hands this on to whoever shows the code. */
const expiresAt = 1_800_000_000_000
const ofGenerations = new Map<number, readonly Occurrence[]>()

/** What a socket says: every close there is, and everything else. */
export function fromSocket(generation: number): readonly Occurrence[] {
  const known = ofGenerations.get(generation) ?? saidBy(generation)
  ofGenerations.set(generation, known)
  return known
}

const saidBy = (generation: number): readonly Occurrence[] => [
  at('socket.open', named('socket.open', { generation }), { well: true }),
  at('socket.open of a stranger', named('socket.open', { generation, self: { id: stranger } })),
  ...causeKinds.map((kind) =>
    at(`close: ${kind}`, named('socket.close', { generation, cause: { kind, message: 'm' } }), { close: kind }),
  ),
  at('socket.qr', named('socket.qr', { generation, code: 'c', expiresAt })),
  at('socket.pairingCode', named('socket.pairingCode', { generation, code: 'c' })),
  at('socket.codeRefused', named('socket.codeRefused', { generation, code: 429 })),
  at('socket.scanned', named('socket.scanned', { generation })),
  at('socket.paired', named('socket.paired', { generation })),
  ...(['deaf', 'slept'] as const).map((kind) =>
    at(`liveness.lost: ${kind}`, named('liveness.lost', { generation, cause: { kind, message: 'm' } })),
  ),
  ...['disk', 'not-owner', 'creds'].map((kind) =>
    at(`auth.failed: ${kind}`, named('auth.failed', { generation, problem: { kind, message: 'm' } })),
  ),
]
