import { expect, test, vi } from 'vitest'
import { RowLog } from '../../../src/stores/rows/own-rows.ts'
import { Memory, SlowRows } from '../../memory-rows.ts'

async function log(memory = new Memory()) {
  const rows = new SlowRows(memory)
  await rows.claim()
  const read = async (name: string): Promise<unknown> => {
    const content = await rows.read('own', name)
    return content === null ? undefined : JSON.parse(Buffer.from(content).toString('utf8'))
  }
  const looked = vi.spyOn(rows, 'names')
  const made = new RowLog({ rows, read, prefix: 'log/', mostRows: 5, fewestRows: 3 })
  return { log: made, names: () => rows.names('own', 'log/'), looked }
}
/** More than half of what one row takes. */
const large = (name: string) => ({ name, text: 'x'.repeat(9_000) })
const names = (entries: readonly unknown[]) => entries.map((entry) => Object(entry).name)

test('entries that are added at once are all kept, in their order, also after one that could not be', async () => {
  const { log: one } = await log()
  const circle: unknown[] = []
  circle.push(circle)
  const added = [one.append({ name: 'a' }), one.append(circle), one.append({ name: 'b' }), one.append({ name: 'c' })]
  const ends = await Promise.allSettled(added)
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(names(await one.read(9))).toEqual(['a', 'b', 'c'])
  expect(names(await one.read(2))).toEqual(['b', 'c'])
})

test('small entries share a row, large ones have one each, and the oldest rows go once there are too many', async () => {
  const memory = new Memory()
  const { log: one, names: rows } = await log(memory)
  await one.append({ name: 'a' }, { name: 'b' })
  expect(await rows()).toHaveLength(1)
  for (const name of ['c', 'd', 'e', 'f']) await one.append(large(name))
  expect(await rows()).toHaveLength(4)
  await one.append(large('g'))
  expect(await rows()).toHaveLength(5)
  await one.append(large('h'))
  expect(await rows()).toHaveLength(3)
  expect(names(await one.read(9))).toEqual(['f', 'g', 'h'])
  // Another owner goes on where this one ended.
  const { log: next } = await log(memory)
  await next.append({ name: 'i' })
  expect(names(await next.read(9))).toEqual(['f', 'g', 'h', 'i'])
})

test('an entry that is larger than a row has one for itself, the first of all too', async () => {
  const { log: one, names: rows } = await log()
  const huge = (name: string) => ({ name, text: 'x'.repeat(20_000) })
  await one.append(huge('a'))
  expect(await rows()).toHaveLength(1)
  await one.append(huge('b'))
  await one.append({ name: 'c' })
  expect(await rows()).toHaveLength(3)
  expect(names(await one.read(9))).toEqual(['a', 'b', 'c'])
  await one.replace([huge('d')])
  await one.append({ name: 'e' })
  expect(await rows()).toHaveLength(2)
  expect(names(await one.read(9))).toEqual(['d', 'e'])
})

test('what is put in the place of all is there alone, and more can be added to it', async () => {
  const { log: one, names: rows } = await log()
  await one.append(large('a'), large('b'))
  await one.replace([large('c'), large('d')])
  await one.append({ name: 'e' })
  expect(names(await one.read(9))).toEqual(['c', 'd', 'e'])
  await one.replace([])
  expect(await one.read(9)).toEqual([])
  expect(await rows()).toHaveLength(1)
})

test('what is there is looked at once, not for each entry, until another may have written', async () => {
  const { log: one, looked } = await log()
  for (const name of ['a', 'b', 'c']) await one.append({ name })
  expect(looked).toHaveBeenCalledTimes(1)
  await one.replace([{ name: 'd' }])
  await one.append({ name: 'e' })
  // To replace all it has to know all.
  expect(looked).toHaveBeenCalledTimes(2)
  one.forget()
  await one.append({ name: 'f' })
  expect(looked).toHaveBeenCalledTimes(3)
})
