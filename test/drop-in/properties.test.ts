import { setTimeout as wait } from 'node:timers/promises'
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { LeakMeter } from '../../src/rehearsal/torture/leaks.ts'
import { lines } from '../line/world.ts'
import { inTurn, numberOf } from '../share.ts'
import type { Bot, Held } from './bot.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

const steps = [
  'open',
  'end',
  'close',
  'send',
  'query',
  'drop',
  'restart',
  'cut',
  'reconnect',
  'removeListeners',
] as const
type Step = (typeof steps)[number]

/** What came of the calls of one run. */
interface Calls {
  made: number
  settled: number
}

describe.each(today)('whatever gateways do with virtual sockets of $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  async function play(bot: Bot, folder: string, schedule: readonly (readonly [Step, number])[], calls: Calls) {
    const { server } = bots.world
    const anna = server.contact(`anna of ${name}`)
    const held: Held[] = []
    const ended = new Set<Held>()
    const call = (result: Promise<unknown> | undefined) => {
      calls.made += 1
      const settle = () => {
        calls.settled += 1
      }
      Promise.resolve(result).then(settle, settle)
    }
    const end = (one: Held, step: () => unknown) => {
      void step()
      ended.add(one)
    }
    for (const [step, pauseMs] of schedule) {
      const one = held.at(-1)
      if (step === 'open') held.push(await bot.open(folder))
      else if (step === 'end' && one) end(one, () => one.sock.end(undefined))
      else if (step === 'close' && one) end(one, () => one.sock.ws.close())
      else if (step === 'send') call(one?.sock.sendMessage(anna.jid, { text: 'hello' }))
      else if (step === 'query') call(one?.sock.waitForMessage('never'))
      else if (step === 'drop') server.now(faults.unavailable)
      else if (step === 'restart') server.now(faults.restartRequired)
      else if (step === 'cut') {
        await server.unplug()
        await server.plug()
      } else if (step === 'reconnect') await one?.line.reconnect().catch(() => undefined)
      else if (step === 'removeListeners') one?.sock.ev.removeAllListeners('messages.upsert')
      await wait(pauseMs)
    }
    await Promise.all(held.map((one) => one.sock.end(undefined)))
    for (const { updates } of ended) expect(updates.at(-1)?.connection, 'the last word').toBe('close')
    for (const { connections } of held)
      expect(connections.filter((state) => state.startsWith('close')).length, 'told its end once').toBe(1)
    expect(bot.overlaps, 'sockets made while another one was open').toBe(0)
    expect(server.connections, 'connections after the last end').toEqual([])
    for (const { sock } of held) expect(sock.ws.eventNames(), 'listeners after the end').toEqual([])
    return held
  }

  test('there is one live socket at most, each end is told once and the last word, every call settles, and nothing is left', async () => {
    const folder = await bots.world.linkedFolder()
    // Baileys' own first socket loads things for good.
    await (await bots.bot({ waitMs: 300 }).up(folder)).sock.end(undefined)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...steps), fc.nat({ max: 120 })), { minLength: 6, maxLength: 14 }),
        async (schedule) => {
          const meter = await LeakMeter.begin('/nowhere/')
          const calls: Calls = { made: 0, settled: 0 }
          await play(bots.bot({ waitMs: 300 }), folder, [['open', 30], ...schedule], calls)
          await wait(0)
          expect(calls.settled, 'calls that settled').toBe(calls.made)
          const left = (await meter.end()).filter(({ owner }) => owner === 'lifeline')
          expect(left, 'timers and listeners of ours').toEqual([])
        },
      ),
      { numRuns: numberOf(6, 2), interruptAfterTimeLimit: 40_000, endOnFailure: true },
    )
  })
})
