import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AccountSide } from '../../../src/rehearsal/conversation/account-side.ts'
import { BareLoop } from '../../../src/rehearsal/conversation/bare-loop.ts'
import type { Heard } from '../../../src/rehearsal/conversation/client.ts'
import { Happenings } from '../../../src/rehearsal/conversation/happenings.ts'
import { Script } from '../../../src/rehearsal/conversation/script.ts'
import { warmUp } from '../../../src/rehearsal/conversation/warm-up.ts'
import { Contact } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { ends } from './ends.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settled = () => vi.advanceTimersByTimeAsync(0)

describe('the bot of a conversation', () => {
  function bot(
    answerMs?: readonly [number, number],
    send: (jid: string, text: string) => Promise<string> = async () => 'M1',
  ) {
    let hear: (heard: Heard) => void = () => undefined
    let isListening = true
    const told: unknown[] = []
    const side = new AccountSide({
      client: {
        send,
        onHeard: (listener) => {
          hear = listener
          return () => {
            isListening = false
          }
        },
      },
      script: new Script(1),
      ...(answerMs ? { answerMs } : {}),
      onHeard: ({ text }) => told.push(['heard', text]),
      onSaid: ({ text, id, refused }) => told.push(['said', text, id, refused]),
    })
    const text = (words: string) => hear({ id: '1', text: words, chat: 'anna' })
    return { side, told, text, isListening: () => isListening }
  }

  test('answers each text once, in its chat, after its pause, and is idle only once all is said', async () => {
    const { side, told, text } = bot([100, 100])
    text('c1 x')
    text('c1 x')
    expect([side.idle, side.heard.length, told.length]).toEqual([false, 2, 2])
    await vi.advanceTimersByTimeAsync(99)
    expect(side.said).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(side.said).toEqual([{ text: 're: c1 x', chat: 'anna', id: 'M1' }])
    expect(told.at(-1)).toEqual(['said', 're: c1 x', 'M1', undefined])
    expect([side.idle, vi.getTimerCount()]).toEqual([true, 0])
  })

  test('answers nothing where none are to be given, and nothing after its end', async () => {
    const quiet = bot()
    quiet.text('c1 x')
    expect([quiet.side.idle, vi.getTimerCount(), quiet.side.heard.length]).toEqual([true, 0, 1])
    const { side, text, isListening } = bot([100, 100])
    text('c1 x')
    side.end()
    expect([isListening(), vi.getTimerCount(), side.idle]).toEqual([false, 0, true])
  })

  test.each([
    [new Error('not now'), 'not now'],
    ['words', 'words'],
  ])('keeps why a send was refused: %s', async (thrown, refused) => {
    let refuse: () => void = () => undefined
    const { side, told } = bot(undefined, () => new Promise((_, reject) => (refuse = () => reject(thrown))))
    const saying = side.say('anna', 'c1 y')
    expect(side.idle).toBe(false)
    refuse()
    await saying
    expect([side.idle, side.said]).toEqual([true, [{ text: 'c1 y', chat: 'anna', refused }]])
    expect(told).toEqual([['said', 'c1 y', undefined, refused]])
  })
})

describe('waiting', () => {
  test('ends as soon as something makes it true, or with its time, and leaves no timer', async () => {
    const happenings = new Happenings()
    let isSo = false
    const ends: unknown[] = []
    void happenings.until(() => isSo, 1_000).then((one) => ends.push(one))
    happenings.happened()
    await settled()
    expect([ends, happenings.count]).toEqual([[], 1])
    isSo = true
    happenings.happened()
    await settled()
    expect([ends, vi.getTimerCount()]).toEqual([[true], 0])
    expect(await happenings.until(() => isSo, 1_000)).toBe(true)
    const looked = vi.fn(() => false)
    void happenings.until(looked, 1_000).then((one) => ends.push(one))
    await vi.advanceTimersByTimeAsync(1_000)
    expect([ends, vi.getTimerCount()]).toEqual([[true, false], 0])
    // Nobody waits any more.
    const times = looked.mock.calls.length
    happenings.happened()
    expect(looked).toHaveBeenCalledTimes(times)
  })

  test('for quiet goes on while something happens, but not for ever', async () => {
    const happenings = new Happenings()
    const ends: number[] = []
    const began = performance.now()
    void happenings.untilQuiet(() => false, 100, 1_000).then(() => ends.push(performance.now() - began))
    for (let at = 0; at < 5; at += 1) {
      await vi.advanceTimersByTimeAsync(90)
      happenings.happened()
    }
    await vi.advanceTimersByTimeAsync(100)
    expect(ends).toEqual([550])
    void happenings.untilQuiet(() => false, 100, 1_000).then(() => ends.push(performance.now() - began))
    for (let at = 0; at < 15; at += 1) {
      await vi.advanceTimersByTimeAsync(90)
      happenings.happened()
    }
    expect(ends[1]).toBe(1_550)
    expect(await happenings.untilQuiet(() => true, 100, 1_000)).toBe(true)
  })
})

