import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { methodsOf, repositoryMethods, synchronous } from '../../src/drop-in/members.ts'
import { baileysIn, lineOf } from '../../src/drop-in/namespace.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('the members of a virtual socket with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)
  const known = baileysIn(baileys)

  test('are known by name for this line before a socket is there', async () => {
    const plain = await bots.bot('plain').up(await bots.world.linkedFolder())
    expect(lineOf(known)).toBe(name)
    const methods = Object.entries(plain.sock).flatMap(([key, value]) => (typeof value === 'function' ? [key] : []))
    expect([...methodsOf(known)].sort()).toEqual(methods.sort())
    const repository = Object.entries(plain.sock.signalRepository)
    const operations = repository.flatMap(([key, value]) => (typeof value === 'function' ? [key] : []))
    expect([...repositoryMethods.both, ...repositoryMethods[lineOf(known)]].filter(Boolean).sort()).toEqual(
      operations.sort(),
    )
    await plain.sock.end(undefined)
    for (const key of synchronous) {
      const method: unknown = Reflect.get(plain.sock, key)
      if (typeof method === 'function') expect(method.constructor.name, key).toBe('Function')
    }
  })

  test('are there at once, and are the same functions afterwards', async () => {
    const { world } = bots
    const gateway = await bots.bot().open(await world.linkedFolder())
    const early = new Map([...methodsOf(known)].map((key) => [key, Reflect.get(gateway.sock, key)]))
    expect([...early].filter(([, method]) => typeof method !== 'function')).toEqual([])
    await gateway.until(() => gateway.drained)
    for (const [key, method] of early) expect(Reflect.get(gateway.sock, key), key).toBe(method)
    world.server.now(faults.unavailable)
    await gateway.until(() => gateway.opens === 2)
    for (const [key, method] of early) expect(Reflect.get(gateway.sock, key), key).toBe(method)
    const plain = await bots.bot('plain').open(world.folder())
    expect(Object.keys(gateway.sock).sort()).toEqual(Object.keys(plain.sock).sort())
    await plain.sock.end(undefined)
  })

  test('it is no promise, and keeps what a gateway puts on it or in the place of a method', async () => {
    const { sock } = await bots.up()
    expect(await Promise.resolve(sock)).toBe(sock)
    const own = sock as unknown as Record<string, unknown>
    expect(own.store).toBeUndefined()
    own.store = 'mine'
    expect(own.store).toBe('mine')
    expect('store' in own).toBe(true)
    const { sendMessage } = sock
    sock.sendMessage = async () => undefined
    expect(await sock.sendMessage('x', { text: 'x' })).toBeUndefined()
    sock.sendMessage = sendMessage
    expect({ ...sock }.sendMessage).toBe(sendMessage)
    expect(inspect(sock, { depth: 0 })).toContain('sendMessage')
  })

  test('user, authState and signalRepository are those of the newest connection, also where a reference was kept', async () => {
    const { world } = bots
    const gateway = await bots.bot().open(await world.linkedFolder())
    const { authState, signalRepository } = gateway.sock
    const { lidMapping } = signalRepository
    expect(gateway.sock.user?.id).toContain(world.number)
    expect(authState.creds.me?.id).toContain(world.number)
    const address = 'jidToSignalProtocolAddress' in signalRepository
    expect(address).toBe(true)
    await gateway.until(() => gateway.drained)
    const anna = world.server.contact(`anna of ${name}`)
    await anna.send(world.number, 'hello')
    await gateway.reads('hello')
    const sent = anna.nextReceived()
    await gateway.sock.sendMessage(anna.jid, { text: 'hello' })
    await sent
    world.server.now(faults.unavailable)
    await gateway.until(() => gateway.opens === 2)
    const seen = { keys: 0 }
    const real = gateway.line.socket
    if (!real) throw new Error('no socket')
    const { keys } = real.authState
    const get = keys.get.bind(keys)
    keys.get = (...args) => {
      if (args[1].includes('nobody')) seen.keys += 1
      return get(...args)
    }
    await authState.keys.get('session', ['nobody'])
    expect(seen.keys).toBe(1)
    expect(signalRepository.jidToSignalProtocolAddress(anna.jid)).toBe(
      (real.signalRepository as typeof signalRepository).jidToSignalProtocolAddress(anna.jid),
    )
    if (name === 'v7') expect(await lidMapping.getPNForLID('1@lid')).toBeNull()
    else expect(lidMapping).toBeUndefined()
    await gateway.sock.end(undefined)
    expect(gateway.sock.user?.id).toContain(world.number)
  })

  test('a repository that is asked before the first connection answers with it', async () => {
    const { world } = bots
    const gateway = await bots.bot().open(await world.linkedFolder())
    const { signalRepository } = gateway.sock
    if (name === 'v7') expect(await signalRepository.lidMapping.getPNForLID('1@lid')).toBeNull()
    else
      expect(await signalRepository.jidToSignalProtocolAddress(`${world.number}@s.whatsapp.net`)).toContain(
        world.number,
      )
  })

  test('message tags are made with and without a connection', async () => {
    const gateway = await bots.bot().open(await bots.world.linkedFolder())
    const tags = [gateway.sock.generateMessageTag(), gateway.sock.generateMessageTag()]
    await gateway.until(() => gateway.drained)
    tags.push(gateway.sock.generateMessageTag(), gateway.sock.generateMessageTag())
    await gateway.sock.end(undefined)
    tags.push(gateway.sock.generateMessageTag())
    expect(new Set(tags).size).toBe(5)
    if (name !== 'v7') return
    const ended = await bots.up()
    const errors: unknown[] = []
    ended.sock.registerSocketEndHandler((error) => {
      errors.push(error)
    })
    const error = new Error('enough')
    await ended.sock.end(error)
    expect(errors).toEqual([error])
  })
})
