import { type Status, stateNames } from '../../machines/index.ts'
import { LifelineError } from '../errors/errors.ts'
import { knownOptions, wrongOption } from '../errors/wrong-option.ts'
import { type ObservedLine, watchLine } from './line-watch.ts'

/** The part of prom-client's `Registry` that is used here. */
export interface MetricsRegister {
  /** Takes a metric of prom-client in. */
  registerMetric(metric: never): void
  /** The metric of that name; undefined if there is none. */
  getSingleMetric(name: string): unknown
  /** Takes the metric of that name out. */
  removeSingleMetric(name: string): void
}

/** Options of `collectMetrics`. */
export interface MetricsOptions {
  /** prom-client's `Registry`. Default: its global one. */
  readonly register?: MetricsRegister
}

/** From one reconnect to a night without a network. */
const healBuckets = [1, 2, 5, 10, 30, 60, 150, 300, 900, 3_600, 14_400, 43_200]
const prefix = 'baileys_lifeline_'

/**
 * Counts what happens on these lines, from now on, for Prometheus; all names begin with `baileys_lifeline_` and have
 * the label `account`. Needs `prom-client`; without it rejects with `LifelineError` of code `PEER_MISSING`. Resolves
 * with the function that ends it and takes the metrics out of the register. One call for a register: a second one,
 * before the first has ended, rejects with code `METRICS_TWICE`.
 */
