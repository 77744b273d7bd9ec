import { killLoop } from '../../test/stores/kills/kill-loop.ts'
import type { Part } from './part.ts'

const atOnce = 40

/**
 * A writing process, killed again and again; what the stores of this package lose counts, what Baileys' own loses is
 * told beside.
 */
export function killsPart(): Part {
  const failures: string[] = []
  const total = { kills: 0, acknowledged: 0, baileysTore: 0, baileysLostCreds: 0 }
  return {
    failures,
    work: async (until) => {
      while (performance.now() < until) {
        const { kills, file, lmdb, baileys } = await killLoop({ kills: atOnce })
        total.kills += kills
        total.acknowledged += file.acknowledged + lmdb.acknowledged
        total.baileysTore += baileys.killsThatTore
        total.baileysLostCreds += baileys.credsLost
        for (const [store, tally] of Object.entries({ file, lmdb }))
          if (tally.torn + tally.credsLost + tally.acknowledgedLost + tally.setsMixed > 0)
            failures.push(`kills: the ${store} store lost something: ${JSON.stringify(tally)}`)
      }
    },
    said: () =>
      `kills: ${total.kills}, and of ${total.acknowledged} acknowledged writes none lost unless listed below; Baileys' own store tore a file at ${total.baileysTore} of them and lost the credentials at ${total.baileysLostCreds}`,
  }
}
