import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { NoticeKeep, OpenChannel, WebhookOptions } from '../../src/index.ts'
import { folderKeep, memoryKeep } from '../../src/notices/keep.ts'
import { createWebhook } from '../../src/notices/webhook.ts'
import { freezeTime, notice, Reports, ScriptedLine, until } from './notices.ts'
import { type Answer, Receiver, secret, status } from './receiver.ts'

type Resolve = NonNullable<NonNullable<Parameters<typeof createWebhook>[1]>['resolve']>

let receiver: Receiver
let own: string
let reports: Reports
let open: OpenChannel[]
let receivers: Receiver[]

beforeEach(async () => {
  receiver = await Receiver.open()
  receivers = [receiver]
  own = await mkdtemp(join(tmpdir(), 'lifeline-webhook-'))
  reports = new Reports()
  open = []
  freezeTime()
  vi.spyOn(globalThis, 'setTimeout')
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  await Promise.all(open.map((channel) => channel.close?.()))
  await Promise.all(receivers.map((one) => one.down()))
  await rm(own, { recursive: true })
  const { pathname } = new URL(receiver.url)
  for (const line of reports.all) {
    expect(line).not.toContain(secret)
    expect(line).not.toContain(pathname)
  }
})

/** A webhook at work, as after a start of the process. */
function start(
  options: Partial<WebhookOptions> = {},
  parts: { resolve?: Resolve; keep?: NoticeKeep } = {},
): OpenChannel {
  const { keep = folderKeep(own, 'webhook', reports.report), ...rest } = parts
  const channel = createWebhook({ url: receiver.url, secret, ...options }, rest)
  const opened = channel.open({ account: 'a', keep, line: new ScriptedLine(), report: reports.report })
  open.push(opened)
  return opened
}

const kept = async (): Promise<string[]> =>
  (await readdir(join(own, 'notices', 'webhook')).catch(() => [])).filter((name) => name.endsWith('.json'))

const deadlineMs = 10_000
/** How long the timer that was set last takes. */
const lastTimer = (): number => Number(vi.mocked(setTimeout).mock.lastCall?.[1] ?? deadlineMs)

/** Lets time pass up to the next try, which is that of the receiver unless another is named. */
async function nextTry(to = receiver): Promise<void> {
  const before = to.tries.length
  // Before that the only timer is the deadline of the try under way.
  await until(() => lastTimer() !== deadlineMs, 'a pause before the next try')
  vi.advanceTimersToNextTimer()
  await until(
    () => to.tries.length > before,
    () => `a try; reported: ${reports.all.join('\n')}`,
  )
}

describe('a receiver that is well', () => {
  test('gets each notice once, in order, signed, and nothing stays on the disk', async () => {
    const channel = start()
    for (const message of ['one', 'two', 'three']) channel.tell(notice(message))
    await until(() => receiver.accepted.length === 3)
    expect(receiver.messages).toEqual(['one', 'two', 'three'])
    expect(receiver.tries).toHaveLength(3)
    expect(new Set(receiver.tries.map(({ id }) => id)).size).toBe(3)
    await channel.close?.()
    expect(await kept()).toEqual([])
    expect(reports.all).toEqual([])
  })

  test('gets the headers of its owner, and the body that its owner makes', async () => {
    const channel = start({ headers: { authorization: 'Bearer x' }, format: ({ message }) => ({ message, extra: 1 }) })
    channel.tell(notice('one'))
    await until(() => receiver.accepted.length === 1)
    expect(receiver.tries[0]?.headers).toMatchObject({ authorization: 'Bearer x', 'content-type': 'application/json' })
    expect(receiver.accepted[0]).toEqual({ message: 'one', extra: 1 })
  })

  test('gets only the kinds that were asked for', async () => {
    const channel = start({ kinds: ['blocked'] })
    channel.tell(notice('one', 'outage'))
    channel.tell(notice('two', 'blocked'))
    await until(() => receiver.accepted.length === 1)
    expect(receiver.messages).toEqual(['two'])
  })
})

