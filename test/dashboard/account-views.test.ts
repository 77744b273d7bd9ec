import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { AccountViews } from '../../src/dashboard/account-views.ts'
import { Audience } from '../../src/dashboard/audience.ts'
import type { DashboardLine, LineSource } from '../../src/dashboard/index.ts'
import { sourceOf } from '../../src/dashboard/lines.ts'
import { MetricsPage } from '../../src/dashboard/metrics-page.ts'
import { Sessions } from '../../src/dashboard/sessions.ts'
import { batchOf, ViewerStream } from '../../src/dashboard/viewer-stream.ts'
import { LifelineError } from '../../src/index.ts'
import { ScriptedAccount, ScriptedSource } from '../line/scripted-account.ts'

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    now: 1_000_000,
  })
})
afterEach(() => void vi.useRealTimers())

function viewsOf(source: LineSource | DashboardLine | readonly DashboardLine[]) {
  const views = new AccountViews(sourceOf(source), () => Date.now())
  onTestFinished(() => views.close())
  return views
}
const tell = () => vi.advanceTimersByTime(50)

describe('The views of accounts', () => {
  test('name the hosts that run them once there are several, with when each was heard', () => {
    const hosts: { host: string; seenAgoMs: number }[] = []
    const source = Object.assign(new ScriptedSource(new ScriptedAccount()), { hosts: () => hosts })
    const views = viewsOf(source)
    hosts.push({ host: 'a', seenAgoMs: 100 })
    expect(views.hosts()).toEqual([])
    hosts.push({ host: 'b', seenAgoMs: 250.4 })
    expect(views.hosts()).toEqual([
      { host: 'a', heardAt: 999_900 },
      { host: 'b', heardAt: 999_750 },
    ])
    expect(viewsOf(new ScriptedAccount()).hosts()).toEqual([])
  })

  test('tell what happens together, at most every 50 ms, and nothing of what looks as before', () => {
    const account = new ScriptedAccount()
    const views = viewsOf([account, new ScriptedAccount('b')])
    const batches: number[] = []
    const off = views.onBatch(() => batches.push(views.batch))
    tell()
    const since = views.batch
    expect([since, views.news(since).views, views.news(since - 1).views.length]).toEqual([1, [], 2])
    account.become('reconnecting')
    account.become('blocked')
    expect(views.view('a')?.status.state).toBe('healthy')
    tell()
    const { views: changed, json, gone } = views.news(since)
    expect([changed.map(({ status }) => status.state), json, gone]).toEqual([
      ['blocked'],
      [JSON.stringify(changed[0])],
      [],
    ])
    // The same again changes nothing.
    const { status } = account
    account.history = () => []
    account.become(status.state)
    account.status = status
    tell()
    const quiet = views.batch
    account.become(status.state)
    account.status = status
    tell()
    expect([views.batch, views.news(quiet).views]).toEqual([quiet + 1, []])
    off()
    account.become('healthy')
    tell()
    expect(batches).toEqual([1, 2, 3, 4])
  })

  test('are told at once where somebody asks for it, and then no more of it', () => {
    const account = new ScriptedAccount()
    const views = viewsOf(account)
    tell()
    vi.advanceTimersByTime(1_000)
    views.flush()
    expect(views.batch).toBe(1)
    account.become('blocked')
    views.flush()
    expect([views.batch, views.view('a')?.status.state]).toEqual([2, 'blocked'])
    vi.advanceTimersByTime(1_000)
    expect(views.batch).toBe(2)
    // The next within the time is told after it, one after that at once.
    account.become('healthy')
    views.flush()
    account.become('blocked')
    vi.advanceTimersByTime(49)
    expect(views.batch).toBe(3)
    vi.advanceTimersByTime(1)
    expect(views.batch).toBe(4)
    vi.advanceTimersByTime(1_000)
    account.become('healthy')
    vi.advanceTimersByTime(0)
    expect(views.batch).toBe(5)
  })

  test('bear when a code came on show, and lose it the moment that its time is over', () => {
    const account = new ScriptedAccount()
    const views = viewsOf(account)
    tell()
    vi.setSystemTime(1_010_000)
    account.showCode('2@one', 1, 1_060_000)
    tell()
    const shown = () => views.news().views[0]?.qr
    const { shownAt = 0 } = shown() ?? {}
    expect([shown()?.code, shownAt >= 1_010_000 && shownAt <= 1_010_050]).toEqual(['2@one', true])
    vi.setSystemTime(1_030_000)
    account.showCode('2@one', 1, 1_060_000)
    tell()
    expect(shown()?.shownAt).toBe(shownAt)
    account.showCode('2@two', 2, 1_040_000)
    tell()
    expect(shown()?.shownAt).toBeGreaterThanOrEqual(1_030_000)
    const { batch } = views
    vi.advanceTimersByTime(9_899)
    expect(shown()?.code).toBe('2@two')
    vi.advanceTimersByTime(200)
    expect([shown(), views.batch > batch, views.news(batch).views.length]).toEqual([undefined, true, 1])
    expect(views.view('a')?.qr).toBeUndefined()
  })

  test('know what came after each batch, until more went away than they remember', () => {
    const lines = Array.from({ length: 1_001 }, (_, n) => new ScriptedAccount(`account ${n}`))
    const own: DashboardLine[] = [...lines]
    let change: () => void = () => undefined
    const views = viewsOf({
      lines: () => own,
      on: (_: 'change', listener: () => void) => {
        change = listener
        return () => undefined
      },
    })
    tell()
    const first = views.batch
    expect([-1, 0, first, first + 1, 0.5, Number.NaN].map((batch) => views.knows(batch))).toEqual([
      ...[false, true, true, false, false, false],
    ])
    const [last = new ScriptedAccount()] = own.splice(0, 1)
    change()
    tell()
    const second = views.batch
    own.splice(0)
    change()
    tell()
    expect([views.knows(first), views.knows(second), views.knows(views.batch)]).toEqual([false, true, true])
    expect([views.news(second).gone.length, views.news(views.batch).gone, views.news().gone]).toEqual([1_000, [], []])
    own.push(last)
    change()
    tell()
    expect(views.news(second).gone).not.toContain(last.account)
    expect([views.line(last.account), views.line('none'), views.traffic('none')]).toEqual([last, undefined, undefined])
  })

  test('follow the statechart of a line, also the one after a crash, until they are closed', () => {
    const actor = () => {
      const observers = new Set<{ next: () => void; error: () => void }>()
      const subscribe = (one: { next: () => void; error: () => void }) => {
        observers.add(one)
        return { unsubscribe: () => observers.delete(one) }
      }
      return { observers, subscribe, getSnapshot: () => ({ status: 'done', value: {}, context: { pair: {} } }) }
    }
    const [one, other] = [actor(), actor()]
    const account = new ScriptedAccount()
    Object.assign(account, { actor: one })
    const views = viewsOf(account)
    const batches = vi.fn()
    views.onBatch(batches)
    tell()
    for (const kind of ['next', 'error'] as const) {
      batches.mockClear()
      for (const observer of one.observers) observer[kind]()
      tell()
      expect(batches).toHaveBeenCalledOnce()
    }
    Object.assign(account, { actor: other })
    account.become('reconnecting')
    expect([one.observers.size, other.observers.size]).toEqual([0, 1])
    account.become('healthy')
    expect(other.observers.size).toBe(1)
    batches.mockClear()
    views.close()
    vi.advanceTimersByTime(1_000)
    expect([other.observers.size, account.listeners, batches.mock.calls, vi.getTimerCount()]).toEqual([0, 0, [], 0])
  })
})

