import {
  type Claimant,
  claimed,
  closesAt,
  countedFrom,
  holds,
  isClaimable,
  type LeaseRow,
  neverClaimed,
  released,
  renewed,
} from '../../machines/lease.ts'

/**
 * One unit of time is a second or so. What a host needs for closing its socket, and how much its clock may be slow over
 * a lease, have to fit into the margin.
 */
export interface LeaseWorld {
  readonly ttl: number
  readonly margin: number
  /** How long closing a socket takes at most. */
  readonly closing: number
  /** By how much a host's own clock may lag behind in all. */
  readonly lag: number
  /** How many claims are looked at. */
  readonly claims: number
  /**
   * How long a message may be on its way; a longer one counts as lost. Writes are never lost: they may arrive at any
   * time.
   */
  readonly slow: number
  /** Whether hosts write; without, only their sockets are looked at. */
  readonly writes: boolean
}

/** What the protocol would be with one of its rules left out. */
export interface Rules {
  /** The store refuses writes of an epoch that does not hold. */
  readonly fence: boolean
  /** The owner counts from before it asked, not from the answer. */
  readonly fromSending: boolean
  /** A host that wakes looks at its clock before anything else. */
  readonly looksFirst: boolean
}

export const protocol: Rules = { fence: true, fromSending: true, looksFirst: true }

interface Message {
  readonly kind: 'claim' | 'renew'
  /** By the host's own clock. */
  readonly sentAt: number
  /** Set once it has reached the store. */
  readonly answer?: { readonly ok: boolean; readonly epoch: number }
}

interface Host {
  /** Its own clock, behind the store's by what it has lagged. */
  readonly lag: number
  readonly running: boolean
  /** Epoch and time of its lease as the host believes. */
  readonly lease: { readonly epoch: number; readonly goodFrom: number } | undefined
  /** `open`, or how long it has been closing. */
  readonly socket: 'open' | number | undefined
  /** Whether it woke and has not yet looked at its clock. */
  readonly drowsy: boolean
  readonly message: Message | undefined
  /** Epoch of a write that is on its way. */
  readonly write: number | undefined
}

export interface State {
  /** The store's time. */
  readonly now: number
  readonly row: LeaseRow
  /** The highest epoch that has written. */
  readonly written: number
  readonly hosts: readonly [Host, Host]
  readonly broken: string | undefined
}

export interface Step {
  readonly what: string
  readonly to: State
}

const asleep: Host = {
  lag: 0,
  running: true,
  lease: undefined,
  socket: undefined,
  drowsy: false,
  message: undefined,
  write: undefined,
}

export const start: State = { now: 0, row: neverClaimed, written: 0, hosts: [asleep, asleep], broken: undefined }

const names = ['A', 'B'] as const
const claimant = (at: number): Claimant => ({ token: names[at] ?? '', host: names[at] ?? '' })
const withHost = ({ hosts }: State, at: number, changes: Partial<Host>): readonly [Host, Host] => {
  const change = (host: Host, index: number) => (index === at ? { ...host, ...changes } : host)
  return [change(hosts[0], 0), change(hosts[1], 1)]
}

/**
 * Whether a running host has to act before time goes on: its lease's time is over, or its socket has to be closed by
 * now.
 */
const isDue = (host: Host, now: number, { ttl, margin, closing }: LeaseWorld): boolean => {
  if (!host.running) return false
  if (host.drowsy) return true
  if (typeof host.socket === 'number') return host.socket >= closing
  return host.lease !== undefined && now - host.lag >= closesAt(host.lease.goodFrom, { ttlMs: ttl, marginMs: margin })
}

const twoOpen = ({ hosts }: State): boolean =>
  hosts.every(({ socket, running, drowsy }) => socket !== undefined && running && !drowsy)

/** What a host that has nothing has lagged is of no matter for its next lease. */
const rested = (host: Host): Host =>
  host.lag > 0 && host.running && !host.lease && host.socket === undefined && !host.message ? { ...host, lag: 0 } : host

const judged = (state: State): State => {
  const [a, b] = state.hosts
  const calm: State = { ...state, hosts: [rested(a), rested(b)] }
  return twoOpen(calm) ? { ...calm, broken: 'two hosts that both run have an open socket' } : calm
}

/**
 * Every step that is possible in a state. Deciding, sending, arriving, being answered, sleeping, waking and the passing
 * of time each come in any order.
 */
