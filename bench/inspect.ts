import { once } from 'node:events'
import { WebSocket } from 'ws'
import { createActor } from 'xstate'
import { connectionMachine, defaultPolicy } from '../machines/index.ts'
import { inspector } from '../src/inspect/index.ts'
import { median, type Row } from './table.ts'

const rounds = 15
const events = 2_000

const account = (inspect?: Parameters<typeof createActor>[1]) =>
  createActor(connectionMachine, {
    input: { account: 'bench', policy: defaultPolicy, env: { now: Date.now, random: Math.random } },
    ...inspect,
  }).start()

/**
 * What an event of a statechart costs with the inspector on, without and with a viewer, beside the same statechart
 * without it.
 */
export async function inspection(): Promise<Row[]> {
  const [unseen, seen] = [await inspector(), await inspector()]
  const viewer = new WebSocket(`${seen.url.replace('http', 'ws')}events`, { origin: new URL(seen.url).origin })
  await once(viewer, 'open')
  viewer.on('message', () => undefined)
  const arms = [account(), account({ inspect: unseen.inspect }), account({ inspect: seen.inspect })]
  const times: number[][] = arms.map(() => [])
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, actor] of arms.entries()) {
      const start = process.hrtime.bigint()
      for (let count = 0; count < events; count += 1) actor.send({ type: 'disk.well' })
      if (round >= 0) times[index]?.push(Number(process.hrtime.bigint() - start) / events / 1_000)
      // The viewer reads what it was sent: one that lags is dropped, and what it costs would not be measured.
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const [off = 1, on = 1, watched = 1] = times.map(median)
  if (seen.viewers !== 1) throw new Error('the viewer was dropped, so nothing was measured')
  for (const actor of arms) actor.stop()
  viewer.terminate()
  await Promise.all([unseen.close(), seen.close()])
  const beside = `without: ${off.toFixed(1)} µs`
  return [
    {
      what: `inspector: an event, on and nobody looks (${rounds} × ${events})`,
      ours: `${on.toFixed(1)} µs`,
      beside,
      ratio: on / off,
      target: '',
    },
    {
      what: 'inspector: an event, on and one page looks',
      ours: `${watched.toFixed(1)} µs`,
      beside,
      ratio: watched / off,
      target: '',
    },
  ]
}
