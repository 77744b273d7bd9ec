import { type AuthenticationCreds, proto } from '@whiskeysockets/baileys'
import { describe, expect, test, vi } from 'vitest'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import { AuthStoreError, LifelineError, LockedError } from '../../src/errors/errors.ts'
import type { Status } from '../../src/index.ts'
import { gate } from '../gate.ts'
import { link } from '../stores/account.ts'
import { ScriptedSocket, scriptedLine } from './scripted-line.ts'
import { storeWith } from './stores.ts'

const never = () => new Promise<never>(() => undefined)
const failing = (message: string) => async () => {
  throw new Error(message)
}
/** How a promise ends, without an error that nobody caught. */
const end = (promise: Promise<unknown>) =>
  promise.then(
    () => 'well',
    (error: unknown) => (error instanceof LifelineError ? error.code : String(error)),
  )

describe('a life', () => {
  test('leaves nothing behind: no timer, no socket, no owner, and its last status says that it is stopped', async () => {
    const guarded: string[] = []
    const guard = () => {
      guarded.push('on')
      return () => void guarded.push('off')
    }
    const one = await scriptedLine({ internals: { guard } })
    const timers = vi.getTimerCount()
    await one.up()
    const { socket } = one
    expect([one.line.socket, one.live]).toEqual([socket, [socket]])
    expect(guarded).toEqual(['on'])
    expect(await one.store.owned()).toBe(true)
    const stopping = one.line.stop()
    expect(one.line.stop()).toBe(stopping)
    await one.settled()
    await stopping
    expect(guarded).toEqual(['on', 'off'])
    expect([one.line.socket, one.live.at(-1)]).toEqual([undefined, undefined])
    expect(socket.asked).toEqual(['end'])
    expect(vi.getTimerCount()).toBe(timers)
    expect(await one.store.owned()).toBe(false)
    expect(one.path).toEqual(['preparing', 'connecting', 'healthy', 'stopped'])
    expect(one.line.history().at(-1)).toMatchObject({ type: 'stop' })
    expect(one.line.history().filter(({ type }) => type === 'stop')).toHaveLength(1)
    expect(one.troubles).toEqual([])
    await one.store.acquire()
    expect(await one.store.readFacts()).toMatchObject({ clean: true })
    await one.store.release()
    // What comes over an old socket is told to nobody.
    const heard = vi.fn()
    one.line.ev.on('connection.update', heard)
    socket.ev.emit('connection.update', { isOnline: true })
    expect(heard).not.toHaveBeenCalled()
  })

  test('begins again after its end, with the same listeners, and tells each status once', async () => {
    const one = await scriptedLine()
    await one.up()
    await one.line.stop()
    await one.up()
    expect(one.sockets).toHaveLength(2)
    expect(one.path.slice(3)).toEqual(['stopped', 'preparing', 'connecting', 'healthy'])
    expect(one.statuses.every((status, at, all) => JSON.stringify(status) !== JSON.stringify(all[at - 1]))).toBe(true)
    expect(one.line.status).toBe(one.line.status)
  })

  test('begins once, however often it is asked to', async () => {
    const one = await scriptedLine()
    await Promise.all([one.line.start(), one.line.start()])
    await one.up()
    await one.line.start()
    expect(one.sockets).toHaveLength(1)
    expect(one.line.history().filter(({ type }) => type === 'start')).toHaveLength(1)
  })

  test('that is asked to begin while it ends begins after it, unless it is asked to end once more', async () => {
    const one = await scriptedLine()
    await one.up()
    void one.line.stop()
    const again = end(one.line.start())
    await one.settled()
    expect([await again, one.state]).toEqual(['well', 'connecting'])
    void one.line.stop()
    const never = end(one.line.start())
    void one.line.stop()
    await one.settled()
    expect([await never, one.state]).toEqual(['STOPPED', 'stopped'])
    expect(await end(one.line.start())).toBe('well')
  })

  test('goes on after a logout over its own socket when it is asked to begin, and only then', async () => {
    const one = await scriptedLine()
    await one.up()
    await one.socket.logout()
    await one.settled()
    expect(one.state).toBe('stopped')
    await one.line.start()
    await one.settled()
    expect(one.state).not.toBe('stopped')
    expect(one.line.history().filter(({ type }) => type === 'start')).toHaveLength(1)
  })

  test('keeps what is to be done while the process exits until it has ended, facts and end included', async () => {
    let exit: (clean: boolean) => void = () => undefined
    const taken: string[] = []
    const endNow = vi.fn()
    const one = await scriptedLine({
      store: (store) => storeWith(store, { endNow }),
      internals: {
        atExit: (step) => {
          exit = step
          return () => void taken.push(`back, ${one.state}`)
        },
      },
    })
    exit(true)
    expect(endNow).not.toHaveBeenCalled()
    await one.up()
    exit(false)
    exit(true)
    expect(endNow.mock.calls).toEqual([
      [expect.objectContaining({ clean: false }), { type: 'stop', at: Date.now() }],
      [expect.objectContaining({ clean: true }), { type: 'stop', at: Date.now() }],
    ])
    expect(taken).toEqual([])
    await one.line.stop()
    expect(taken).toEqual(['back, stopped'])
  })
})