describe('A guest', () => {
  /** What a guest of the account a hears. */
  function watched() {
    const [a, b] = [new ScriptedAccount('a'), new ScriptedAccount('b')]
    const source = new ScriptedSource(a, b)
    const views = viewsOf(source)
    tell()
    const sessions = new Sessions(() => Date.now())
    const session = sessions.find(sessions.begin({ who: 'guest', account: 'a' }, 1e9))
    if (!session) throw new Error('no session')
    const stream = (since?: number) =>
      new ViewerStream({
        ...{ accountViews: views, viewer: { who: 'guest', by: 'cookie', session }, since, now: () => 7 },
        ...{ drop: () => undefined, onEnd: () => undefined },
      })
    const frame = async (of: ViewerStream) => {
      const { value } = await of.body.getReader().read()
      const [, data = 'null'] = /^data: (.*)$/m.exec(new TextDecoder().decode(value)) ?? []
      return JSON.parse(data)
    }
    return { a, b, source, views, session, stream, frame }
  }

  test('sees his account alone, and has seen its code once it was on show', async () => {
    const { a, b, views, session, stream, frame } = watched()
    b.showCode('2@other')
    tell()
    const { value } = await stream().body.getReader().read()
    expect(new TextDecoder().decode(value)).toMatch(/^retry: 1000\n\nevent: snapshot\nid: \S+\ndata: \{.*\}\n\n$/)
    expect((await frame(stream())).accounts.map(({ account }: { account: string }) => account)).toEqual(['a'])
    expect(session.sawCode).toBe(false)
    const since = views.batch
    b.become('healthy')
    tell()
    expect(await frame(stream(since))).toBeNull()
    a.showCode('2@own')
    tell()
    const { accounts } = await frame(stream(since))
    expect([accounts.length, accounts[0].qr.code, session.sawCode]).toEqual([1, '2@own', true])
  })

  test('who has used his link sees no code, and has not seen one either', async () => {
    const { a, session, stream, frame } = watched()
    session.spent = true
    a.showCode('2@later')
    tell()
    const { accounts } = await frame(stream())
    expect([accounts.length, accounts[0].qr, session.sawCode]).toEqual([1, undefined, false])
  })

  test('hears when his account goes, and not when another does', async () => {
    const { source, views, stream, frame } = watched()
    const since = views.batch
    source.remove('b')
    tell()
    expect(await frame(stream(since))).toBeNull()
    source.remove('a')
    tell()
    expect(await frame(stream(since))).toEqual({ accounts: [], gone: ['a'], at: 7 })
  })

  test('is pinged without the hosts, and without a batch where none was told', async () => {
    const { views, stream } = watched()
    vi.spyOn(views, 'hosts').mockReturnValue([{ host: 'a' }] as never)
    const one = stream(views.batch)
    const reader = one.body.getReader()
    await reader.read()
    const next = reader.read()
    await Promise.resolve()
    one.ping()
    const said = new TextDecoder().decode((await next).value)
    expect(said).toBe(`event: ping\nid: ${views.epoch}-${views.batch}\ndata: {"at":7}\n\n`)
  })
})

