import { describe, expect, test, vi } from 'vitest'
import type { InspectionEvent } from 'xstate'
import { supervisedMachine } from '../../src/line/services/index.ts'
import { gate } from '../gate.ts'
import { type ScriptedLine, scriptedLine } from './scripted-line.ts'
import { storeWith } from './stores.ts'

/** A line whose statechart fails when it is told to. */
async function fragile(options: Parameters<typeof scriptedLine>[0] = {}) {
  let isBroken = false
  const machine = supervisedMachine.provide({
    actions: {
      rememberCode: () => {
        throw new Error('sabotaged')
      },
      saveFacts: (args, params) => {
        if (isBroken) {
          isBroken = false
          throw new Error('sabotaged')
        }
        Reflect.apply(supervisedMachine.implementations.actions.saveFacts as () => void, undefined, [args, params])
      },
    },
  })
  const one = await scriptedLine({ ...options, internals: { machine, ...options.internals } })
  /** At the next step that keeps facts. */
  const crash = (step: () => void = () => one.socket.close()) => {
    isBroken = true
    step()
    return one.settled()
  }
  return { one, crash }
}

/** One that asked its store something which is not answered before `release`. */
async function heldOnStore() {
  const { reached, pass, wait } = gate()
  let isHeld = false
  const { one } = await fragile({
    store: (store) =>
      storeWith(store, {
        inspect: async (...args) => {
          if (isHeld) await wait()
          return store.inspect(...args)
        },
      }),
  })
  await one.up()
  isHeld = true
  await one.line.reconnect()
  await one.settled()
  await reached
  const release = () => {
    isHeld = false
    pass()
  }
  return { one, release }
}

const trouble = 'running the statechart; a fresh one takes over: sabotaged'

