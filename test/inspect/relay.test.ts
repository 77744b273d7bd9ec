import { once } from 'node:events'
import { request } from 'node:http'
import { connect, Server, Socket } from 'node:net'
import { createBrowserReceiver } from '@statelyai/inspect'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createActor, fromCallback, setup } from 'xstate'
import { LifelineError } from '../../src/errors/errors.ts'
import { type InspectorOptions, inspector } from '../../src/inspect/inspector.ts'
import { viewer } from './viewer.ts'

async function opened(options?: InspectorOptions) {
  const opened = await inspector(options)
  onTestFinished(() => opened.close())
  return opened
}

const machine = setup({ actors: { work: fromCallback(() => undefined) } }).createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { toggle: 'on' } },
    on: { tags: 'lit', on: { toggle: 'off' }, invoke: { id: 'work', src: 'work' } },
  },
})
const lamp = (inspect: Parameters<typeof createActor>[1]) => createActor(machine, inspect).start()
const toggled = (count: number) => (messages: readonly { readonly type: string }[]) =>
  messages.filter((message) => message.type === '@xstate.snapshot' && 'event' in message).length >= count

test('a viewer is told of actors, events and snapshots as Stately sends them, and one that comes late of where all of it stands', async () => {
  const { inspect, url } = await opened()
  const early = await viewer(url)
  const before = Date.now()
  const actor = lamp({ inspect })
  actor.send({ type: 'toggle' })
  await early.until((all) => all.some((one) => one.type === '@xstate.snapshot' && one.snapshot.value === 'on'))
  expect(early.messages.map(({ type }) => type)).toContain('@xstate.event')
  for (const { createdAt } of early.messages) expect(Number(createdAt)).toBeGreaterThanOrEqual(before)

  const late = await viewer(url)
  await late.until((all) => all.some((one) => one.type === '@xstate.snapshot' && one.snapshot.value === 'on'))
  const [root, service] = late.messages.filter((one) => one.type === '@xstate.actor')
  // XState counts sessions for the whole process.
  expect(root).toMatchObject({
    name: expect.stringMatching(/^x:\d+$/),
    snapshot: { status: 'active', value: 'on', tags: ['lit'] },
  })
  expect(JSON.parse(root?.definition ?? '')).toMatchObject({ id: 'lamp', states: { on: { tags: 'lit' } } })
  expect(service).toMatchObject({ name: 'work', parentId: root?.sessionId, rootId: root?.sessionId })

  // What Stately's own receiver takes in.
  const window = Object.assign(new EventTarget(), { opener: null })
  Object.assign(window, { self: window, top: window })
  const received: string[] = []
  createBrowserReceiver({ window: window as never }).subscribe(({ type }) => {
    received.push(type)
  })
  for (const data of late.messages) window.dispatchEvent(new MessageEvent('message', { data }))
  expect(received).toEqual(late.messages.map(({ type }) => type))
})

test('accounts side by side keep their sessions apart, and what has ended is forgotten', async () => {
  const { inspect, url } = await opened()
  const [one, other] = [lamp({ inspect }), lamp({ inspect })]
  for (let round = 0; round < 21; round += 1) one.send({ type: 'toggle' })
  const look = await viewer(url)
  await look.until((all) =>
    all.some(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId.startsWith('work')),
  )
  const actors = look.messages.filter((message) => message.type === '@xstate.actor')
  expect(new Set(actors.map(({ sessionId }) => sessionId)).size).toBe(actors.length)
  expect(actors.filter(({ name }) => name === 'work')).toHaveLength(1)
  one.stop()
  other.stop()
  lamp({ inspect })
  const later = await viewer(url)
  await later.until(toggled(1))
  expect(later.messages.filter((message) => message.type === '@xstate.actor')).toHaveLength(1)
})

test.for([
  ['of another origin', 'https://example.org'],
  ['of a name that points here', 'http://rebound.example:80'],
  ['of this machine on another port', 'http://127.0.0.1:1'],
  ['of no origin', 'null'],
])('a page %s is refused', async ([, origin]) => {
  const { url } = await opened()
  await expect(viewer(url, origin)).rejects.toThrow('403')
})

