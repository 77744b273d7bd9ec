import { expect, test } from 'vitest'
import { KeyTypes } from '../../../src/stores/key-types.ts'
import { RowFiles } from '../../../src/stores/rows/row-files.ts'
import type { Change } from '../../../src/stores/rows/rows.ts'
import { gate } from '../../gate.ts'
import { Memory, MemoryRows, SlowRows } from '../memory-rows.ts'

const keyTypes = new KeyTypes({ read: async () => ['future'], write: async () => Promise.reject(new Error('no room')) })
const failed = new Error('no medium')
const told = (doing: string) => ({
  code: 'AUTH_STORE_DISK',
  message: expect.stringContaining(`while ${doing} in the rows`),
  cause: failed,
})

test('rows that fail are told with their place and what was done, at once or later, as they fail', async () => {
  const rows = new MemoryRows(new Memory())
  const files = new RowFiles(rows, 'the rows', 'account', keyTypes)
  rows.read = () => {
    throw failed
  }
  expect(() => files.read('a.json')).toThrow(expect.objectContaining(told('reading a key')))
  rows.read = () => Promise.reject(failed) as never
  await expect(files.read('a.json')).rejects.toMatchObject(told('reading a key'))
  rows.names = () => Promise.reject(failed)
  await expect(files.keys()).rejects.toMatchObject(told('listing the keys'))
  rows.commit = () => Promise.reject(failed)
  await expect(files.write([['a.json', null]])).rejects.toMatchObject(told('writing'))
  expect(files.ahead('a.json')).toBeUndefined()
  await expect(files.learn(['new'])).rejects.toMatchObject({ message: expect.stringContaining('noting key types') })
})

test('what is read comes as the rows give it, and the keys are all that can be one', async () => {
  const memory = new Memory()
  const put = (name: string) => void memory.rows.set(`account/${name}`, Buffer.from('{}'))
  for (const name of ['creds.json', 'session-1.0.json', 'future-1.json', 'notes.txt']) put(name)
  const now = new RowFiles(new MemoryRows(memory), 'the rows', 'account', keyTypes)
  const later = new RowFiles(new SlowRows(memory), 'the rows', 'account', keyTypes)
  expect([now.read('session-1.0.json'), now.read('none')]).toEqual([Buffer.from('{}'), null])
  expect(await later.read('session-1.0.json')).toEqual(Buffer.from('{}'))
  expect([...(await now.keys())].sort()).toEqual(['future-1.json', 'session-1.0.json'])
})

test('what is on its way is read ahead of what is there, the newest of it to the last', async () => {
  const rows = new MemoryRows(new Memory())
  const files = new RowFiles(rows, 'the rows', 'account', keyTypes)
  await rows.claim()
  const commits: (readonly Change[])[] = []
  const gates = [gate(), gate()]
  rows.commit = async (changes) => {
    commits.push(changes)
    await gates[commits.length - 1]?.wait()
  }
  await files.write([])
  expect(commits).toEqual([])
  const [one, two] = [Buffer.from('1'), Buffer.from('2')]
  const first = files.write([
    ['a.json', one],
    ['b.json', null],
  ])
  const second = files.write([['a.json', two]])
  expect([files.ahead('a.json'), files.ahead('b.json'), files.ahead('c.json')]).toEqual([two, null, undefined])
  gates[0]?.pass()
  await first
  expect([files.ahead('a.json'), files.ahead('b.json')]).toEqual([two, undefined])
  gates[1]?.pass()
  await second
  expect(files.ahead('a.json')).toBeUndefined()
  expect(commits[0]).toEqual([
    { table: 'account', name: 'a.json', content: one },
    { table: 'account', name: 'b.json', content: null },
  ])
})
