import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import { beforeEach, describe, expect, test } from 'vitest'
import { createStableEmitter, type StableEmitter } from '../../src/baileys/emitter.ts'
import type { SocketEvents } from '../../src/baileys/socket.ts'
import { silent } from './lines.ts'

const lines = [
  ['v7', v7],
  ['v6', v6 as unknown as typeof v7],
] as const

describe.each(lines)('line.ev over the sockets of %s', (_, baileys) => {
  let emitter: StableEmitter
  let troubles: [unknown, string][]
  const socket = () => baileys.makeEventBuffer(silent)
  const update = (qr: string) => ({ qr })

  beforeEach(() => {
    troubles = []
    emitter = createStableEmitter((error, event) => troubles.push([error, event]))
  })

  test('tells the events of the attached socket, and of the next one after it', () => {
    const heard: unknown[] = []
    emitter.ev.on('connection.update', ({ qr }) => heard.push(qr))
    const [first, second] = [socket(), socket()]
    emitter.attach(first, 1)
    first.emit('connection.update', update('a'))
    emitter.attach(second, 2)
    first.emit('connection.update', update('late'))
    second.emit('connection.update', update('b'))
    emitter.detach()
    second.emit('connection.update', update('later'))
    expect(heard).toEqual(['a', 'b'])
  })

  test('detaching an older generation changes nothing', () => {
    const heard: unknown[] = []
    emitter.ev.on('connection.update', ({ qr }) => heard.push(qr))
    const current = socket()
    emitter.attach(current, 2)
    emitter.detach(1)
    current.emit('connection.update', update('a'))
    emitter.detach(2)
    current.emit('connection.update', update('b'))
    expect(heard).toEqual(['a'])
  })

  test('tells what Baileys had buffered, once it is flushed, as one batch', () => {
    const current = socket()
    emitter.attach(current, 1)
    const batches: string[][] = []
    const ids: unknown[] = []
    emitter.ev.process((events) => void batches.push(Object.keys(events)))
    emitter.ev.on('messages.upsert', ({ messages }) => ids.push(...messages.map((message) => message.key.id)))
    const message = (id: string) => ({
      messages: [{ key: { id, remoteJid: '49@s.whatsapp.net', fromMe: false } }],
      type: 'notify' as const,
    })
    current.buffer()
    current.emit('messages.upsert', message('1'))
    current.emit('messages.upsert', message('2'))
    current.emit('chats.update', [{ id: '49@s.whatsapp.net' }])
    expect(batches).toEqual([])
    current.flush()
    expect(batches).toEqual([expect.arrayContaining(['messages.upsert', 'chats.update'])])
    expect(ids).toEqual(['1', '2'])
  })

  test('a handler of whole batches hears each until it comes off, and another that is the same goes on', () => {
    const current = socket()
    emitter.attach(current, 1)
    const heard: string[] = []
    const handler = (events: object) => void heard.push(Object.keys(events).join())
    const [first, second] = [emitter.ev.process(handler), emitter.ev.process(handler)]
    current.emit('connection.update', {})
    first()
    first()
    current.emit('creds.update', {})
    second()
    current.emit('connection.update', {})
    expect(heard).toEqual(['connection.update', 'connection.update', 'creds.update'])
    expect(emitter.ev.emit('connection.update', {})).toBe(true)
    emitter.detach()
    // Nobody is left who hears it.
    expect(emitter.ev.emit('connection.update', {})).toBe(false)
  })

  test('a listener that comes off while an event is told, hears it or not, but breaks nothing', () => {
    const current = socket()
    emitter.attach(current, 1)
    const heard: string[] = []
    const second = () => heard.push('second')
    emitter.ev.on('connection.update', () => {
      heard.push('first')
      emitter.ev.off('connection.update', second)
    })
    emitter.ev.on('connection.update', second)
    emitter.ev.once('connection.update', () => heard.push('once'))
    current.emit('connection.update', {})
    current.emit('connection.update', {})
    expect(heard).toEqual(['first', 'second', 'once', 'first'])
  })

  test('what listens once can be taken away before, by the name under which it was given', () => {
    const current = socket()
    emitter.attach(current, 1)
    const heard: string[] = []
    const [gone, stays] = [() => heard.push('gone'), () => heard.push('stays')]
    emitter.ev.once('connection.update', gone)
    emitter.ev.once('connection.update', stays)
    emitter.ev.off('connection.update', gone)
    current.emit('connection.update', {})
    expect(heard).toEqual(['stays'])
  })

  test('a socket detached by a listener tells nothing more of that batch to the next one', () => {
    const current = socket()
    const heard: unknown[] = []
    emitter.ev.on('connection.update', () => emitter.detach())
    emitter.ev.on('connection.update', ({ qr }) => heard.push(qr))
    emitter.attach(current, 1)
    current.emit('connection.update', update('a'))
    current.emit('connection.update', update('b'))
    expect(heard).toEqual(['a'])
  })

  test('a listener that throws or rejects is reported, and the others and Baileys go on', async () => {
    const current = socket()
    emitter.attach(current, 1)
    let heard = 0
    const thrown = new Error('thrown')
    const rejected = new Error('rejected')
    emitter.ev.on('creds.update', () => {
      throw thrown
    })
    emitter.ev.on('creds.update', async () => {
      throw rejected
    })
    emitter.ev.process(() => {
      throw thrown
    })
    emitter.ev.on('creds.update', () => heard++)
    expect(current.emit('creds.update', {})).toBe(true)
    await Promise.resolve()
    expect(heard).toBe(1)
    expect(troubles).toEqual([
      [thrown, 'creds.update'],
      [thrown, 'process'],
      [rejected, 'creds.update'],
    ])
  })

  test('emitting reaches the live socket, and without one the listeners alone', () => {
    const heard: unknown[] = []
    emitter.ev.on('connection.update', ({ qr }) => heard.push(qr))
    expect(emitter.ev.emit('connection.update', update('alone'))).toBe(true)
    expect(emitter.ev.emit('creds.update', {})).toBe(false)
    const off = emitter.ev.process(() => undefined)
    expect(emitter.ev.emit('creds.update', {})).toBe(true)
    off()
    const current = socket()
    const baileysHeard: unknown[] = []
    current.on('connection.update', ({ qr }) => baileysHeard.push(qr))
    emitter.attach(current, 1)
    emitter.ev.emit('connection.update', update('a'))
    expect(heard).toEqual(['alone', 'a'])
    expect(baileysHeard).toEqual(['a'])
  })

  test('a socket that goes on telling after it was detached is not heard, and what nobody listens to comes off', () => {
    const heard: unknown[] = []
    emitter.ev.off('connection.update', () => undefined)
    emitter.ev.on('connection.update', ({ qr }) => heard.push(qr))
    let tell: (events: object) => void = () => undefined
    const process = (handler: typeof tell) => {
      tell = handler
      return () => heard.push('is let go')
    }
    emitter.attach({ ...socket(), process } as unknown as SocketEvents, 1)
    tell({ 'connection.update': update('a') })
    emitter.detach()
    tell({ 'connection.update': update('late') })
    expect(heard).toEqual(['a', 'is let go'])
  })

  test('removing all listeners removes those of one event, or all', () => {
    const heard: string[] = []
    emitter.ev.on('connection.update', () => heard.push('update'))
    emitter.ev.on('creds.update', () => heard.push('creds'))
    emitter.ev.process(() => void heard.push('batch'))
    emitter.ev.removeAllListeners('connection.update')
    emitter.ev.emit('connection.update', {})
    emitter.ev.emit('creds.update', {})
    emitter.ev.removeAllListeners()
    emitter.ev.emit('creds.update', {})
    expect(heard).toEqual(['batch', 'creds', 'batch'])
  })
})
