import { type Fault, type FaultKind, faultKinds, faults } from './faults.ts'
import { Random } from './random.ts'
import { dayMs } from './world.ts'

const hourMs = 3_600_000
/**
 * So many times longer than in the worst of lives it is quiet between two troubles: a life is one of these throughout.
 * Half a fault a day, over all lives.
 */
const calms = [2, 4, 8] as const

/** What goes wrong over some days, out of the seed: most days nothing, and then much at once. */
export function drawFaults(seed: number, days: number): Fault[] {
  const random = new Random(seed ^ 0x5eed)
  const weights = faultKinds.map((kind) => ({ kind, weight: faults[kind].weight }))
  const sum = weights.reduce((total, { weight }) => total + weight, 0)
  const kindOf = (): FaultKind => {
    let left = random.next() * sum
    for (const { kind, weight } of weights) {
      left -= weight
      if (left < 0) return kind
    }
    return 'close'
  }
  const drawn: Fault[] = []
  const calm = random.pick(calms)
  for (let at = calm * random.between(0, dayMs / 2); at < days * dayMs; at += calm * random.spread(hourMs, 8 * dayMs)) {
    const burst = random.chance(0.5) ? 1 : 2 + random.below(4)
    let kind = kindOf()
    for (let one = 0, then = at; one < burst; one++, then += random.spread(100, hourMs)) {
      drawn.push({ at: Math.round(then), kind, number: random.below(2 ** 31) })
      // What happened once often happens again: budgets and ladders are made for that.
      if (random.chance(0.6)) kind = kindOf()
    }
  }
  return drawn.sort((a, b) => a.at - b.at)
}
