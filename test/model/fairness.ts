import type { Graph } from './graph.ts'
import type { Situation } from './situation.ts'

/**
 * A ring of steps that the machine could go round without end and without anything to stop it: its situations;
 * undefined if there is none.
 */
export function idleRing({ ways }: Graph): readonly string[] | undefined {
  const next = new Map<string, Map<string, string>>()
  for (const { from, by, to, progress } of ways) {
    if (progress) continue
    const out = next.get(from) ?? new Map<string, string>()
    next.set(from, out.set(to, by))
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
export function lost({ situations, ways }: Graph): readonly string[] {
  const before = new Map<string, string[]>()
  for (const { from, to, well } of ways)
    if (well) {
      const known = before.get(to)
      if (known) known.push(from)
      else before.set(to, [from])
    }
  const leads = new Set([...situations.keys()].filter((key) => key.startsWith('online.open.healthy')))
  for (const key of leads) for (const from of before.get(key) ?? []) leads.add(from)
  return [...situations.values()].filter((one) => !needsPerson(one) && !leads.has(one.key)).map(({ key }) => key)
}
