import { describe, expect, test, vi } from 'vitest'
import { silentLogger } from '../../src/drop-in/folder-logger.ts'
import { baileysIn } from '../../src/drop-in/namespace.ts'
import { VirtualEvents } from '../../src/drop-in/virtual-events.ts'
import { lines } from '../line/world.ts'

describe.each(lines)('the events of one socket with $name', ({ baileys }) => {
  const made = (toSocket = (_event: string, _data: unknown) => false) => {
    const onListener = vi.fn()
    const events = new VirtualEvents({ baileys: baileysIn(baileys), logger: silentLogger, toSocket, onListener })
    const told: unknown[] = []
    const hear = (name: string) => (data: unknown) => void told.push([name, data])
    return { events, ev: events.ev, onListener, told, hear, taken: () => told.splice(0) }
  }

  test('reach those who listen at that moment, in their order, batches first and handlers last', () => {
    const { events, ev, hear, taken } = made()
    const gone = hear('gone')
    const twice = hear('twice')
    expect(ev.on('a', hear('a'))).toBe(ev)
    ev.on('event', hear('batch')).on('a', gone).on('a', twice).on('a', twice).on('b', hear('b'))
    const stop = ev.process(hear('process'))
    expect(ev.off('a', gone).off('a', twice).off('a', gone).off('nobody', gone)).toBe(ev)
    events.deliver({ a: 1, b: 2 })
    expect(taken()).toEqual([
      ['batch', { a: 1, b: 2 }],
      ['a', 1],
      ['twice', 1],
      ['b', 2],
      ['process', { a: 1, b: 2 }],
    ])
    stop()
    events.tell('b', 3)
    expect(taken()).toEqual([
      ['batch', { b: 3 }],
      ['b', 3],
    ])
    ev.removeAllListeners('event')
    events.tell('b', 4)
    expect(taken()).toEqual([['b', 4]])
    ev.process(hear('process'))
    expect(ev.removeAllListeners()).toBe(ev)
    events.tell('b', 5)
    expect(taken()).toEqual([])
  })

  test('are told by the gateway to the socket that takes them, and here where none does', () => {
    const sent: unknown[] = []
    const { ev, hear, taken } = made((event, data) => {
      sent.push([event, data])
      return event === 'a'
    })
    ev.on('a', hear('a')).on('b', hear('b'))
    expect([ev.emit('a', 1), ev.emit('b', 2)]).toEqual([true, true])
    expect([sent, taken()]).toEqual([
      [
        ['a', 1],
        ['b', 2],
      ],
      [['b', 2]],
    ])
  })

  test('tell of each who begins to listen, and reach him alone as long as he listens', () => {
    const { ev, onListener, hear, taken } = made()
    const first = hear('first')
    ev.on('x', first).on('x', hear('second'))
    const stop = ev.process(hear('process'))
    expect(onListener.mock.calls.map(([event]) => event)).toEqual(['x', 'x', 'connection.update'])
    const [tellFirst, , tellProcess] = onListener.mock.calls.map(([, tell]) => tell)
    tellFirst(1)
    tellProcess(2)
    expect(taken()).toEqual([
      ['first', 1],
      ['process', { 'connection.update': 2 }],
    ])
    ev.off('x', first)
    stop()
    tellFirst(3)
    tellProcess(4)
    expect(taken()).toEqual([])
  })

  test('are held back while the socket buffers, as Baileys makes one of them, and come with the flush', async () => {
    const { events, ev, hear, taken } = made()
    const upsert = (id: string) => ({ messages: [{ key: { id, remoteJid: 'x' } }], type: 'notify' })
    ev.on('messages.upsert', hear('upsert')).on('connection.update', hear('update'))
    expect([ev.isBuffering(), ev.flush()]).toEqual([false, false])
    ev.buffer()
    expect(ev.isBuffering()).toBe(true)
    events.deliver({ 'messages.upsert': upsert('1') })
    events.deliver({ 'messages.upsert': upsert('2') })
    expect(taken()).toEqual([])
    expect([ev.flush(), ev.isBuffering()]).toEqual([true, false])
    expect(taken()).toEqual([
      ['upsert', { ...upsert('1'), messages: [upsert('1'), upsert('2')].flatMap((one) => one.messages) }],
    ])
    const work = ev.createBufferedFunction(async (id: unknown) => {
      events.deliver({ 'messages.upsert': upsert(String(id)) })
      return taken()
    })
    expect(await work('3')).toEqual([])
    ev.flush()
    expect(taken()).toEqual([['upsert', upsert('3')]])
  })

  test('are held back and told again by a gateway that took all listeners off, and then listens anew', () => {
    const { events, ev, hear, taken } = made()
    ev.buffer()
    ev.destroy()
    ev.on('messages.upsert', hear('upsert'))
    ev.buffer()
    events.tell('messages.upsert', { messages: [{ key: { id: '1', remoteJid: 'x' } }], type: 'notify' })
    expect(taken()).toEqual([])
    ev.flush()
    expect(taken()).toHaveLength(1)
  })

  test('are over with the end, those that were held back too, and no timer is left', () => {
    vi.useFakeTimers()
    try {
      const { events, ev, hear, taken } = made()
      ev.on('a', hear('a'))
      ev.process(hear('process'))
      ev.buffer()
      events.tell('messages.upsert', { messages: [], type: 'notify' })
      ev.destroy()
      taken()
      events.tell('a', 1)
      expect([taken(), ev.isBuffering(), vi.getTimerCount()]).toEqual([[], false, 0])
    } finally {
      vi.useRealTimers()
    }
  })
})
