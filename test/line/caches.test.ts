import NodeCache from 'node-cache'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Contact, ServerEventKind } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn, slow } from '../share.ts'
import type { Gateway, GatewayOptions } from './gateway.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('what belongs to an account of $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys)
    await world.linkedFolder()
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  /** Baileys alone is given no caches. */
  const gateway = async (caches: 'of the account' | 'none', options: GatewayOptions = {}) =>
    (
      await world.gateway({
        connect: (given) => world.socket(given, caches === 'none' ? {} : { ...given.caches }),
        ...options,
      })
    ).up()

  /** How often the server was asked that while something was done; of that contact alone, if one is named. */
  const asked = async (kind: ServerEventKind, work: () => Promise<unknown>, of?: Contact): Promise<number> => {
    const before = world.server.events.length
    await work()
    const is = (detail = '') =>
      of === undefined || [of.jid, of.lid].some((jid) => detail.startsWith(jid?.split('@')[0] ?? ' '))
    return world.server.events.slice(before).filter((event) => event.kind === kind && is(event.detail)).length
  }
  const say = async (from: Gateway, to: Contact, text = `hello ${Math.random()}`) => {
    const back = to.nextReceived()
    await from.say(to.jid, text)
    await from.soon(back, 'what was sent')
  }
  const sayIn = async (from: Gateway, group: { readonly jid: string }, readers: readonly Contact[]) => {
    const read = readers.map((reader) => reader.nextReceived())
    await from.say(group.jid, `hello all ${Math.random()}`)
    await from.soon(Promise.all(read), 'what was sent to the group')
  }
  const reconnected = async (one: Gateway) => {
    const healthy = one.next('healthy')
    await one.line.reconnect()
    await healthy
  }
  /** Disconnected while something happens. */
  const away = async (one: Gateway, work: () => void) => {
    await world.server.unplug()
    await one.until('reconnecting')
    work()
    const online = world.server.next('online')
    await world.server.plug()
    await one.until('healthy')
    await online
  }

  test('is not fetched anew after a reconnect: no keys and no devices of a contact whose devices are the same', {
    tags: [slow],
  }, async () => {
    const counts: Record<string, unknown> = {}
    for (const caches of ['none', 'of the account'] as const) {
      const one = await gateway(caches)
      const [anna] = await world.friends(one, [`anna of ${caches}`], { devices: 2 })
      if (!anna) throw new Error('nobody is there')
      const count = async () => {
        const keys = asked('keys-asked', () => say(one, anna))
        return { devices: await asked('devices-asked', () => keys, anna), keys: await keys }
      }
      await say(one, anna)
      const online = world.server.next('online')
      await reconnected(one)
      const atOnce = await count()
      await online
      await world.read(one, [anna])
      counts[caches] = { atOnce, later: await count() }
      await one.line.stop()
    }
    const none = { devices: 0, keys: 0 }
    // Alone, each line asks for the devices again, and 7 for keys with them: the contact's and the own phone's. 6
    // cannot wait for the backlog.
    expect(counts).toEqual({
      none: { atOnce: { devices: 1, keys: name === 'v7' ? 2 : 0 }, later: none },
      'of the account': { atOnce: { devices: name === 'v7' ? 0 : 1, keys: 0 }, later: none },
    })
  })

  test('tells who is in a group without asking twice, across a reconnect too', async () => {
    const counts: Record<string, readonly number[]> = {}
    for (const caches of ['none', 'of the account'] as const) {
      const one = await gateway(caches)
      const friends = await world.friends(one, [`carl of ${caches}`, `dora of ${caches}`])
      const group = world.server.group(`friends of ${caches} on ${name}`, [
        world.server.phone(world.number),
        ...friends,
      ])
      const twice = async () => {
        await sayIn(one, group, friends)
        await sayIn(one, group, friends)
      }
      const before = await asked('group-asked', twice)
      await reconnected(one)
      counts[caches] = [before, await asked('group-asked', twice)]
      await one.line.stop()
    }
    expect(counts).toEqual({ none: [2, 2], 'of the account': [1, 0] })
  })

  test('lets nobody go without keys who joins a group, while connected and while away', { tags: [slow] }, async () => {
    const one = await gateway('of the account')
    const [emil, fay, gus] = await world.friends(one, ['emil', 'fay', 'gus'])
    if (!emil || !fay || !gus) throw new Error('nobody is there')
    const group = world.server.group(`joined on ${name}`, [world.server.phone(world.number), emil])
    // Who has to ask for a message, and gets it then, went without the key at first.
    const all = async (...readers: Contact[]) =>
      expect(await asked('retry-to-client', () => sayIn(one, group, readers))).toBe(0)
    await all(emil)
    const told = world.server.next('notification-taken')
    group.add(fay)
    await told
    await all(emil, fay)
    await away(one, () => group.add(gus))
    await all(emil, fay, gus)
    group.remove(emil)
    await all(fay, gus)
  })

  test('reaches a device that a contact has linked, while connected and while away', async () => {
    const one = await gateway('of the account')
    const [hans] = await world.friends(one, ['hans'])
    if (!hans) throw new Error('nobody is there')
    await say(one, hans)
    const told = world.server.next('notification-taken')
    const tablet = hans.link()
    await told
    const first = tablet.nextReceived()
    await say(one, hans, 'to both')
    expect(await one.soon(first, 'the text on the tablet')).toBe('to both')
    let laptop = tablet
    await away(one, () => {
      laptop = hans.link()
    })
    const second = laptop.nextReceived()
    await say(one, hans, 'to all three')
    expect(await one.soon(second, 'the text on the laptop')).toBe('to all three')
  })

  test('is doubted when the server says that a message has not reached all devices, and not with each message', async () => {
    const one = await gateway('of the account')
    const [ida] = await world.friends(one, ['ida'], { devices: 2 })
    if (!ida) throw new Error('nobody is there')
    await say(one, ida)
    const missed = async () => {
      world.server.push({ tag: 'ack', attrs: { class: 'message', id: '1', from: ida.jid, phash: '2:a' } })
      await world.read(one, [ida])
    }
    await missed()
    expect(await asked('devices-asked', () => say(one, ida), ida)).toBe(1)
    await missed()
    expect(await asked('devices-asked', () => say(one, ida), ida)).toBe(0)
  })

  test('a cache of the owner that keeps nothing is said once, with what to do', async () => {
    const one = await gateway('none', {
      connect: (given) => world.socket(given, { userDevicesCache: new NodeCache() as never }),
    })
    const said = () =>
      one.line.history().filter((entry) => entry.type === 'trouble' && entry.doing.includes('userDevicesCache'))
    if (name === 'v7') {
      await one.until(() => said().length > 0)
      await reconnected(one)
      expect(said()).toMatchObject([{ message: expect.stringMatching(/keeps nothing.*spread `caches`/) }])
    } else expect(said()).toEqual([])
  })
})
