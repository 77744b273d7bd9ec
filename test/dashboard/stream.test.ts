import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { AccountViews } from '../../src/dashboard/account-views.ts'
import { createDashboardWith, type DashboardInternals } from '../../src/dashboard/dashboard.ts'
import type { DashboardLine, DashboardOptions, LineSource } from '../../src/dashboard/index.ts'
import { sourceOf } from '../../src/dashboard/lines.ts'
import { ViewerStream } from '../../src/dashboard/viewer-stream.ts'
import { ScriptedAccount, ScriptedSource } from '../line/scripted-account.ts'
import { ask, type Frame, refusal, Watching } from './visitor.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const dashboard of opened.splice(0)) await dashboard.close()
})

async function shown(
  lines: DashboardLine | readonly DashboardLine[] | LineSource,
  options: DashboardOptions = {},
  internals: DashboardInternals = {},
) {
  const dashboard = createDashboardWith(lines, { trustLoopback: true, ...options }, internals)
  opened.push(dashboard)
  const { url } = await dashboard.serve({ port: 0 })
  return { dashboard, url }
}

const accounts = ({ data }: Frame): string[] => data.accounts.map(({ account }) => account)
const isSnapshot = ({ event }: Frame): boolean => event === 'snapshot'
/** Frame at this time or later that there is no code. */
const showsNoCode =
  (from: number) =>
  ({
    data: {
      at,
      accounts: [view],
    },
  }: Frame): boolean =>
    at >= from && view !== undefined && !view.qr
const says = (label: string) => (told: Frame) => told.data.accounts.some((view) => view.label === label)