describe('a warm-up', () => {
  const club = { jid: 'club@g.us' }
  /** Anna writes alone and in a group; what she is answered she reads, unless that is what goes wrong. */
  function world(wrong: 'nothing' | 'told' | 'read' = 'nothing') {
    let hear: (heard: Heard) => void = () => undefined
    let happen: () => void = () => undefined
    const done: unknown[] = []
    const device = { id: 0, received: [] as string[] }
    const anna = {
      ...{ name: 'anna', from: 'anna@lid', jid: 'anna@jid', lid: 'anna@lid', devices: [device] },
      sendFrom: async (from: number, to: unknown, text: string) => {
        done.push(['writes', from, to, text])
        if (wrong !== 'told') hear({ id: '1', text, chat: 'anna' })
      },
    }
    const offs: string[] = []
    const client = {
      send: async (to: string, text: string) => {
        done.push(['answers', to, text])
        if (wrong !== 'read') device.received.push(text)
        happen()
        return 'M1'
      },
      onHeard: (listener: typeof hear) => {
        hear = listener
        return () => void offs.push('client')
      },
    }
    const server = {
      onEvent: (listener: () => void) => {
        happen = listener
        return () => void offs.push('server')
      },
    }
    const voices = [{ name: 'anna', contact: anna, device: 0 }]
    const run = (all: unknown = voices) => warmUp({ server, number: '4917', client, voices: all, name: 'c1' } as never)
    return { run, done, offs, anna, client, happen: () => happen() }
  }

  test('is a message each way, and leaves no listener', async () => {
    const { run, done, offs } = world()
    expect(await run()).toEqual([])
    expect(done).toEqual([
      ['writes', 0, '4917', 'c1 anna begins'],
      ['answers', 'anna@lid', 'c1 anna begins, answered'],
    ])
    expect(offs.sort()).toEqual(['client', 'server'])
  })

  test.each([
    ['contact', 'sendFrom'],
    ['client', 'send'],
  ] as const)('in which the %s cannot write ends with the reason, and leaves no listener', async (who, write) => {
    const made = world()
    Object.assign(made[who === 'contact' ? 'anna' : 'client'], {
      [write]: () => Promise.reject(new Error('no session')),
    })
    await expect(made.run()).rejects.toThrow('no session')
    expect(made.offs.sort()).toEqual(['client', 'server'])
  })

  test('of a group is over once each of its contacts has read the answer', async () => {
    const { run, anna } = world('read')
    const group = { ...club, members: [Object.setPrototypeOf(anna, Contact.prototype)] }
    const ends: unknown[] = []
    void run([{ name: 'anna in club', contact: anna, device: 0, group }]).then((one) => ends.push(one))
    await vi.advanceTimersByTimeAsync(8_000)
    expect(ends).toEqual([['c1 anna in club begins, answered']])
  })

  test('of a group is written and answered there', async () => {
    const { run, done, anna } = world()
    await run([{ name: 'anna in club', contact: anna, device: 0, group: { ...club, members: [] } }])
    expect(done).toEqual([
      ['writes', 0, expect.objectContaining(club), 'c1 anna in club begins'],
      ['answers', 'club@g.us', 'c1 anna in club begins, answered'],
    ])
  })

  test.each([
    ['told', ['c1 anna begins']],
    ['read', ['c1 anna begins, answered']],
  ] as const)('names what was not %s, after it was quiet for 8 s', async (wrong, cold) => {
    const { run } = world(wrong)
    const ends: unknown[] = []
    void run().then((one) => ends.push(one))
    await vi.advanceTimersByTimeAsync(7_999)
    expect(ends).toEqual([])
    await vi.advanceTimersByTimeAsync(8_001)
    expect(ends).toEqual([cold])
  })

  test.each(['told', 'read'] as const)('waits for what was not %s while something happens, for 20 s', async (wrong) => {
    const { run, happen } = world(wrong)
    const ends: unknown[] = []
    void run().then((one) => ends.push(one))
    for (let second = 0; second < 19; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000)
      happen()
    }
    expect(ends).toEqual([])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ends).toHaveLength(1)
  })
})

