import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { gate } from '../gate.ts'
import { inTurn } from '../share.ts'
import type { Gateway } from './gateway.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

/** Ways to close a connection that stands. */
const closings: Readonly<Record<string, (gateway: Gateway) => Promise<unknown>>> = {
  'stop()': ({ line }) => line.stop(),
  'reconnect()': ({ line }) => line.reconnect(),
  "prune('all')": ({ line }) => line.prune('all'),
}

describe.each(today)('with $name, a message that is being read while its connection is closed', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
    await world.linkedFolder()
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test.each(Object.keys(closings))('by %s is told, and those behind it come again and are read', async (closing) => {
    let slow: ReturnType<typeof gate> | undefined
    const gateway = await world.gateway({
      connect: ({ auth, ...given }) => {
        const { get, set } = auth.keys
        const held: typeof set = async (data) => {
          await set(data)
          // The key of the message is used up, and nothing was acknowledged or told yet.
          if (data.session) await slow?.wait()
        }
        return world.socket({ ...given, auth: { creds: auth.creds, keys: { get, set: held } } })
      },
    })
    await gateway.up()
    const [anna] = await world.friends(gateway, [`anna of ${name}`])
    if (!anna) throw new Error('nobody writes')
    slow = gate()
    const texts = ['being read', 'next in the queue', 'last'].map((text) => `${text} ${closing}`)
    const deliveries = []
    for (const text of texts) deliveries.push(await anna.send(gateway.number, text))
    await slow.reached

    const closed = new Promise<void>((resolve) => {
      const off = gateway.line.on('socket', () => {
        off()
        // All that closing does at once has been done then.
        setImmediate(resolve)
      })
    })
    const done = closings[closing]?.(gateway)
    await closed
    slow.pass()
    slow = undefined
    await done

    if (closing === 'stop()') await gateway.start()
    await Promise.all(deliveries.map((delivery) => delivery.delivered()))
    await gateway.until(() => texts.every((text) => gateway.texts.includes(text)))
    expect(gateway.texts.filter((text) => texts.includes(text)).sort()).toEqual([...texts].sort())
    // Sessions that were set aside are made anew, for which the contact is asked; what was being read was read with the
    // old one.
    const readAtOnce = closing === "prune('all')" ? deliveries.slice(0, 1) : deliveries
    expect(readAtOnce.flatMap(({ nacks, retries }) => [...nacks, ...retries])).toEqual([])
  })
})

describe.each(today)('with $name, a message that is being sent while its connection is closed', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `sending ${name}` })
    await world.linkedFolder()
  })
  afterAll(() => world.close())

  test('is refused as Baileys alone refuses it, and the next is read', async () => {
    let slow: ReturnType<typeof gate> | undefined
    const gateway = await world.gateway({
      connect: ({ auth, ...given }) => {
        const { get, set } = auth.keys
        const held: typeof set = async (data) => {
          if (data.session) await slow?.wait()
          return set(data)
        }
        return world.socket({ ...given, auth: { creds: auth.creds, keys: { get, set: held } } })
      },
    })
    await gateway.up()
    const [anna] = await world.friends(gateway, [`anna of ${name}`])
    if (!anna) throw new Error('nobody reads')
    const held = gate()
    slow = held
    const refused = gateway.say(anna.jid, 'too late').catch((error: unknown) => error)
    await held.reached
    slow = undefined
    await gateway.line.reconnect()
    await gateway.until('healthy')
    // What the first connection would store is refused from now on.
    held.pass()
    expect(await refused).toMatchObject({ message: 'Connection Closed', output: { statusCode: 428 } })
    const read = world.server.next('read-by-contact', { contact: anna.jid })
    await gateway.say(anna.jid, 'in time')
    await read
    expect(anna.received).not.toContain('too late')
  })
})
