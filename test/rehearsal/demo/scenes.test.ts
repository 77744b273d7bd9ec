import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createStableEmitter } from '../../../src/baileys/emitter.ts'
import { answerEverybody, answerTo } from '../../../src/rehearsal/demo/bot.ts'
import { owner } from '../../../src/rehearsal/demo/cast.ts'
import { Claims } from '../../../src/rehearsal/demo/claims.ts'
import { harmSessions, sha256 } from '../../../src/rehearsal/demo/harm.ts'
import { identityIn } from '../../../src/rehearsal/demo/power-cut.ts'
import { recovery } from '../../../src/rehearsal/demo/recovery.ts'
import { answered, bothWays, everybodyWrites, readBy } from '../../../src/rehearsal/demo/talk.ts'
import { unlinking } from '../../../src/rehearsal/demo/unlinking.ts'
import { checkWreck } from '../../../src/rehearsal/demo/wreck-check.ts'
import { linkedAccount } from '../../stores/account.ts'
import { through, timersAlone } from '../own-clock.ts'

/** What goes wrong in a scene; nothing if it is absent. */
type Wrong = 'nothing' | 'not degraded' | 'not healed' | 'helpers unread' | 'silent unreached' | 'silent unread'

interface Extra {
  readonly name: string
  readonly resends: boolean
  readonly received: string[]
  readonly jid: string
  readonly send: (to: unknown, text: string) => Promise<void>
}

/** From the writing of a message to its answer. */
const arrivesMs = 20

/** Two contacts, of which one sends again, and an account that does as the scene wants, but for what goes wrong. */
function stage(wrong: Wrong = 'nothing', folder = '/nowhere') {
  const told: Record<string, unknown>[] = []
  const inbox = new Set<string>()
  const history: object[] = [{ type: 'transition', at: 0, cause: { kind: 'restart-required' } }]
  const times = new Map<string, number>()
  const notices: string[] = []
  const status: Record<string, unknown> = { state: 'degraded', message: 'It is so.' }
  const calls: unknown[] = []
  const extra = (name: string, resends: boolean): Extra => {
    const contact: Extra = {
      ...{ name, resends, received: [], jid: `${name}@jid` },
      send: async (_to, text) => {
        if (wrong === 'helpers unread' && resends && text.startsWith('Are you back')) return
        if (wrong === 'silent unread' && !resends && text.startsWith('Here I am')) return
        setTimeout(() => {
          inbox.add(text)
          contact.received.push(answerTo(text))
        }, arrivesMs)
      },
    }
    return contact
  }
  const contacts = [extra('Ada', false), extra('Fatou', true)]
  const restart = () => history.push({ type: 'transition', at: Date.now(), cause: { kind: 'restart-required' } })
  const server = {
    peak: () => 1,
    onNextLogin: (_fault: object, options: { times: number }) => {
      calls.push(['next login', options])
      for (let time = 1; time <= options.times; time += 1) setTimeout(restart, time * restartsTake.ms)
    },
    now: (_fault: object, account: string) => {
      calls.push(['now', account])
      status.state = wrong === 'not healed' ? 'conflicted' : 'healthy'
    },
  }
  const phone = {
    unlink: () => {
      calls.push('unlink')
      setTimeout(() => Object.assign(status, { state: 'awaitingQr', qr: { code: 'one', number: 1 } }), 300)
      setTimeout(() => Object.assign(status, { qr: { code: 'two', number: 2 } }), 2_300)
    },
    scan: async (code: string) => {
      calls.push(['scan', code])
      notices.push('relink-needed', 'relinked')
      times.set('healthy', 2)
      Object.assign(status, { state: 'healthy', qr: undefined })
    },
  }
  times.set('healthy', 1)
  const restartsTake = { ms: 0 }
  const line = {
    status,
    start: async () => {
      calls.push('start')
      if (wrong === 'not degraded') return
      setTimeout(() => {
        times.set('degraded', 1)
        Object.assign(record.unreadable, { 'Bad MAC': 5, other: 1 })
      }, arrivesMs)
    },
    history: () => history,
    socket: {
      sendMessage: async (jid: string, { text }: { text: string }) => {
        const to = contacts.find((one) => one.jid === jid)
        if (wrong !== 'silent unreached') setTimeout(() => to?.received.push(text), arrivesMs)
      },
    },
  }
  const record = { times: (state: string) => times.get(state) ?? 0, notices, unreadable: {} }
  const claims = new Claims()
  const all = {
    ...{ cast: { server, phone, contacts, harms: [] }, folder, claims, line, record, inbox },
    tell: (event: Record<string, unknown>) => void told.push(event),
  }
  const made = { claims, told, calls, status, times, notices, contacts, inbox, server, history, restartsTake }
  return { all: all as never, ...made }
}
const failed = ({ list }: Claims) => list.filter(({ held }) => !held).map(({ claim }) => claim)
const played = async <T>(scene: Promise<T>, ms: number): Promise<T> => {
  await vi.advanceTimersByTimeAsync(ms)
  return scene
}

