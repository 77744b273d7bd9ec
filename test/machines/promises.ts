import { stateNames, userActions } from '../../machines/index.ts'
import type { Rig } from './rig.ts'

const dayMs = 86_400_000

/**
 * Prunes that the budget does not allow, found without the code under test. Moments are those of the wall clock, which
 * a test may set.
 */
function overBudget(rig: Rig): string | undefined {
  const { addressCooldownMs, addressPerDay, allPerDay } = rig.policy.prune
  const all: number[] = []
  const perAddress = new Map<string, number[]>()
  for (const { scope, at, addresses } of rig.world.prunes) {
    if (scope === 'all') all.push(at)
    else for (const address of addresses) perAddress.set(address, [...(perAddress.get(address) ?? []), at])
  }
  const within = (times: readonly number[], end: number, spanMs: number): number =>
    times.filter((at) => at <= end && end - at < spanMs).length
  for (const at of all) if (within(all, at, dayMs) > allPerDay) return `all sessions pruned too often: ${all}`
  for (const [address, times] of perAddress)
    for (const at of times) {
      if (within(times, at, dayMs) > addressPerDay) return `${address} pruned too often in a day: ${times}`
      if (within(times, at, addressCooldownMs) > 1) return `${address} pruned within its cool-down: ${times}`
    }
  return undefined
}

/** The first of the promises that does not hold now, in words; undefined if all do. */
export function brokenPromise(rig: Rig): string | undefined {
  if (rig.error !== undefined)
    return `the actor died: ${rig.error instanceof Error ? rig.error.stack : String(rig.error)}`
  const [violation] = rig.world.violations
  if (violation !== undefined) return violation
  const live = rig.world.sockets.filter(({ attached, fenced }) => attached && !fenced)
  if (live.length > 1) return `${live.length} live sockets`
  const wrongCause = rig.world.credsChanges.find((change) => change !== 'promote' && change !== 'restore')
  if (wrongCause !== undefined) return `creds.json changed by ${wrongCause}`
  const over = overBudget(rig)
  if (over !== undefined) return over
  if (rig.mode === 'observe' && rig.world.prunes.length > 0) return 'a prune while observing'
  const { status, state } = rig
  const { reason } = rig.context.pair
  if (state.startsWith('awaitingQr') && (reason === 'logged-out' || reason === 'refused'))
    if (rig.world.lastLogin !== 'logged-out' && rig.world.lastLogin !== 'refused')
      return `a code for ${reason}, although the last login with the stored credentials ended with ${rig.world.lastLogin}`
  if (!stateNames.includes(status.state)) return `unknown state ${status.state}`
  if (!userActions.includes(status.userAction)) return `unknown user action ${status.userAction}`
  if (status.message.trim() === '' || /undefined|NaN|\[object/.test(status.message)) return `message: ${status.message}`
  if (status.userAction !== 'none' && !status.remediation)
    return `${state} asks for ${status.userAction} without a cure`
  if (state === 'stopped.idle') {
    if (rig.timers > 0 || rig.children.length > 0 || live.length > 0) return 'something is left after stop'
  } else if (rig.timers === 0 && rig.children.length === 0 && status.userAction === 'none')
    return `${state} waits for nothing and nobody`
  return undefined
}

/** Checks every promise; what was done and the path of states go into the failure. */
export function expectPromises(rig: Rig, done: readonly unknown[]): void {
  const broken = brokenPromise(rig)
  if (broken !== undefined) throw new Error(report(rig, broken, done))
}

export const report = (rig: Rig, what: string, done: readonly unknown[]): string =>
  [
    what,
    'steps:',
    ...done.map((step) => `  ${JSON.stringify(step)}`),
    'path:',
    ...rig.path.map((at) => `  ${at}`),
  ].join('\n')

/**
 * Within this time a world that is well again must be healthy: the longest waits that the policy allows, one after the
 * other.
 */
export function recoveryBound(rig: Rig): number {
  const { reconnect, conflict } = rig.policy
  const { block } = rig.context
  const { until, holdMs = 0 } = block ?? {}
  // By the clock, but never longer than it was told, also when the clock was set back.
  const held = until === undefined ? 0 : Math.min(holdMs, Math.max(0, until - rig.clock.wall()))
  return (
    held +
    Math.max(reconnect.slowMaxMs, conflict.probeMs, conflict.retryMaxMs) +
    2 * reconnect.connectTimeoutMs +
    6 * reconnect.closeTimeoutMs
  )
}
