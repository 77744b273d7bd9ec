import { killLoop } from './kills/kill-loop.ts'

// `npm run soak -- 500` for another number of kills.

const kills = Number(process.argv[2] ?? 2_000)
const startedAt = performance.now()
const result = await killLoop({
  kills,
  onKill: (done) => {
    if (done % 100 === 0) console.error(`${done} of ${kills} kills`)
  },
})
const { file, lmdb, baileys } = result
console.log(`${result.kills} kills in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
console.table({ 'file store': file, 'LMDB store': lmdb, "Baileys' own store": baileys })
const hurt = [file, lmdb].some((tally) => tally.torn + tally.credsLost + tally.acknowledgedLost > 0)
process.exit(hurt || lmdb.setsMixed > 0 ? 1 : 0)
