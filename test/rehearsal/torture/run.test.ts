import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Contact } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { TorturedLoop, type TortureLoop } from '../../../src/rehearsal/torture/loop.ts'
import { type RunResult, run } from '../../../src/rehearsal/torture/run.ts'
import type { StepName } from '../../../src/rehearsal/torture/steps.ts'
import { through } from '../own-clock.ts'

const url = 'ws://127.0.0.1:4000/ws'
/** What is asked of the disk goes on; the hours are the test's. */
beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    }),
)
afterEach(() => void vi.useRealTimers())

/** A server and a loop in which all goes well at once, but for what the test takes into its own hands. */
function world() {
  const did: string[] = []
  const sentIds = new Map<string, { copies: { asked: unknown[] }[] }>()
  const ids = { count: 0 }
  const all = new EventEmitter()
  let live: ReturnType<typeof socket> | undefined
  let folder = ''

  function socket(onClose: () => void) {
    const ev = Object.assign(new EventEmitter(), { process: () => () => undefined })
    const ws = Object.assign(new EventEmitter(), { isOpen: true, url, close: () => close() })
    const close = () => {
      if (!ws.isOpen) return
      ws.isOpen = false
      ev.emit('connection.update', { connection: 'close' })
      onClose()
    }
    const sendMessage = async (jid: string, { text }: { text: string }) => {
      did.push(`sends ${text} to ${jid}`)
      ids.count += 1
      const id = `S${ids.count}`
      sentIds.set(id, { copies: [] })
      const { received } = contacts.find((one) => one.jid === jid)?.devices[0] ?? { received: [] }
      ;(received as string[]).push(text)
      return { key: { id } }
    }
    const methods = { end: close, sendNode: vi.fn(), query: vi.fn(), generateMessageTag: vi.fn(), sendMessage }
    return { made: { ev, ws, authState: { keys: { get: vi.fn(), set: vi.fn() } }, ...methods }, ev, ws, close }
  }
  const tell = (text: string, jid: string) => {
    ids.count += 1
    const key = { id: `W${ids.count}`, remoteJid: jid, fromMe: false }
    live?.ev.emit('messages.upsert', { messages: [{ key, message: { conversation: text } }] })
    return { id: key.id, receipts: [1], retries: [] }
  }
  const contacts: Contact[] = []
  const hands = { deliver: tell, scans: async () => undefined as unknown, stopMs: 0, identity: 'one' }
  const contact = (name: string) => {
    const jid = `${name.split(' ')[0]}@jid`
    const one: Contact = Object.setPrototypeOf(
      {
        ...{ name, jid, lid: undefined, from: jid, devices: [{ id: 0, received: [] }] },
        send: async (_to: unknown, text: string) => {
          did.push(`${name.split(' ')[0]} writes ${text.split(': ')[1]}`)
          hands.deliver(text, jid)
          await new Promise((resolve) => setTimeout(resolve, 10))
          did.push(`${name.split(' ')[0]} has written`)
        },
        sendFrom: async (_device: number, _to: unknown, text: string) => hands.deliver(text, jid),
      },
      Contact.prototype,
    )
    contacts.push(one)
    return one
  }
  const server = {
    ...{ clientOptions: { waWebSocketUrl: url }, contact, events: [] as object[], peak: () => 1 },
    phone: () => ({ scan: () => hands.scans() }),
    now: () => {
      did.push('a fault')
      live?.close()
    },
    onNextLogin: () => void did.push('a fault at the next login'),
    clear: () => void did.push('all is well'),
    plug: async () => void did.push('plugged'),
    unplug: async () => live?.close(),
    onEvent: (listener: () => void) => {
      all.on('event', listener)
      return () => all.off('event', listener)
    },
    sentMessage: (id: string) => sentIds.get(id),
  }
  const write = () =>
    writeFileSync(join(folder, 'creds.json'), JSON.stringify({ noiseKey: hands.identity, registered: true }))
  const loop: TortureLoop = async ({ auth, onSocket }) => {
    folder = auth
    mkdirSync(auth, { recursive: true })
    write()
    let ended = false
    const dial = () => {
      if (ended) return
      const one = socket(() => setTimeout(dial, 100))
      live = one
      onSocket(one.made)
      one.ev.emit('connection.update', { connection: 'open' })
      one.ev.emit('connection.update', { receivedPendingNotifications: true })
    }
    setTimeout(dial, 10)
    return async () => {
      did.push('stops')
      await new Promise((resolve) => setTimeout(resolve, hands.stopMs))
      write()
      ended = true
      live?.close()
      did.push('has stopped')
    }
  }
  /** Whether its place was there still when a run had ended. */
  const ended = { isThere: true }
  const played = (
    names: readonly (StepName | `+${StepName}`)[],
    more: { readonly loop?: TortureLoop } = {},
  ): Promise<RunResult> =>
    through(
      run({
        ...{ server: server as never, loop, connectFolder: '/nowhere/' },
        ...more,
        schedule: names.map((name) => ({ name: name.replace('+', '') as StepName, settled: !name.startsWith('+') })),
      }).finally(() => {
        ended.isThere = existsSync(dirname(folder))
      }),
      20,
    )
  return { played, did, hands, server, contacts, ended, folder: () => folder, live: () => live }
}
const found = ({ broken }: RunResult) => broken.map(({ rule, found: what }) => `${rule}: ${what}`)

