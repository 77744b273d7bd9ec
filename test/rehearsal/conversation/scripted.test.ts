import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OwnersLogger } from '../../../src/index.ts'
import type { Heard } from '../../../src/rehearsal/conversation/client.ts'
import { type ConversationOptions, converse } from '../../../src/rehearsal/conversation/conversation.ts'
import { Supervised } from '../../../src/rehearsal/conversation/supervised.ts'
import { Contact } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { rowAuthStore } from '../../../src/stores/rows/index.ts'
import { ScriptedSocket } from '../../line/scripted-line.ts'
import { link } from '../../stores/account.ts'
import { Memory, MemoryRows } from '../../stores/memory-rows.ts'
import { ends } from './ends.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const settled = () => vi.advanceTimersByTimeAsync(0)

describe('a conversation', () => {
  /** A world in which everything arrives at once, unless the test takes a part of it in its own hands. */
  function world(more: Partial<ConversationOptions> = {}) {
    let hear: (heard: Heard) => void = () => undefined
    let happen: (event: object) => void = () => undefined
    const gone: string[] = []
    const sentIds = new Map<string, { copies: { asked: unknown[] }[] }>()
    const device = { id: 0, received: [] as string[] }
    let count = 0
    const anna: Contact = Object.setPrototypeOf(
      {
        ...{ name: 'anna', jid: 'anna@jid', lid: 'anna@lid', from: 'anna@jid', devices: [device] },
        sendFrom: async (_device: number, _to: unknown, text: string) => {
          count += 1
          const id = `W${count}`
          happen({ kind: 'message-to-client', detail: id, contact: 'anna' })
          hear({ id, text, chat: 'anna@jid' })
          return { id, receipts: [1], retries: [] }
        },
      },
      Contact.prototype,
    )
    const client = {
      send: async (_to: string, text: string) => {
        count += 1
        const id = `S${count}`
        sentIds.set(id, { copies: [] })
        device.received.push(text)
        happen({ kind: 'written', detail: id })
        return id
      },
      onHeard: (listener: typeof hear) => {
        hear = listener
        return () => void gone.push('client')
      },
    }
    const server = {
      onEvent: (listener: typeof happen) => {
        happen = listener
        return () => void gone.push('server')
      },
      sentMessage: (id: string) => sentIds.get(id),
    }
    const options = {
      ...{ server, number: '4917', client, contacts: [anna], seed: 1, messages: 2, gapMs: [100, 100] },
      ...{ answerMs: [50, 50], unasked: 1, warmUp: false },
      ...more,
    } as unknown as ConversationOptions
    return { options, gone, device, anna, client, server, sentIds, happen: (event: object) => happen(event) }
  }

  test('in which all is read ends as soon as it is, with everything in its order, and leaves no listener', async () => {
    const { options, gone } = world()
    const running = converse(options)
    await vi.advanceTimersByTimeAsync(250)
    const report = await running
    expect(report).toMatchObject({
      ...{ seed: 1, complete: true, cold: [], refused: [], lostOnTheWay: [], tookMs: 250 },
      toAccount: { sent: 2, read: 2, toldNever: [], outOfOrder: 0 },
      toContacts: { sent: 3, read: 3, neverRead: [], outOfOrder: 0 },
    })
    const first = report.order.filter(({ text }) => / anna 1$/.test(text)).map(({ what, ms }) => [what, ms])
    expect(first.slice(0, 3)).toEqual([
      ['message-to-client: anna', 100],
      ['told to the account', 100],
      ['written', 100],
    ])
    const unasked = report.order.filter(({ text }) => / to anna@jid 1$/.test(text)).map(({ what, ms }) => [what, ms])
    expect(unasked).toEqual([
      ['written', 100],
      ['sent by the account', 100],
    ])
    expect(gone.toSorted()).toEqual(['client', 'server'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is not over before what happens beside it is', async () => {
    let end: () => void = () => undefined
    const { options } = world({ meanwhile: () => new Promise((resolve) => (end = resolve)) })
    const running = ends(converse(options))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(running).toEqual([])
    end()
    await settled()
    expect(running).toHaveLength(1)
  })

  test('waits for what the account is sending, however quiet it is meanwhile', async () => {
    const made = world({ messages: 0 })
    const { send } = made.client
    Object.assign(made.client, {
      send: async (to: string, text: string) => {
        await new Promise((resolve) => setTimeout(resolve, 10_000))
        return send(to, text)
      },
    })
    const running = converse(made.options)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await running).toMatchObject({ complete: true, toContacts: { sent: 1, read: 1 } })
  })

  test.each<[string, (made: ReturnType<typeof world>) => void, object]>([
    [
      'not read by its contact',
      ({ device }) => Object.assign(device.received, { push: () => 0 }),
      { toContacts: { read: 0 } },
    ],
    [
      'refused',
      ({ client }) => Object.assign(client, { send: () => Promise.reject(new Error('no')) }),
      {
        ...{ complete: true, refused: [expect.stringMatching(/: no$/), expect.anything(), expect.anything()] },
        order: expect.arrayContaining([expect.objectContaining({ what: 'refused: no' })]),
      },
    ],
    [
      'lost on the way',
      ({ sentIds }) => Object.assign(sentIds, { set: () => sentIds }),
      { lostOnTheWay: [expect.anything(), expect.anything(), expect.anything()], toContacts: { sent: 0 } },
    ],
  ])('says what was %s', async (_, breaks, said) => {
    const made = world()
    breaks(made)
    const running = converse(made.options)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await running).toMatchObject(said)
  })

  test.each([
    ['told, but has no receipt', true, { read: 0, toldNever: [] }],
    ['read, but was not told', false, { read: 1, toldNever: [expect.stringMatching(/ anna 1$/)] }],
  ])('waits for a text that was %s, for 3 s of quiet', async (_, told, toAccount) => {
    const made = world({ unasked: 0, messages: 1, answerMs: undefined } as never)
    const { sendFrom } = made.anna
    const unreceived = async (...message: Parameters<typeof sendFrom>) => ({
      ...(await sendFrom.apply(made.anna, message)),
      receipts: [],
    })
    const untold = async () => ({ id: 'W1', receipts: [1], retries: [] })
    Object.assign(made.anna, { sendFrom: told ? unreceived : untold })
    const quiet = ends(converse(made.options))
    await vi.advanceTimersByTimeAsync(3_099)
    expect(quiet).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(quiet).toMatchObject([{ complete: false, toAccount }])
  })

  test('that goes on without an end is given up after a minute', async () => {
    const made = world({ unasked: 0, messages: 1, answerMs: undefined } as never)
    Object.assign(made.anna, { sendFrom: async () => ({ id: 'W1', receipts: [], retries: [] }) })
    const busy = ends(converse(made.options))
    for (let second = 0; second < 59; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000)
      made.happen({ kind: 'x' })
    }
    expect(busy).toEqual([])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(busy).toMatchObject([{ complete: false }])
  })

  test('begins with a message each way, unless that is not wanted, and names what of it was not read', async () => {
    const made = world({ warmUp: undefined, messages: 0, unasked: 0 } as never)
    const { send } = made.client
    Object.assign(made.client, { send: (to: string, text: string) => (/answered/.test(text) ? 'x' : send(to, text)) })
    const running = converse(made.options)
    await vi.advanceTimersByTimeAsync(30_000)
    expect((await running).cold).toEqual([expect.stringMatching(/^c\d+ anna begins, answered$/)])
  })
})

