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

const kinds = { claim: 1, renew: 2 } as const

/** A digit for each of what tells two hosts apart: none of it is negative, and none as much as 35. */
const digit = (value: number | undefined): string => (value === undefined ? '-' : value.toString(36))

/** Times only matter relative to the store's now, so what differs by a shift alone is one state; and so is what differs by the names of the hosts. */
const keyOf = ({ now, row, written, hosts, broken }: State, longest: number): string => {
  const side = (at: 0 | 1): string => {
    const { lag, running, lease, socket, drowsy, message, write } = hosts[at]
    const name = at === 0 ? 'A' : 'B'
    const owns = row.owner === name
    const heir = row.heir?.host === name && row.heir.until > now ? row.heir.until - now : 0
    return (
      digit(lag) +
      digit((running ? 1 : 0) + (drowsy ? 2 : 0) + (owns ? 4 : 0) + (message?.answer?.ok ? 8 : 0)) +
      digit(socket === 'open' ? 34 : socket) +
      digit(lease?.epoch) +
      // Beyond its end it is over, however long.
      digit(lease && Math.min(now - lease.goodFrom, longest)) +
      digit(message && kinds[message.kind]) +
      digit(message && now - message.sentAt) +
      digit(message?.answer?.epoch) +
      digit(write) +
      digit(owns && row.endsAt > now ? row.endsAt - now : 0) +
      digit(heir)
    )
  }
  const [a, b] = [side(0), side(1)]
  return digit(row.epoch) + digit(written) + (broken === undefined ? '' : 'x') + (a < b ? a + b : b + a)
}

/** Looks at every state that can be reached, in order of the number of steps; ends at the first that must not be. */
export function search(world: World, rules: Rules): Found {
  const longest = world.ttl + world.lag + 1
  const seen = new Map<string, number>([[keyOf(start, longest), -1]])
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
      const key = keyOf(to, longest)
      if (seen.has(key)) continue
      seen.set(key, at)
      queue.push({ state: to, from: at, what, depth: entry.depth + 1 })
    }
    if (moves === 0) stuck += 1
  }
  return { states: seen.size, edges, depth: queue.at(-1)?.depth ?? 0, epochs, stuck, counterexample: undefined }
}