/** An answer that never ends. */
const endless: Answer = (response) => {
  response.writeHead(200)
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(16_384)));
  }
  response.on('drain', more)
  more()
}

describe('a receiver in trouble', () => {
  const troubles: Readonly<Record<string, { readonly answer: Answer; readonly said: RegExp }>> = {
    'answers 500': { answer: status(500), said: /answered 500/ },
    'answers 301 without a place': { answer: status(301), said: /answered 301/ },
    'answers 303': { answer: status(303, { location: '/other' }), said: /answered 303/ },
    'answers 404': { answer: status(404), said: /answered 404/ },
    'cuts the connection': { answer: (_, request) => request.socket.destroy(), said: /hang up|ECONNRESET/ },
    'redirects in a circle': {
      answer: (response, request) => {
        receiver.answers.unshift(...Array.from({ length: 3 }, () => status(307, { location: '/a' })))
        status(307, { location: '/b' })(response, request)
      },
      said: /more than 3 redirects/,
    },
    'redirects to something else than the web': {
      answer: status(307, { location: 'file:///etc/passwd' }),
      said: /file:/,
    },
  }
  test.each(Object.entries(troubles))('that %s gets everything later, in order, once', async (_, { answer, said }) => {
    receiver.answers.push(answer)
    const channel = start()
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => reports.all.length > 0)
    expect(reports.all.join()).toMatch(said)
    expect(receiver.accepted).toEqual([])
    await nextTry()
    await until(() => receiver.accepted.length === 2)
    expect(receiver.messages).toEqual(['one', 'two'])
    expect(receiver.tries[0]?.id).toBe(receiver.accepted[0]?.id)
  })

  test('that is down gets everything once it is up', async () => {
    await receiver.down()
    const channel = start()
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => reports.all.length > 0)
    expect(reports.all[0]).toMatch(/ECONNREFUSED/)
    await receiver.up()
    await nextTry()
    await until(() => receiver.accepted.length === 2)
    expect(receiver.messages).toEqual(['one', 'two'])
    expect(receiver.tries).toHaveLength(2)
  })

  test('that is too slow is cut off at the deadline and asked again', async () => {
    receiver.answers.push(() => undefined)
    start({ timeoutMs: deadlineMs }).tell(notice('one'))
    await until(() => receiver.tries.length === 1)
    vi.advanceTimersByTime(deadlineMs - 1)
    expect(reports.all).toEqual([])
    vi.advanceTimersByTime(1)
    await until(() => reports.all.length > 0)
    expect(reports.all[0]).toMatch(/no answer within 10000 ms/)
    await nextTry()
    await until(() => receiver.accepted.length === 1)
    expect(receiver.tries.map(({ id }) => id)).toEqual([receiver.accepted[0]?.id, receiver.accepted[0]?.id])
  })

  test('that accepts with an endless answer has accepted, and is cut off', async () => {
    receiver.answers.push(endless)
    const channel = start()
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => receiver.accepted.length === 2)
    expect(receiver.tries).toHaveLength(2)
    expect(reports.all).toEqual([])
  })

  test('is asked again after 2 s, doubling up to 64 s, with up to half of it less, and is reported once', async () => {
    receiver.answers.push(...Array.from({ length: 9 }, () => status(503)))
    start().tell(notice('one'))
    await until(() => receiver.tries.length === 1)
    const pauses: number[] = []
    for (let done = 1; done <= 9; done += 1) {
      const before = Date.now()
      await nextTry()
      pauses.push((Date.now() - before) / 1_000)
    }
    const steps = [2, 4, 8, 16, 32, 64, 64, 64, 64]
    for (const [at, step] of steps.entries()) {
      expect(pauses[at]).toBeLessThanOrEqual(step)
      expect(pauses[at]).toBeGreaterThanOrEqual(step / 2)
    }
    expect(new Set(pauses.slice(5)).size).toBeGreaterThan(1)
    await until(() => receiver.accepted.length === 1)
    expect(reports.all).toHaveLength(1)
  })

  test('that names a time is not asked before it', async () => {
    receiver.answers.push(status(429, { 'retry-after': '120' }))
    start().tell(notice('one'))
    await until(() => lastTimer() !== deadlineMs)
    vi.advanceTimersByTime(119_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(receiver.tries).toHaveLength(1)
    vi.advanceTimersByTime(1_000)
    await until(() => receiver.accepted.length === 1)
  })

  test.each([
    ['a date', new Date(Date.now() + 600_000).toUTCString(), (ms: number) => ms > 590_000 && ms <= 600_000],
    ['a moment that is over', '-5', (ms: number) => ms <= 2_000],
    ['no time at all', 'soon', (ms: number) => ms <= 2_000],
    ['more than an hour', '999999', (ms: number) => ms === 3_600_000],
  ])('that names %s is asked again as it can be', async (_, after, fits) => {
    receiver.answers.push(status(429, { 'retry-after': after }))
    start().tell(notice('one'))
    await until(() => lastTimer() !== deadlineMs)
    expect(lastTimer()).toSatisfy(fits)
  })

  test('is asked at once when the account has recovered', async () => {
    receiver.answers.push(status(503))
    const channel = start()
    channel.tell(notice('one'))
    await until(() => lastTimer() !== deadlineMs)
    channel.tell(notice('two', 'recovered'))
    await until(() => receiver.accepted.length === 2)
    expect(receiver.messages).toEqual(['one', 'two'])
  })

  test('that refuses one notice for good gets the others, and the refused one is not lost', async () => {
    receiver.answers.push(...Array.from({ length: 7 }, () => status(422)))
    const channel = start()
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => receiver.tries.length === 1)
    for (let tried = 2; tried <= 7; tried += 1) await nextTry()
    await until(() => receiver.accepted.length === 1)
    expect(receiver.messages).toEqual(['two'])
    expect(reports.all.at(-1)).toMatch(/refused 7 times and set aside/)
    expect(await readdir(join(own, 'notices', 'webhook', 'set-aside'))).toHaveLength(1)
  })
})