describe('The audience', () => {
  const admitted = (options: { maxViewers?: number; stalledMs?: number; source?: LineSource } = {}) => {
    const { maxViewers = 10, stalledMs = 3_000, source = sourceOf(new ScriptedAccount()) } = options
    const accountViews = viewsOf(source)
    const sessions = new Sessions(() => Date.now())
    const audience = new Audience({ accountViews, sessions, now: () => Date.now(), maxViewers, stalledMs })
    onTestFinished(() => audience.close())
    const guest = () => {
      const cookie = sessions.begin({ who: 'guest', account: 'a' }, 60_000)
      const session = sessions.find(cookie)
      return { cookie, viewer: { who: 'guest', by: 'cookie', ...(session ? { session } : {}) } as const }
    }
    return { audience, sessions, guest, owner: { who: 'owner', by: 'bearer' } as const }
  }
  const drop = () => undefined

  test('is bounded as a whole, and each guest to four windows of his own', () => {
    const { audience, guest, owner } = admitted({ maxViewers: 6 })
    const [one, other] = [guest(), guest()]
    for (let n = 0; n < 4; n += 1) audience.admit(one.viewer, undefined, drop)
    const full = { status: 503, code: 'TOO_MANY_STREAMS' }
    expect(() => audience.admit(one.viewer, undefined, drop)).toThrow(expect.objectContaining(full))
    const stream = audience.admit(other.viewer, undefined, drop)
    audience.admit(owner, undefined, drop)
    expect(() => audience.admit(owner, undefined, drop)).toThrow(expect.objectContaining(full))
    stream.close()
    audience.admit(owner, undefined, drop)
    expect(audience.size).toBe(6)
  })

  test('ends with its session, with the next that is told or with the next ping, and goes on for all others', () => {
    const { audience, sessions, guest, owner } = admitted()
    const [one, other] = [guest(), guest()]
    for (const { viewer } of [one, other]) audience.admit(viewer, undefined, drop)
    audience.admit(owner, undefined, drop)
    sessions.end(one.cookie)
    vi.advanceTimersByTime(50)
    expect(audience.size).toBe(2)
    sessions.end(other.cookie)
    vi.advanceTimersByTime(5_000)
    expect(audience.size).toBe(1)
  })

  test('is pinged every four seconds, and every second where several hosts are heard of', () => {
    const pings = vi.spyOn(ViewerStream.prototype, 'ping').mockReturnValue()
    onTestFinished(() => pings.mockRestore())
    const hosts: { host: string; seenAgoMs: number }[] = []
    const source = Object.assign(new ScriptedSource(new ScriptedAccount()), { hosts: () => hosts })
    const { audience, owner } = admitted({ source })
    audience.admit(owner, undefined, drop)
    vi.advanceTimersByTime(12_900)
    expect(pings.mock.calls.length).toBe(3)
    for (const host of ['a', 'b']) hosts.push({ host, seenAgoMs: 0 })
    vi.advanceTimersByTime(4_000)
    expect(pings.mock.calls.length).toBe(7)
    audience.close()
    vi.advanceTimersByTime(10_000)
    expect([pings.mock.calls.length, audience.size]).toEqual([7, 0])
  })

  test('loses who takes nothing for too long, and nobody sooner', async () => {
    const { audience, owner } = admitted({ stalledMs: 3_000 })
    vi.advanceTimersByTime(100)
    const dropped: string[] = []
    const [stalled, reading] = ['stalled', 'reading'].map((name) =>
      audience.admit(owner, undefined, () => dropped.push(name)),
    )
    // The first frame of each is on its way; one of them takes it, and waits for more.
    const reader = reading?.body.getReader()
    await reader?.read()
    const waits = reader?.read()
    const taken = stalled?.body.getReader()
    await taken?.read()
    expect([stalled?.stalledMs(), reading?.stalledMs()]).toEqual([0, 0])
    vi.advanceTimersByTime(3_000)
    expect([stalled?.stalledMs(), reading?.stalledMs()]).toEqual([3_000, 0])
    expect(dropped).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect([dropped, audience.size]).toEqual([['stalled'], 1])
    audience.close()
    await waits
  })
})

