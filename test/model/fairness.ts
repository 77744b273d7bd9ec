import type { Graph, Situation, Step } from './graph.ts'

/** What only a person can do, or has to have done before. */
const byPerson =
  /^(start|stop|reconnect|relink|prune (all|failing)|pairing\.request|socket\.(qr|pairingCode|paired)|promotePairing done|close: asked)$/
/** What happens outside, each time anew: somebody writes, the disk fails, the host sleeps, the ping's time runs out. */
const byWorld = /^(messages: |prune\.proven$|disk\.|close: slept$|liveness\.lost)/

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
function progresses(step: Step): boolean {
  const { from, by } = step
  if (by.name.startsWith('xstate.after.'))
    return !by.name.includes('retry') || (from.snapshot.context.delay?.delayMs ?? 0) > 0
  return byPerson.test(by.name) || byWorld.test(by.name) || counts(step)
}

/** A ring of steps that the machine could go round without end and without anything to stop it: its situations; undefined if there is none. */
export function idleRing({ steps }: Graph): readonly string[] | undefined {
  const next = new Map<string, Map<string, string>>()
  for (const step of steps) {
    const { from, by, to, after } = step
    const still = from.key === to.key && after.context === from.snapshot.context
    if (still || progresses(step)) continue
    const out = next.get(from.key) ?? new Map<string, string>()
    next.set(from.key, out.set(to.key, by.name))
  }
  // What has no way on is on no ring; taking it away again and again leaves the rings alone.
  const before = new Map<string, string[]>()
  for (const [from, out] of next) for (const to of out.keys()) before.set(to, [...(before.get(to) ?? []), from])
  const ends = [...before.keys()].filter((key) => !next.has(key))
  for (const end of ends)
    for (const from of before.get(end) ?? []) {
      const out = next.get(from)
      if (!out?.delete(end) || out.size > 0) continue
      next.delete(from)
      ends.push(from)
    }
  let [at] = next.keys()
  if (at === undefined) return undefined
  const path: string[] = []
  const seen = new Map<string, number>()
  while (at !== undefined && !seen.has(at)) {
    seen.set(at, path.length)
    const [way]: [string, string][] = [...(next.get(at) ?? [])]
    path.push(`${at} --${way?.[1]}-->`)
    at = way?.[0]
  }
  return path.slice(seen.get(at ?? ''))
}

const needsPerson = ({ key }: Situation): boolean => /^(stopped|awaitingQr)|asked|by a person/.test(key)

/** Situations that need nobody and still do not lead to health although all is well. */
export function lost({ situations, steps }: Graph): readonly string[] {
  const before = new Map<string, string[]>()
  for (const { from, by, to } of steps)
    if (by.well) {
      const known = before.get(to.key)
      if (known) known.push(from.key)
      else before.set(to.key, [from.key])
    }
  const leads = new Set([...situations.keys()].filter((key) => key.startsWith('online.open.healthy')))
  for (const key of leads) for (const from of before.get(key) ?? []) leads.add(from)
  return [...situations.values()].filter((one) => !needsPerson(one) && !leads.has(one.key)).map(({ key }) => key)
}
