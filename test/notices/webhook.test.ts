import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { memoryKeep } from '../../src/notices/keep.ts'
import { notice, until } from './notices.ts'
import { type Answer, status } from './receiver.ts'
import { deadlineMs, webhookRig } from './webhook-rig.ts'

const rig = webhookRig()

describe('a receiver that is well', () => {
  test('gets each notice once, in order, signed, and nothing stays on the disk', async () => {
    const channel = rig.start()
    for (const message of ['one', 'two', 'three']) channel.tell(notice(message))
    await until(() => rig.receiver.accepted.length === 3)
    expect(rig.receiver.messages).toEqual(['one', 'two', 'three'])
    expect(rig.receiver.tries).toHaveLength(3)
    expect(new Set(rig.receiver.tries.map(({ id }) => id)).size).toBe(3)
    await channel.close?.()
    expect(await rig.kept()).toEqual([])
    expect(rig.reports.all).toEqual([])
  })

  test('gets the headers of its owner, and the body that its owner makes', async () => {
    const channel = rig.start({
      headers: { authorization: 'Bearer x' },
      format: ({ message }) => ({ message, extra: 1 }),
    })
    channel.tell(notice('one'))
    await until(() => rig.receiver.accepted.length === 1)
    expect(rig.receiver.tries[0]?.headers).toMatchObject({
      authorization: 'Bearer x',
      'content-type': 'application/json',
    })
    expect(rig.receiver.accepted[0]).toEqual({ message: 'one', extra: 1 })
  })

  test('gets only the kinds that were asked for', async () => {
    const channel = rig.start({ kinds: ['blocked'] })
    channel.tell(notice('one', 'outage'))
    channel.tell(notice('two', 'blocked'))
    await until(() => rig.receiver.accepted.length === 1)
    expect(rig.receiver.messages).toEqual(['two'])
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
        rig.receiver.answers.unshift(...Array.from({ length: 3 }, () => status(307, { location: '/a' })))
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
    rig.receiver.answers.push(answer)
    const channel = rig.start()
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => rig.reports.all.length > 0)
    expect(rig.reports.all.join()).toMatch(said)
    expect(rig.receiver.accepted).toEqual([])
    await rig.nextTry()
    await until(() => rig.receiver.accepted.length === 2)
    expect(rig.receiver.messages).toEqual(['one', 'two'])
    expect(rig.receiver.tries[0]?.id).toBe(rig.receiver.accepted[0]?.id)
  })

  test('that is down gets everything once it is up', async () => {
    await rig.receiver.down()
    const channel = rig.start()
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => rig.reports.all.length > 0)
    expect(rig.reports.all[0]).toMatch(/ECONNREFUSED/)
    await rig.receiver.up()
    await rig.nextTry()
    await until(() => rig.receiver.accepted.length === 2)
    expect(rig.receiver.messages).toEqual(['one', 'two'])
    expect(rig.receiver.tries).toHaveLength(2)
  })

  test('that is too slow is cut off at the deadline and asked again', async () => {
    rig.receiver.answers.push(() => undefined)
    rig.start({ timeoutMs: deadlineMs }).tell(notice('one'))
    await until(() => rig.receiver.tries.length === 1)
    vi.advanceTimersByTime(deadlineMs - 1)
    expect(rig.reports.all).toEqual([])
    vi.advanceTimersByTime(1)
    await until(() => rig.reports.all.length > 0)
    expect(rig.reports.all[0]).toMatch(/no answer within 10000 ms/)
    await rig.nextTry()
    await until(() => rig.receiver.accepted.length === 1)
    expect(rig.receiver.tries.map(({ id }) => id)).toEqual([rig.receiver.accepted[0]?.id, rig.receiver.accepted[0]?.id])
  })

  test('that accepts with an endless answer has accepted, and is cut off', async () => {
    rig.receiver.answers.push(endless)
    const channel = rig.start()
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => rig.receiver.accepted.length === 2)
    expect(rig.receiver.tries).toHaveLength(2)
    expect(rig.reports.all).toEqual([])
  })

  test('is asked again after 2 s, doubling up to 64 s, with up to half of it less, and is reported once', async () => {
    rig.receiver.answers.push(...Array.from({ length: 9 }, () => status(503)))
    rig.start().tell(notice('one'))
    await until(() => rig.receiver.tries.length === 1)
    const pauses: number[] = []
    for (let done = 1; done <= 9; done += 1) {
      const before = Date.now()
      await rig.nextTry()
      pauses.push((Date.now() - before) / 1_000)
    }
    const steps = [2, 4, 8, 16, 32, 64, 64, 64, 64]
    for (const [at, step] of steps.entries()) {
      expect(pauses[at]).toBeLessThanOrEqual(step)
      expect(pauses[at]).toBeGreaterThanOrEqual(step / 2)
    }
    expect(new Set(pauses.slice(5)).size).toBeGreaterThan(1)
    await until(() => rig.receiver.accepted.length === 1)
    expect(rig.reports.all).toHaveLength(1)
  })

  test('that names a time is not asked before it', async () => {
    rig.receiver.answers.push(status(429, { 'retry-after': '120' }))
    rig.start().tell(notice('one'))
    await until(() => rig.lastTimer() !== deadlineMs)
    expect(rig.lastTimer()).toBe(120_000)
    vi.advanceTimersByTime(119_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(rig.receiver.tries).toHaveLength(1)
    vi.advanceTimersByTime(1_000)
    await until(() => rig.receiver.accepted.length === 1)
  })

  test.each([
    ['a date', new Date(Date.now() + 600_000).toUTCString(), (ms: number) => ms > 590_000 && ms <= 600_000],
    ['a moment that is over', '-5', (ms: number) => ms <= 2_000],
    ['no time at all', 'soon', (ms: number) => ms <= 2_000],
    ['more than an hour', '999999', (ms: number) => ms === 3_600_000],
  ])('that names %s is asked again as it can be', async (_, after, fits) => {
    rig.receiver.answers.push(status(429, { 'retry-after': after }))
    rig.start().tell(notice('one'))
    await until(() => rig.lastTimer() !== deadlineMs)
    expect(rig.lastTimer()).toSatisfy(fits)
  })

  test('is asked at once when the account has recovered', async () => {
    rig.receiver.answers.push(status(503))
    const channel = rig.start()
    channel.tell(notice('one'))
    await until(() => rig.lastTimer() !== deadlineMs)
    channel.tell(notice('two', 'recovered'))
    await until(() => rig.receiver.accepted.length === 2)
    expect(rig.receiver.messages).toEqual(['one', 'two'])
  })

  test('that refuses one notice for good gets the others, and the refused one is not lost', async () => {
    rig.receiver.answers.push(...Array.from({ length: 7 }, () => status(422)))
    const channel = rig.start()
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => rig.receiver.tries.length === 1)
    for (let tried = 2; tried <= 7; tried += 1) await rig.nextTry()
    await until(() => rig.receiver.accepted.length === 1)
    expect(rig.receiver.messages).toEqual(['two'])
    expect(rig.reports.all.at(-1)).toMatch(/refused 7 times and set aside/)
    expect(await readdir(join(rig.folder(), 'set-aside'))).toHaveLength(1)
  })
})

