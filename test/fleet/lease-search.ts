import { type LeaseWorld, type Rules, type State, start, steps } from './lease-model.ts'

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

/** Appends a hexadecimal digit to a number; what it stands for is not negative, and less than 15. */
function digit(number: number, value: number | undefined): number {
  if (value === undefined) return number * 16
  if (value >= 15) throw new Error(`${value} is no digit`)
  return number * 16 + value + 1
}

/**
 * What is told of one of the hosts. Times only matter relative to the store's now, so what differs by a shift alone is
 * one state.
 */
function sideOf({ now, row, hosts }: State, at: 0 | 1, longest: number): number {
  const { lag, running, lease, socket, drowsy, message, write } = hosts[at]
  const name = at === 0 ? 'A' : 'B'
  const owns = row.owner === name
  const answer = message?.answer
  let side = digit(0, (running ? 1 : 0) + (drowsy ? 2 : 0) + (owns ? 4 : 0))
  side = digit(side, lag)
  side = digit(side, socket === 'open' ? 14 : socket)
  side = digit(side, lease?.epoch)
  // Beyond its end it is over, however long.
  side = digit(side, lease && Math.min(now - lease.goodFrom, longest))
  side = digit(side, message && kinds[message.kind] + (answer?.ok ? 4 : 0))
  side = digit(side, message && now - message.sentAt)
  side = digit(side, answer?.epoch)
  side = digit(side, write)
  side = digit(side, owns && row.endsAt > now ? row.endsAt - now : 0)
  return digit(side, row.heir?.host === name && row.heir.until > now ? row.heir.until - now : 0)
}

/**
 * A number for each state, which costs less to remember than a text; what differs by the names of the hosts alone is
 * one, too.
 */
class Numbers {
  readonly #longest: number
  /** There are far fewer of them than states. */
  readonly #sides = new Map<number, number>()

  constructor(longest: number) {
    this.#longest = longest
  }

  of(state: State): number {
    const [a, b] = [this.#side(state, 0), this.#side(state, 1)]
    const whole = digit(digit(state.broken === undefined ? 0 : 1, state.row.epoch), state.written)
    // No more than 52 bits in all.
    return (whole * 2 ** 20 + Math.min(a, b)) * 2 ** 20 + Math.max(a, b)
  }

  #side(state: State, at: 0 | 1): number {
    const side = sideOf(state, at, this.#longest)
    const known = this.#sides.get(side)
    if (known !== undefined) return known
    this.#sides.set(side, this.#sides.size)
    return this.#sides.size - 1
  }
}

/** Looks at every state that can be reached, in order of the number of steps; ends at the first that must not be. */
export function search(world: LeaseWorld, rules: Rules): Found {
  const numbers = new Numbers(world.ttl + world.lag + 1)
  const seen = new Set([numbers.of(start)])
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
      const number = numbers.of(to)
      if (seen.has(number)) continue
      seen.add(number)
      queue.push({ state: to, from: at, what, depth: entry.depth + 1 })
    }
    if (moves === 0) stuck += 1
  }
  return { states: seen.size, edges, depth: queue.at(-1)?.depth ?? 0, epochs, stuck, counterexample: undefined }
}