export async function collectMetrics(lines: Iterable<ObservedLine>, options: MetricsOptions = {}): Promise<() => void> {
  knownOptions('collectMetrics', options, ['register'])
  const prom = await import('prom-client').catch((error: unknown) => {
    throw new LifelineError(
      'PEER_MISSING',
      'The package prom-client is not installed.',
      'Run npm install prom-client.',
      error,
    )
  })
  const register = options.register ?? prom.register
  if (typeof register.registerMetric !== 'function')
    throw wrongOption('collectMetrics.register', register, 'a Registry of prom-client')
  if (register.getSingleMetric(`${prefix}state`) !== undefined)
    throw new LifelineError(
      'METRICS_TWICE',
      'This register has the metrics of other lines already.',
      'Call collectMetrics() once with all lines, or end the first call.',
    )
  const watched = [...lines]
  const registers = [register as InstanceType<typeof prom.Registry>]
  const names: string[] = []
  const described = (name: string, help: string) => {
    names.push(prefix + name)
    return { name: prefix + name, help, registers }
  }
  const counter = <Label extends string>(name: string, help: string, ...labels: Label[]) =>
    new prom.Counter<Label | 'account'>({ ...described(name, help), labelNames: ['account', ...labels] })

  const transitions = counter('transitions_total', 'Changes of state', 'from', 'to')
  const closes = counter('closes_total', 'Connections that ended, by cause and status code', 'cause', 'code')
  const unreadable = counter('decrypt_failures_total', 'Distinct messages that could not be read', 'reason')
  const prunes = counter('prunes_total', 'Times that sessions were set aside', 'scope')
  const pruned = counter('pruned_sessions_total', 'Session files that were set aside')
  const restores = counter('credentials_restores_total', 'Times that a good copy of the credentials was put back')
  const notices = counter('notices_total', 'Notices told', 'kind')
  const heals = new prom.Histogram({
    ...described('heal_seconds', 'From trouble to healthy again, by what began it'),
    labelNames: ['account', 'cause'],
    buckets: healBuckets,
  })

  const seconds = new prom.Counter({
    ...described('state_seconds_total', 'Time spent in each state'),
    labelNames: ['account', 'state'],
    collect() {
      for (const { account, status } of watched) book(account, status.state)
    },
  })
  const entered = new Map(watched.map(({ account }) => [account, Date.now()]))
  /** Books the time since the last look on the state that it was spent in. */
  const book = (account: string, state: string) => {
    const now = Date.now()
    seconds.inc({ account, state }, Math.max(0, now - (entered.get(account) ?? now)) / 1_000)
    entered.set(account, now)
  }
  new prom.Gauge({
    ...described('state', '1 for the state that the account is in, 0 for the others'),
    labelNames: ['account', 'state'],
    collect() {
      for (const { account, status } of watched)
        for (const state of stateNames) this.set({ account, state }, state === status.state ? 1 : 0)
    },
  })
  new prom.Gauge({
    ...described('failing_addresses', 'Devices whose messages cannot be read at the moment'),
    labelNames: ['account'],
    collect() {
      for (const { account, actor } of watched)
        this.set({ account }, actor?.getSnapshot().context.evidence.addresses.length ?? 0)
    },
  })

  new prom.Gauge({
    ...described('unheard_addresses', 'Devices that cannot read what the account sends at the moment'),
    labelNames: ['account'],
    collect() {
      for (const { account, actor } of watched)
        this.set({ account }, actor?.getSnapshot().context.outbound.addresses.length ?? 0)
    },
  })
  const asked = new Map(watched.map((line) => [line, line.retriesAsked]))
  new prom.Counter({
    ...described(
      'retries_asked_total',
      'Times that a message was asked for again, by contacts and by own devices, because it could not be read',
    ),
    labelNames: ['account', 'by'],
    collect() {
      for (const line of watched) {
        const [before, now] = [asked.get(line), line.retriesAsked]
        asked.set(line, now)
        for (const by of ['contacts', 'own'] as const)
          this.inc({ account: line.account, by }, more(before?.[by] ?? 0, now?.[by] ?? 0))
      }
    },
  })

  new prom.Gauge({
    ...described('observing', '1 for an account that is only observed, so that nothing is healed'),
    labelNames: ['account'],
    collect() {
      for (const { account, mode } of watched) this.set({ account }, mode === 'observe' ? 1 : 0)
    },
  })

  for (const [name, help, read] of [
    ['last_inbound_timestamp_seconds', 'When a message last reached this host', (one: Status) => one.lastInboundAt],
    [
      'last_outbound_timestamp_seconds',
      'When WhatsApp last acknowledged a message',
      (one: Status) => one.lastOutboundAt,
    ],
  ] as const)
    new prom.Gauge({
      ...described(name, help),
      labelNames: ['account'],
      collect() {
        for (const { account, status } of watched) {
          const at = read(status)
          if (at !== undefined) this.set({ account }, at / 1_000)
        }
      },
    })
  for (const [name, help, count] of [
    [
      'messages_waiting',
      'Messages that have reached this host and are not taken in yet',
      (one: Status) => one.messagesWaiting ?? 0,
    ],
    [
      'unstable',
      '1 for an account whose connection comes and goes, as its status says',
      (one: Status) => (one.unstable === undefined ? 0 : 1),
    ],
  ] as const)
    new prom.Gauge({
      ...described(name, help),
      labelNames: ['account'],
      collect() {
        for (const { account, status } of watched) this.set({ account }, count(status))
      },
    })

  const offs = watched.map((line) => {
    const { account } = line
    return watchLine(line, {
      transition: (from, to) => {
        transitions.inc({ account, from, to })
        book(account, from)
      },
      close: (cause, code) => closes.inc({ account, cause, code: code === undefined ? '' : String(code) }),
      unreadable: (reason) => unreadable.inc({ account, reason }),
      notice: ({ kind, details }) => {
        notices.inc({ account, kind })
        if (kind === 'credentials-restored') restores.inc({ account })
        if (kind !== 'sessions-pruned') return
        prunes.inc({ account, scope: String(details.scope ?? 'failing') })
        pruned.inc({ account }, Array.isArray(details.addresses) ? details.addresses.length : 0)
      },
      incident: ({ ended }) => {
        if (ended?.healed) heals.observe({ account, cause: ended.incident.cause }, ended.tookMs / 1_000)
      },
    })
  })
  return () => {
    for (const off of offs) off()
    for (const name of names) register.removeSingleMetric(name)
  }
}

/** By how much a count has grown: one that is less than before began anew, on another host. */
const more = (before: number, now: number): number => (now < before ? now : now - before)
