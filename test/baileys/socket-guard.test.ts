import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { firstPromiseOf } from '../../src/baileys/first-promise.ts'
import { guardSocket } from '../../src/baileys/socket-guard.ts'
import { isStray } from '../../src/baileys/stray.ts'

/** What a socket is to the guard, whose transport is told things by hand. */
function socketWith(listen: (ws: EventEmitter) => void = () => undefined) {
  const ws = Object.assign(new EventEmitter(), { isOpen: true, isClosed: false })
  const ended: unknown[] = []
  const strays: string[] = []
  listen(ws)
  const socket = { ws, ev: new EventEmitter(), end: (error: unknown) => void ended.push(error) }
  guardSocket(socket as never, (error, doing) => void strays.push(`${doing}: ${(error as Error).message}`))
  return { ws, ended, strays }
}

/** An error as Baileys' own code throws it. */
const fault = (message: string) =>
  Object.assign(new Error(message), {
    stack: `Error: ${message}\n    at x (/srv/node_modules/@whiskeysockets/baileys/lib/Socket/socket.js:1:2)`,
  })

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('the listeners of Baileys can be taken off as before, and those for one call are called once', () => {
  const called: string[] = []
  const listener = () => called.push('on')
  const never = () => called.push('never')
  const { ws } = socketWith((ws) => {
    ws.on('CB:call', listener)
    ws.once('CB:call', () => called.push('once'))
    ws.once('CB:call', never)
  })
  ws.off('CB:call', never)
  ws.emit('CB:call')
  ws.emit('CB:call')
  ws.off('CB:call', listener)
  ws.emit('CB:call')
  expect(called).toEqual(['on', 'once', 'on'])
})

test('where one listener of Baileys stumbles, the others are told all the same', async () => {
  const told: string[] = []
  const { ws, ended, strays } = socketWith((ws) => {
    ws.on('CB:presence', () => {
      throw fault('at once')
    })
    ws.on('CB:presence', async () => {
      throw fault('later')
    })
  })
  ws.on('CB:presence', () => told.push('the app'))
  ws.emit('CB:presence', {})
  await settled()
  expect(told).toEqual(['the app'])
  expect(strays).toEqual(['taking in CB:presence: at once', 'taking in CB:presence: later'])
  expect(ended).toEqual([])
})

test.each(['open', 'CB:success', 'CB:failure', 'CB:stream:error', 'CB:iq,type:set,pair-device'])(
  'a connection whose %s cannot be taken in is ended with that error',
  async (event) => {
    const error = fault('no')
    const { ws, ended } = socketWith((ws) => {
      ws.on(event, async () => {
        throw error
      })
    })
    ws.emit(event, {})
    await settled()
    expect(ended).toEqual([error])
  },
)

test('what a listener of the app throws, before or after the socket was guarded, goes where it went', () => {
  const mistake = () => {
    throw new Error('the app made a mistake')
  }
  const before = socketWith((ws) => ws.on('CB:call', mistake))
  expect(() => before.ws.emit('CB:call', {})).toThrow('the app made a mistake')
  const after = socketWith()
  after.ws.on('frame', mistake)
  expect(() => after.ws.emit('frame', {})).toThrow('the app made a mistake')
  expect([...before.strays, ...after.strays, ...before.ended, ...after.ended]).toEqual([])
})

test('what Baileys itself stumbles over at an event that is no word of the server goes where it went', () => {
  const { ws, strays, ended } = socketWith((ws) => {
    ws.on('close', () => {
      throw fault('no')
    })
  })
  expect(() => ws.emit('close')).toThrow('no')
  expect([strays, ended]).toEqual([[], []])
})

test('what a listener of the app throws while a frame is read goes where it went, whatever it is', async () => {
  for (const thrown of [new Error('the app made a mistake'), 'a text']) {
    const { ws, strays, ended } = socketWith((ws) => {
      ws.on('message', async () => ws.emit('frame'))
    })
    ws.on('frame', () => {
      throw thrown
    })
    const [listener] = ws.rawListeners('message')
    await expect(Reflect.apply(listener as () => Promise<void>, ws, [Buffer.of(1)])).rejects.toBe(thrown)
    expect([strays, ended]).toEqual([[], []])
  }
})

