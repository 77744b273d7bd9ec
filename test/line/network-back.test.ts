import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { serverOf } from '../../src/baileys/server-address.ts'
import { watchForServer } from '../../src/line/services/lookout.ts'
import { ExampleLoop } from '../example-loop.ts'
import { inTurn } from '../share.ts'
import { Cable } from './cable.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('a server that was away, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
    await world.linkedFolder()
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('is dialled as soon as it can be reached, whatever is left of the wait, as by Baileys alone in its loop', async () => {
    const cable = await Cable.to(world.server.clientOptions.waWebSocketUrl)
    const hour = 3_600_000
    const gateway = await world.gateway({
      // The fast ladder draws from nothing upwards.
      policy: { reconnect: { fastAttempts: 0, slowMinMs: hour / 2, slowMaxMs: hour, networkLookMs: 20 } },
      connect: (given) => world.socket(given, { waWebSocketUrl: cable.url }),
    })
    await gateway.up()
    await cable.cut()
    await gateway.until(() => gateway.line.status.lastClose !== undefined && gateway.state === 'reconnecting')
    // The lost link says little; what Baileys says of the next try says all.
    await gateway.line.reconnect()
    await gateway.until(
      () => gateway.line.status.lastClose?.cause.kind === 'network' && gateway.state === 'reconnecting',
    )
    expect((gateway.line.status.nextAttemptAt ?? 0) - Date.now()).toBeGreaterThan(60_000)
    await cable.mend()
    await gateway.until('healthy')
    expect(gateway.sockets.length).toBe(3)
    await world.chat(gateway, world.server.contact('afterwards'))
    await gateway.line.stop()

    let opened: () => void = () => undefined
    const open = () => new Promise<void>((resolve) => (opened = resolve))
    const options = { ...world.server.clientOptions, waWebSocketUrl: cable.url }
    const first = open()
    const loop = new ExampleLoop(
      baileys,
      gateway.folder,
      options,
      () => undefined,
      () => opened(),
    )
    await loop.start()
    await first
    await cable.cut()
    const again = open()
    await cable.mend()
    await again
    const closed = world.server.next('closed', { account: gateway.number })
    loop.end()
    await closed
    await cable.cut()
  })
})

describe('the look', () => {
  async function port() {
    const server = createServer((socket) => socket.destroy())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { server, at: (server.address() as AddressInfo).port }
  }
  const address = (at: number) => ({ host: '127.0.0.1', port: at })

  test('tells all who wait for a server that was away, by one connection, and nobody who had reached it', async () => {
    const { server, at } = await port()
    let connections = 0
    server.on('connection', () => {
      connections += 1
    })
    const told: string[] = []
    const watch = (name: string, isAway: boolean) =>
      new Promise<void>((resolve) => {
        leave.push(watchForServer(address(at), { isAway, everyMs: 20, tell: () => resolve(void told.push(name)) }))
      })
    const leave: (() => void)[] = []
    const unsure = watch('unsure', false)
    await Promise.all([watch('a', true), watch('b', true)])
    expect([told.sort(), connections <= 2]).toEqual([['a', 'b'], true])
    // Nobody is there now; whoever was not told before is, when somebody is again.
    const closed = once(server, 'close')
    server.close()
    await closed
    await refusedOnce(at)
    server.listen(at, '127.0.0.1')
    await unsure
    for (const one of leave) one()
    const seen = connections
    await once(server.close(), 'close')
    expect(seen).toBeGreaterThan(0)
  })

  /** A look of another watch, which nobody answers: the ones above have looked at least as often by then. */
  async function refusedOnce(at: number): Promise<void> {
    const { connect } = await import('node:net')
    for (let round = 0; round < 20; round += 1) {
      const socket = connect(at, '127.0.0.1')
      await once(socket, 'error').catch(() => undefined)
    }
  }
})

test('the server of a socket is read off its transport; behind a proxy it is nobody', () => {
  const ws = (url: unknown, config: object = {}) => ({ ws: { url, config } as never })
  expect(serverOf(ws('wss://web.whatsapp.com/ws/chat'))).toEqual({ host: 'web.whatsapp.com', port: 443 })
  expect(serverOf(ws(new URL('ws://[::1]:8080/')))).toEqual({ host: '::1', port: 8080 })
  expect(serverOf(ws('wss://web.whatsapp.com', { agent: {} }))).toBeUndefined()
  for (const other of ['https://a.b', 'nothing', undefined, 7]) expect(serverOf(ws(other))).toBeUndefined()
  expect(serverOf(undefined)).toBeUndefined()
})
