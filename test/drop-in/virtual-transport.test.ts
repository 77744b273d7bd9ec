import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { OwnListeners, VirtualTransport } from '../../src/drop-in/virtual-transport.ts'

const nothing = () => undefined

function made() {
  const now = { isOpen: false, isEnded: false, real: undefined as EventEmitter | undefined }
  const close = vi.fn(async () => undefined)
  const onRemoved = vi.fn()
  const ws = new VirtualTransport({
    isOpen: () => now.isOpen,
    isEnded: () => now.isEnded,
    real: () => now.real,
    close,
    onRemoved,
  })
  const told: unknown[] = []
  const hear =
    (name: string) =>
    (...args: unknown[]) =>
      void told.push([name, ...args])
  return { ws, now, close, onRemoved, told, hear }
}

test('what the gateway emits goes to the live transport, which tells it; without one it is told here, and its own words always', () => {
  const { ws, now, told, hear } = made()
  ws.on('CB:x', hear('here'))
  ws.on('close', hear('closed'))
  const real = new EventEmitter()
  real.on('CB:x', hear('there'))
  real.on('close', hear('its close'))
  // Made, and not open yet.
  now.real = real
  ws.attach(real)
  expect(ws.emit('CB:x', 1, 2)).toBe(true)
  expect(told.splice(0)).toEqual([['here', 1, 2]])
  now.isOpen = true
  expect([ws.emit('CB:x', 3), ws.emit('CB:nobody')]).toEqual([true, false])
  expect(told.splice(0)).toEqual([
    ['there', 3],
    ['here', 3],
  ])
  ws.emit('close')
  expect(told.splice(0)).toEqual([['closed']])
  now.isEnded = true
  ws.emit('CB:x', 4)
  expect(told.splice(0)).toEqual([['here', 4]])
  now.isEnded = false
  now.real = undefined
  ws.emit('CB:x', 5)
  expect(told.splice(0)).toEqual([['here', 5]])
})

test('an error is told to those who listen, and to nobody otherwise', () => {
  const { ws, told, hear } = made()
  expect(ws.emit('error', new Error('x'))).toBe(false)
  ws.on('error', hear('error'))
  expect(ws.emit('error', 'x')).toBe(true)
  expect(told).toEqual([['error', 'x']])
})

test('what it tells of the transports is that of the newest, each once, in the order that the gateway wants', () => {
  const { ws, told, hear } = made()
  const [first, second] = [new EventEmitter(), new EventEmitter()]
  ws.on('frame', hear('on')).addListener('frame', hear('added'))
  ws.prependListener('frame', hear('first of all'))
  ws.prependListener('CB:y', hear('y'))
  ws.once('CB:z', hear('z'))
  ws.on('close', hear('close'))
  ws.on(Symbol('of its own') as never, hear('symbol'))
  ws.attach(first)
  // What comes to be listened to later, too, by however many.
  ws.on('CB:late', hear('late')).on('CB:late', hear('later'))
  first.emit('frame', 1)
  first.emit('close')
  expect(told.splice(0)).toEqual([
    ['first of all', 1],
    ['on', 1],
    ['added', 1],
  ])
  // The same one again, it is heard in the same place.
  const order: string[] = []
  first.on('CB:late', () => order.push(`after ${told.splice(0).length}`))
  ws.attach(first)
  first.emit('CB:late')
  expect(order).toEqual(['after 2'])
  first.removeAllListeners('CB:late')
  ws.attach(second)
  expect(first.eventNames()).toEqual([])
  first.emit('frame', 2)
  second.emit('CB:y', 3)
  second.emit('CB:late', 4)
  second.emit('CB:z', 5)
  second.emit('CB:z', 6)
  expect(told.splice(0)).toEqual([
    ['y', 3],
    ['late', 4],
    ['later', 4],
    ['z', 5],
  ])
  // Only what is listened to here is listened to there, and a transport's own close is not the end of this one.
  expect(second.eventNames().toSorted()).toEqual(['CB:late', 'CB:y', 'CB:z', 'frame'])
  ws.attach(undefined)
  expect(second.eventNames()).toEqual([])
})