test('an id of the stream leads to its batch, if it is of this process and can be told', () => {
  const views = viewsOf(new ScriptedAccount())
  tell()
  const { epoch, batch } = views
  const ids = [`${epoch}-${batch}`, `${epoch}-${batch + 1}`, `x-${batch}`, `${epoch}`, `${epoch}-`, undefined, '']
  expect(ids.map((id) => batchOf(views, id))).toEqual([batch, ...Array(6).fill(undefined)])
})

describe('The page of metrics', () => {
  test('counts the lines of the moment, also after others have come, until it is closed', async () => {
    const source = new ScriptedSource(new ScriptedAccount('a'))
    const views = viewsOf(source)
    const page = new MetricsPage(views, source)
    const text = async () => (await page.answer()).text()
    expect(await text()).toMatch(/account="a"/)
    expect(await text()).not.toMatch(/account="b"/)
    source.add(new ScriptedAccount('b'))
    expect(await text()).toMatch(/account="b"/)
    expect((await page.answer()).headers.get('content-type')).toMatch(/^text\/plain/)
    page.close()
    views.close()
    expect(source.listeners).toBe(0)
  })

  test('says what is missing where it cannot count, and what breaks as it is', async () => {
    const account = new ScriptedAccount()
    const source = new ScriptedSource(account)
    const views = viewsOf(source)
    const broken = async (error: Error) => {
      vi.spyOn(views, 'lines').mockImplementationOnce(() => {
        throw error
      })
      const page = new MetricsPage(views, source)
      const answer = await page.answer().catch((thrown: unknown) => thrown)
      page.close()
      return answer
    }
    expect(await broken(new LifelineError('PROM_CLIENT_MISSING', 'It is missing.', 'Install it.'))).toMatchObject({
      ...{ status: 501, code: 'PROM_CLIENT_MISSING', message: 'It is missing.', remediation: 'Install it.' },
    })
    const other = new Error('broke')
    expect(await broken(other)).toBe(other)
    expect(source.listeners).toBe(1)
  })
})