test('a program that names no origin is refused, and so is a request for another host', async () => {
  const { url } = await opened()
  const { port } = new URL(url)
  const refused = await new Promise<number | undefined>((resolve, reject) => {
    const headers = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'x'.repeat(22),
    }
    request({ port, host: '127.0.0.1', path: '/events', headers }, ({ statusCode }) => resolve(statusCode))
      .on('error', reject)
      .end()
  })
  expect(refused).toBe(403)
  const rebound = await new Promise<number | undefined>((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/', headers: { host: `evil.example:${port}` } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(rebound).toBe(403)
})

test('the page and all that it consists of come from here, under a policy that lets nothing else in', async () => {
  const { url } = await opened()
  const page = await fetch(url)
  const text = await page.text()
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self';/)
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(text).not.toMatch(/https?:\/\//)
  for (const [, path = ''] of text.matchAll(/(?:href|src)="(\/[^"]+)"/g))
    expect((await fetch(new URL(path, url))).status, path).toBe(200)
  expect((await fetch(new URL('/../package.json', url))).status).toBe(404)
  expect((await fetch(new URL('/constructor', url))).status).toBe(404)
})

test('the page is read with GET or HEAD alone, and by who names this host', async () => {
  const { url } = await opened()
  const head = await fetch(url, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect((await fetch(url, { method: 'POST' })).status).toBe(404)
  const raw = connect(Number(new URL(url).port), '127.0.0.1')
  raw.write('GET / HTTP/1.0\r\n\r\n')
  const [answer] = await once(raw, 'data')
  raw.destroy()
  expect(String(answer)).toMatch(/^HTTP\/1\.1 403 /)
})

test('viewers beyond the sixteenth are refused, and one that answers no ping is dropped', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const relay = await opened()
  const viewers = await Promise.all(Array.from({ length: 16 }, () => viewer(relay.url)))
  await expect(viewer(relay.url)).rejects.toThrow('503')
  const [frozen, ...others] = viewers
  frozen?.socket.pause()
  const pinged = others.map(({ socket }) => once(socket, 'ping'))
  vi.advanceTimersByTime(30_000)
  await Promise.all(pinged)
  // What comes back after the answer to a ping has left it behind.
  const answered = others.map(({ socket }) => once(socket, 'pong'))
  for (const { socket } of others) socket.ping()
  await Promise.all(answered)
  vi.advanceTimersByTime(30_000)
  await vi.waitFor(() => expect(relay.viewers).toBe(15), { timeout: 20_000 })
})

test('a seventeenth viewer is refused, and whoever speaks no HTTP is cut off', async () => {
  const { url } = await opened()
  await Promise.all(Array.from({ length: 16 }, () => viewer(url)))
  await expect(viewer(url)).rejects.toThrow('503')
  const stranger = connect(Number(new URL(url).port), '127.0.0.1')
  stranger.on('error', () => undefined)
  stranger.write('GARBAGE\r\n\r\n')
  await once(stranger, 'close')
})

test('neither its port nor a visitor keeps a process running', async () => {
  const { url } = await opened()
  const port = Number(new URL(url).port)
  const visitor = connect(port, '127.0.0.1').unref()
  await once(visitor, 'connect')
  visitor.write(`HEAD / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  await once(visitor, 'data')
  // What holds a process, as Node itself counts it.
  const holding: readonly unknown[] = Reflect.apply(Reflect.get(process, '_getActiveHandles'), process, [])
  const ports = holding.map((one) => (one instanceof Server || one instanceof Socket ? one.address() : undefined))
  expect(ports).not.toContainEqual(expect.objectContaining({ port }))
  visitor.destroy()
})

test('an actor that runs already is told of from its next event on, and one that is not started only then', async () => {
  const { inspect, url } = await opened()
  const running = createActor(machine).start()
  running.system.inspect(inspect)
  running.send({ type: 'toggle' })
  const made = createActor(machine, { inspect })
  const look = await viewer(url)
  const roots = () => look.messages.filter((one) => one.type === '@xstate.actor' && one.parentId === undefined).length
  await look.until((all) => all.some((one) => one.type === '@xstate.snapshot' && one.snapshot.value === 'on'))
  expect(roots()).toBe(1)
  made.start()
  await look.until(() => roots() === 2)
})

test('viewers that crash, lag behind or send nonsense harm nobody', async () => {
  const relay = await opened()
  const [here, there] = ['a'.repeat(10_000), 'b'.repeat(10_000)]
  const wordy = setup({}).createMachine({
    initial: here,
    states: { [here]: { on: { toggle: there } }, [there]: { on: { toggle: here } } },
  })
  const actor = createActor(wordy, { inspect: relay.inspect }).start()
  const [crashing, well, rude] = [await viewer(relay.url), await viewer(relay.url), await viewer(relay.url)]
  const lagging = await viewer(relay.url)
  lagging.socket.pause()
  crashing.socket.terminate()
  rude.socket.send('x'.repeat(10_000))
  const raw = connect(Number(new URL(relay.url).port), '127.0.0.1')
  raw.on('error', () => undefined)
  raw.write('GARBAGE\r\n\r\n')
  await vi.waitFor(
    () => {
      for (let round = 0; round < 50; round += 1) actor.send({ type: 'toggle' })
      expect(relay.viewers).toBe(1)
    },
    { timeout: 20_000, interval: 5 },
  )
  const before = well.messages.length
  actor.send({ type: 'toggle' })
  await well.until((all) => all.length > before)
  expect(actor.getSnapshot().status).toBe('active')
})

test('a port that is taken is told with what to do, and wrong options with their path', async () => {
  const { url } = await opened()
  const taken = await inspector({ port: Number(new URL(url).port) }).catch((error: unknown) => error)
  expect(taken).toBeInstanceOf(LifelineError)
  expect(taken).toMatchObject({ code: 'INSPECTOR_PORT', message: expect.stringContaining('EADDRINUSE') })
  await expect(inspector({ host: '0.0.0.0' } as never)).rejects.toMatchObject({ path: 'inspector.host' })
  await expect(inspector({ prot: 1 } as never)).rejects.toMatchObject({ path: 'inspector.prot' })
})

test('close() lets go of the port, of viewers and of every timer', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const relay = await opened()
  const look = await viewer(relay.url)
  const gone = once(look.socket, 'close')
  await Promise.all([relay.close(), relay.close(), gone])
  await expect(fetch(relay.url)).rejects.toThrow()
  expect(vi.getTimerCount()).toBe(0)
})

test.each(['127.0.0.1', '::1', 'localhost'] as const)(
  'on %s it is read by its address, and looked at',
  async (host) => {
    const { url, inspect } = await opened({ host })
    expect((await fetch(url)).status).toBe(200)
    expect(new URL(url).hostname).toBe(host === '::1' ? '[::1]' : host)
    const look = await viewer(url)
    lamp({ inspect })
    await look.until(toggled(1))
    expect((await fetch(new URL('/viewer', url))).status).toBe(404)
    await expect(viewer(`${url}other/`, new URL(url).origin)).rejects.toThrow('403')
  },
)

test('each file of the page has its kind, and is the same each time', async () => {
  const { url } = await opened()
  const answers = await Promise.all(
    ['', 'style.css', 'connection.svg', '', 'style.css'].map((path) => fetch(url + path)),
  )
  const texts = await Promise.all(answers.map((answer) => answer.text()))
  expect(answers.map(({ headers }) => headers.get('content-type')?.split(';')[0])).toEqual([
    ...['text/html', 'text/css', 'image/svg+xml', 'text/html', 'text/css'],
  ])
  expect(texts.slice(3)).toEqual(texts.slice(0, 2))
  expect(new Set(texts).size).toBe(3)
  const missing = await fetch(`${url}none`)
  expect([missing.status, missing.headers.get('content-type'), await missing.text()]).toEqual([404, null, ''])
})

test.each([0, 65_535])('a port of %i is allowed', async (port) => {
  // Whether it can be had is another question.
  const outcome = await inspector({ port }).then(
    (one) => one.close().then(() => 'had'),
    (error: LifelineError) => error.code,
  )
  expect(['had', 'INSPECTOR_PORT']).toContain(outcome)
})

test.each([-1, 65_536, 1.5, Number.NaN])('a port of %d is none', async (port) => {
  await expect(inspector({ port })).rejects.toMatchObject({ path: 'inspector.port' })
})