export function* steps(state: State, world: LeaseWorld, rules: Rules): Generator<Step> {
  if (!state.hosts.some((host) => isDue(host, state.now, world)))
    yield { what: 'time passes', to: passed(state, world) }
  for (const [at, host] of state.hosts.entries()) {
    const who = names[at] ?? ''
    const own = state.now - host.lag
    const to = (changes: Partial<Host>, rest: Partial<State> = {}): State =>
      judged({ ...state, ...rest, hosts: withHost(state, at, changes) })
    yield* onTheWay(state, at, host, world, rules)
    if (!host.running) {
      yield { what: `${who} wakes`, to: to({ running: true, drowsy: rules.looksFirst }) }
      continue
    }
    if (isDue(host, state.now, world)) {
      yield { what: `${who} looks at its clock`, to: to(lookedAt(host, own, world)) }
      continue
    }
    const busy = host.lease !== undefined || host.socket !== undefined || host.message !== undefined
    // A host that has nothing to lose may sleep and lag as it likes.
    if (busy) yield { what: `${who} is stopped`, to: to({ running: false }) }
    if (busy && host.lag < world.lag) yield { what: `${who}'s clock lags`, to: to({ lag: host.lag + 1 }) }
    const { lease, message, socket } = host
    if (message?.answer) yield { what: `${who} hears the answer`, to: to(heard(host, own, rules)) }
    if (!message && !lease && socket === undefined && state.row.epoch < world.claims)
      yield { what: `${who} asks for the lease`, to: to({ message: { kind: 'claim', sentAt: own } }) }
    if (!message && lease) {
      yield { what: `${who} asks to renew`, to: to({ message: { kind: 'renew', sentAt: own } }) }
      if (socket === undefined) yield { what: `${who} opens a socket`, to: to({ socket: 'open' }) }
      if (socket === 'open') yield { what: `${who} begins to leave`, to: to({ socket: 0, lease: undefined }) }
    }
    if (typeof socket === 'number') yield { what: `${who}'s socket is closed`, to: closed(state, at, world) }
    if (world.writes && lease && socket === 'open' && host.write === undefined)
      yield { what: `${who} writes`, to: to({ write: lease.epoch }) }
  }
}

const passed = (state: State, world: LeaseWorld): State => {
  const now = state.now + 1
  const older = (host: Host): Host => ({
    ...host,
    ...(typeof host.socket === 'number' ? { socket: Math.min(world.closing, host.socket + 1) } : {}),
    // A message that is on its way for too long is given up.
    message: host.message && now - host.lag - host.message.sentAt <= world.slow ? host.message : undefined,
  })
  return { ...state, now, hosts: [older(state.hosts[0]), older(state.hosts[1])] }
}

/** What is due: the socket is closed, or begins to be, since the time is over. */
const lookedAt = (host: Host, own: number, { ttl, margin, closing }: LeaseWorld): Partial<Host> => {
  if (typeof host.socket === 'number')
    return host.socket >= closing ? { socket: undefined, drowsy: false } : { drowsy: false }
  const over = host.lease !== undefined && own >= closesAt(host.lease.goodFrom, { ttlMs: ttl, marginMs: margin })
  if (!over) return { drowsy: false }
  // One that slept past its end has nothing to wait for: the line is cut.
  return {
    drowsy: false,
    lease: undefined,
    message: undefined,
    socket: host.socket === 'open' && !host.drowsy ? 0 : undefined,
  }
}

const heard = (host: Host, own: number, { fromSending }: Rules): Partial<Host> => {
  const { message, lease } = host
  if (!message?.answer) return {}
  const from = fromSending ? message.sentAt : own
  if (message.kind === 'claim')
    return {
      message: undefined,
      lease: message.answer.ok ? { epoch: message.answer.epoch, goodFrom: from } : undefined,
    }
  if (!lease) return { message: undefined }
  if (!message.answer.ok)
    return { message: undefined, lease: undefined, socket: host.socket === 'open' ? 0 : host.socket }
  return { message: undefined, lease: { ...lease, goodFrom: countedFrom(lease.goodFrom, from) } }
}

/** Closed; what was left in order is given back, for the other host. */
const closed = (state: State, at: number, world: LeaseWorld): State => {
  const other = names[1 - at] ?? ''
  const ours = state.row.owner === names[at] && state.row.endsAt > state.now
  const row = ours ? released(state.row, state.now, { host: other, forMs: world.ttl }) : state.row
  return { ...state, row, hosts: withHost(state, at, { socket: undefined }) }
}

/** What reaches the store: a claim, a renewal, a write that may have been on its way for ever. */
function* onTheWay(
  state: State,
  at: number,
  host: Host,
  { ttl, margin, claims }: LeaseWorld,
  rules: Rules,
): Generator<Step> {
  const who = names[at] ?? ''
  const by = claimant(at)
  const terms = { ttlMs: ttl, marginMs: margin }
  const { now, row } = state
  const { message, lease, write } = host
  if (message && !message.answer) {
    const answer = (ok: boolean, next: LeaseRow): State => ({
      ...state,
      row: next,
      hosts: withHost(state, at, { message: { ...message, answer: { ok, epoch: next.epoch } } }),
    })
    if (message.kind === 'claim') {
      const ok = row.epoch < claims && isClaimable(row, by, now)
      yield { what: `${who}'s claim arrives`, to: answer(ok, ok ? claimed(row, by, now, terms) : row) }
    } else {
      const ok = lease !== undefined && holds(row, by.token, lease.epoch, now)
      yield { what: `${who}'s renewal arrives`, to: answer(ok, ok ? renewed(row, now, terms) : row) }
    }
  }
  if (write === undefined) return
  const passes = !rules.fence || holds(row, by.token, write, now)
  const late = passes && write < state.written
  yield {
    what: `${who}'s write arrives`,
    to: {
      ...state,
      written: passes ? Math.max(state.written, write) : state.written,
      hosts: withHost(state, at, { write: undefined }),
      broken: late ? `epoch ${write} wrote after epoch ${state.written}` : state.broken,
    },
  }
}
