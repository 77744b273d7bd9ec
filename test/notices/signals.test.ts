import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { selfMessage } from '../../src/index.ts'
import { programChannel } from '../../src/notices/command.ts'
import { memoryKeep } from '../../src/notices/keep.ts'
import { Outbox } from '../../src/notices/outbox.ts'
import { post, target } from '../../src/notices/post.ts'
import { run } from '../../src/notices/program.ts'
import { freezeTime, notice, Reports, ScriptedLine, until } from './notices.ts'
import { Receiver, status } from './receiver.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

describe('the end of supervision is listened for by no more than what is under way', () => {
  test('by a post, be it answered or not', async () => {
    const receiver = await Receiver.open()
    const { signal } = new AbortController()
    const parts = {
      url: new URL(receiver.url),
      body: '{}',
      headers: {},
      ownHeaders: {},
      timeoutMs: 5_000,
      allowPrivate: false,
      signal,
    }
    receiver.server.removeAllListeners('request')
    receiver.server.on('request', (request, response) => status(204)(response, request))
    expect(await post(parts)).toEqual({ status: 204 })
    await receiver.down()
    await expect(post(parts)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(listeners(signal)).toBe(0)
  })

  test('by a program, be it well or not', async () => {
    const { signal } = new AbortController()
    const parts = { stdin: '', timeoutMs: 5_000, signal }
    await run({ ...parts, argv: ['/bin/sh', '-c', 'exit 0'] })
    await expect(run({ ...parts, argv: ['/no/such/program'] })).rejects.toMatchObject({ code: 'ENOENT' })
    expect(listeners(signal)).toBe(0)
  })

  test('by an outbox, for one try and one wait at a time', async () => {
    const seen: number[] = []
    const look = async (signal: AbortSignal) => {
      await Promise.resolve()
      seen.push(listeners(signal))
    }
    const outbox = new Outbox({
      keep: memoryKeep(),
      report: () => undefined,
      doing: 'telling',
      ready: look,
      deliver: async (_, signal) => {
        await look(signal)
        return { kind: 'delivered' }
      },
    })
    for (let count = 0; count < 12; count += 1) outbox.tell(notice(String(count)))
    await until(() => seen.length === 24)
    await outbox.close()
    expect(Math.max(...seen)).toBe(1)
  })

  test('by a message to the own chat, while it waits for a healthy account', async () => {
    const signals = new Set<AbortSignal>()
    const { addEventListener } = AbortSignal.prototype
    vi.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (
      this: AbortSignal,
      ...args: unknown[]
    ) {
      signals.add(this)
      return Reflect.apply(addEventListener, this, args)
    })
    const reports = new Reports()
    const line = new ScriptedLine()
    const open = selfMessage().open({ account: 'a', keep: memoryKeep(), line, report: reports.report })
    const waits: number[] = []
    for (let outage = 0; outage < 4; outage += 1) {
      line.become('reconnecting')
      open.tell(notice(String(outage)))
      await until(() => line.listeners.size > 0)
      waits.push(Math.max(...[...signals].map(listeners)))
      // One that cannot send: the next try waits anew.
      line.become('healthy', {} as never)
      await until(() => reports.all.length > 1 || line.listeners.size === 0)
      open.tell(notice('again', 'recovered'))
    }
    // The outbox's own, and that of the wait.
    expect(Math.max(...waits)).toBeLessThanOrEqual(2)
    await open.close?.()
  })
})

test('a try that ends in time while supervision ends leaves no timer', async () => {
  freezeTime()
  let answer: () => void = () => undefined
  const outbox = new Outbox({
    keep: memoryKeep(),
    report: () => undefined,
    doing: 'telling',
    deliver: () => new Promise((resolve) => (answer = () => resolve({ kind: 'delivered' }))),
  })
  outbox.tell(notice('one'))
  await until(() => String(answer) !== '() => undefined')
  const closed = outbox.close()
  expect(vi.getTimerCount()).toBe(1)
  answer()
  await closed
  expect(vi.getTimerCount()).toBe(0)
})

test('a notice that comes in the very moment in which the last program has ended is told, too', async () => {
  for (let turns = 0; turns < 16; turns += 1) {
    const ran: string[] = []
    const later = (left: number, step: () => void): void => {
      if (left === 0) step()
      else queueMicrotask(() => later(left - 1, step))
    }
    const channel = programChannel('test', new Set(['outage']), () => ({
      argv: ['/no/such/program'],
      stdin: '',
      timeoutMs: 1_000,
    }))
    const open = channel.open({
      account: 'a',
      keep: memoryKeep(),
      line: new ScriptedLine(),
      report: (_error, doing) => {
        ran.push(doing)
        if (ran.length === 1) later(turns, () => open.tell(notice('two')))
      },
    })
    open.tell(notice('one'))
    await until(() => ran.length === 2, `the second, ${turns} turns after the first`)
    await open.close?.()
  }
})

describe('a redirect', () => {
  test.each([
    ['https://a.example/x', 'http://a.example/x', /from HTTPS to plain HTTP/],
    ['https://a.example/x', 'ftp://a.example/x', /ftp:, which is not followed/],
    ['http://a.example/x', 'http://[', /no URL/],
  ])('from %s to %s is not followed', (from, to, said) => {
    expect(() => target(to, new URL(from))).toThrow(said)
  })

  test.each([
    ['http://a.example/x', 'https://b.example/y', 'https://b.example/y'],
    ['https://a.example/x', '/y', 'https://a.example/y'],
    ['http://a.example/x', 'http://me:secret@b.example/y', 'http://b.example/y'],
  ])('from %s to %s is followed', (from, to, place) => {
    expect(target(to, new URL(from)).href).toBe(place)
  })
})
