import { describe, expect, test } from 'vitest'
import { accountsInTable, foreignTables, rowsOfAccount } from '../../../src/stores/rows/foreign-tables.ts'

const text = (content: unknown) => (content === null ? null : Buffer.from(content as Uint8Array).toString())
const read = (rows: readonly object[]) =>
  [...(accountsInTable(rows) ?? [])].map(([session, { files, leftOut }]) => [
    session,
    Object.fromEntries([...files].map(([name, content]) => [name, text(content)])),
    leftOut,
  ])
const one = (id: string, value: unknown) => read([{ session: 'a', id, value }])[0]?.[1]

describe('a table in which another package keeps accounts', () => {
  test.each(foreignTables.map((table) => [table.package, table] as const))(
    'of %s is told by all of its columns, and by no two of them',
    (_, { session, id, value }) => {
      const row = { [session]: 'shop', [id]: 'creds', [value]: '{"a":1}' }
      expect(read([row])).toEqual([['shop', { 'creds.json': '{"a":1}' }, []]])
      for (const column of [session, id, value]) {
        const { [column]: _gone, ...rest } = row
        expect(accountsInTable([rest])).toBeUndefined()
      }
    },
  )

  test('without a row is a table that nobody knows', () => {
    expect(accountsInTable([])).toBeUndefined()
  })

  test('holds several accounts, each with its own files and its own rows that are nothing of Baileys', () => {
    const rows = [
      { session: 'a', id: 'creds', value: '1' },
      { session: 'b', id: 'creds', value: '2' },
      { session: 'a', id: 'session-49.0', value: '3' },
      { session: 'b', id: 'note', value: '4' },
      { session: 'b', id: 'session-50.0', value: null },
    ]
    expect(read(rows)).toEqual([
      ['a', { 'creds.json': '1', 'session-49.0.json': '3' }, []],
      ['b', { 'creds.json': '2' }, ['note']],
    ])
  })

  test.each<[string, string, unknown, object]>([
    ['its text', 'session-49.0', '{"a":1}', { 'session-49.0.json': '{"a":1}' }],
    ['its bytes', 'session-49.0', Buffer.from('{"a":"ü"}'), { 'session-49.0.json': '{"a":"ü"}' }],
    ['what a driver made of its JSON', 'session-49.0', { a: 1 }, { 'session-49.0.json': '{"a":1}' }],
    ['null, of which there is no file', 'session-49.0', null, {}],
    ['undefined, of which there is no file', 'session-49.0', undefined, {}],
    ['the longest type', 'sender-key-memory-1-2@g.us', '{}', { 'sender-key-memory-1-2@g.us.json': '{}' }],
    ['an id that is spelt as in a file', 'sender-key-1@g.us::4::0', '[]', { 'sender-key-1@g.us--4--0.json': '[]' }],
    ['a number that stands for itself', 'lid-mapping-49', '99', { 'lid-mapping-49.json': '"99"' }],
    ['a number in quotes', 'lid-mapping-49', '"99"', { 'lid-mapping-49.json': '"99"' }],
    ['a number that a driver read as such', 'lid-mapping-49', 99, { 'lid-mapping-49.json': '"99"' }],
    ['a number of another type', 'device-list-49', 99, { 'device-list-49.json': '99' }],
    ['a text of another type', 'device-list-49', '99', { 'device-list-49.json': '99' }],
  ])('gives %s', (_, id, value, files) => {
    expect(one(id, value)).toEqual(files)
  })

  test('is read as the rows of one account, which nobody changes', async () => {
    const files = new Map(['session-2.0.json', 'creds.json'].map((name) => [name, Buffer.from(name)]))
    const rows = rowsOfAccount({ files, leftOut: [] })
    expect(await rows.names('account')).toEqual(['creds.json', 'session-2.0.json'])
    expect(text(await rows.read('account', 'creds.json'))).toBe('creds.json')
    expect(await rows.read('account', 'session-3.0.json')).toBeNull()
    for (const table of ['own', 'generation', 'staging'] as const) {
      expect(await rows.names(table)).toEqual([])
      expect(await rows.read(table, 'creds.json')).toBeNull()
    }
    await rows.claim()
    await expect(rows.commit([])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    expect(await rows.reading(async () => 'read')).toBe('read')
  })
})
