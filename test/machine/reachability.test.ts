import { expect, test } from 'vitest'
import { type AnyActorRef, type AnyStateNode, createActor } from 'xstate'
import {
  type Assessment,
  affordable,
  affordsAll,
  allFine,
  type CauseKind,
  type Context,
  connectionMachine,
  resolvePolicy,
  stateNameOf,
  statusOf,
  userActions,
} from '../../machines/index.ts'
import { dotted } from './rig.ts'
import { expectedNumber, stranger } from './world.ts'

// Small limits, so that every count is reached and the graph stays small.
const { policy } = resolvePolicy({
  prune: { restartRequiredRun: 2, addressPerDay: 1 },
  pairing: { windows: 1 },
  reconnect: { fastAttempts: 1 },
})
const dayMs = 86_400_000
let now = 0
const env = { now: () => now, random: () => 0.5 }

const failing: Assessment = { level: 'failing', suspected: true, addresses: ['a.0'], curable: ['a.0'], messages: 3 }
const evidences: readonly Assessment[] = [allFine, failing, { ...failing, level: 'storm' }, { ...failing, curable: [] }]

type Event = Parameters<typeof connectionMachine.transition>[1]
const named = (type: string, rest: object = {}): Event => ({ type, ...rest }) as unknown as Event

/** Timers, as the statechart itself names them. */
const timers = (node: AnyStateNode): string[] => [
  ...[...node.transitions.keys()].filter((type) => type.startsWith('xstate.after.')),
  ...Object.values(node.states).flatMap(timers),
]
const leavesOf = (node: AnyStateNode): string[] => {
  const inner = Object.values(node.states)
  return inner.length === 0 ? [node.path.join('.')] : inner.flatMap(leavesOf)
}
const services = [
  'closeSocket',
  'prepareAuth',
  'socket',
  'probe',
  'healAddress',
  'pruneSessions',
  'stagePairing',
  'promotePairing',
  'unlinkDevice',
  'discardPairing',
]
const linkOutputs = ['linked', 'unlinked', 'staged'].map((link) => ({ link, reason: 'never-linked', setAside: [] }))
const done = (service: string, output?: unknown): Event =>
  named(`xstate.done.actor.${service}`, { output, actorId: service })

const well: readonly Event[] = [
  ...timers(connectionMachine.root).map((type) => named(type)),
  ...services.filter((service) => service !== 'prepareAuth').map((service) => done(service)),
  done('prepareAuth', linkOutputs[0]),
  named('evidence.changed', { evidence: allFine }),
]
const ill: readonly Event[] = [
  ...linkOutputs.slice(1).map((output) => done('prepareAuth', output)),
  ...services.flatMap((service) =>
    [
      new Error('x'),
      { problem: { kind: 'not-owner', message: 'm' } },
      { problem: { kind: 'disk', message: 'm' } },
      undefined,
    ].map((error) => named(`xstate.error.actor.${service}`, { error, actorId: service })),
  ),
  ...evidences.slice(1).map((evidence) => named('evidence.changed', { evidence })),
  ...['start', 'stop', 'reconnect', 'relink'].map((type) => named(type)),
  named('prune', { scope: 'all' }),
  named('prune', { scope: 'failing' }),
  named('pairing.request', { phone: '1' }),
  named('prune.proven', { address: 'a.0' }),
  named('disk.trouble', { message: 'm' }),
  named('disk.well'),
]
/** One of each row that leads elsewhere; the others of its kind lead the same way, as the table of verdicts shows. */
const kinds: readonly CauseKind[] = [
  'network',
  'restart-required',
  'replaced',
  'logged-out',
  'refused',
  'temporary-ban',
  'locked',
  'outdated',
  'intentional',
  'qr-window-over',
  'pairing-failed',
]
/** What a socket says, of the newest generation or an older one. */
const fromSocket = (generation: number): readonly { readonly event: Event; readonly well: boolean }[] => [
  { event: named('socket.open', { generation }), well: true },
  { event: named('socket.open', { generation, self: { id: stranger } }), well: false },
  ...[
    ...kinds.map((kind) => named('socket.close', { generation, cause: { kind, message: 'm' } })),
    named('socket.qr', { generation, code: 'c', expiresAt: now + 60_000 }),
    named('socket.pairingCode', { generation, code: 'c' }),
    named('socket.paired', { generation }),
    named('liveness.lost', { generation, cause: { kind: 'deaf', message: 'm' } }),
    ...['disk', 'not-owner', 'creds'].map((kind) =>
      named('auth.failed', { generation, problem: { kind, message: 'm' } }),
    ),
  ].map((event) => ({ event, well: false })),
]

const flag = (name: string, on: boolean): string => (on ? name : '')

/**
 * What the guards of this state and its successors look at. Moments, texts, counts beyond their thresholds and the record of closes are left
 * out: they decide how long and with which words, not where to. What only matters to another part of the chart is left out too, or the graph
 * would be the product of healing and pairing, which never look at each other.
 */