describe('on a clock of its own', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('the recovery is well where the account heals after a 440 and three 515 and everybody reads and is read', async () => {
    const { all, claims, calls, told } = stage()
    expect(await played(recovery(all), 2_000)).toBe(true)
    expect([failed(claims), claims.list.length]).toEqual([[], 4])
    expect(calls).toEqual(['start', ['next login', { account: owner, times: 3 }], ['now', owner]])
    expect(claims.list[0]?.detail).toBe('Bad MAC × 5, other × 1')
    expect(claims.list.at(-1)?.detail).toBe('1 reached, 1 of 1 read')
    expect(claims.spans.map(({ what }) => what)).toEqual([
      'from the reboot to healthy',
      'until every contact that resends was read',
      'until everybody read and was read',
    ])
    expect(claims.spans.every(({ ms }) => ms >= 600 && ms < 2_000)).toBe(true)
    expect(told.filter(({ type }) => type === 'step')).toHaveLength(5)
  })

  test('the recovery waits for each 515 of its own; those of an earlier life are none of them', async () => {
    const { all, claims, restartsTake } = stage()
    restartsTake.ms = 1_000
    await played(recovery(all), 5_000)
    expect(failed(claims)).toEqual([])
    expect(claims.spans[0]?.ms).toBeGreaterThanOrEqual(3_600)
  })

  test.each<[Wrong, boolean, readonly RegExp[]]>([
    ['not degraded', false, [/sees that messages fail/]],
    ['not healed', false, [/heals by itself/]],
    ['helpers unread', true, [/^Contacts that resend/]],
    ['silent unreached', true, [/that never resend/]],
    ['silent unread', true, [/that never resend/]],
  ])('the recovery says what did not hold: %s', async (wrong, healed, claimed) => {
    const { all, claims } = stage(wrong)
    expect(await played(recovery(all), 200_000)).toBe(healed)
    expect(failed(claims)).toEqual(claimed.map((one) => expect.stringMatching(one)))
  })

  test('a line that cannot start is the end of the recovery', async () => {
    const { all, claims } = stage()
    Object.assign(Reflect.get(all, 'line'), { start: () => Promise.reject(new Error('locked')) })
    const ended = recovery(all).catch((error: unknown) => error)
    expect(await played(ended, 2_000)).toMatchObject({ message: 'locked' })
    expect(claims.list).toEqual([])
  })

  test.each<[string, (all: never) => Promise<unknown>]>([
    ['Are you back?', recovery],
    ['Here I am again', recovery],
    ['Linked again?', unlinking],
  ])('a contact that cannot write “%s” is the end of the scene', async (begins, scene) => {
    const { all, contacts } = stage('nothing', '/nowhere')
    for (const contact of contacts) {
      const { send } = contact
      const write = (to: unknown, text: string) =>
        text.startsWith(begins) ? Promise.reject(new Error(`no session: ${begins}`)) : send(to, text)
      Object.assign(contact, { send: write })
    }
    const ended = scene(all).catch((error: unknown) => error)
    expect(await played(ended, 100_000)).toMatchObject({ message: `no session: ${begins}` })
  })

  test('an account that cannot write to those who never resend is the end of the scene', async () => {
    const { all } = stage()
    Object.assign(Reflect.get(all, 'line'), { socket: { sendMessage: () => Promise.reject(new Error('closed')) } })
    const ended = recovery(all).catch((error: unknown) => error)
    expect(await played(ended, 100_000)).toMatchObject({ message: 'closed' })
  })

  test('a run of 515 before the reboot is none of it, nor is what else happens after it', async () => {
    const { all, claims, server, history } = stage()
    const restart = { kind: 'restart-required' }
    for (let at = 1; at < 5; at += 1) history.push({ type: 'transition', at, cause: restart })
    server.onNextLogin = () => {
      const at = Date.now()
      for (const one of [
        { type: 'transition', cause: { kind: 'network' } },
        { type: 'transition' },
        { type: 'close', cause: restart },
      ])
        for (let time = 0; time < 3; time += 1) history.push({ ...one, at })
    }
    expect(await played(recovery(all), 100_000)).toBe(false)
    expect(failed(claims)).toEqual([expect.stringMatching(/heals by itself/)])
  })

  test('nobody is taken to have read, or to be answered, who has not', async () => {
    const { contacts, inbox } = stage()
    const text = ({ name }: { name: string }) => `to ${name}`
    const cast = { phone: 'phone', contacts }
    await everybodyWrites(cast as never, [contacts[0]] as never, text as never)
    await vi.advanceTimersByTimeAsync(arrivesMs)
    expect(readBy(inbox, contacts as never, text as never)).toEqual([contacts[0]])
    expect(answered(contacts as never, text as never)).toEqual([contacts[0]])
    const one = bothWays(inbox, [contacts[0]] as never, text as never, 100)
    expect(await one).toBe(true)
    const both = bothWays(inbox, contacts as never, text as never, 100)
    expect(await played(both, 200)).toBe(false)
    // Who was answered, by whatever it was, and not read.
    contacts[1]?.received.push(answerTo('to Fatou'))
    expect(await played(bothWays(inbox, contacts as never, text as never, 100), 200)).toBe(false)
    contacts[1]?.received.pop()
    inbox.add('to Fatou')
    expect(await played(bothWays(inbox, contacts as never, text as never, 100), 200)).toBe(false)
  })

  test('the bot reads and answers each text of others once, and nothing else', async () => {
    const { ev } = createStableEmitter(() => undefined)
    const sent: unknown[] = []
    const read: unknown[] = []
    const sendMessage = async (...args: unknown[]) => {
      sent.push(args)
      throw new Error('cut')
    }
    const line = { ev, socket: { sendMessage } }
    answerEverybody(line as never, (one) => read.push(one))
    const key = { id: '1', remoteJid: 'a@jid', fromMe: false }
    const messages = [
      { key, message: { conversation: 'hi' } },
      { key, message: { extendedTextMessage: { text: 'long' } } },
      { key: { ...key, fromMe: true }, message: { conversation: 'own' } },
      { key: { ...key, id: null }, message: { conversation: 'x' } },
      { key: { ...key, remoteJid: null }, message: { conversation: 'x' } },
      { key },
    ]
    ev.emit('messages.upsert', { type: 'notify', messages: messages as never })
    await vi.advanceTimersByTimeAsync(0)
    expect(read).toEqual([
      { id: '1', from: 'a@jid', text: 'hi' },
      { id: '1', from: 'a@jid', text: 'long' },
    ])
    expect(sent).toEqual([
      ['a@jid', { text: 'You wrote: hi' }],
      ['a@jid', { text: 'You wrote: long' }],
    ])
  })
})