describe('The event stream', () => {
  test('begins with everything, and then tells each change, whole', async () => {
    const [a, b] = [new ScriptedAccount('a'), new ScriptedAccount('b')]
    const { url } = await shown([a, b])
    const watching = await Watching.at(url)
    expect(watching.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(accounts(await watching.sees(isSnapshot))).toEqual(['a', 'b'])
    b.become('reconnecting', { nextAttemptAt: 1 })
    const change = await watching.sees(says('Reconnecting'))
    expect(change.event).toBe('changes')
    expect(accounts(change)).toEqual(['b'])
    expect(change.data.accounts[0]).toMatchObject({
      status: { state: 'reconnecting', nextAttemptAt: 1 },
      place: ['reconnecting'],
      trail: [{ from: 'healthy', to: 'reconnecting', edge: 'online>reconnecting' }],
    })
    watching.leave()
  })

  test('tells many changes of one account together, as it is at last', async () => {
    const a = new ScriptedAccount('a')
    const { url } = await shown(a)
    const watching = await Watching.at(url)
    await watching.sees(isSnapshot)
    for (let n = 0; n < 100; n++) a.become(n % 2 === 0 ? 'reconnecting' : 'connecting')
    a.become('healthy', { message: 'At last.' })
    await watching.sees(({ data }) => JSON.stringify(data).includes('At last.'))
    expect(watching.told.length).toBeLessThanOrEqual(3)
    watching.leave()
  })

  test('goes on where it was cut, with what changed meanwhile and nothing else', async () => {
    const [a, b] = [new ScriptedAccount('a'), new ScriptedAccount('b')]
    const { url } = await shown([a, b])
    const first = await Watching.at(url)
    const { id } = await first.sees(isSnapshot)
    first.leave()
    await first.end()
    const other = await Watching.at(url)
    a.become('reconnecting')
    const { id: later } = await other.sees(says('Reconnecting'))
    for (const [headers, path] of [
      [{ 'last-event-id': id }, '/api/stream'],
      [{}, `/api/stream?since=${id}`],
    ] as const) {
      const again = await Watching.at(url, headers, path)
      expect(accounts(await again.sees(() => true))).toEqual(['a'])
      expect(again.told[0]?.event).toBe('changes')
      again.leave()
    }
    const upToDate = await Watching.at(url, { 'last-event-id': later })
    b.become('reconnecting')
    expect(accounts(await upToDate.sees(() => true))).toEqual(['b'])
    for (const one of [other, upToDate]) one.leave()
  })

  test('begins anew where it cannot go on: after a restart of the gateway, or with an id that is none', async () => {
    const { url } = await shown(new ScriptedAccount())
    for (const id of ['another-1', 'x', '-1', '99999', ' ']) {
      const watching = await Watching.at(url, { 'last-event-id': id })
      expect((await watching.sees(() => true)).event, id).toBe('snapshot')
      watching.leave()
    }
  })

  test('tells of accounts that come and go, also to those who were away', async () => {
    const source = new ScriptedSource(new ScriptedAccount('a'), new ScriptedAccount('b'))
    const { url } = await shown(source)
    const watching = await Watching.at(url)
    const { id } = await watching.sees(isSnapshot)
    source.add(new ScriptedAccount('c'))
    expect(accounts(await watching.sees(({ event }) => event === 'changes'))).toEqual(['c'])
    source.remove('b')
    await watching.sees(({ data }) => data.gone?.includes('b') === true)
    const again = await Watching.at(url, { 'last-event-id': id })
    const { data } = await again.sees(() => true)
    expect([data.accounts.map(({ account }) => account), data.gone]).toEqual([['c'], ['b']])
    for (const one of [watching, again]) one.leave()
  })

  test('takes a code away the moment its time is over, although no status says so', async () => {
    const a = new ScriptedAccount()
    const { url } = await shown(a)
    const watching = await Watching.at(url)
    await watching.sees(isSnapshot)
    const expiresAt = Date.now() + 400
    a.showCode('2@short-lived', 1, expiresAt)
    await watching.sees(({ data }) => data.accounts[0]?.qr?.code === '2@short-lived')
    const { data } = await watching.sees(showsNoCode(expiresAt))
    expect(data.accounts[0]?.label).toBe('Needs to be linked')
    const late = await Watching.at(url)
    expect(JSON.stringify((await late.sees(isSnapshot)).data)).not.toContain('short-lived')
    for (const one of [watching, late]) one.leave()
  })

  test('takes a code away when its time is over by a clock that was set back meanwhile', async () => {
    const a = new ScriptedAccount()
    let back = 0
    const now = () => Date.now() - back
    const { url } = await shown(a, {}, { now })
    const watching = await Watching.at(url)
    const expiresAt = now() + 300
    a.showCode('2@short-lived', 1, expiresAt)
    await watching.sees(({ data }) => data.accounts[0]?.qr?.code === '2@short-lived')
    back = 200
    await watching.sees(showsNoCode(expiresAt))
    // Not only when everything is looked at again, with the next ping.
    expect(watching.told.map(({ event }) => event)).not.toContain('ping')
    watching.leave()
  })

  test('begins without a code that its account has just given up, although that was not told yet', async () => {
    const a = new ScriptedAccount()
    const { url, dashboard } = await shown(a)
    const watching = await Watching.at(url)
    a.showCode('2@given-up')
    await watching.sees(({ data }) => data.accounts[0]?.qr?.code === '2@given-up')
    a.become('stopped')
    const answer = await dashboard.fetch(new Request(`${url}api/stream`), { remoteAddress: '127.0.0.1' })
    const reader = answer.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toMatch(/^(?!.*given-up).*"account":"a"/s)
    await reader?.cancel()
    await watching.sees(says('Stopped'))
    watching.leave()
  })

  test('lets in as many as it may, says when to come again, and takes the next when one leaves', async () => {
    const { url, dashboard } = await shown(new ScriptedAccount(), { maxViewers: 3 })
    const watching = await Promise.all([1, 2, 3].map(() => Watching.at(url)))
    const full = await ask(url, '/api/stream')
    expect(refusal(full)).toBe('503 TOO_MANY_STREAMS')
    expect(full.headers['retry-after']).toBe('5')
    watching[0]?.leave()
    await expect.poll(() => dashboard.parts.audience.size, { interval: 5 }).toBe(2)
    const next = await Watching.at(url)
    expect(next.status).toBe(200)
    for (const one of [...watching, next]) one.leave()
  })

  test('drops a reader who takes nothing, keeps nothing for him, and serves the others meanwhile', async () => {
    // Large enough that the buffers of the system are full soon.
    const many = Array.from({ length: 300 }, (_, n) => new ScriptedAccount(`account ${n}`))
    const { url, dashboard } = await shown(many, { stalledMs: 300 })
    const { hostname, port } = new URL(url)
    const slow = connect({ host: hostname, port: Number(port) })
    slow.pause()
    slow.write(`GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    const gone = new Promise<void>((resolve) => slow.once('close', () => resolve()))
    slow.on('error', () => undefined)
    const quick = await Watching.at(url)
    await quick.sees(isSnapshot)
    expect(dashboard.parts.audience.size).toBe(2)
    let rounds = 0
    while (dashboard.parts.audience.size > 1 && rounds < 2_000) {
      rounds += 1
      for (const account of many) account.become('reconnecting', { message: `${'x'.repeat(2_000)} ${rounds}` })
      await quick.sees(({ data }) => JSON.stringify(data.accounts[0] ?? '').includes(` ${rounds}"`))
      quick.told.length = 0
    }
    expect(dashboard.parts.audience.size).toBe(1)
    slow.resume()
    await gone
    quick.leave()
  })

  test('ends with the session of its viewer', async () => {
    const token = 'a-token-of-more-than-128-bits'
    const a = new ScriptedAccount()
    const { url } = await shown(a, { token, trustLoopback: false })
    const { origin } = new URL(url)
    const headers = { origin, 'content-type': 'application/json' }
    const signed = await ask(url, '/api/session', { method: 'POST', headers, body: JSON.stringify({ token }) })
    const cookie = signed.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const watching = await Watching.at(url, { cookie })
    await watching.sees(isSnapshot)
    await ask(url, '/api/session', { method: 'DELETE', headers: { ...headers, cookie } })
    a.showCode('2@after-the-end')
    await watching.end()
    expect(JSON.stringify(watching.told)).not.toContain('after-the-end')
  })

  test('tells the last that happened before it ends with the dashboard', async () => {
    const a = new ScriptedAccount()
    const { url, dashboard } = await shown(a)
    const watching = await Watching.at(url)
    await watching.sees(isSnapshot)
    a.become('reconnecting')
    await watching.sees(says('Reconnecting'))
    a.become('stopped', { message: 'At last.' })
    await dashboard.close()
    await watching.end()
    expect(watching.told.at(-1)?.data.accounts).toMatchObject([{ status: { state: 'stopped', message: 'At last.' } }])
  })

  test('ends with the dashboard, which leaves no listener on a line', async () => {
    const a = new ScriptedAccount()
    const { url, dashboard } = await shown(a)
    const watching = await Watching.at(url)
    await watching.sees(isSnapshot)
    expect(a.listeners).toBeGreaterThan(0)
    await dashboard.close()
    await watching.end()
    await expect.poll(() => a.listeners, { interval: 5 }).toBe(0)
    await expect(ask(url, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

/** A stream that nobody reads but the test, frame by frame. */
function stream(source: LineSource | DashboardLine, who: 'owner' | 'guest' = 'owner') {
  const accountViews = new AccountViews(sourceOf(source), () => 7)
  opened.push({ close: async () => accountViews.close() })
  const ended: string[] = []
  const made = (since?: number) => {
    const parts = {
      accountViews,
      since,
      now: () => 7,
      drop: () => ended.push('dropped'),
      onEnd: () => ended.push('ended'),
    }
    return new ViewerStream({ ...parts, viewer: { who, by: 'cookie' } })
  }
  const one = made()
  const reader = one.body.getReader()
  const next = async () => new TextDecoder().decode((await reader.read()).value)
  /** Until the accountViews has told a batch. */
  const batch = () => new Promise<void>((resolve) => accountViews.onBatch(resolve))
  return { accountViews, one, made, next, batch, ended, reader }
}

describe('A stream', () => {
  test('is pinged with the batch that its viewer has seen, while it takes something', async () => {
    const { accountViews, one, next, batch } = stream(new ScriptedAccount())
    await batch()
    one.ping()
    expect(await next()).toContain('event: snapshot')
    const waiting = next()
    await Promise.resolve()
    one.ping()
    expect(await waiting).toBe(`event: ping\nid: ${accountViews.epoch}-${accountViews.batch}\ndata: {"at":7}\n\n`)
    vi.spyOn(accountViews, 'hosts').mockReturnValue([{ host: 'a' }] as never)
    const hosts = next()
    await Promise.resolve()
    one.ping()
    expect(await hosts).toContain('data: {"at":7,"hosts":[{"host":"a"}]}')
    // Nothing is kept for who takes nothing.
    one.ping()
    one.tell()
    expect(one.stalledMs()).toBeGreaterThan(0)
  })

  test('ends once, whoever ends it, and says nothing more', async () => {
    const { one, ended, reader } = stream(new ScriptedAccount())
    one.cut()
    one.close()
    one.tell()
    one.ping()
    expect(await reader.read()).toMatchObject({ done: true })
    await reader.cancel()
    expect(ended).toEqual(['ended', 'dropped'])
  })

  test('that its reader leaves is over', async () => {
    const { one, ended, reader } = stream(new ScriptedAccount())
    await reader.cancel()
    one.cut()
    expect(ended).toEqual(['ended', 'dropped'])
  })

  test('tells the same to all who have seen as much, however many they are and wherever they stand', async () => {
    const account = new ScriptedAccount()
    const { accountViews, made, batch } = stream(account)
    for (let n = 0; n < 12; n += 1) {
      account.become(n % 2 === 0 ? 'reconnecting' : 'healthy')
      await batch()
    }
    account.become('blocked')
    await batch()
    const told = async (since: number) => {
      const { value } = await made(since).body.getReader().read()
      return new TextDecoder().decode(value)
    }
    for (let since = 0; since < accountViews.batch; since += 1) {
      expect(await told(since)).toBe(await told(since))
      expect(await told(since)).toContain('"state":"blocked"')
    }
    expect(await told(accountViews.batch)).toBe('retry: 1000\n\n')
  })

  test('tells of an account whose line was replaced as changed, not as gone, and of one that left at once only as gone', async () => {
    const [before, after, brief] = [new ScriptedAccount('a'), new ScriptedAccount('a'), new ScriptedAccount('b')]
    const lines: DashboardLine[] = [before]
    let change: () => void = () => undefined
    const source: LineSource = {
      lines: () => lines,
      on: (_, listener) => {
        change = listener
        return () => undefined
      },
    }
    const { accountViews, batch } = stream(source)
    const since = accountViews.batch
    after.become('blocked')
    lines.splice(0, 1, after, brief)
    change()
    brief.become('reconnecting')
    lines.splice(1, 1)
    change()
    await batch()
    const { views, gone } = accountViews.news(since)
    expect(views.map(({ account, label }) => [account, label])).toEqual([['a', 'Not let in']])
    expect(gone).toEqual(['b'])
    expect(before.listeners).toBe(0)
  })
})
