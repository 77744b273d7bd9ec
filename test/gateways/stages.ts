import type { GatewayRow } from './gateways.ts'
import type { Scenario } from './scenarios.ts'
import { type Outcome, Stage } from './stage.ts'

/**
 * What a gateway made of a scenario, under `lifeline exec` and alone, each on a server of its own, at the same time.
 */
export interface Beside {
  readonly exec: Outcome
  readonly alone: Outcome
}

/** Servers in pairs, on which scenarios are played side by side, a few at a time: most of each is waiting. */
export class Stages {
  readonly #free: { readonly exec: Stage; readonly alone: Stage }[]
  readonly #all: readonly Stage[]
  #waiting: (() => void)[] = []

  private constructor(all: readonly Stage[]) {
    this.#all = all
    this.#free = []
    for (let at = 0; at + 1 < all.length; at += 2) {
      const [exec, alone] = [all[at], all[at + 1]]
      if (exec && alone) this.#free.push({ exec, alone })
    }
  }

  static async open(row: GatewayRow, pairs: number): Promise<Stages> {
    const seeds = Array.from({ length: pairs * 2 }, (_, at) => `${row.name} ${at}`)
    const all: Stage[] = []
    for (const seed of seeds) all.push(await Stage.open(row, seed))
    return new Stages(all)
  }

  /** `aloneMs`: how long the gateway alone may take. */
  async play(scenario: Scenario, withinMs: number, aloneMs: number): Promise<Beside> {
    while (this.#free.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const pair = this.#free.shift()
    if (!pair) throw new Error('no stage is free')
    try {
      const [exec, alone] = await Promise.all([
        pair.exec.play(scenario, 'exec', withinMs),
        pair.alone.play(scenario, 'alone', aloneMs),
      ])
      return { exec, alone }
    } finally {
      this.#free.push(pair)
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((stage) => stage.close()))
  }
}

/** What does not hold of a gateway under `lifeline exec`; nothing if all does. */
export function broken({ needsCode }: Scenario, { end, codes, kept, peak, said }: Outcome): readonly string[] {
  return [
    ...(end === 'back' ? [] : [`it did not come back: ${end}\n${said}`]),
    ...(codes > 0 && !needsCode ? [`it showed ${codes} codes`] : []),
    ...(kept ? [] : ['its credentials are gone']),
    ...(peak === 1 ? [] : [`it had ${peak} connections at the same time`]),
  ]
}