test('a notice of which its owner makes nothing is reported and asked for again', async () => {
  let made = 0
  start({ format: () => (made++ === 0 ? undefined : { made }), url: new URL(receiver.url) }).tell(notice('one'))
  await until(() => reports.all.length > 0)
  expect(reports.all[0]).toContain('nothing that is JSON')
  await until(() => vi.getTimerCount() > 0)
  vi.advanceTimersByTime(2_000)
  await until(() => receiver.tries.length === 1)
})

describe('a redirect', () => {
  test('to what is no URL is not followed', async () => {
    receiver.answers.push(status(307, { location: 'http://[' }))
    start().tell(notice('one'))
    await until(() => reports.all.length > 0)
    expect(reports.all[0]).toMatch(/redirects to something that is no URL/)
  })

  const hop = async (code: number, location: (elsewhere: Receiver) => string): Promise<Receiver> => {
    const elsewhere = await Receiver.open()
    receivers.push(elsewhere)
    receiver.answers.push(status(code, { location: location(elsewhere) }))
    return elsewhere
  }

  test.each([301, 302, 307, 308])('(%i) into a private address is not followed', async (code) => {
    const elsewhere = await hop(code, ({ url }) => url)
    start().tell(notice('one'))
    await until(() => reports.all.length > 0)
    expect(reports.all[0]).toMatch(/127\.0\.0\.1 is a private address/)
    await nextTry()
    await until(() => receiver.accepted.length === 1)
    expect(elsewhere.tries).toEqual([])
  })

  test('to a name that has a private address is not followed', async () => {
    const elsewhere = await hop(307, ({ port }) => `http://inside.example.org:${port}/`)
    const resolve: Resolve = (_name, _options, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }])
    start({}, { resolve }).tell(notice('one'))
    await until(() => reports.all.length > 0)
    expect(reports.all[0]).toMatch(/inside\.example\.org has the private address 127\.0\.0\.1/)
    expect(elsewhere.tries).toEqual([])
  })

  test.each([301, 302, 307, 308])(
    '(%i) that is allowed is followed with the same signed body, without the own headers',
    async (code) => {
      const elsewhere = await hop(code, ({ url }) => url)
      start({ allowPrivate: true, headers: { authorization: 'Bearer x' } }).tell(notice('one'))
      await until(() => elsewhere.accepted.length === 1)
      expect(receiver.tries[0]?.headers.authorization).toBe('Bearer x')
      expect(elsewhere.tries[0]?.headers.authorization).toBeUndefined()
      expect(elsewhere.messages).toEqual(['one'])
    },
  )

  test('within the same origin is followed', async () => {
    receiver.answers.push(status(307, { location: '/elsewhere' }))
    start().tell(notice('one'))
    await until(() => receiver.accepted.length === 1)
    expect(receiver.tries).toHaveLength(2)
  })
})

