import type { Situation, Step } from './situation.ts'

/** What only a person can do, or has to have done before. */
const byPerson =
  /^(start|stop|reconnect|relink|prune (all|failing)|pairing\.request|socket\.(qr|pairingCode|codeRefused|scanned|paired)|promotePairing done|close: asked)$/
/** What happens outside, each time anew: somebody writes, the disk fails, the host sleeps, the ping's time runs out. */
const byWorld = /^(messages: |outbound: |prune\.proven$|disk\.|close: slept$|liveness\.lost)/

const spent = ({ budget }: Situation['snapshot']['context']): number =>
  budget.all.length + Object.values(budget.addresses).reduce((sum, times) => sum + times.length, 0)

/** A count went up that nothing but a timer or a person takes back: the ladder, the budget, the windows for codes. */
function counts({ from, after }: Step): boolean {
  const before = from.snapshot.context
  const { attempt, restarts, restartRun, pair } = after.context
  return (
    attempt > before.attempt ||
    restarts > before.restarts ||
    pair.windows > before.pair.windows ||
    spent(after.context) > spent(before) ||
    // Taken back by an open or a scan; while pairing the one ends it, and the other is a person's.
    (restartRun > before.restartRun && from.state.startsWith('awaitingQr'))
  )
}

/** Whether a step costs time, or uses something up, or a person or the world outside takes it. */
export function progresses(step: Step): boolean {
  const { from, by } = step
  if (by.name.startsWith('xstate.after.'))
    return !by.name.includes('retry') || (from.snapshot.context.delay?.delayMs ?? 0) > 0
  return byPerson.test(by.name) || byWorld.test(by.name) || counts(step)
}
