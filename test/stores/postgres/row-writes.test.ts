import { expect, onTestFinished, test, vi } from 'vitest'
import { RowWrites } from '../../../src/stores/postgres/row-writes.ts'

const change = (name: string) => ({ table: 'account', name, content: Buffer.from(name) }) as const

test('a write that is asked for in the moment in which another ends is made too', async () => {
  const sent: string[][] = []
  const writes = new RowWrites({
    location: 'a database',
    patienceMs: 0,
    mostBytes: 100,
    from: 0,
    send: async (changes) => void sent.push(changes.map(({ name }) => name)),
  })
  await writes.write([change('a')])
  await writes.write([change('b')])
  await Promise.all([writes.write([change('c')]), writes.write([change('d')])])
  expect(sent).toEqual([['a'], ['b'], ['c', 'd']])
})

test('a write that could not be sent is sent again after a pause, and is refused once nothing more may be written', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let sent = 0
  const writes = new RowWrites({
    location: 'a database',
    patienceMs: 60_000,
    mostBytes: 100,
    from: 0,
    send: async () => {
      sent += 1
      throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
    },
  })
  const written = writes.write([change('a')])
  await vi.advanceTimersByTimeAsync(49)
  expect(sent).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(sent).toBe(2)
  await vi.advanceTimersByTimeAsync(99)
  expect(sent).toBe(2)
  writes.shut()
  await expect(written).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  // It waits for nothing any more.
  expect([vi.getTimerCount(), sent]).toEqual([0, 2])
})

test('a write whose answer comes after the end is refused as one of an account that is given up', async () => {
  let fail: (error: Error) => void = () => undefined
  const writes = new RowWrites({
    location: 'a database',
    patienceMs: 60_000,
    mostBytes: 100,
    from: 0,
    send: () => new Promise((_, reject) => (fail = reject)),
  })
  const written = writes.write([change('a')])
  await Promise.resolve()
  writes.shut()
  fail(new Error('gone'))
  await expect(written).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
})