describe('a supervised account', () => {
  async function supervised(linked = true, more: { readonly logger?: OwnersLogger } = {}) {
    vi.useRealTimers()
    const store = rowAuthStore({ rows: new MemoryRows(new Memory()), location: 'the rows' })
    await store.acquire()
    if (linked) {
      const opening = await store.open({ mint: true })
      link(opening.state.creds)
      await opening.saveCreds()
      await opening.fence()
    }
    await store.release()
    vi.useFakeTimers()
    const sockets: ScriptedSocket[] = []
    const configs: Record<string, unknown>[] = []
    const shown: unknown[] = []
    const makeWASocket = (config: Record<string, unknown>) => {
      configs.push(config)
      const socket = Object.assign(new ScriptedSocket(config as never), {
        sendMessage: async (jid: string, { text }: { text: string }) => ({ key: { id: `${text} to ${jid}` } }),
      })
      sockets.push(socket)
      return socket
    }
    const client = new Supervised({
      ...{ baileys: { makeWASocket } as never, store, config: { qrTimeout: 7 } },
      server: { clientOptions: { version: 'its own' } } as never,
      onSocket: (socket) => shown.push(socket),
      ...more,
    })
    return { client, store, sockets, configs, shown }
  }
  const scanner = (scan: (code: string) => Promise<unknown> = async () => undefined) => ({ scan })

  test('has started once it is healthy, on the options of its server and of the test', async () => {
    const { client, sockets, configs, shown } = await supervised()
    const begun = ends(client.start(scanner()))
    await vi.advanceTimersByTimeAsync(100)
    expect(begun).toEqual([])
    sockets[0]?.open()
    await settled()
    expect([begun, shown.length]).toEqual([['done'], 1])
    expect(configs[0]).toMatchObject({ version: 'its own', qrTimeout: 7 })
    const heard: string[] = []
    const off = client.onHeard(({ text }) => heard.push(text))
    const tells = (text: string) =>
      sockets[0]?.ev.emit('messages.upsert', {
        type: 'notify',
        messages: [{ key: { id: text, remoteJid: 'a@s.whatsapp.net' }, message: { conversation: text } }],
      })
    tells('one')
    off()
    tells('two')
    expect(heard).toEqual(['one'])
    expect(await client.send('a', 'hi')).toBe('hi to a')
    Object.assign(sockets[0] ?? {}, { sendMessage: async () => undefined })
    await expect(client.send('a', 'hi')).rejects.toThrow('no socket to send with')
    await client.stop()
    expect(client.line.status.state).toBe('stopped')
  })

  test('tells what happens to the logger that it was given', async () => {
    const told: unknown[] = []
    const tell = (...words: unknown[]) => void told.push(words)
    const logger = { ...{ trace: tell, debug: tell, info: tell, warn: tell, error: tell }, child: () => logger }
    const { client, sockets } = await supervised(true, { logger: logger as never })
    const begun = ends(client.start(scanner()))
    await vi.advanceTimersByTimeAsync(100)
    sockets[0]?.open()
    await settled()
    expect(begun).toEqual(['done'])
    expect(told).not.toEqual([])
    await client.stop()
  })

  test('that cannot start says why at once', async () => {
    const { client, store } = await supervised()
    Object.assign(store, { acquire: () => Promise.reject(new Error('locked')) })
    const begun = ends(client.start(scanner()))
    await settled()
    expect(begun).toEqual(['locked'])
  })

  test('that does not come up says where it is, and what was shown was scanned', async () => {
    const { client, sockets } = await supervised(false)
    const scanned: string[] = []
    const begun = ends(
      client.start(
        scanner(async (code) => {
          scanned.push(code)
          throw new Error('too late')
        }),
      ),
    )
    await vi.advanceTimersByTimeAsync(100)
    sockets[0]?.update({ qr: 'one' })
    await settled()
    expect(scanned).toEqual(['one'])
    await vi.advanceTimersByTimeAsync(30_000)
    expect(begun).toEqual([expect.stringMatching(/^It is not connected: awaitingQr, /)])
    sockets.at(-1)?.update({ qr: 'two' })
    await settled()
    expect(scanned).toEqual(['one'])
    const stopping = client.stop()
    await vi.advanceTimersByTimeAsync(5_000)
    await stopping
  })

  test('is connected anew once another socket is up, and sends over the next one while there is none', async () => {
    const { client, sockets } = await supervised()
    const begun = client.start(scanner())
    await vi.advanceTimersByTimeAsync(100)
    sockets[0]?.open()
    await begun
    const again = ends(client.reconnect())
    const sent = ends(client.send('a', 'later'))
    await vi.advanceTimersByTimeAsync(100)
    expect([again, sockets.length]).toEqual([[], 2])
    sockets[1]?.open()
    await settled()
    expect(again).toEqual(['done'])
    expect(sent).toHaveLength(1)
    const stopping = client.stop()
    await vi.advanceTimersByTimeAsync(5_000)
    await stopping
  })
})