describe('a run on a loop', () => {
  test('in which all goes well keeps every promise, counts all that was said, and leaves nothing behind', async () => {
    const { played, did, folder, contacts } = world()
    const result = await played(['503', '+write'])
    expect(found(result)).toEqual([])
    expect(result.schedule.map(({ name }) => name)).toEqual(['503', 'write'])
    expect(result.path).toEqual(['connecting', 'open', 'closed', 'connecting', 'open', 'closed'])
    // Two to become friends, two of the step, two at the end, and twelve of each in the last talk.
    expect(result.messages).toEqual({ sent: 30, read: 30 })
    // An answer to each, but for those before it played, and eight unasked to each.
    expect(result.answers.sent).toBe(result.answers.read)
    expect(result.answers.sent).toBeGreaterThanOrEqual(40)
    // It was linked as soon as it was healthy.
    expect([result.healMs < 1_000, result.tookMs > result.healMs, result.tookMs < 10_000]).toEqual([true, true, true])
    expect(contacts.map(({ name }) => name.replace(/\d+$/, ''))).toEqual(['anna of ', 'ben of '])
    expect(existsSync(dirname(folder()))).toBe(false)
    const order = did.filter((one) => !/re: |sends c\d/.test(one))
    expect(order.slice(0, 6)).toEqual([
      ...['anna writes 1', 'anna has written', 'sends hello to anna@jid'],
      ...['ben writes 2', 'ben has written', 'sends hello to ben@jid'],
    ])
    expect(order.slice(6)).toEqual([
      'a fault',
      ...['anna writes 3', 'anna has written', 'ben writes 4', 'ben has written'],
      ...['all is well', 'plugged'],
      ...['anna writes 5', 'anna has written', 'ben writes 6', 'ben has written'],
      ...['stops', 'has stopped'],
    ])
  })

  test('waits before a step that is to come when all is well again, and not before one that comes at once', async () => {
    const settled = world()
    await settled.played(['503', '503', '503'])
    const quick = world()
    const result = await quick.played(['+503', '+503'])
    expect(found(result)).toEqual([])
    // The second meets a link that is down still.
    expect(result.path.filter((state) => state === 'closed')).toHaveLength(2)
  })

  test('answers its contacts for the first time once it has read what they wrote', async () => {
    const { played, hands, did } = world()
    const { deliver } = hands
    const ids = { count: 0 }
    hands.deliver = (text, jid) => {
      if (!/: [12]$/.test(text)) return deliver(text, jid)
      ids.count += 1
      setTimeout(() => {
        did.push(`reads ${text.split(': ')[1]}`)
        deliver(text, jid)
      }, 50)
      return { id: `late ${ids.count}`, receipts: [1], retries: [] }
    }
    await played([])
    const order = did.filter((one) => /^reads|hello/.test(one))
    expect(order).toEqual(['reads 1', 'sends hello to anna@jid', 'reads 2', 'sends hello to ben@jid'])
  })

  test('is linked once it is up and not degraded any more, and has put its place away when it has ended', async () => {
    const { played, did, ended } = world()
    const since = performance.now()
    const isEarly = () => performance.now() - since < 3_000
    const state = vi
      .spyOn(TorturedLoop.prototype, 'state', 'get')
      .mockImplementation(() => (isEarly() ? 'degraded' : 'open'))
    const up = vi.spyOn(TorturedLoop.prototype, 'up', 'get').mockReturnValue(true)
    const writesEarly = () => did.some((one) => / writes /.test(one)) && isEarly()
    let wroteEarly = false
    const { push } = did
    did.push = (...what) => {
      const count = push.apply(did, what)
      wroteEarly ||= writesEarly()
      return count
    }
    const healed = found(await played([]))
    for (const spy of [state, up]) spy.mockRestore()
    expect([healed, wroteEarly, ended.isThere]).toEqual([[], false, false])
  })

  test('that rests until a person says so is not waited for', async () => {
    const { played, server, live } = world()
    const faults: number[] = []
    const resting = vi.spyOn(TorturedLoop.prototype, 'resting', 'get').mockImplementation(() => faults.length > 0)
    server.now = () => {
      faults.push(performance.now())
      const one = live()
      if (one) one.ws.isOpen = false
    }
    const result = await played(['503', '503'])
    resting.mockRestore()
    const [first = 0, second = 0] = faults
    expect([result.broken.length, second - first < 1_000]).toEqual([1, true])
  })

  test('that stops late, or as another account, breaks its promise', async () => {
    const slow = world()
    slow.hands.stopMs = 8_000
    expect(found(await slow.played(['503']))).toEqual(['stops: stop() took 8.0 s'])
    const other = world()
    other.server.now = () => {
      other.hands.identity = 'two'
    }
    expect(found(await other.played(['503']))).toEqual(['same account: creds.json holds other keys than before'])
  })

  test('that does not come back has not healed, and is not talked to', async () => {
    const { played, server, live, did } = world()
    server.now = () => {
      const one = live()
      if (one) one.ws.isOpen = false
    }
    const result = await played(['503'])
    expect(found(result)).toEqual(['heals: it was open long after everything was well again: No socket is open.'])
    expect(result.healMs).toBeGreaterThanOrEqual(25_000)
    expect(result.messages).toEqual({ sent: 2, read: 2 })
    expect(did.filter((one) => / writes /.test(one))).toHaveLength(2)
  })

  test('whose messages are lost names them, and tells how many were read', async () => {
    const { played, hands } = world()
    const { deliver } = hands
    hands.deliver = (text, jid) => (/: 4$/.test(text) ? { id: 'lost', receipts: [1], retries: [] } : deliver(text, jid))
    const result = await played(['503'])
    expect(found(result)[0]).toMatch(/^all read: 1 of 4 messages were never read.* ben of \d+: 4$/)
    expect(result.messages).toEqual({ sent: 4, read: 3 })
  })

  test('of an account that is never linked says why, plays nothing, and stops', async () => {
    const { played, did } = world()
    const stop = vi.fn()
    const result = await played(['503'], { loop: () => stop })
    expect(found(result)).toEqual([
      expect.stringMatching(/^links: it was not linked and healthy after \d+ s, but stopped: No socket is open\.$/),
    ])
    expect([result.messages, result.answers, stop.mock.calls.length]).toEqual([
      ...[{ sent: 0, read: 0 }, { sent: 0, read: 0 }, 1],
    ])
    expect(did).toEqual([])
  })

  test('that went elsewhere, or was linked twice, is not waited for any longer', async () => {
    const { played, server } = world()
    server.events.push({ kind: 'paired', account: 'another' })
    const astray: TortureLoop = ({ onSocket }) => {
      const ev = Object.assign(new EventEmitter(), { process: () => () => undefined })
      const ws = Object.assign(new EventEmitter(), { isOpen: true, url: 'wss://example.org/' })
      const methods = { end: vi.fn(), sendNode: vi.fn(), query: vi.fn(), generateMessageTag: vi.fn() }
      onSocket({ ev, ws, authState: { keys: { get: vi.fn(), set: vi.fn() } }, ...methods })
      return () => undefined
    }
    const result = await played(['503'], { loop: astray })
    expect(found(result)).toEqual(['links: connect made a socket to example.org in place of the fake server'])
    expect(result.tookMs).toBeLessThan(5_000)
  })
})
