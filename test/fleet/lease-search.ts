import { type Rules, type State, start, steps, type World } from './lease-model.ts'

export interface Found {
  readonly states: number
  readonly edges: number
  readonly depth: number
  /** How often an account changed hands, most. */
  readonly epochs: number
  /** The shortest way to what must not be, and what that is. */
  readonly counterexample: { readonly why: string; readonly way: readonly string[] } | undefined
  /** States in which nothing can happen any more. */
  readonly stuck: number
}

/** Times only matter relative to the store's now, so what differs by a shift alone is one state. */
const keyOf = ({ now, row, written, hosts, broken }: State): string => {
  const past = (at: number) => Math.max(-1, at - now)
  return JSON.stringify([
    row.epoch,
    row.owner ?? '',
    past(row.endsAt),
    row.heir && row.heir.until > now ? [row.heir.host, row.heir.until - now] : 0,
    written,
    hosts.map(({ lag, running, lease, socket, drowsy, message, write }) => [
      lag,
      running,
      drowsy,
      socket ?? '',
      lease ? [lease.epoch, Math.max(-99, lease.goodFrom - now)] : 0,
      message ? [message.kind, message.sentAt - now, message.age, message.answer ?? 0] : 0,
      write ?? 0,
    ]),
    broken ?? '',
  ])
}

/** Looks at every state that can be reached, in order of the number of steps; ends at the first that must not be. */
export function search(world: World, rules: Rules): Found {
  const seen = new Map<string, number>([[keyOf(start), -1]])
  const queue: { readonly state: State; readonly from: number; readonly what: string; readonly depth: number }[] = [
    { state: start, from: -1, what: 'start', depth: 0 },
  ]
  let edges = 0
  let stuck = 0
  let epochs = 0
  for (let at = 0; at < queue.length; at += 1) {
    const entry = queue[at]
    if (!entry) break
    epochs = Math.max(epochs, entry.state.row.epoch)
    let moves = 0
    for (const { what, to } of steps(entry.state, world, rules)) {
      edges += 1
      moves += 1
      if (to.broken !== undefined) {
        const way = [what]
        for (let back: number = at; back > 0; back = queue[back]?.from ?? -1) way.unshift(queue[back]?.what ?? '')
        return {
          states: seen.size,
          edges,
          depth: entry.depth + 1,
          epochs,
          stuck,
          counterexample: { why: to.broken, way },
        }
      }
      const key = keyOf(to)
      if (seen.has(key)) continue
      seen.set(key, at)
      queue.push({ state: to, from: at, what, depth: entry.depth + 1 })
    }
    if (moves === 0) stuck += 1
  }
  return { states: seen.size, edges, depth: queue.at(-1)?.depth ?? 0, epochs, stuck, counterexample: undefined }
}