test('what a write to the connection fails with is known as that, and told to who wrote', () => {
  const failure = Object.assign(new Error('write EPIPE'), {
    stack: 'Error: write EPIPE\n    at x (/srv/node_modules/ws/lib/sender.js:1:2)',
  })
  const written: unknown[][] = []
  const raw = {
    send(this: unknown, ...args: unknown[]) {
      written.push([this === raw, ...args.filter((one) => typeof one !== 'function')])
      const told = args.at(-1)
      if (typeof told === 'function') told(failure)
    },
  }
  socketWith((ws) => void Object.assign(ws, { socket: raw }))
  raw.send('alone')
  expect(isStray(failure)).toBe(false)
  const told: unknown[] = []
  raw.send('bytes', { binary: true }, (error: unknown) => told.push(error))
  expect([written, told, isStray(failure)]).toEqual([
    [
      [true, 'alone'],
      [true, 'bytes', { binary: true }],
    ],
    [failure],
    true,
  ])
})

test('frames behind one that is no stanza are read at once', async () => {
  const waiting = ['bad', 'good', 'bad', 'good']
  const frames: string[] = []
  const { ws, strays, ended } = socketWith((ws) => {
    ws.on('message', async () => {
      while (waiting.length > 0) {
        const frame = waiting.shift() ?? ''
        if (frame === 'bad') throw Object.assign(fault('incorrect header check'), { code: 'Z_DATA_ERROR' })
        frames.push(frame)
      }
    })
  })
  ws.emit('message', Buffer.from('all four'))
  while (waiting.length > 0) await settled()
  expect(frames).toEqual(['good', 'good'])
  expect(strays).toHaveLength(2)
  expect(ended).toEqual([])
})

test.each<[string, object, boolean]>([
  ['no stanza', { stack: 'Error: x\n    at decodeBinaryNode (/srv/lib/WABinary/decode.js:1:2)' }, true],
  ['not unpacked', { code: 'Z_BUF_ERROR' }, true],
  ['not decrypted', {}, false],
  ['refused', { code: 'ERR_Z_' }, false],
])('a frame that is %s with %j leaves the connection as it is: %s', async (_, of, isLeft) => {
  const error = Object.assign(fault('it cannot be read'), of)
  const waiting = [error]
  const { ws, strays, ended } = socketWith((ws) => {
    ws.on('message', async () => {
      for (const unreadable of waiting.splice(0)) throw unreadable
    })
  })
  ws.emit('message', Buffer.from('one'))
  await settled()
  const told = ['decoding a stanza: it cannot be read']
  expect([strays, ended]).toEqual(isLeft ? [told, []] : [[], [error]])
})

test('codes that are empty are taken out of an offer, and all else of it stays', () => {
  const offered: unknown[] = []
  const { ws } = socketWith((ws) => ws.on('CB:iq,type:set,pair-device', (stanza) => offered.push(stanza)))
  const offer = (...content: unknown[]) => ({
    tag: 'iq',
    attrs: {},
    content: [{ tag: 'pair-device', attrs: {}, content }],
  })
  const code = { tag: 'ref', attrs: {}, content: Buffer.from('a') }
  for (const stanza of [offer(code, { tag: 'ref', attrs: {} }, { tag: 'other' }), {}, undefined])
    ws.emit('CB:iq,type:set,pair-device', stanza)
  expect(offered).toEqual([offer(code, { tag: 'other' }), {}, undefined])
})

test('what else is told reaches a listener of Baileys as it came, on its transport', () => {
  const heard: unknown[] = []
  const { ws } = socketWith((ws) => {
    ws.on('CB:iq', function (this: unknown, ...args: unknown[]) {
      heard.push(this, ...args)
    })
  })
  const stanza = () => ({ content: [{ content: [{ tag: 'ref', attrs: {} }] }] })
  ws.emit('CB:iq', stanza(), 'and more')
  expect(heard).toEqual([ws, stanza(), 'and more'])
})

test('a transport that is no emitter of Node is left as it is', () => {
  const ws = { isOpen: true, isClosed: false, on: () => undefined, off: () => undefined }
  const before = { ...ws }
  guardSocket({ ws, ev: ws as never, end: () => undefined }, () => undefined)
  expect(ws).toEqual(before)
})

test('the first promise of a call is found, however it is handed out', async () => {
  const later = async (text: string) => {
    await settled()
    return text
  }
  expect(await firstPromiseOf(() => void later('dropped'))).toBe('dropped')
  expect(firstPromiseOf(() => undefined)).toBeUndefined()
  expect(() =>
    firstPromiseOf(() => {
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(await firstPromiseOf(() => void later('again'))).toBe('again')
})
