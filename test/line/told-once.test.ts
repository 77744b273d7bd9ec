import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SignalRepository } from '../../src/baileys/signal-repository.ts'
import type { Contact } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { silent } from '../baileys/lines.ts'
import { inTurn } from '../share.ts'
import type { Gateway, Socket } from './gateway.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

/** What happens between the decryption of the next message and everything that Baileys does with it. */
type Meanwhile = (socket: Socket) => Promise<void>

describe.each(today)('with $name, a message whose acknowledgement is lost', ({ name, baileys }) => {
  let world: World
  let meanwhile: Meanwhile | undefined
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `told once ${name}` })
    await world.linkedFolder()
  })
  afterEach(async () => {
    meanwhile = undefined
    await world.calm()
  })
  afterAll(() => world.close())

  /** Baileys' own socket, which is held up once after it has decrypted something. */
  function heldUp(socket: Socket): Socket {
    const repository = socket.signalRepository as unknown as SignalRepository
    const { decryptMessage } = repository
    repository.decryptMessage = async (args) => {
      const plain = await decryptMessage.call(repository, args)
      const now = meanwhile
      meanwhile = undefined
      await now?.(socket)
      return plain
    }
    return socket
  }
  const connect = (given: Parameters<World['socket']>[0]) => heldUp(world.socket(given))

  /** The server breaks the connection, and the client has noticed. */
  const breaks: Meanwhile = async ({ ws }) => {
    const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()))
    world.server.now({ kind: 'reset', at: 'login' })
    await closed
  }
  /** Nothing that the client sends from here on gets out. */
  const muted: Meanwhile = async ({ ws }) => {
    const transport = (ws as unknown as { socket: { send(data: unknown, done?: () => void): void } }).socket
    transport.send = (_, done) => done?.()
  }

  /** Whether its messages still begin a session, since the account has never answered, or use one that stands. */
  const senders: readonly (readonly [string, (gateway: Gateway) => Promise<Contact>])[] = [
    ['of somebody who was never answered', async () => world.server.contact(`new ${Math.random()}`)],
    [
      'of a friend',
      async (gateway) => {
        const [friend] = await world.friends(gateway, [`friend ${Math.random()}`])
        return friend as Contact
      },
    ],
  ]

  test.each(senders)('%s is told once when it comes again', async (_, sender) => {
    const gateway = await (await world.gateway({ connect })).up()
    const contact = await sender(gateway)
    const text = `broken off ${Math.random()}`
    meanwhile = breaks
    const delivery = await contact.send(gateway.number, text)
    await gateway.until(() => gateway.texts.includes(text))
    await gateway.soon(delivery.delivered(), 'the receipt')
    await world.read(gateway, [contact])
    expect(gateway.texts.filter((one) => one === text)).toEqual([text])
    expect([...delivery.nacks, ...delivery.retries]).toEqual([])
  })

  test.each(senders)('%s is acknowledged, and not told again, if it was told', async (_, sender) => {
    const gateway = await (await world.gateway({ connect })).up()
    const contact = await sender(gateway)
    const text = `told already ${Math.random()}`
    meanwhile = muted
    const delivery = await contact.send(gateway.number, text)
    await gateway.until(() => gateway.texts.includes(text))
    expect(delivery.receipts).toEqual([])
    world.server.now({ kind: 'reset', at: 'login' }, world.number)
    await gateway.soon(delivery.delivered(), 'the receipt')
    await world.read(gateway, [contact])
    expect(gateway.texts.filter((one) => one === text)).toEqual([text])
    expect([...delivery.nacks, ...delivery.retries]).toEqual([])
  })

  test.each(senders)('%s is asked for again after the end of the process', async (_, sender) => {
    const gateway = await (await world.gateway({ connect })).up()
    const contact = await sender(gateway)
    const text = `cut off ${Math.random()}`
    let stopping: Promise<void> | undefined
    meanwhile = async (socket) => {
      await breaks(socket)
      stopping = gateway.line.stop()
    }
    const delivery = await contact.send(gateway.number, text)
    await gateway.until('stopped')
    await stopping
    expect(gateway.texts).not.toContain(text)
    const next = await world.newcomer({}, gateway.folder).up()
    await next.until(() => next.texts.includes(text))
    expect(next.texts.filter((one) => one === text)).toEqual([text])
    expect(delivery.retries).toHaveLength(1)
  })

  test('of somebody who was never answered is never told by Baileys alone', async () => {
    // An account of its own: what other copies of a folder uploaded is not in this one.
    const number = '491700000099'
    const before = await world.linked(number)
    await before.line.stop()
    const { state, saveCreds } = await baileys.useMultiFileAuthState(before.folder)
    const texts: string[] = []
    let socket: Socket | undefined
    let happened: () => void = () => undefined
    let [online, over] = [0, false]
    const dial = () => {
      socket = heldUp(world.socket({ auth: state, logger: silent }))
      socket.ev.on('creds.update', saveCreds)
      socket.ev.on('messages.upsert', ({ messages }) => {
        texts.push(...messages.flatMap(({ message }) => message?.conversation ?? []))
        happened()
      })
      socket.ev.on('connection.update', ({ connection, receivedPendingNotifications }) => {
        if (receivedPendingNotifications) online += 1
        if (connection === 'close' && !over) dial()
        happened()
      })
    }
    const until = (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        happened = () => holds() && resolve()
        happened()
      })
    dial()
    await until(() => online === 1)
    const contact = world.server.contact(`alone ${Math.random()}`)
    meanwhile = breaks
    const delivery = await contact.send(number, 'broken off')
    await until(() => online === 2)
    await contact.send(number, 'the next one')
    await until(() => texts.includes('the next one'))
    expect([texts, delivery.nacks]).toEqual([['the next one'], ['487']])
    over = true
    await socket?.end(undefined)
  })
})