describe('a statechart that fails', () => {
  test('is replaced at once, with what it knew, after its socket was ended, and the status says so meanwhile', async () => {
    const { one, crash } = await fragile()
    await one.up()
    one.socket.close(503)
    await one.reconnected()
    const { actor } = one.line
    const [at, before] = [Date.now(), one.line.status.generation]
    const { socket } = one
    await crash(() => void one.line.reconnect())
    const shown = one.statuses.find(({ message }) => message.startsWith('The supervision met an error'))
    expect(shown).toMatchObject({
      ...{ state: 'reconnecting', userAction: 'none', since: at, nextAttemptAt: at, account: 'default' },
      remediation: expect.stringContaining('report the error'),
    })
    expect(one.troubles).toContain(trouble)
    expect(socket.asked).toEqual(['end'])
    await one.dialled(2)
    expect(one.line.actor).not.toBe(actor)
    expect(actor?.getSnapshot().status).not.toBe('active')
    expect(one.line.status.generation).toBeGreaterThan(before)
    await one.reconnected(2)
    expect(one.state).toBe('healthy')
    const kept = one.line.actor?.getSnapshot().context
    expect(kept?.closes).toHaveLength(actor?.getSnapshot().context.closes.length ?? -1)
  })

  test('again within a minute waits twice as long each time, up to a minute; after a quiet minute it does not wait', async () => {
    const { one, crash } = await fragile()
    const waited: number[] = []
    const next = async () => {
      const before = one.line.actor
      const at = Date.now()
      await crash(() => void one.line.reconnect())
      const { nextAttemptAt = 0 } = one.line.status
      for (let step = 0; step < 700 && one.line.actor === before; step += 1) await vi.advanceTimersByTimeAsync(100)
      waited.push(Date.now() - at)
      if ((waited.at(-1) ?? 0) > 0) expect(nextAttemptAt - at).toBe(Date.now() - at)
      await one.settled()
      one.socket.open()
      await one.settled()
    }
    await one.up()
    for (let time = 0; time < 6; time += 1) await next()
    expect(waited).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000])
    await vi.advanceTimersByTimeAsync(60_000)
    await next()
    expect(waited.at(-1)).toBe(0)
  })

  test('is replaced once the step that it began on the store has ended', async () => {
    const { one, release } = await heldOnStore()
    const { actor } = one.line
    await one.line.relink()
    expect(one.troubles).toEqual([trouble])
    await vi.advanceTimersByTimeAsync(3_000)
    expect(one.line.actor).toBe(actor)
    release()
    await one.settled()
    expect(one.line.actor).not.toBe(actor)
    await one.reconnected(1)
    expect(one.state).toBe('healthy')
  })

  test('and whose socket cannot be shut is told of, and replaced all the same', async () => {
    let isLame = false
    const { one, crash } = await fragile({
      store: (store) =>
        storeWith(store, {
          open: async (...args) => {
            const opened = await store.open(...args)
            return {
              ...opened,
              fence: async (...given) => {
                await opened.fence(...given)
                if (!isLame) return
                isLame = false
                throw new Error('EIO')
              },
            }
          },
        }),
    })
    await one.up()
    isLame = true
    await crash(() => void one.line.reconnect())
    await one.reconnected(1)
    expect(one.troubles).toEqual([trouble, 'closing the socket of the crashed statechart: EIO'])
    expect(one.state).toBe('healthy')
  })

  test('while supervision ends, or after it, is not replaced, and no timer is left', async () => {
    const { one, crash } = await fragile()
    await one.up()
    await crash(() => void one.line.reconnect())
    await one.reconnected(1)
    await crash(() => void one.line.reconnect())
    // Its successor waits for a second.
    const { actor } = one.line
    const stopping = one.line.stop()
    await one.settled()
    await stopping
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(5_000)
    expect([one.state, one.sockets.length, one.line.actor]).toEqual(['stopped', 2, actor])
  })

  test('gives its account back once its socket can write nothing more, which it has no more time for', async () => {
    const { reached, pass, wait } = gate()
    const done: string[] = []
    const { one, crash } = await fragile({
      store: (store) =>
        storeWith(store, {
          open: async (...args) => {
            const opened = await store.open(...args)
            const fence: typeof opened.fence = async (...given) => {
              await wait()
              await opened.fence(...given)
              done.push('fenced')
            }
            return { ...opened, fence }
          },
          writeFacts: async (facts) => {
            done.push('facts')
            await store.writeFacts(facts)
          },
          release: async () => {
            done.push('released')
            await store.release()
          },
        }),
    })
    await one.up()
    one.socket.ends = false
    await crash(() => void one.line.reconnect())
    expect(one.socket.asked).toEqual(['end'])
    done.length = 0
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(1)
    await reached
    expect(done).toEqual([])
    pass()
    await stopping
    expect(done).toEqual(['fenced', 'facts', 'released'])
  })

  test('is not replaced either where the step that it began on the store ends long after supervision', async () => {
    const { one, release } = await heldOnStore()
    await one.line.relink()
    const { actor } = one.line
    const stopping = one.line.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    await stopping
    release()
    await one.settled()
    expect([one.state, one.line.actor, vi.getTimerCount()]).toEqual(['stopped', actor, 0])
  })

  test('in a second run as well leaves no timer behind', async () => {
    const { one, crash } = await fragile()
    await one.up()
    const { actor } = one.line
    await one.line.stop()
    expect(actor?.getSnapshot().status).toBe('stopped')
    const timers = vi.getTimerCount()
    await one.up()
    await crash(() => void one.line.reconnect())
    await one.reconnected(2)
    expect(one.state).toBe('healthy')
    const { length } = one.statuses
    one.sockets[1]?.update({ connection: 'open' })
    expect(one.statuses).toHaveLength(length)
    await one.line.stop()
    expect(vi.getTimerCount()).toBe(timers)
  })

  test('takes no command until its successor is there, and says so', async () => {
    const { one, crash } = await fragile()
    await one.up()
    await crash(() => void one.line.reconnect())
    await one.reconnected(1)
    await crash(() => void one.line.reconnect())
    for (const step of [() => one.line.reconnect(), () => one.line.relink(), () => one.line.prune('all')])
      await expect(step()).rejects.toMatchObject({ code: 'REFUSED' })
    await one.reconnected(2)
    await one.line.reconnect()
    await one.reconnected(3)
    expect(one.state).toBe('healthy')
  })

  test('leaves its successor the knowledge of who cannot be read and who cannot read', async () => {
    const { one, crash } = await fragile()
    await one.up()
    const evidence = {
      ...{ level: 'failing', suspected: true, addresses: ['4915.0'], curable: ['4915.0'], messages: 3 },
    }
    one.line.actor?.send({ type: 'evidence.changed', evidence } as never)
    await one.settled()
    expect(one.line.actor?.getSnapshot().context.evidence).toEqual(evidence)
    await crash(() => void one.line.reconnect())
    await one.dialled(1)
    // What the monitors do not know themselves is over with the one that was told.
    expect(one.line.actor?.getSnapshot().context.evidence.level).toBe('fine')
  })
})

