// @module-tag slow

import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { proxyAgent } from '../../src/cli/proxy.ts'
import { World } from '../line/world.ts'
import { Running } from './process.ts'

let proxy: Server
let url = ''
/** What the proxy was asked for: the place, and the credentials. */
const asked: (readonly [place: string | undefined, credentials: string | undefined])[] = []

beforeAll(async () => {
  proxy = createServer().on('connect', ({ url: place, headers }: IncomingMessage, client: Socket) => {
    asked.push([place, headers['proxy-authorization']])
    const [host, port] = (place ?? '').split(':')
    const server = connect(Number(port), host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    for (const one of [server, client]) one.on('error', () => undefined)
    server.pipe(client).pipe(server)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
beforeEach(() => void asked.splice(0))
afterAll(() => new Promise((resolve) => proxy.close(resolve)))

test('real Baileys connects through the proxy of the environment, as far as NO_PROXY lets it', async () => {
  const world = await World.open()
  const agent = await proxyAgent(undefined, { HTTPS_PROXY: url })
  const through = agent === undefined ? {} : { agent }
  const folder = await world.linkedFolder()
  // What the package reads at each request.
  process.env.HTTPS_PROXY = url
  process.env.https_proxy = url
  process.env.http_proxy = url
  try {
    const up = async () => {
      const gateway = world.newcomer({ connect: (given) => world.socket(given, through) }, folder)
      await gateway.up()
      await gateway.line.stop()
    }
    await up()
    expect(asked).toEqual([[new URL(world.server.url).host, undefined]])
    process.env.NO_PROXY = '127.0.0.1'
    await up()
    expect(asked.length).toBe(1)
  } finally {
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'http_proxy', 'NO_PROXY']) delete process.env[name]
    await world.close()
  }
})

test('`lifeline run --proxy` reaches the server through it, and tells nobody its password', async () => {
  const world = await World.open()
  const folder = await world.linkedFolder()
  const { host } = new URL(url)
  const running = new Running([
    ...['run', '--auth', folder, '--proxy', `http://gateway:pass%77ord@${host}`],
    ...['--url', world.server.url, '--root-key', world.server.rootKey, '--log-level', 'trace'],
  ])
  await running.says(/healthy {2,}Connected/)
  running.signal('SIGTERM')
  const { code, stdout, stderr } = await running.ended()
  expect(code).toBe(0)
  expect(asked[0]).toEqual([
    new URL(world.server.url).host,
    `Basic ${Buffer.from('gateway:password').toString('base64')}`,
  ])
  expect(`${stdout}${stderr}`).not.toMatch(/pass%77ord|gateway:pass|Z2F0ZXdheTpwYXNzd29yZA/)
  await world.close()
})