test('its end is told once to those who listen, who then hear nothing more, and begins nothing anew', () => {
  const { ws, now, told, hear } = made()
  const real = new EventEmitter()
  ws.attach(real)
  ws.on('close', hear('close'))
  ws.on('frame', hear('frame'))
  now.isEnded = true
  ws.end()
  real.emit('frame')
  ws.tell('frame')
  expect([told, ws.eventNames(), real.eventNames()]).toEqual([[['close']], [], []])
  ws.on('frame', hear('frame'))
  ws.attach(real)
  expect(real.eventNames()).toEqual([])
})

test('it says of itself what a transport says, and shows what the newest one has', async () => {
  const { ws, now, close } = made()
  const how = () => [ws.isOpen, ws.isConnecting, ws.isClosing, ws.isClosed, ws.readyState]
  expect(how()).toEqual([false, true, false, false, 0])
  expect([ws.url, ws.config, ws.socket]).toEqual([undefined, undefined, null])
  now.isOpen = true
  expect(how()).toEqual([true, false, false, false, 1])
  now.real = Object.assign(new EventEmitter(), { url: 'wss://there', config: { of: 'it' }, socket: 'bare' })
  expect([ws.url, ws.config, ws.socket]).toEqual(['wss://there', { of: 'it' }, 'bare'])
  now.isEnded = true
  expect(how()).toEqual([false, false, false, true, 3])
  ws.connect()
  await ws.close()
  expect([close.mock.calls.length, ws.getMaxListeners()]).toEqual([1, 0])
})

test('it is closed once its socket has ended, or with why that could not be', async () => {
  const { ws, close } = made()
  close.mockRejectedValueOnce(new Error('busy') as never)
  await expect(ws.close()).rejects.toThrow('busy')
})

test('what is sent goes to the live transport with its callback, and is refused without one', () => {
  const { ws, now } = made()
  const sent: unknown[] = []
  const refused = vi.fn()
  const real = Object.assign(new EventEmitter(), {
    send(this: unknown, ...args: unknown[]) {
      sent.push([this === real, ...args])
      return 1
    },
  })
  now.real = real
  expect([ws.send('early', refused), ws.send('early')]).toEqual([false, false])
  expect(refused.mock.calls).toEqual([[expect.objectContaining({ message: 'Connection Closed' })]])
  now.isOpen = true
  expect(ws.send('now', nothing)).toBe(true)
  expect(sent).toEqual([[true, 'now', nothing]])
  now.real = new EventEmitter()
  expect(ws.send('bare', refused)).toBe(false)
  expect(refused).toHaveBeenCalledTimes(2)
})

test('listeners that the gateway takes off by name are off here, and that is told; all of them are only its own', () => {
  const { ws, onRemoved, told, hear } = made()
  ws.on('CB:x', hear('x'))
  ws.on('CB:y', hear('y'))
  expect(ws.removeAllListeners('CB:x')).toBe(ws)
  ws.tell('CB:x')
  ws.tell('CB:y')
  expect([told.splice(0), [...ws.removed], onRemoved.mock.calls.length]).toEqual([[['y']], ['CB:x'], 1])
  ws.removeAllListeners()
  ws.tell('CB:y')
  expect([told, [...ws.removed], onRemoved.mock.calls.length]).toEqual([[], ['CB:x'], 1])
})

test('the listeners of Baileys’ own go and come back, exactly those of the events that are named', () => {
  const real = new EventEmitter()
  const symbol = Symbol('of its own')
  const heard: string[] = []
  for (const event of ['a', 'b', symbol]) real.on(event, () => heard.push(String(event)))
  real.on('a', () => heard.push('a again'))
  const own = new OwnListeners(real)
  // Whoever listens later is not Baileys.
  real.on('a', () => heard.push('a of ours'))
  const all = () => {
    heard.length = 0
    for (const event of ['a', 'b', symbol]) real.emit(event)
    return [...heard]
  }
  own.keepOff(new Set(['a', 'nothing']))
  own.keepOff(new Set(['a']))
  expect(all()).toEqual(['a of ours', 'b', String(symbol)])
  own.keepOff(new Set(['b']))
  expect(all()).toEqual(['a of ours', 'a', 'a again', String(symbol)])
  own.keepOff(new Set())
  own.keepOff(new Set())
  expect(all()).toEqual(['a of ours', 'a', 'a again', 'b', String(symbol)])
  // What only looks like an emitter tells nothing of its listeners.
  new OwnListeners({ on: nothing, off: nothing }).keepOff(new Set(['a']))
})