test('a notice of which its owner makes nothing is reported and asked for again', async () => {
  let made = 0
  rig.start({ format: () => (made++ === 0 ? undefined : { made }), url: new URL(rig.receiver.url) }).tell(notice('one'))
  await until(() => rig.reports.all.length > 0)
  expect(rig.reports.all[0]).toContain('nothing that is JSON')
  await until(() => vi.getTimerCount() > 0)
  vi.advanceTimersByTime(2_000)
  await until(() => rig.receiver.tries.length === 1)
})

describe('a restart in between', () => {
  test('loses nothing, keeps the order and the ids, and leaves no timer', async () => {
    await rig.receiver.down()
    const before = rig.start()
    const first = notice('one')
    before.tell(first)
    before.tell(notice('two'))
    await until(() => rig.reports.all.length > 0)
    await before.close?.()
    expect(vi.getTimerCount()).toBe(0)
    expect(await rig.kept()).toHaveLength(2)

    await rig.receiver.up()
    const after = rig.start()
    after.tell(notice('three'))
    await until(() => rig.receiver.accepted.length === 3)
    expect(rig.receiver.messages).toEqual(['one', 'two', 'three'])
    expect(rig.receiver.accepted[0]).toEqual(first)
    await after.close?.()
    expect(await rig.kept()).toEqual([])
  })

  test('in the middle of a try cuts it off, and the notice is delivered afterwards', async () => {
    rig.receiver.answers.push(() => undefined)
    const before = rig.start()
    before.tell(notice('one'))
    await until(() => rig.receiver.tries.length === 1)
    const closed = before.close?.()
    vi.advanceTimersByTime(250)
    await closed
    expect(vi.getTimerCount()).toBe(0)
    rig.start()
    await until(() => rig.receiver.accepted.length === 1)
    expect(rig.receiver.tries[0]?.id).toBe(rig.receiver.tries[1]?.id)
  })

  test('a notice that is told while the channel closes is kept for the next start', async () => {
    const channel = rig.start()
    channel.tell(notice('one'))
    await channel.close?.()
    rig.start()
    await until(() => rig.receiver.accepted.length === 1)
  })

  test('without a folder loses what was not delivered, and that is said', async () => {
    rig.start({}, { keep: memoryKeep() })
    expect(rig.reports.all[0]).toMatch(/no folder, so a restart loses/)
  })
})
