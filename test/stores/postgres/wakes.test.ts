import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Board, connectPostgres, type PostgresPool } from '../../../src/stores/postgres/index.ts'
import { Wakes } from '../../../src/stores/postgres/wakes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A database that tells what the test says, and what was heard of it. */
function made(version: string | null = 'PostgreSQL 18.4') {
  const clients: (EventEmitter & { readonly released: unknown[]; readonly asked: string[] })[] = []
  const hands = { listen: async (_: EventEmitter): Promise<unknown> => ({ rows: [] }) }
  const heard: string[] = []
  const polls = { every: 0, stopped: 0, step: (): void => undefined }
  const pool = {
    query: async () => {
      if (version === null) throw Object.assign(new Error('no route'), { code: 'ECONNREFUSED' })
      return { rows: [{ version }] }
    },
    connect: async () => {
      const asked: string[] = []
      const released: unknown[] = []
      const client = Object.assign(new EventEmitter(), { asked, released })
      clients.push(client)
      return Object.assign(client, {
        query: (text: string) => {
          asked.push(text)
          return hands.listen(client)
        },
        release: (destroy: unknown) => void released.push(destroy),
      })
    },
    ...{ end: async () => undefined, on: () => undefined },
  }
  const clock = {
    ...{ now: () => performance.now(), wall: () => Date.now() },
    every: (ms: number, step: () => void) => {
      Object.assign(polls, { every: ms, step })
      return {
        stop: () => {
          polls.stopped += 1
        },
      }
    },
  }
  const database = connectPostgres({ pool: pool as unknown as PostgresPool, clock, patienceMs: 0 })
  const wakes = new Wakes(database, 60_000, (topic) =>
    heard.push('of' in topic ? `${topic.kind} ${topic.of}` : topic.kind),
  )
  return { database, wakes, clients, hands, heard, polls }
}
const broken = async (client: EventEmitter) => {
  // As pg tells a connection that breaks under a question.
  client.emit('error', new Error('gone'))
  throw Object.assign(new Error('gone'), { code: 'ECONNRESET' })
}

test('what others tell is heard, each topic by its name, and polls come beside it', async () => {
  const { wakes, clients, heard, polls } = made()
  await wakes.start()
  const [client] = clients
  expect([clients.length, client?.asked, polls.every]).toEqual([1, ['LISTEN lifeline_lifeline'], 60_000])
  for (const payload of ['heir:a:b', 'inbox:', 'bogus:x', 'lease', undefined]) client?.emit('notification', { payload })
  polls.step()
  expect(heard).toEqual(['heir a:b', 'inbox ', 'poll'])
  wakes.end()
  expect([client?.released, client?.listenerCount('notification'), polls.stopped, vi.getTimerCount()]).toEqual([
    ...[[true], 0, 1, 0],
  ])
})

test('a board that listens lets go of its connection and of its polls with the end', async () => {
  const { database, clients, polls } = made()
  const end = await new Board(database).listen(() => undefined)
  expect([clients[0]?.asked, polls.every, polls.stopped]).toEqual([['LISTEN lifeline_lifeline'], 2_000, 0])
  end()
  expect([clients[0]?.released, polls.stopped]).toEqual([[true], 1])
})

test('a connection that breaks is let go once and made anew after a pause, and then everything is looked at', async () => {
  const { wakes, clients, heard } = made()
  await wakes.start()
  clients[0]?.emit('error', new Error('gone'))
  clients[0]?.emit('end')
  expect([clients[0]?.released, vi.getTimerCount()]).toEqual([[true], 1])
  await vi.advanceTimersByTimeAsync(499)
  expect([clients.length, heard]).toEqual([1, []])
  await vi.advanceTimersByTimeAsync(1)
  expect([clients.length, heard.splice(0)]).toEqual([2, ['poll', 'lease ']])
  // What the one before says is of no account.
  clients[0]?.emit('end')
  clients[1]?.emit('notification', { payload: 'answer:x' })
  expect([heard, vi.getTimerCount()]).toEqual([['answer x'], 0])
  wakes.end()
})

test('one that breaks while it begins to listen is tried again by one timer, each time later, and by none after the end', async () => {
  const { wakes, clients, hands, heard } = made()
  hands.listen = broken
  await wakes.start()
  expect([clients.length, clients[0]?.released, vi.getTimerCount()]).toEqual([1, [true], 1])
  for (const pauseMs of [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
    const before = clients.length
    await vi.advanceTimersByTimeAsync(pauseMs - 1)
    expect(clients.length).toBe(before)
    await vi.advanceTimersByTimeAsync(1)
    expect([clients.length, vi.getTimerCount()]).toEqual([before + 1, 1])
  }
  expect(heard.length).toBe(14)
  wakes.end()
  expect(vi.getTimerCount()).toBe(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(clients.length).toBe(8)
})

test('a database that tells nobody anything is polled alone, and one that is left before it answered too', async () => {
  const { wakes, clients } = made('CockroachDB CCL v25.2.0')
  await wakes.start()
  expect([clients, vi.getTimerCount()]).toEqual([[], 0])
  const left = made()
  const starting = left.wakes.start()
  left.wakes.end()
  await starting
  expect([left.clients, vi.getTimerCount()]).toEqual([[], 0])
  const late = made()
  late.hands.listen = async () => late.wakes.end()
  await late.wakes.start()
  expect([late.clients[0]?.released, vi.getTimerCount()]).toEqual([[true], 0])
})

test('a database that cannot be reached is asked again after a pause, unless it was left meanwhile', async () => {
  const { wakes } = made(null)
  await wakes.start()
  expect(vi.getTimerCount()).toBe(1)
  wakes.end()
  const left = made(null)
  const starting = left.wakes.start()
  left.wakes.end()
  await starting
  expect(vi.getTimerCount()).toBe(0)
})
