import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { TorturedLoop, type TortureLoop } from '../../../src/rehearsal/torture/loop.ts'
import { playStep } from '../../../src/rehearsal/torture/play-step.ts'
import { type StepName, stepNames } from '../../../src/rehearsal/torture/steps.ts'
import { hostOf, type Tortured } from '../../../src/rehearsal/torture/tortured.ts'

const url = 'ws://127.0.0.1:4000/ws'
/** Enough of a socket to be followed. */
function socket(more: object = {}) {
  const ev = Object.assign(new EventEmitter(), { process: () => () => undefined })
  const ws = Object.assign(new EventEmitter(), { isOpen: true, url: 'ws://127.0.0.1:4000/other', close: vi.fn() })
  const methods = { end: vi.fn(), sendNode: vi.fn(), query: vi.fn(), generateMessageTag: vi.fn() }
  const made = {
    ...{ ev, ws, authState: { keys: { get: vi.fn(), set: vi.fn() } } },
    ...methods,
    sendMessage: async (jid: string, { text }: { text: string }) => ({ key: { id: `${text} to ${jid}` } }),
    ...more,
  }
  const update = (one: object) => void ev.emit('connection.update', one)
  return { made, update, ws, ev }
}

function looped(loop: TortureLoop = () => undefined) {
  return new TorturedLoop({ auth: '/auth', number: '4917', loop, clientOptions: { waWebSocketUrl: url } })
}
/** A loop whose sockets are the test's. */
async function following() {
  let follow: (socket: unknown) => void = () => undefined
  const ended = vi.fn()
  const given: unknown[] = []
  const gateway = looped((one) => {
    given.push(one)
    follow = one.onSocket
    return ended
  })
  const scanned: string[] = []
  let refuses = false
  await gateway.link({
    scan: async (code: string) => {
      scanned.push(code)
      if (refuses) throw new Error('too late')
    },
  } as never)
  const refuse = (yes: boolean) => {
    refuses = yes
  }
  return { gateway, follow: (one: unknown) => follow(one), ended, given, scanned, refuse }
}
const settled = () => new Promise(setImmediate)

describe('a loop of an owner', () => {
  test('is given a folder, options that lead to the fake server, and a logger that says nothing', async () => {
    const { given, gateway } = await following()
    expect(given).toEqual([
      expect.objectContaining({
        auth: '/auth',
        clientOptions: { waWebSocketUrl: url },
        onSocket: expect.any(Function),
      }),
    ])
    const { logger } = given[0] as { logger: { child(): unknown; info(): unknown } }
    expect([logger.child(), logger.info()]).toEqual([logger, undefined])
    expect([gateway.calls, gateway.pending, gateway.state, gateway.up]).toEqual([1, 0, 'stopped', false])
    expect(gateway.message).toBe('No socket is open.')
  })

  test('is up while its newest socket is open, and its states are told once each', async () => {
    const { gateway, follow } = await following()
    const one = socket()
    follow(one.made)
    expect([gateway.up, gateway.drained]).toEqual([false, false])
    one.update({ connection: 'open' })
    one.update({ receivedPendingNotifications: true })
    expect([gateway.up, gateway.drained, gateway.message]).toEqual([true, true, 'The socket is open.'])
    one.ws.isOpen = false
    expect(gateway.up).toBe(false)
    one.update({ connection: 'close' })
    expect([gateway.socket, gateway.state, gateway.resting]).toEqual([undefined, 'closed', false])
    const next = socket()
    follow(next.made)
    // What an old socket says is of no account any more.
    one.update({ connection: 'close' })
    next.update({ connection: 'open' })
    expect([gateway.path, gateway.drained]).toEqual([['connecting', 'open', 'closed', 'connecting', 'open'], false])
    expect([gateway.sockets.length, gateway.overlaps]).toEqual([2, 0])
  })

  test('that makes a socket beside one that is open, elsewhere, or none at all is known for it', async () => {
    const { gateway, follow } = await following()
    follow(socket().made)
    follow(socket().made)
    expect([gateway.overlaps, [...gateway.astray]]).toEqual([1, []])
    const elsewhere = socket()
    elsewhere.ws.url = 'wss://example.org/ws'
    follow(elsewhere.made)
    const unknown = socket()
    unknown.ws.url = ''
    follow(unknown.made)
    expect([...gateway.astray]).toEqual(['example.org'])
    follow({})
    expect([...gateway.refusals]).toEqual(['onSocket was not given a Baileys socket'])
    expect(gateway.sockets).toHaveLength(4)
  })

  test('has each code scanned, and asks to be paired only if it shows one after it was linked', async () => {
    const { gateway, follow, scanned, refuse } = await following()
    const one = socket()
    follow(one.made)
    refuse(true)
    one.update({ qr: 'a' })
    await settled()
    refuse(false)
    one.update({ qr: 'b' })
    await settled()
    expect([scanned, gateway.askedToPair, gateway.state]).toEqual([['a', 'b'], false, 'awaitingQr'])
    one.update({ qr: 'c' })
    expect(gateway.askedToPair).toBe(true)
    one.update({ connection: 'open' })
    expect(gateway.askedToPair).toBe(true)
  })

  test.each<[string, TortureLoop, string]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
      'no',
    ],
    ['rejects', () => Promise.reject('words'), 'words'],
  ])('that %s is known for it, and is not pending', async (_, loop, why) => {
    const gateway = looped(loop)
    await expect(gateway.start()).rejects.toBeDefined()
    expect([[...gateway.refusals], gateway.pending, gateway.calls]).toEqual([[why], 0, 1])
    await gateway.stop()
  })

  test('is ended once, by what it returned, and its link is dropped when it is to connect anew', async () => {
    const { gateway, follow, ended } = await following()
    await gateway.reconnect()
    const one = socket()
    follow(one.made)
    await gateway.reconnect()
    expect(one.ws.close).toHaveBeenCalledTimes(1)
    await gateway.stop()
    await gateway.stop()
    expect(ended).toHaveBeenCalledTimes(1)
    await gateway.prune()
    gateway.calm()()
    await looped(() => 'no function').stop()
  })

  test('tells what it reads, keeps what was sent to it, and sends once it is up', async () => {
    const { gateway, follow } = await following()
    const one = socket()
    follow(one.made)
    one.update({ connection: 'open' })
    const heard: string[] = []
    const off = gateway.onHeard(({ text }) => heard.push(text))
    const friend = { name: 'anna', send: vi.fn(async () => undefined) }
    await gateway.hears(friend as never)
    await gateway.hears(friend as never)
    expect([gateway.sent, friend.send.mock.calls]).toEqual([
      ['anna: 1', 'anna: 2'],
      [
        ['4917', 'anna: 1'],
        ['4917', 'anna: 2'],
      ],
    ])
    const tells = (text: string) =>
      one.ev.emit('messages.upsert', {
        messages: [{ key: { id: '1', remoteJid: 'a' }, message: { conversation: text } }],
      })
    tells('anna: 1')
    expect(gateway.allRead).toBe(false)
    off()
    tells('anna: 2')
    expect([gateway.allRead, heard, await gateway.until(() => gateway.allRead, 0)]).toEqual([true, ['anna: 1'], true])
    expect(await gateway.send('anna', 'hi')).toBe('hi to anna')
    Object.assign(one.made, { sendMessage: async () => undefined })
    expect(await gateway.send('anna', 'hi')).toBe('')
    Object.assign(one.made, { sendMessage: undefined })
    await expect(gateway.send('anna', 'hi')).rejects.toThrow('no socket to send with')
  })
})

