import { createActor, createMachine } from 'xstate'
import { connectionMachine, defaultPolicy } from '../machines/index.ts'
import { EvidenceMonitor } from '../src/line/services/evidence-monitor.ts'
import { median, type Row } from './table.ts'

const rounds = 15
const events = 100_000

/** Nanoseconds for one call, each of the arms measured in turn within a round. */
function perCall(arms: readonly ((count: number) => void)[]): number[] {
  const times: number[][] = arms.map(() => [])
  for (let round = -2; round < rounds; round += 1)
    arms.forEach((arm, index) => {
      const start = process.hrtime.bigint()
      arm(events)
      if (round >= 0) times[index]?.push(Number(process.hrtime.bigint() - start) / events)
    })
  return times.map(median)
}

/** Events that the supervisor takes in a second, beside raw `actor.send` of an empty machine. */
export function eventRate(): Row[] {
  const empty = createActor(createMachine({ initial: 'on', states: { on: { on: { tick: {} } } } })).start()
  const connection = createActor(connectionMachine, {
    input: { account: 'bench', policy: defaultPolicy, env: { now: Date.now, random: Math.random } },
  }).start()
  const monitor = new EvidenceMonitor(defaultPolicy.decrypt, { changed: () => undefined, proven: () => undefined })
  const [raw = 1, ours = 1, fold = 1] = perCall([
    (count) => {
      for (let index = 0; index < count; index += 1) empty.send({ type: 'tick' })
    },
    (count) => {
      for (let index = 0; index < count; index += 1) connection.send({ type: 'disk.well' })
    },
    (count) => {
      for (let index = 0; index < count; index += 1) monitor.succeeded('491700000001.0')
    },
  ])
  empty.stop()
  connection.stop()
  monitor.stop()
  const rate = (ns: number) => `${Math.round(1e9 / ns).toLocaleString('en')} a second`
  return [
    {
      what: `statechart: an event with an action (${rounds} × ${events})`,
      ours: rate(ours),
      beside: `empty XState machine: ${rate(raw)}`,
      ratio: ours / raw,
      target: '',
    },
    {
      what: 'evidence: a decrypted message (what each message costs the supervisor)',
      ours: rate(fold),
      beside: `empty XState machine: ${rate(raw)}`,
      ratio: fold / raw,
      target: '',
    },
  ]
}