describe('Baileys alone', () => {
  /** Its sockets are the test's. */
  function loop(more: object = {}) {
    const sockets: {
      config: Record<string, unknown>
      ev: EventEmitter
      ended: number
      update(one: object): void
      end(): Promise<void>
    }[] = []
    const saved: string[] = []
    const shown: unknown[] = []
    const makeWASocket = (config: Record<string, unknown>) => {
      const ev = new EventEmitter()
      const socket = {
        ...{ config, ev, ended: 0, authState: { keys: {} } },
        update: (one: object) => void ev.emit('connection.update', one),
        sendMessage: async (jid: string, content: object) => ({ key: { id: `to ${jid} ${JSON.stringify(content)}` } }),
        end: async () => {
          socket.ended += 1
        },
        // A real one is told so by the other end, later.
        ws: { close: () => queueMicrotask(() => socket.update({ connection: 'close' })) },
      }
      sockets.push(socket)
      return socket
    }
    const client = new BareLoop({
      baileys: { makeWASocket } as never,
      server: { clientOptions: { version: 'its own' } } as never,
      open: async () => ({
        state: { creds: {}, keys: {} } as never,
        saveCreds: async () => void saved.push('saved'),
      }),
      config: { qrTimeout: 7 },
      onSocket: (socket) => shown.push(socket),
      ...more,
    })
    return { client, sockets, saved, shown }
  }
  const open = (socket: { update(one: object): void } | undefined) => {
    socket?.update({ connection: 'open' })
    socket?.update({ receivedPendingNotifications: true })
  }
  /** Linked and open. */
  const started = async ({ client, sockets }: ReturnType<typeof loop>) => {
    const start = client.start({ scan: async () => undefined })
    await settled()
    open(sockets[0])
    await start
  }

  test('has started once it is open and its backlog is through, and its phone has scanned each code', async () => {
    const { client, sockets, shown } = loop()
    const scanned: string[] = []
    const scan = async (code: string) => {
      scanned.push(code)
      throw new Error('too late')
    }
    const begun = ends(client.start({ scan }))
    await settled()
    const [socket] = sockets
    socket?.update({ qr: 'one' })
    socket?.update({ qr: 'two' })
    socket?.update({ connection: 'open' })
    await settled()
    expect([begun, scanned]).toEqual([[], ['one', 'two']])
    socket?.update({ receivedPendingNotifications: true })
    await settled()
    expect([begun, shown.length]).toEqual([['done'], 1])
    expect(socket?.config).toMatchObject({ version: 'its own', qrTimeout: 7, logger: { level: 'silent' } })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that does not open says so after 30 s', async () => {
    const begun = ends(loop().client.start({ scan: async () => undefined }))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(begun).toEqual(['Baileys alone was not open within 30 s.'])
  })

  test('dials again after every close but a logout, and not after its end', async () => {
    const all = loop()
    const { sockets } = all
    await started(all)
    sockets[0]?.update({ connection: 'close' })
    await settled()
    expect(sockets).toHaveLength(2)
    sockets[1]?.update({ connection: 'close', lastDisconnect: { error: { output: { statusCode: 401 } } } })
    await settled()
    expect(sockets).toHaveLength(2)
    const other = loop()
    await started(other)
    await other.client.stop()
    other.sockets[0]?.update({ connection: 'close' })
    await settled()
    expect([other.sockets.length, other.sockets[0]?.ended]).toEqual([1, 1])
  })

  test('has stopped once its socket has ended', async () => {
    const all = loop()
    await started(all)
    let end: () => void = () => undefined
    Object.assign(all.sockets[0] ?? {}, { end: () => new Promise<void>((resolve) => (end = resolve)) })
    const stopped = ends(all.client.stop())
    await settled()
    expect(stopped).toEqual([])
    end()
    await settled()
    expect(stopped).toEqual(['done'])
  })

  test('that is ended while its store opens makes no socket', async () => {
    let opened: (state: object) => void = () => undefined
    const { client, sockets } = loop({ open: () => new Promise((resolve) => (opened = resolve)) })
    void client.start({ scan: async () => undefined }).catch(() => undefined)
    await client.stop()
    opened({ state: {}, saveCreds: async () => undefined })
    await settled()
    expect(sockets).toEqual([])
  })

  test('sends over the socket that is open, or over the next one', async () => {
    const all = loop()
    const { client, sockets } = all
    await started(all)
    expect(await client.send('anna', 'hello')).toBe('to anna {"text":"hello"}')
    sockets[0]?.update({ connection: 'close' })
    const sent = ends(client.send('anna', 'later'))
    await settled()
    expect(sent).toEqual([])
    open(sockets[1])
    await settled()
    expect(sent).toEqual(['to anna {"text":"later"}'])
  })

  test('is connected anew once the next socket is open and its backlog is through', async () => {
    const all = loop()
    const { client, sockets } = all
    await started(all)
    const again = ends(client.reconnect())
    await settled()
    expect([again, sockets.length]).toEqual([[], 2])
    sockets[1]?.update({ connection: 'open' })
    await settled()
    expect(again).toEqual([])
    sockets[1]?.update({ receivedPendingNotifications: true })
    await settled()
    expect(again).toEqual(['done'])
  })

  test('tells what is read to those who listen, and has its creds saved before it has stopped', async () => {
    const all = loop()
    const { client, sockets, saved } = all
    await started(all)
    const heard: unknown[] = []
    const off = client.onHeard(({ text }) => heard.push(text))
    const told = (text: string) =>
      sockets[0]?.ev.emit('messages.upsert', {
        messages: [{ key: { id: '1', remoteJid: 'a' }, message: { conversation: text } }],
      })
    told('one')
    off()
    told('two')
    sockets[0]?.ev.emit('creds.update', {})
    await client.stop()
    expect([heard, saved]).toEqual([['one'], ['saved']])
  })
})
