import { expect, test } from 'vitest'
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
