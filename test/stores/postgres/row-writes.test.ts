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

test.each(['UNKNOWN', 'ECONNREFUSED'])(
  'a write that fails with %s after the end is refused as one of an account that is given up, and not sent again',
  async (code) => {
    let sent = 0
    let fail: (error: Error) => void = () => undefined
    const writes = new RowWrites({
      location: 'a database',
      patienceMs: 60_000,
      mostBytes: 100,
      from: 0,
      send: () => {
        sent += 1
        return new Promise((_, reject) => (fail = reject))
      },
    })
    const written = writes.write([change('a')])
    await Promise.resolve()
    writes.shut()
    fail(Object.assign(new Error('gone'), { code }))
    await expect(written).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await expect(writes.write([change('b')])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    expect(sent).toBe(1)
  },
)

test('what is tried again goes together with what came since, which is newer', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const sent: [number, string[]][] = []
  let passing = false
  const writes = new RowWrites({
    location: 'a database',
    patienceMs: 1_000,
    mostBytes: 100,
    from: 7,
    send: async (changes, number) => {
      sent.push([number, changes.map(({ name, content }) => `${name}=${content}`)])
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (!passing) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
    },
  })
  const put = (name: string, content: string) => ({ table: 'account', name, content: Buffer.from(content) }) as const
  const first = writes.write([put('a', 'old'), put('b', 'old')])
  await vi.advanceTimersByTimeAsync(10)
  const second = writes.write([put('b', 'new'), put('c', 'new')])
  await vi.advanceTimersByTimeAsync(100)
  passing = true
  await vi.advanceTimersByTimeAsync(200)
  await Promise.all([first, second])
  expect(sent).toEqual([
    [8, ['a=old', 'b=old']],
    [9, ['a=old', 'b=new', 'c=new']],
    [10, ['a=old', 'b=new', 'c=new']],
  ])
  // As old as the oldest of it.
  passing = false
  const late = writes.write([put('a', 'x')]).catch(({ errno }) => errno)
  await vi.advanceTimersByTimeAsync(900)
  const later = writes.write([put('d', 'x')]).catch(({ errno }) => errno)
  await vi.advanceTimersByTimeAsync(800)
  expect([await late, await later, vi.getTimerCount()]).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 0])
})

test('what waits behind a write is bounded by its bytes, in which a row counts once and one that goes not at all', async () => {
  const sent: string[] = []
  let answer: () => void = () => undefined
  const writes = new RowWrites({
    location: 'a database',
    patienceMs: 1_000,
    mostBytes: 100,
    from: 0,
    send: (changes) => {
      sent.push(changes.map(({ name, content }) => `${name} ${content?.length ?? 'goes'}`).join())
      return new Promise((resolve) => (answer = resolve))
    },
  })
  const put = (name: string, bytes: number) => writes.write([{ table: 'account', name, content: Buffer.alloc(bytes) }])
  const full = { code: 'AUTH_STORE_DISK', errno: 'EQUEUE', message: expect.stringContaining('a database') }
  // The first one is on its way, and waits for nobody.
  const done = [put('large', 1_000)]
  await Promise.resolve()
  done.push(put('a', 60))
  await expect(put('b', 41)).rejects.toMatchObject(full)
  done.push(put('b', 40), writes.write([{ table: 'account', name: 'a', content: null }]))
  done.push(put('c', 60))
  await expect(put('c', 1)).rejects.toMatchObject(full)
  done.push(writes.write([]), writes.write([{ table: 'own', name: 'c', content: null }]))
  answer()
  await expect.poll(() => sent.length, { interval: 1 }).toBe(2)
  answer()
  await Promise.all(done)
  expect(sent).toEqual(['large 1000', 'a goes,b 40,c 60,c goes'])
})

test('a write of more bytes than may wait is not tried again, nor is one that fails for good', async () => {
  const codes = ['ECONNREFUSED', '42501', 'ECONNREFUSED']
  let sent = 0
  const writes = new RowWrites({
    ...{ location: 'a database', patienceMs: 60_000, mostBytes: 100, from: 0 },
    send: async () => {
      const code = codes[sent]
      sent += 1
      if (code) throw Object.assign(new Error('no'), { code })
    },
  })
  const large = { table: 'account', name: 'large', content: Buffer.alloc(101) } as const
  await expect(writes.write([large])).rejects.toMatchObject({ errno: 'ECONNREFUSED' })
  await expect(writes.write([change('a')])).rejects.toMatchObject({ errno: '42501' })
  expect(sent).toBe(2)
  await writes.write([{ ...large, content: Buffer.alloc(100) }])
  expect(sent).toBe(4)
})