test.each([
  ['only suspected yet', 0, { level: 'fine', suspected: true, addresses: ['4915.0'] }],
  ['certain', 600_000, { level: 'failing', suspected: true, addresses: ['4915.0'] }],
])('the successor of a statechart knows who cannot be read: %s', async (_, ms, known) => {
  const { one, crash } = await fragile({ policy: { decrypt: { failingIds: 1 } } })
  await one.up()
  const from = '4915@s.whatsapp.net'
  const content = [{ tag: 'enc', attrs: { type: 'msg', v: '2' } }]
  one.socket.ws.emit('CB:message', { tag: 'message', attrs: { id: 'A', from }, content })
  const stub = { messageStubType: 2, messageStubParameters: ['No session record'] }
  one.socket.ev.emit('messages.upsert', { messages: [{ key: { id: 'A', remoteJid: from }, ...stub }], type: 'notify' })
  await vi.advanceTimersByTimeAsync(ms)
  const { actor } = one.line
  expect(actor?.getSnapshot().context.evidence).toMatchObject(known)
  await crash(() => void one.line.reconnect())
  await one.settled()
  expect(one.line.actor).not.toBe(actor)
  expect(one.line.actor?.getSnapshot().context.evidence).toMatchObject(known)
})

describe('the history', () => {
  const transitions = (one: ScriptedLine) =>
    one.line.history().flatMap((entry) => (entry.type === 'transition' ? [entry] : []))

  test('has each change of state with its event, its reason and its generation, and of a close its cause', async () => {
    const one = await scriptedLine()
    await one.up()
    const at = Date.now()
    one.socket.close(503)
    await one.settled()
    expect(transitions(one).map(({ from, to, event, generation }) => [from, to, event, generation])).toEqual([
      ['stopped', 'preparing', 'start', 0],
      ['preparing', 'connecting', 'xstate.done.actor.prepareAuth', 1],
      ['connecting', 'healthy', 'socket.open', 1],
      ['healthy', 'reconnecting', 'socket.close', 1],
    ])
    expect(transitions(one).every(({ why }) => why !== undefined && why !== '')).toBe(true)
    expect(transitions(one).map((entry) => 'cause' in entry)).toEqual([false, false, false, true])
    expect(transitions(one).at(-1)).toMatchObject({ at, cause: { code: 503 } })
    await one.reconnected()
    const entries = transitions(one)
    expect(entries.every(({ from, to, why }) => from !== to || why !== undefined)).toBe(true)
    expect(entries.every(({ from }, step) => step === 0 || from === entries[step - 1]?.to)).toBe(true)
  })

  test('while observing has what would have been set aside, once for each time', async () => {
    const one = await scriptedLine({ mode: 'observe' })
    await one.up()
    const evidence = { level: 'failing', suspected: true, addresses: ['4915.0'], curable: ['4915.0'], messages: 3 }
    one.line.actor?.send({ type: 'evidence.changed', evidence } as never)
    await vi.advanceTimersByTimeAsync(700_000)
    const would = one.line.history().filter(({ type }) => type === 'would')
    expect(one.line.history().filter(({ type }) => type === 'unreadable')).toHaveLength(1)
    expect(would.length).toBeGreaterThan(0)
    expect(new Set(would.map((entry) => JSON.stringify({ ...entry, at: 0 }))).size).toBe(would.length)
  })
})

test('an inspector is shown every step of the statechart, and one that throws is told of', async () => {
  const seen: InspectionEvent[] = []
  let isBroken = false
  const inspect = (event: InspectionEvent) => {
    seen.push(event)
    if (isBroken) throw new Error('no inspector')
  }
  const one = await scriptedLine({ inspect })
  await one.up()
  expect(new Set(seen.map(({ type }) => type))).toContain('@xstate.snapshot')
  isBroken = true
  one.socket.close()
  await one.settled()
  expect(one.state).toBe('reconnecting')
  expect(one.troubles).toEqual(['calling the inspector: no inspector'])
  isBroken = false
})