test.each<[unknown, string | undefined]>([
  [url, '127.0.0.1:4000'],
  [new URL(url), '127.0.0.1:4000'],
  ['no url', undefined],
  [undefined, undefined],
])('a socket to %s goes to the host %s', (given, host) => {
  expect(hostOf(given)).toBe(host)
})

describe('a step', () => {
  let done: unknown[]
  beforeEach(() => {
    done = []
    running = 0
  })
  let running: number
  /** Each takes a few turns, in which nothing else may be done. */
  const did =
    (what: string) =>
    async (...args: unknown[]) => {
      running += 1
      if (running > 1) done.push(['beside another'])
      for (let turn = 0; turn < 9; turn += 1) await Promise.resolve()
      running -= 1
      done.push([what, ...args])
    }
  const friend = (name: string) => ({ name, loseTrack: did(`${name} loses track`) })
  const stage = (more: object = {}) => ({
    server: {
      now: did('now'),
      onNextLogin: (...args: unknown[]) => void done.push(['next login', ...args]),
      unplug: did('unplug'),
      plug: did('plug'),
    },
    gateway: {
      ...{ number: '4917', folder: '/nowhere', friends: [friend('anna'), friend('ben')], socket: undefined },
      ...{ reconnect: did('reconnect'), prune: did('prune'), stop: did('stop'), start: did('start') },
      ...{
        until: async (holds: () => boolean) => {
          // Longer than what else is asked.
          for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
          done.push(['until', holds()])
        },
        hears: did('hears'),
      },
      ...more,
    } as unknown as Tortured,
    at: 0,
  })
  const played = async (name: StepName, more?: object) => {
    await playStep(name, stage(more) as never)
    return done.map((one) => (one as unknown[])[0])
  }

  test.each<[StepName, string[]]>([
    ['503', ['now']],
    ['440', ['now']],
    ['half-open', ['now']],
    ['reset', ['now']],
    ['500-at-login', ['next login', 'reconnect']],
    ['402-at-login', ['next login', 'reconnect']],
    ['garbage', ['next login', 'reconnect']],
    ['portal', ['next login', 'reconnect']],
    ['unplug', ['unplug', 'until', 'plug']],
    ['write', ['hears', 'hears']],
    ['lost-track', ['anna loses track', 'hears']],
    ['reconnect', ['reconnect']],
    ['prune', ['prune']],
    ['restart', ['stop', 'start']],
  ])('%s is made of %j', async (name, parts) => {
    expect(await played(name)).toEqual(parts)
  })

  test('on the link is for this account alone, and so is one at its login; one at the handshake is for whoever comes', async () => {
    await played('503')
    await played('500-at-login')
    await played('garbage')
    expect(done.map((one) => (one as unknown[]).slice(1))).toEqual([
      [expect.objectContaining({ kind: expect.any(String) }), '4917'],
      [expect.any(Object), { account: '4917' }],
      [],
      [{ kind: 'garbage' }],
      [],
    ])
  })

  test('waits without the network until the link is gone', async () => {
    await played('unplug')
    expect(done[1]).toEqual(['until', true])
    done = []
    await played('unplug', { socket: {} })
    expect(done[1]).toEqual(['until', false])
  })

  test('that is refused, or has nobody to go wrong with, breaks nothing off', async () => {
    await played('prune', { prune: () => Promise.reject(new Error('REFUSED')) })
    await played('reconnect', {
      reconnect: () => {
        throw new Error('REFUSED')
      },
    })
    await played('lost-track', { friends: [] })
    expect(done).toEqual([])
    for (const name of stepNames) await expect(playStep(name, {} as never)).resolves.toBeUndefined()
  })
})
