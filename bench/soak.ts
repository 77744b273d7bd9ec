import { chaosPart } from './soak/chaos-part.ts'
import { clawdbotPart } from './soak/clawdbot-part.ts'
import { faultsPart } from './soak/faults-part.ts'
import { forksPart } from './soak/forks-part.ts'
import { gatewaysPart } from './soak/gateways-part.ts'
import { killsPart } from './soak/kills-part.ts'
import { oddInputPart } from './soak/odd-input-part.ts'
import { runtimesPart } from './soak/runtimes-part.ts'
import { simulationPart } from './soak/simulation-part.ts'
import { stanzasPart } from './soak/stanzas-part.ts'
import { wholePart } from './soak/whole-part.ts'

// `npm run soak`: the tests of which `npm test` does a share, whole; then gateways from npm under `lifeline exec`,
// kills, random failures on real Baileys, malformed stanzas, odd input, simulated days and careless changes of the
// sources until an hour is over, and a summary. SOAK_MINUTES=3 for less; SOAK_SEED to begin elsewhere;
// SOAK_PARTS=gateways,kills for some.

const minutes = Number(process.env.SOAK_MINUTES ?? 60)
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 1_000_000))
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('SOAK_MINUTES is a number of minutes, SOAK_SEED a whole number.')
  process.exit(2)
}
const startedAt = performance.now()
const endsAt = startedAt + minutes * 60_000
/** Long enough for each part to do something, short enough for each to be seen early. */
const turnMs = Math.min(300_000, (minutes * 60_000) / 5)

const all = {
  whole: wholePart(),
  forks: forksPart(),
  runtimes: runtimesPart(),
  gateways: gatewaysPart(),
  clawdbot: clawdbotPart(),
  kills: killsPart(),
  chaos7: chaosPart(7, seed),
  chaos6: chaosPart(6, seed),
  stanzas: stanzasPart(seed),
  simulation: simulationPart(seed),
  odd: oddInputPart(seed),
  faults: faultsPart(),
}
const wanted = process.env.SOAK_PARTS?.split(',')
const parts = Object.entries(all).flatMap(([name, part]) => (wanted?.includes(name) === false ? [] : [part]))
if (parts.length === 0) {
  console.error(`SOAK_PARTS names some of ${Object.keys(all).join(', ')}.`)
  process.exit(2)
}
console.log(`Soaking for ${minutes} min from seed ${seed}.`)
for (let turn = 0; performance.now() < endsAt; turn += 1) {
  const busy = parts.filter((part) => part.over?.() !== true)
  if (busy.length === 0) break
  const part = busy[turn % busy.length]
  await part?.work(Math.min(performance.now() + turnMs, endsAt))
  console.log(`${((performance.now() - startedAt) / 60_000).toFixed(1)} min  ${part?.said()}`)
}
const failures = parts.flatMap(({ failures }) => failures)
console.log(`\nAfter ${((performance.now() - startedAt) / 60_000).toFixed(1)} min, from seed ${seed}:`)
for (const part of parts) console.log(part.said())
for (const failure of failures) console.error(failure)
console.log(failures.length === 0 ? 'Every promise held.' : `${failures.length} failures.`)
process.exit(failures.length === 0 ? 0 : 1)
