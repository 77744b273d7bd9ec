import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { BaileysSocket, OpenChannel, SelfMessageOptions } from '../../src/index.ts'
import { memoryKeep } from '../../src/notices/keep.ts'
import { selfMessage } from '../../src/notices/self-message.ts'
import { freezeTime, notice, Reports, ScriptedLine, until } from './notices.ts'

let line: ScriptedLine
let reports: Reports
const keep = memoryKeep()
let open: OpenChannel[]

beforeEach(() => {
  line = new ScriptedLine()
  reports = new Reports()
  open = []
})
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(open.map((channel) => channel.close?.()))
  for (const { id } of await keep.list()) await keep.remove(id)
})

function start(options?: SelfMessageOptions): OpenChannel {
  const channel = selfMessage(options).open({ account: 'a', keep, line, report: reports.report })
  open.push(channel)
  return channel
}

/** The part of a socket that counts here. */
function socket(sent: { jid: string; text: string }[], fails = 0): BaileysSocket {
  let failures = fails
  const none = () => undefined
  const later = async () => undefined
  const events = { on: none, off: none, emit: () => true, process: () => none }
  return Object.assign(
    {
      ev: events,
      ws: { isOpen: true, isClosed: false, on: none, off: none },
      authState: { keys: { get: none, set: none } },
      user: { id: '491700000001:7@s.whatsapp.net' },
      ...{ end: none, sendNode: later, query: later, generateMessageTag: () => '', uploadPreKeys: later },
      requestPairingCode: async () => '',
    },
    {
      sendMessage: async (jid: string, { text }: { text: string }) => {
        if (failures-- > 0) throw new Error('not sent')
        sent.push({ jid, text })
      },
    },
  )
}

describe('selfMessage()', () => {
  test("tells in one message to the account's own chat what gathered until the account was healthy", async () => {
    const channel = start()
    channel.tell(notice('Not connected for 5 min.'))
    line.become('connecting')
    const early: { jid: string; text: string }[] = []
    line.become('degraded', socket(early))
    for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(early).toEqual([])
    line.become('reconnecting')
    const sent: { jid: string; text: string }[] = []
    channel.tell({ ...notice('Connected again.', 'recovered'), remediation: 'Rest.' })
    line.become('healthy', socket(sent))
    await until(() => sent.length > 0)
    expect(sent[0]?.jid).toBe('491700000001@s.whatsapp.net')
    expect(sent[0]?.text).toMatch(/^\[a\]\n\S+ \S+ Not connected for 5 min\.\n\S+ \S+ Connected again\. Rest\.$/)
    await channel.close?.()
    expect(await keep.list()).toEqual([])
    expect(sent).toHaveLength(1)
    expect(line.listeners.size).toBe(0)
  })

  test('tells at once what comes while the account is healthy, and leaves no deadline behind', async () => {
    freezeTime()
    const followed = new Set<EventTarget>()
    const follow = vi.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (
      this: AbortSignal,
      ...of: readonly unknown[]
    ) {
      followed.add(this)
      Reflect.apply(EventTarget.prototype.addEventListener, this, of)
    })
    onTestFinished(() => follow.mockRestore())
    const sent: { jid: string; text: string }[] = []
    line.become('healthy', socket(sent))
    start({ format: (notices) => notices.map(({ message }) => message).join() }).tell(notice('one', 'sessions-pruned'))
    await until(() => sent.length === 1)
    expect(sent[0]?.text).toBe('one')
    for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(vi.getTimerCount()).toBe(0)
    expect(followed.size).toBeGreaterThan(0)
    for (const signal of followed) expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('keeps what could not be told over a restart, and leaves no listener and no timer', async () => {
    freezeTime()
    const before = start()
    before.tell(notice('one'))
    await before.close?.()
    expect(line.listeners.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    const sent: { jid: string; text: string }[] = []
    start()
    line.become('healthy', socket(sent))
    await until(() => sent.length === 1)
    expect(sent[0]?.text).toContain('one')
  })

  test('tries again when the message could not be sent', async () => {
    freezeTime()
    const sent: { jid: string; text: string }[] = []
    line.become('healthy', socket(sent, 1))
    start().tell(notice('one'))
    await until(() => reports.all.length > 1)
    expect(reports.all[1]).toMatch(/own chat; it is tried again: not sent/)
    await until(() => vi.getTimerCount() > 0)
    vi.advanceTimersByTime(2_000)
    await until(() => sent.length === 1)
  })

  test.each<[string, (sound: BaileysSocket) => BaileysSocket, RegExp]>([
    ['cannot send', (sound) => Object.assign(sound, { sendMessage: undefined }), /gone, or cannot send/],
    ['is not logged in', (sound) => Object.assign(sound, { user: undefined }), /does not know its own number/],
    ['has an odd number', (sound) => Object.assign(sound, { user: { id: ':7' } }), /does not know its own number/],
  ])('says so and tries again when the socket %s', async (_, changed, said) => {
    freezeTime()
    const sent: { jid: string; text: string }[] = []
    line.become('healthy', changed(socket(sent)))
    start().tell(notice('one'))
    await until(() => reports.all.length > 1)
    expect(reports.all[1]).toMatch(said)
    line.become('healthy', socket(sent))
    await until(() => vi.getTimerCount() > 0)
    vi.advanceTimersByTime(2_000)
    await until(() => sent.length === 1)
  })

  test('tells only the kinds that were asked for', async () => {
    const sent: { jid: string; text: string }[] = []
    line.become('healthy', socket(sent))
    const channel = start({ kinds: ['blocked'] })
    channel.tell(notice('one', 'outage'))
    channel.tell(notice('two', 'blocked'))
    await until(() => sent.length === 1)
    expect(sent[0]?.text).toContain('two')
  })
})