describe('a begin', () => {
  const locked = (freeAt?: number) => new LockedError('the rows', { pid: 1, hostname: 'elsewhere' } as never, freeAt)

  test.each<[string, unknown, boolean, string]>([
    ['of whose owner nobody sees whether it lives is waited for', 'free', true, 'well'],
    ['of whose owner nobody sees whether it lives is refused where that is asked', 'free', false, 'AUTH_STORE_LOCKED'],
    ['whose owner lives is refused', undefined, true, 'AUTH_STORE_LOCKED'],
    ['that cannot be had at all is refused', new Error('EIO'), true, 'Error: EIO'],
  ])('on an account %s', async (_, why, waitForLock, outcome) => {
    const error = why instanceof Error ? why : locked(why === undefined ? undefined : Date.now() + 60_000)
    const release = vi.fn(async () => undefined)
    const one = await scriptedLine({
      waitForLock,
      store: (store) =>
        storeWith(store, {
          acquire: async () => {
            throw error
          },
          ...{ owned: async () => false, release },
        }),
    })
    expect(await end(one.line.start())).toBe(outcome)
    await one.settled()
    expect(one.state).toBe(outcome === 'well' ? 'blocked' : 'stopped')
    expect(one.troubles).toEqual([])
  })

  test('that fails gives the account back, is told as it was, and can be tried again', async () => {
    let broken = true
    const one = await scriptedLine({
      store: (store) =>
        storeWith(store, {
          readFacts: async () => {
            if (broken) throw new Error('EIO')
            return undefined
          },
        }),
    })
    expect(await end(one.line.start())).toBe('Error: EIO')
    expect(await one.store.owned()).toBe(false)
    broken = false
    await one.up()
    expect(one.state).toBe('healthy')
  })

  test('with a history that cannot be read is told of, and goes on', async () => {
    const one = await scriptedLine({ store: (store) => storeWith(store, { readHistory: failing('EIO') }) })
    await one.up()
    expect(one.troubles).toEqual(['reading the history: EIO'])
  })

  test('knows what the run before left, however long the disk takes over it', async () => {
    const lastSeenAt = Date.now() - 60_000
    const one = await scriptedLine({
      store: (store) =>
        storeWith(store, {
          readHistory: async () => {
            await new Promise((resolve) => setTimeout(resolve, 1_000))
            return [{ type: 'alive', at: lastSeenAt }]
          },
        }),
    })
    const starting = one.line.start()
    await vi.advanceTimersByTimeAsync(1_000)
    await starting
    expect(one.line.history().slice(0, 2)).toEqual([
      { type: 'alive', at: lastSeenAt },
      { type: 'start', at: Date.now(), mode: 'heal', unclean: true, lastSeenAt },
    ])
  })

  test('that hangs does not hold up an end, and gives the account back if it ever goes on', async () => {
    let isSlow = false
    const { reached, pass, wait } = gate()
    const one = await scriptedLine({
      store: (store) =>
        storeWith(store, {
          readFacts: async () => {
            if (isSlow) await wait()
            return undefined
          },
        }),
    })
    await one.up()
    await one.line.stop()
    isSlow = true
    const starting = end(one.line.start())
    await reached
    let isOver = false
    const stopping = one.line.stop().then(() => {
      isOver = true
    })
    await vi.advanceTimersByTimeAsync(3_999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await stopping
    pass()
    expect(await starting).toBe('STOPPED')
    expect([one.state, await one.store.owned(), one.sockets.length]).toEqual(['stopped', false, 1])
    expect(vi.getTimerCount()).toBe(0)
    isSlow = false
    await one.up()
    expect(one.state).toBe('healthy')
  })

  test('with messages that are to be kept in a store that has no place for them says so, once', async () => {
    const one = await scriptedLine({
      policy: { resend: { keep: 'store' } },
      store: (store) => Object.assign(store, { sent: undefined }),
    })
    await one.up()
    expect(one.troubles).toEqual([
      'keeping what was sent in the store: this store has no place for it, so it is kept in memory',
    ])
  })
})

describe('an end', () => {
  test('that is asked for again does nothing more, and nor does one before any begin', async () => {
    const release = vi.fn()
    const one = await scriptedLine({
      store: (store) =>
        storeWith(store, {
          release: () => {
            release()
            return store.release()
          },
        }),
    })
    await one.line.stop()
    expect([release.mock.calls.length, one.line.history()]).toEqual([0, []])
    await one.up()
    await one.line.stop()
    const { length } = one.statuses
    await one.line.stop()
    expect([release.mock.calls.length, one.statuses.length]).toEqual([1, length])
    await expect(one.line.logout()).resolves.toBeUndefined()
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('has its steps one after the other: what runs on the store, the facts, the word in the history, the account back', async () => {
    const done: string[] = []
    let isEnding = false
    const slow = async (what: string, ms: number) => {
      if (!isEnding) return
      await new Promise((resolve) => setTimeout(resolve, ms))
      done.push(what)
    }
    const held = gate()
    const one = await scriptedLine({
      store: (store) =>
        storeWith(store, {
          inspect: async (look) => {
            if (isEnding) await held.wait()
            return store.inspect(look)
          },
          writeFacts: async (facts) => {
            await slow(`facts ${facts && Reflect.get(facts, 'clean')}`, 300)
            return store.writeFacts(facts)
          },
          appendHistory: async (entry) => {
            await slow(`history ${Reflect.get(entry as object, 'type')}`, 200)
            return store.appendHistory?.(entry)
          },
          release: async () => {
            await slow('account back', 100)
            return store.release()
          },
        }),
    })
    await one.up()
    isEnding = true
    await one.line.reconnect()
    await vi.advanceTimersByTimeAsync(1_000)
    await held.reached
    done.length = 0
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(done.filter((what) => /true|back/.test(what))).toEqual([])
    held.pass()
    await vi.advanceTimersByTimeAsync(2_900)
    await stopping
    expect(done.filter((what) => /true|stop|back/.test(what))).toEqual(['facts true', 'history stop', 'account back'])
    expect([one.troubles, one.line.history().filter(({ type }) => type === 'stop').length]).toEqual([[], 1])
  })

  test('waits until what was sent is written', async () => {
    let end: () => void = () => undefined
    const written: unknown[] = []
    const append = (entries: readonly unknown[]) =>
      new Promise<void>((resolve) => {
        written.push(...entries)
        end = resolve
      })
    const sent = { read: async () => [], append, replace: append }
    const one = await scriptedLine({
      policy: { resend: { keep: 'store' } },
      store: (store) => Object.assign(store, { sent }),
    })
    await one.up()
    const key = { id: 'M1', remoteJid: '4915@s.whatsapp.net', fromMe: true }
    one.socket.ev.emit('messages.upsert', {
      messages: [{ key, message: proto.Message.fromObject({ conversation: 'x' }), status: 1 }],
    })
    let isOver = false
    const stopping = one.line.stop().then(() => {
      isOver = true
    })
    await vi.advanceTimersByTimeAsync(2_000)
    expect([written.length, isOver]).toEqual([1, false])
    end()
    await one.settled()
    await stopping
    expect(one.troubles).toEqual([])
  })

  test('in the middle of all kinds of trouble leaves no timer, and writes down what was counted', async () => {
    let isFull = false
    const one = await scriptedLine({
      store: (store) =>
        storeWith(store, {
          writeFacts: async (facts) => {
            if (isFull) throw new AuthStoreError('AUTH_STORE_DISK', 'full', 'free some')
            return store.writeFacts(facts)
          },
        }),
    })
    const timers = vi.getTimerCount()
    await one.up()
    const { socket } = one
    const friend = '4915@s.whatsapp.net'
    const key = { id: 'X', remoteJid: friend, fromMe: false }
    // Somebody cannot be read, somebody cannot read, something came late, and the disk is full.
    const stub = { messageStubType: 2, messageStubParameters: ['No matching sessions found for message'] }
    const unread = ['a', 'b', 'c'].map((id) => ({ key: { ...key, id }, ...stub }))
    socket.ev.emit('messages.upsert', { type: 'notify', messages: unread })
    for (const id of ['1', '2', '3']) {
      const content = [{ tag: 'retry', attrs: { count: '1' } }]
      socket.ws.emit('CB:receipt', { tag: 'receipt', attrs: { id, from: friend, type: 'retry' }, content })
    }
    socket.ev.emit('messages.upsert', { type: 'append', messages: [{ key, message: { conversation: 'late' } }] })
    isFull = true
    socket.close(503)
    await one.settled()
    await vi.advanceTimersByTimeAsync(500)
    expect(one.line.status.message).toContain('full')
    expect(one.line.retriesAsked).toEqual({ contacts: 3, own: 0 })
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(100)
    await stopping
    expect(vi.getTimerCount()).toBe(timers)
    const counted = one.line.history().filter(({ type }) => type === 'arrived')
    expect(counted).toEqual([{ type: 'arrived', at: expect.any(Number), late: 1, unread: 0, reread: 0 }])
    expect(one.line.history().findLast(({ type }) => type !== 'trouble')).toMatchObject({ type: 'stop' })
    // A new run begins with a clean sheet.
    isFull = false
    await one.up()
    expect(one.line.status.message).not.toContain('full')
    expect(one.line.actor?.getSnapshot().context.outbound.level).toBe('fine')
  })

  test.each<[string, object, string[]]>([
    ['with a disk that takes no facts', { writeFacts: never }, ['stopping: what had not ended in time was cut off']],
    ['with a lock that nobody gives back', { release: never }, ['releasing the folder: the disk does not answer']],
    ['with a lock that cannot be given back', { release: failing('EIO') }, ['releasing the folder: EIO']],
    [
      'with a history that nobody writes',
      { appendHistory: never },
      ['stopping: what had not ended in time was cut off'],
    ],
  ])('%s comes within 5 s, and is told', async (_, methods, troubles) => {
    let isBroken = false
    const lame = Object.fromEntries(
      Object.entries(methods).map(([name, step]) => [name, (...args: unknown[]) => isBroken && step(...args)]),
    )
    const one = await scriptedLine({
      store: (store) => {
        const own = storeWith(store, {})
        const parts = Object.entries(lame).map(([name, step]) => [
          name,
          (...args: unknown[]) => step(...args) || Reflect.get(store, name).apply(store, args),
        ])
        return storeWith(own, Object.fromEntries(parts))
      },
    })
    await one.up()
    isBroken = true
    let isOver = false
    const stopping = one.line.stop().then(() => {
      isOver = true
    })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(isOver).toBe(true)
    await stopping
    expect(one.troubles).toEqual(troubles)
    expect([one.state, one.line.socket]).toEqual(['stopped', undefined])
  })

  test('that takes a while, within its time, tells nothing of it', async () => {
    let isSlow = false
    const one = await scriptedLine({
      store: (store) =>
        storeWith(store, {
          writeFacts: async (facts) => {
            if (isSlow) await new Promise((resolve) => setTimeout(resolve, 3_000))
            return store.writeFacts(facts)
          },
        }),
    })
    await one.up()
    isSlow = true
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(2_999)
    expect(await one.store.owned()).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    await stopping
    expect([one.troubles, one.state]).toEqual([[], 'stopped'])
  })

  test('gives a socket the time that it takes to close', async () => {
    const one = await scriptedLine()
    await one.up()
    const { socket } = one
    const terminate = vi.fn()
    Object.assign(socket.ws, { socket: { terminate } })
    socket.ends = false
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(500)
    // Whatever is told meanwhile.
    const evidence = { level: 'failing', suspected: true, addresses: ['4915.0'], curable: [], messages: 3 } as const
    one.line.actor?.send({ type: 'evidence.changed', evidence })
    await vi.advanceTimersByTimeAsync(500)
    expect([socket.asked, terminate.mock.calls]).toEqual([['end'], []])
    socket.close()
    await vi.advanceTimersByTimeAsync(0)
    await stopping
    expect(one.troubles).toEqual([])
  })

  test('with a socket that does not close comes in time, and the socket is cut', async () => {
    const one = await scriptedLine()
    await one.up()
    one.socket.ends = false
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(5_000)
    await stopping
    expect(one.state).toBe('stopped')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that has used its time up leaves a channel less of it', async () => {
    let isSlow = false
    const one = await scriptedLine({
      notify: { name: 'mail', open: () => ({ tell: () => undefined, close: never }) },
      store: (store) => storeWith(store, { writeFacts: async (facts) => (isSlow ? never() : store.writeFacts(facts)) }),
    })
    await one.up()
    isSlow = true
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(4_299)
    expect(await one.store.owned()).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    await stopping
    expect(one.troubles).toEqual([
      'stopping: what had not ended in time was cut off',
      'stopping: a notice channel has not ended in time',
    ])
  })

  test('with a channel that does not end is told, and waits no second longer for it', async () => {
    const one = await scriptedLine({ notify: { name: 'mail', open: () => ({ tell: () => undefined, close: never }) } })
    await one.up()
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(999)
    expect(await one.store.owned()).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    await stopping
    expect(one.troubles).toEqual(['stopping: a notice channel has not ended in time'])
    expect(await one.store.owned()).toBe(false)
  })
})

describe('what a line tells', () => {
  test('is each code once, whatever else is told meanwhile, and once more when its pairing code comes', async () => {
    let meets: (failure: Error | undefined) => void = () => undefined
    const onTrouble = (listener: typeof meets) => {
      meets = listener
      return () => undefined
    }
    const one = await scriptedLine({ linked: false, store: (store) => storeWith(store, { onTrouble }) })
    await one.line.start()
    await one.settled()
    const { socket } = one
    socket.update({ qr: 'first' })
    await one.settled()
    const { length } = one.statuses
    meets(new Error('full'))
    expect([one.statuses.length, one.codes.length]).toEqual([length + 1, 1])
    meets(undefined)
    const code = one.line.requestPairingCode('4917012345678')
    await one.dialled()
    one.socket.update({ qr: 'again' })
    await one.settled()
    one.socket.ws.emit('CB:iq,,link_code_companion_reg')
    await one.settled()
    expect(await code).toBe('ABCD1234')
    const shown = one.codes.map((qr) => [Reflect.get(qr as object, 'code'), Reflect.get(qr as object, 'pairingCode')])
    expect(shown[0]).toEqual(['first', undefined])
    expect(shown.slice(-2)).toEqual([
      ['again', undefined],
      ['again', 'ABCD1234'],
    ])
    expect(new Set(shown.map(String)).size).toBe(shown.length)
  })

  test('is a notice in the language of the owner, and in English in the history', async () => {
    const one = await scriptedLine({ linked: false, language: 'de' })
    await one.line.start()
    await one.settled()
    expect(one.notices.map(({ kind }) => kind)).toEqual(['relink-needed'])
    const [said] = one.notices
    const kept = one.line.history().find((entry) => entry.type === 'notice')
    expect(said?.message).toMatch(/ist|nicht|verknüpft/)
    expect(kept).toMatchObject({ kind: 'relink-needed', message: expect.stringContaining('linked') })
  })

  test('is the same status until something changes, and when messages last passed', async () => {
    const one = await scriptedLine()
    await one.up()
    const status: Status = one.line.status
    expect(one.line.status).toBe(status)
    expect(status).not.toHaveProperty('messagesWaiting')
    one.socket.ws.emit('CB:message', { tag: 'message', attrs: { id: 'X', from: '4915@s.whatsapp.net' } })
    one.socket.ev.emit('messages.upsert', {
      type: 'notify',
      messages: [{ key: { id: 'X', fromMe: false, remoteJid: '4915@s.whatsapp.net' }, message: { conversation: 'x' } }],
    })
    await one.settled()
    const { status: after } = one.line
    expect(after).not.toBe(status)
    expect(after).toMatchObject({ ...status, lastInboundAt: Date.now() })
    expect(one.line.status).toBe(after)
    expect(one.line.retriesAsked).toEqual({ contacts: 0, own: 0 })
  })

  test('says how many messages wait to be taken in, while any do', async () => {
    const one = await scriptedLine({
      connect: (given) => {
        const socket = Object.assign(new ScriptedSocket(given), {
          messageMutex: { mutex: (work: () => unknown) => work() },
        })
        one.sockets.push(socket)
        return socket as unknown as BaileysSocket
      },
    })
    await one.up()
    const held = gate()
    const { messageMutex } = one.socket as unknown as { messageMutex: { mutex(work: () => unknown): Promise<unknown> } }
    const taken = messageMutex.mutex(held.wait)
    const { status } = one.line
    expect(status).toMatchObject({ state: 'healthy', messagesWaiting: 1 })
    expect(one.line.status).toBe(status)
    held.pass()
    await taken
    expect(one.line.status).not.toHaveProperty('messagesWaiting')
  })

  test('of what the process met by itself is told once, and of nothing after its end', async () => {
    let stray: (reason: unknown) => void = () => undefined
    const guard = (told: typeof stray) => {
      stray = told
      return () => undefined
    }
    const one = await scriptedLine({ internals: { guard } })
    await one.up()
    stray(new Error('Bad MAC'))
    stray(new Error('Bad MAC'))
    expect(one.troubles).toEqual(['work that Baileys left behind: Bad MAC'])
  })
})

test('whoever waits for a healthy account gets its socket, also the next one, or gives up', async () => {
  const one = await scriptedLine()
  await one.line.start()
  const waiting = one.line.whenHealthy()
  await one.reconnected(0)
  expect(await waiting).toBe(one.socket)
  one.socket.close()
  await one.settled()
  const giving = new AbortController()
  const given = end(one.line.whenHealthy({ signal: giving.signal }))
  giving.abort(new Error('enough'))
  expect(await given).toBe('Error: enough')
  const next = one.line.whenHealthy()
  await one.reconnected()
  expect(await next).toBe(one.sockets[1])
})

test('what was set aside comes back while supervision pauses', async () => {
  const one = await scriptedLine()
  await one.up()
  await one.line.stop()
  await one.store.acquire()
  const entry = await one.store.quarantine({ kind: 'everything' }, 'test')
  await one.store.release()
  await one.line.start()
  await one.settled()
  expect((await one.line.quarantined()).map(({ id }) => id)).toEqual([entry?.id])
  const before = one.sockets.length
  const restoring = one.line.restore(entry?.id ?? '')
  await one.reconnected(before)
  expect(await restoring).toContain('creds.json')
  expect([one.state, one.path.filter((state) => state === 'stopped').length]).toEqual(['healthy', 2])
})

test('a stop that comes while files are put back waits for them', async () => {
  const held = gate()
  const one = await scriptedLine({
    store: (store) =>
      storeWith(store, {
        restore: async (...given) => {
          await held.wait()
          return store.restore(...given)
        },
      }),
  })
  await one.up()
  await one.line.stop()
  await one.store.acquire()
  const { id = '' } = (await one.store.quarantine({ kind: 'everything' }, 'test')) ?? {}
  await one.store.release()
  await one.line.start()
  await one.settled()
  const restoring = end(one.line.restore(id))
  await vi.advanceTimersByTimeAsync(5_000)
  await held.reached
  let isOver = false
  const stopping = one.line.stop().then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(3_000)
  expect(isOver).toBe(false)
  held.pass()
  await stopping
  expect([await restoring, one.state, await one.store.owned()]).toEqual(['well', 'stopped', false])
})

describe('a run after another', () => {
  const anna = '4915@s.whatsapp.net'
  const bob = '4916@s.whatsapp.net'

  test('holds nothing of before against anybody', async () => {
    const one = await scriptedLine({ policy: { decrypt: { failingIds: 1 }, outbound: { failingIds: 1 } } })
    /** A message that cannot be read, and a question for one that could not be read there. */
    const meets = async (contact: string) => {
      const stub = { messageStubType: 2, messageStubParameters: ['No matching sessions found for message'] }
      const content = [{ tag: 'enc', attrs: { type: 'msg', v: '2' } }]
      one.socket.ws.emit('CB:message', { tag: 'message', attrs: { id: `of ${contact}`, from: contact }, content })
      const key = { id: `of ${contact}`, remoteJid: contact }
      one.socket.ev.emit('messages.upsert', { messages: [{ key, ...stub }], type: 'notify' })
      for (const id of ['M1', 'M2', 'M3'])
        one.socket.ws.emit('CB:receipt', {
          ...{ tag: 'receipt', attrs: { id, from: contact, type: 'retry' } },
          content: [{ tag: 'retry', attrs: { count: '1' } }],
        })
      await vi.advanceTimersByTimeAsync(300_000)
    }
    const counted = () =>
      one.line
        .history()
        .flatMap((entry) =>
          (entry.type === 'unreadable' || entry.type === 'unheard') && entry.contacts > 0
            ? [`${entry.contacts} ${entry.type}`]
            : [],
        )
    await one.up()
    await meets(anna)
    const first = counted()
    expect([...new Set(first)].sort()).toEqual(['1 unheard', '1 unreadable'])
    await one.line.stop()
    await one.up()
    await meets(bob)
    const later = counted().slice(first.length)
    expect([...new Set(later)].sort()).toEqual(['1 unheard', '1 unreadable'])
  })

  test('begins once what was sent before is read, and is asked for it', async () => {
    const read = gate()
    const message = Buffer.from(proto.Message.encode({ conversation: 'of before' }).finish()).toString('base64')
    const sent = {
      read: async () => {
        await read.wait()
        return [{ id: 'M1', to: anna, at: Date.now(), message }]
      },
      append: async () => undefined,
      replace: async () => undefined,
    }
    const one = await scriptedLine({
      policy: { resend: { keep: 'store' } },
      store: (store) => Object.assign(store, { sent }),
    })
    void one.line.start()
    await vi.advanceTimersByTimeAsync(1_000)
    expect([one.sockets, one.state]).toEqual([[], 'stopped'])
    read.pass()
    await one.dialled(0)
    const key = { id: 'M1', remoteJid: anna, fromMe: true }
    expect(await one.socket.given.getMessage(key)).toMatchObject({ conversation: 'of before' })
  })

  test('keeps what is sent in memory alone where the policy says so, although the store has a place for it', async () => {
    const sent = { read: vi.fn(async () => []), append: vi.fn(async () => undefined), replace: vi.fn() }
    const one = await scriptedLine({
      policy: { resend: { keep: 'memory' } },
      store: (store) => Object.assign(store, { sent, ownFolder: '/its/own' }),
    })
    await one.up()
    const key = { id: 'M1', remoteJid: anna, fromMe: true }
    one.socket.ev.emit('messages.upsert', {
      messages: [{ key, message: proto.Message.fromObject({ conversation: 'x' }), status: 1 }],
    })
    expect(await one.socket.given.getMessage(key)).toMatchObject({ conversation: 'x' })
    await one.line.stop()
    expect([sent.read, sent.append, sent.replace].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0])
    expect(Reflect.get(one.line, 'ownFolder')).toBe('/its/own')
  })

  test('of credentials that are new knows nothing of what was sent with the old, in the store neither', async () => {
    const cleared = gate()
    const sent = {
      read: async () => [],
      append: async () => undefined,
      replace: async (entries: readonly unknown[]) => {
        if (entries.length === 0) await cleared.wait()
      },
    }
    const one = await scriptedLine({
      policy: { resend: { keep: 'store' } },
      store: (store) => Object.assign(store, { sent }),
    })
    await one.up()
    const key = { id: 'M1', remoteJid: anna, fromMe: true }
    one.socket.ev.emit('messages.upsert', {
      messages: [{ key, message: proto.Message.fromObject({ conversation: 'x' }), status: 1 }],
    })
    expect(await one.socket.given.getMessage(key)).toMatchObject({ conversation: 'x' })
    await one.line.relink()
    await one.dialled(1)
    link(one.socket.given.auth.creds as AuthenticationCreds, '4917')
    one.socket.ev.emit('creds.update', {})
    one.socket.update({ isNewLogin: true })
    one.socket.close(515, 'Stream Errored (restart required)')
    await one.dialled(2)
    one.socket.open()
    await vi.advanceTimersByTimeAsync(1_000)
    await cleared.reached
    await vi.advanceTimersByTimeAsync(1_000)
    expect(one.sockets.map(({ given }) => given.purpose)).toEqual(['account', 'pairing', 'pairing'])
    cleared.pass()
    await one.reconnected(3)
    expect(one.state).toBe('healthy')
    expect(await one.socket.given.getMessage(key)).toBeUndefined()
  })

  test('asks the own chat afresh: a link on which nothing comes back is given up once more before a person is told', async () => {
    const one = await scriptedLine({
      policy: { liveness: { roundTripMs: 60_000, roundTripTimeoutMs: 5_000 } },
      connect: (given) => {
        const socket = Object.assign(new ScriptedSocket(given), { relayMessage: async () => 'M1' })
        one.sockets.push(socket)
        return socket as unknown as BaileysSocket
      },
    })
    const lost = () => one.statuses.filter(({ lastClose }) => lastClose?.cause.kind === 'unanswered').length
    for (const run of [1, 2]) {
      await one.up()
      const before = [one.sockets.length, lost()] as const
      for (let step = 0; step < 100 && lost() === before[1]; step += 1) await vi.advanceTimersByTimeAsync(1_000)
      expect([run, lost() > before[1], one.notices.map(({ kind }) => kind)]).toEqual([run, true, []])
      await one.line.stop()
    }
  })
})
