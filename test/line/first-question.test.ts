import { cpSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Contact } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { silent } from '../baileys/lines.ts'
import { muteConsole } from '../rehearsal/fake-whatsapp/client.ts'
import { inTurn } from '../share.ts'
import { damageSessions, sessionFiles, uncleanEnd } from './damage.ts'
import type { Gateway } from './gateway.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('a message that cannot be read, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    muteConsole()
    world = await World.open(baileys, { seed: name })
    await world.linkedFolder()
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  /** A folder after a power cut, in which no session of these contacts can be used. */
  async function damaged() {
    const before = await (await world.gateway()).up()
    const friends = await world.friends(before, ['a', 'b', 'c', 'd'])
    await before.line.stop()
    const files = await sessionFiles(before.folder)
    await damageSessions(before.folder, ['foreign', 'empty', 'nul', 'half'], files)
    await uncleanEnd(before.folder)
    return { folder: before.folder, number: before.number, friends }
  }
  const questions = (deliveries: readonly { retries: readonly unknown[] }[]) => deliveries.map(({ retries }) => retries)
  const write = (gateway: Pick<Gateway, 'number'>, friends: readonly Contact[], text: string) =>
    Promise.all(friends.map((friend) => friend.send(gateway.number, `${text} ${friend.name}`)))

  test('is asked for once, with the keys of a new session, where Baileys alone needs two rounds', async () => {
    const { folder, number, friends } = await damaged()
    const copy = world.folder()
    cpSync(folder, copy, { recursive: true })

    const { state, saveCreds } = await baileys.useMultiFileAuthState(copy)
    const socket = world.socket({ auth: state, logger: silent })
    socket.ev.on('creds.update', saveCreds)
    const read = new Set<string>()
    const all = new Promise<void>((resolve) => {
      socket.ev.on('messages.upsert', ({ messages }) => {
        for (const { message } of messages) if (message?.conversation) read.add(message.conversation)
        if (friends.every((friend) => read.has(`alone ${friend.name}`))) resolve()
      })
    })
    const alone = await write({ number }, friends, 'alone')
    await all
    const closed = world.server.next('closed', { account: number })
    await socket.end(undefined)
    await closed
    expect(questions(alone)).toEqual(
      friends.map(() => [
        { count: 1, withKeys: false },
        { count: 2, withKeys: true },
      ]),
    )
    for (const friend of friends) await friend.loseTrack(number)

    // With a cache of its own, Baileys 6 would wait 5 s for the phone, for one message after the other.
    const connect = (given: Parameters<typeof world.socket>[0]) =>
      world.socket(given, { placeholderResendCache: undefined as never })
    const gateway = world.newcomer({ connect }, folder, number)
    const deliveries = await write(gateway, friends, 'supervised')
    await gateway.up()
    await gateway.until(() => friends.every((friend) => gateway.texts.includes(`supervised ${friend.name}`)))
    expect(questions(deliveries)).toEqual(friends.map(() => [{ count: 1, withKeys: true }]))
    const known = await write(gateway, friends, 'afterwards')
    await gateway.until(() => friends.every((friend) => gateway.texts.includes(`afterwards ${friend.name}`)))
    expect(questions(known)).toEqual(friends.map(() => []))
    for (const friend of friends) await world.chat(gateway, friend)
  })

  test('costs one key a device, whatever else that device wrote before it has them', async () => {
    const gateway = await (await world.gateway()).up()
    const [friend] = (await world.friends(gateway, ['one'])) as [Contact]
    friend.resends = false
    await friend.loseTrack(gateway.number)
    const deliveries = [1, 2].map((at) => friend.send(gateway.number, `text ${at}`))
    const asked = async () => questions(await Promise.all(deliveries)).flat()
    for (let seen = 0; seen < 2; seen = (await asked()).length) await world.server.next('retry')
    expect(await asked()).toEqual([true, false].map((withKeys) => ({ count: 1, withKeys })))
  })

  test('while it only observes, is asked for as Baileys alone does', async () => {
    const gateway = await (await world.gateway({ mode: 'observe' })).up()
    const [friend] = (await world.friends(gateway, ['one'])) as [Contact]
    await friend.loseTrack(gateway.number)
    const delivery = await friend.send(gateway.number, 'read at the second question')
    await gateway.until(() => gateway.texts.includes('read at the second question'))
    expect(delivery.retries).toEqual([
      { count: 1, withKeys: false },
      { count: 2, withKeys: true },
    ])
  })
})