function abstract(state: string, context: Context): string {
  const { evidence, exhausted, verifying, tried, budget, restartRun, probing, conflicts, block, pair } = context
  const contested = conflicts.some((at) => now - at < policy.conflict.windowMs)
  const closes = [Math.min(restartRun, 4), flag('probing', probing), flag('contested', contested)]
  const damage = [evidence.level + evidence.curable.length, flag('may-all', affordsAll(budget, policy.prune, now))]
  const healing = [
    flag('exhausted', exhausted !== undefined),
    flag('verifying', verifying !== undefined),
    flag('live', tried.live),
    flag('failing', tried.failing),
    flag('all', tried.all),
    flag('may-failing', affordable(budget, ['a.0'], policy.prune, now).length > 0),
  ]
  const pairing = [
    flag('scanned', pair.resume),
    flag('asked', pair.asked === true),
    flag('rests', pair.windows >= policy.pairing.windows),
    flag('may-look', ['restart-loop', 'asked'].includes(pair.reason)),
  ]
  const held =
    block === undefined ? '' : block.reason === 'temporary-ban' ? 'banned' : String(block.until !== undefined)
  if (state.startsWith('online.open')) return [...damage, ...healing].join()
  if (state.startsWith('online')) return [...damage, ...closes].join()
  if (state.startsWith('awaitingQr')) return [...pairing, ...closes].join()
  if (state.startsWith('pruningSessions')) return flag('asked', pair.asked === true)
  return [...closes, flag('asked', pair.asked === true), flag('scanned', pair.resume), held].join()
}

test('no event throws in any reachable state, old sockets change nothing, and each state that needs nobody leads to healthy', () => {
  const started = performance.now()
  now = 1_700_000_000_000
  const actor = createActor(connectionMachine, {
    input: { env, account: 'model', policy, expectedNumber },
  })
  const scope = {
    self: actor,
    id: '',
    sessionId: '',
    system: actor.system,
    logger: () => undefined,
    defer: () => undefined,
    emit: () => undefined,
    stopChild: (_child: AnyActorRef) => undefined,
    actionExecutor: () => undefined,
  } as unknown as Parameters<typeof connectionMachine.transition>[2]
  type Snapshot = ReturnType<typeof actor.getSnapshot>
  const keyOf = (snapshot: Snapshot): string => {
    const state = dotted(snapshot.value)
    return `${state} | ${abstract(state, snapshot.context)}`
  }

  const first = actor.getSnapshot()
  const seen = new Map<string, { readonly snapshot: Snapshot; readonly at: number }>([
    [keyOf(first), { snapshot: first, at: now }],
  ])
  const wellBefore = new Map<string, Set<string>>()
  const queue = [...seen.keys()]
  let edges = 0
  for (let index = 0; index < queue.length; index += 1) {
    const from = queue[index] ?? ''
    const entry = seen.get(from)
    if (!entry) continue
    const { context } = entry.snapshot
    const tries = [
      ...well.map((event) => ({ event, well: true })),
      ...ill.map((event) => ({ event, well: false })),
      ...fromSocket(context.generation),
    ]
    now = entry.at
    for (const { event } of fromSocket(context.generation - 1)) {
      const after = connectionMachine.transition(entry.snapshot, event, scope)
      if (after.context !== context || dotted(after.value) !== dotted(entry.snapshot.value))
        throw new Error(`${event.type} of an old socket changed ${from}`)
    }
    for (const { event, well } of tries) {
      // Timers fire late, when what was held or spent is over; everything else may come at once.
      now = entry.at + (event.type.startsWith('xstate.after.') ? dayMs : 1)
      let next: Snapshot
      try {
        next = connectionMachine.transition(entry.snapshot, event, scope)
      } catch (error) {
        throw new Error(`${event.type} throws in ${from}`, { cause: error })
      }
      edges += 1
      const to = keyOf(next)
      if (well) wellBefore.set(to, (wellBefore.get(to) ?? new Set()).add(from))
      if (seen.has(to)) continue
      seen.set(to, { snapshot: next, at: now })
      queue.push(to)
      if (queue.length > 20_000)
        throw new Error('the graph is not bounded: the abstraction misses something that grows')
    }
  }

  const leads = new Set(queue.filter((key) => key.startsWith('online.open.healthy')))
  for (const key of leads) for (const before of wellBefore.get(key) ?? []) leads.add(before)
  for (const [key, { snapshot, at }] of seen) {
    now = at
    const status = statusOf(stateNameOf(snapshot.value), snapshot.context)
    expect(userActions).toContain(status.userAction)
    if (status.message === '' || (status.userAction !== 'none' && !status.remediation))
      throw new Error(`${key}: no words`)
    // A code that was asked for is a person's business too.
    const needsPerson = /^(stopped|awaitingQr|blocked.*,false$)|asked/.test(key)
    if (!needsPerson && !leads.has(key)) throw new Error(`${key} does not lead to healthy although all is well`)
  }
  const values = new Set(queue.map((key) => key.split(' | ')[0]))
  console.info(
    `${values.size} states, ${queue.length} with what guards look at, ${edges} edges, ${Math.round(performance.now() - started)} ms`,
  )
  const transient = ['preparing.judging', 'judging', 'climbing', 'choosing']
  const leaves = leavesOf(connectionMachine.root).filter((leaf) => !transient.some((name) => leaf.endsWith(name)))
  expect(leaves.filter((leaf) => !values.has(leaf))).toEqual([])
})
