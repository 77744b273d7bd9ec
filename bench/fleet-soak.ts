import { harmed, harms, promisedMs } from '../test/fleet/trial/harms.ts'
import { lease } from '../test/fleet/trial/host-messages.ts'
import { Trial } from '../test/fleet/trial/trial.ts'

// `npm run soak:fleet -- 30` for another number of accounts.

const count = Number(process.argv[2] ?? 30)
const trial = await Trial.open(count)
/** Only the harms with this in their names. */
const only = process.argv[3] ?? ''
let bad = 0
try {
  const began = performance.now()
  await trial.link(['a', 'b', 'c'])
  console.log(
    `${count} accounts linked and spread over 3 hosts in ${((performance.now() - began) / 1000).toFixed(1)} s`,
  )
  for (const name of Object.keys(harms).filter((one) => one.includes(only))) {
    const { tookOverMs, replaced, allowed } = await harmed(trial, name)
    if (replaced > allowed || (tookOverMs ?? 0) > (promisedMs[name] ?? Number.POSITIVE_INFINITY)) bad += 1
    const time = tookOverMs === undefined ? '' : `, taken over in ${(tookOverMs / 1000).toFixed(1)} s`
    const { cutShort, untold } = trial.traffic
    console.log(`  ${untold.length} messages no gateway was told of so far, ${cutShort.length} of them cut short`)
    console.log(`${name}${time}; ${replaced} connections replaced (${allowed} by the harm itself)`)
  }
  const { sent, unread, twice, retries, cutShort } = trial.traffic
  console.log(
    `lease ${lease.ttlMs} ms; ${sent} messages, ${unread.length} unread, ${twice.length} read twice, ${cutShort.length} cut short by a kill`,
  )
  console.log(`${retries} retry receipts, ${trial.badMacs} Bad MAC`)
  if (twice.length + trial.badMacs > 0) bad += 1
} finally {
  await trial.close()
}
process.exit(bad > 0 ? 1 : 0)
