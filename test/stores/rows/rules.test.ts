import { describe, expect, test } from 'vitest'
import type { Change, Content, Table } from '../../../src/stores/rows/index.ts'
import { rowRules, testRows } from '../../../src/stores/rows/index.ts'
import { Memory, MemoryRows } from './memory-rows.ts'

const rules = rowRules.map(({ rule }) => rule)

/** Each is wrong in one way that a database is wrong by itself. */
class Latin extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    const spelt = (content: Content) => content && Buffer.from(Buffer.from(content).toString('utf8'))
    return super.commit(changes.map((change) => ({ ...change, content: spelt(change.content) })))
  }
}
class AnyCase extends MemoryRows {
  override read(table: Table, name: string) {
    return super.read(table, name.toLowerCase())
  }
  override async commit(changes: readonly Change[]) {
    return super.commit(changes.map((change) => ({ ...change, name: change.name.toLowerCase() })))
  }
}
class Unsorted extends MemoryRows {
  override async names(table: Table, prefix?: string) {
    return [...(await super.names(table, prefix))].reverse()
  }
}
class Like extends MemoryRows {
  override async names(table: Table, prefix = '') {
    const pattern = new RegExp(`^${prefix.replaceAll('_', '.')}`)
    return (await super.names(table)).filter((name) => pattern.test(name))
  }
}
class EmptyIsNull extends MemoryRows {
  override read(table: Table, name: string) {
    const content = super.read(table, name)
    return content?.length === 0 ? null : content
  }
}
class LastFirst extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    return super.commit([...changes].reverse())
  }
}
class OneTable extends MemoryRows {
  override read(_table: Table, name: string) {
    return super.read('account', name)
  }
  override async commit(changes: readonly Change[]) {
    return super.commit(changes.map((change) => ({ ...change, table: 'account' })))
  }
}
class NoFence extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    await super.claim()
    return super.commit(changes)
  }
}
class Lazy extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    if (changes.length > 0) await super.commit(changes)
  }
}

describe('testRows', () => {
  test('names the rules that rows of two handles hold to', async () => {
    const memory = new Memory()
    expect(await testRows(new MemoryRows(memory), new MemoryRows(memory))).toEqual(rules)
    expect([...memory.rows]).toEqual([])
  })

  test('says nothing of two owners where it was given one handle', async () => {
    const one = rowRules.filter(({ owners }) => owners === 1).map(({ rule }) => rule)
    expect(await testRows(new MemoryRows(new Memory()))).toEqual(one)
  })

  test.each([
    ['store text', Latin, 'bytes come back'],
    ['do not tell cases apart', AnyCase, 'names differ by any character'],
    ['list in an order of their own', Unsorted, 'names differ by any character'],
    ['take a prefix for a pattern', Like, 'a prefix lists what lies below it'],
    ['read what is empty as absent', EmptyIsNull, 'bytes come back'],
    ['write in another order', LastFirst, 'changes of one commit happen in their order'],
    ['put all in one table', OneTable, 'tables are apart'],
    ['fence nobody', NoFence, 'once another has claimed'],
    ['take a commit of nothing for nothing', Lazy, 'a commit of nothing is refused'],
  ])('names what is wrong with rows that %s', async (_, Kind, rule) => {
    const memory = new Memory()
    const found = await testRows(new Kind(memory), new Kind(memory)).catch((error: unknown) => error)
    expect(found).toMatchObject({ code: 'ROWS_BROKEN', message: expect.stringContaining(rule) })
  })

  test('leaves rows alone in which something is', async () => {
    const memory = new Memory()
    memory.rows.set('account/creds.json', Buffer.from('{}'))
    await expect(testRows(new MemoryRows(memory))).rejects.toMatchObject({ code: 'ROWS_IN_USE' })
    expect(memory.rows.size).toBe(1)
  })
})