describe('a public name', () => {
  const url = () => `http://hooks.example.org:${receiver.port}/`
  const answering = (...addresses: string[]): Resolve & { asked: number } => {
    const resolve = Object.assign(
      (...[, , answer]: Parameters<Resolve>) => {
        resolve.asked += 1
        answer(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        )
      },
      { asked: 0 },
    )
    return resolve
  }

  test('that turns out to have a private address is not dialled', async () => {
    start({ url: url() }, { resolve: answering('127.0.0.1') }).tell(notice('one'))
    await until(() => reports.all.length > 0)
    expect(reports.all[0]).toMatch(/hooks\.example\.org has the private address 127\.0\.0\.1/)
    expect(receiver.tries).toEqual([])
  })

  test('that has a private address beside a public one is not dialled', async () => {
    start({ url: url() }, { resolve: answering('93.184.216.34', '127.0.0.1') }).tell(notice('one'))
    await until(() => reports.all.length > 0)
    expect(receiver.tries).toEqual([])
  })

  test('is resolved once for each try: what was checked is what is dialled', async () => {
    const resolve = answering('127.0.0.1')
    start({ url: url(), allowPrivate: true }, { resolve }).tell(notice('one'))
    await until(() => receiver.accepted.length === 1)
    expect(resolve.asked).toBe(1)
  })
})

describe('a restart in between', () => {
  test('loses nothing, keeps the order and the ids, and leaves no timer', async () => {
    await receiver.down()
    const before = start()
    const first = notice('one')
    before.tell(first)
    before.tell(notice('two'))
    await until(() => reports.all.length > 0)
    await before.close?.()
    expect(vi.getTimerCount()).toBe(0)
    expect(await kept()).toHaveLength(2)

    await receiver.up()
    const after = start()
    after.tell(notice('three'))
    await until(() => receiver.accepted.length === 3)
    expect(receiver.messages).toEqual(['one', 'two', 'three'])
    expect(receiver.accepted[0]).toEqual(first)
    await after.close?.()
    expect(await kept()).toEqual([])
  })

  test('in the middle of a try cuts it off, and the notice is delivered afterwards', async () => {
    receiver.answers.push(() => undefined)
    const before = start()
    before.tell(notice('one'))
    await until(() => receiver.tries.length === 1)
    const closed = before.close?.()
    vi.advanceTimersByTime(250)
    await closed
    expect(vi.getTimerCount()).toBe(0)
    start()
    await until(() => receiver.accepted.length === 1)
    expect(receiver.tries[0]?.id).toBe(receiver.tries[1]?.id)
  })

  test('a notice that is told while the channel closes is kept for the next start', async () => {
    const channel = start()
    channel.tell(notice('one'))
    await channel.close?.()
    start()
    await until(() => receiver.accepted.length === 1)
  })

  test('without a folder loses what was not delivered, and that is said', async () => {
    start({}, { keep: memoryKeep() })
    expect(reports.all[0]).toMatch(/no folder, so a restart loses/)
  })
})