describe('with a folder', () => {
  afterEach(() => void vi.useRealTimers())

  test('the unlinking is well where the second code is scanned, the owner was told, and the dead credentials are kept', async () => {
    const { folder, store } = await linkedAccount()
    await store.quarantine({ kind: 'everything' }, 'test')
    timersAlone()
    const { all, claims, calls, told } = stage('nothing', folder)
    await through(unlinking(all))
    expect([failed(claims), claims.list.length]).toEqual([[], 6])
    expect(calls).toEqual(['unlink', ['scan', 'two']])
    expect(told.filter(({ type }) => type === 'code').map(({ code }) => code)).toEqual(['one', 'two'])
    expect(claims.spans.map(({ what }) => what)).toEqual([
      'from the unlinking to a code',
      'from the unlinking to healthy',
    ])
    const [toCode = 0, toHealthy = 0] = claims.spans.map(({ ms }) => ms)
    expect([toCode >= 300, toCode < 1_000]).toEqual([true, true])
    // The second code is shown for half of its time before it is scanned.
    expect([toHealthy >= 2_300 + 1_250, toHealthy < 6_000]).toEqual([true, true])
    const steps = told.flatMap(({ type, text }) => (type === 'step' ? [text] : []))
    expect(steps).toEqual([
      'The phone unlinks the device.',
      'Nobody scanned it in time: the next code.',
      'The phone scans the code.',
      '2 of 2 contacts write to the new link, are read, and read the answers.',
    ])
  })

  test('the unlinking says that nobody was told, and that nothing was kept', async () => {
    const { folder, store } = await linkedAccount()
    await store.quarantine({ kind: 'all-sessions' }, 'test')
    timersAlone()
    const { all, claims, notices } = stage('nothing', folder)
    notices.push = () => 0
    await through(unlinking(all))
    expect(failed(claims)).toEqual([expect.stringMatching(/owner was told/), expect.stringMatching(/dead credentials/)])
  })

  test('without a code, or without its successor, the unlinking ends with that', async () => {
    timersAlone()
    const { all, claims, status } = stage()
    Object.defineProperty(status, 'qr', { value: undefined })
    Object.assign(Reflect.get(Reflect.get(all as object, 'cast'), 'phone'), { unlink: () => undefined })
    await through(unlinking(all))
    expect(failed(claims)).toEqual([expect.stringMatching(/A code appears/)])
    const other = stage()
    Object.assign(Reflect.get(Reflect.get(other.all as object, 'cast'), 'phone'), {
      unlink: () => Object.assign(other.status, { qr: { code: 'one', number: 1 } }),
    })
    await through(unlinking(other.all))
    expect(failed(other.claims)).toEqual([expect.stringMatching(/lets the code expire/)])
  })

  test.each<[string, object, readonly RegExp[]]>([
    ['nothing', {}, []],
    ['a file that is nowhere', { sha256: 'gone' }, [/byte for byte/]],
    ['a foreign session whose contact sends again', { sha256: 'gone', harm: 'foreign', resends: true }, []],
    ['a foreign session whose contact does not', { sha256: 'gone', harm: 'foreign' }, [/byte for byte/]],
    ['a torn one whose contact sends again', { sha256: 'gone', resends: true }, [/byte for byte/]],
  ])('of a wreck is missed %s', async (_, more, claimed) => {
    const { folder, store } = await linkedAccount()
    const before = await readFile(join(folder, 'session-491.0.json'))
    await store.quarantine({ kind: 'all-sessions' }, 'test')
    const { all, claims } = stage('nothing', folder)
    const file = { contact: 'Ada', harm: 'empty', sha256: sha256(before), resends: false, ...more }
    await checkWreck(all, { files: [file], identity: await identityIn(folder) } as never)
    expect(failed(claims)).toEqual(claimed.map((one) => expect.stringMatching(one)))
    expect(claims.list).toHaveLength(4)
  })

  test('of a wreck is missed another identity, a code that was shown, and a second connection', async () => {
    const { folder } = await linkedAccount()
    const { all, claims, times, server } = stage('nothing', folder)
    times.set('awaitingQr', 1)
    server.peak = () => 2
    await checkWreck(all, { files: [], identity: 'another' })
    expect(failed(claims)).toHaveLength(3)
  })

  test('session files are damaged each in its own way, of those contacts alone, and told as they were and are', async () => {
    const { folder, store } = await linkedAccount()
    await store.release()
    const contact = (number: string, lid?: string) => ({ name: number, number, lid, resends: true })
    const path = (name: string) => join(folder, name)
    await writeFile(path('session-99_1.0.json'), '{"half": 1}')
    await writeFile(path('session-98.0.json'), '{"whole": 1}')
    const rest = await readFile(path('session-493.12.json'))
    const done = await harmSessions(folder, [
      { contact: contact('491') as never, harm: 'empty' },
      { contact: contact('492') as never, harm: 'nul-filled' },
      { contact: contact('7', '99@lid') as never, harm: 'half-written' },
      { contact: contact('98') as never, harm: 'foreign' },
      { contact: contact('49') as never, harm: 'empty' },
    ])
    expect(done.map(({ file, harm }) => [file, harm])).toEqual([
      ['session-491.0.json', 'empty'],
      ['session-492.0.json', 'nul-filled'],
      ['session-99_1.0.json', 'half-written'],
      ['session-98.0.json', 'foreign'],
    ])
    for (const { file, bytes, sha256: sum } of done) {
      const now = await readFile(path(file))
      expect([now.length, sha256(now)]).toEqual([bytes, sum])
    }
    const [empty, nul, half] = done
    expect([empty?.bytes, half?.bytesBefore, half?.bytes, nul?.bytes === nul?.bytesBefore]).toEqual([0, 11, 5, true])
    expect((await readFile(path('session-492.0.json'))).every((byte) => byte === 0)).toBe(true)
    expect(JSON.parse(await readFile(path('session-98.0.json'), 'utf8'))).toHaveProperty('_sessions')
    expect(await readFile(path('session-493.12.json'))).toEqual(rest)
  })
})
