import { describe, expect, test } from 'vitest'
import type { Change, Content, Table } from '../../../src/stores/rows/index.ts'
import { rowRules, testRows } from '../../../src/stores/rows/index.ts'
import { Memory, MemoryRows, SlowRows } from '../../memory-rows.ts'

const rules = rowRules.map(({ rule }) => rule)

const spelt = (content: Content, how: (content: Uint8Array) => Uint8Array) => content && how(content)
const mapped = (changes: readonly Change[], how: (content: Uint8Array) => Uint8Array) =>
  changes.map((change) => ({ ...change, content: spelt(change.content, how) }))

/** Knows whether it is claimed. */
class ClaimedRows extends MemoryRows {
  protected claimed = false
  override async claim() {
    this.claimed = true
    return super.claim()
  }
  override async close() {
    this.claimed = false
    return super.close()
  }
}

/** Each is wrong in one way, as a database is by itself or an author may be, and in no other that a rule asks for. */
class EmptyForAbsent extends MemoryRows {
  static readonly #written = new WeakMap<Memory, Set<string>>()
  readonly #names: Set<string>
  constructor(memory: Memory) {
    super(memory)
    this.#names = EmptyForAbsent.#written.get(memory) ?? new Set()
    EmptyForAbsent.#written.set(memory, this.#names)
  }
  override read(table: Table, name: string) {
    return super.read(table, name) ?? (this.#names.has(name) ? null : new Uint8Array())
  }
  override async commit(changes: readonly Change[]) {
    for (const { name } of changes) this.#names.add(name)
    return super.commit(changes)
  }
}
class Latin extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    return super.commit(mapped(changes, (content) => Buffer.from(Buffer.from(content).toString('utf8'))))
  }
}
class EmptyIsNull extends MemoryRows {
  override read(table: Table, name: string) {
    const content = super.read(table, name)
    return content?.length === 0 ? null : content
  }
}
class Short extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    return super.commit(mapped(changes, (content) => content.subarray(0, 65_535)))
  }
}
class ByReference extends MemoryRows {
  readonly #given = new Map<string, Content>()
  override read(table: Table, name: string) {
    return super.read(table, name) && (this.#given.get(`${table}/${name}`) ?? super.read(table, name))
  }
  override async commit(changes: readonly Change[]) {
    await super.commit(changes)
    for (const { table, name, content } of changes) this.#given.set(`${table}/${name}`, content)
  }
}
class LastFirst extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    return super.commit([...changes].reverse())
  }
}
class RemovesFirst extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    const [goes, comes] = [true, false].map((gone) => changes.filter(({ content }) => (content === null) === gone))
    return super.commit([...(goes ?? []), ...(comes ?? [])])
  }
}
class AbsentThrows extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    for (const { table, name, content } of changes)
      if (
        content === null &&
        super.read(table, name) === null &&
        !changes.some((one) => one.content && one.name === name)
      )
        throw new Error('no such row')
    return super.commit(changes)
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
class ByLanguage extends MemoryRows {
  override async names(table: Table, prefix?: string) {
    return [...(await super.names(table, prefix))].sort((a, b) => a.localeCompare(b, 'en'))
  }
}
class ReadsLike extends MemoryRows {
  override read(table: Table, name: string) {
    const pattern = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('_', '.').replaceAll('%', '.*')}$`)
    return super.read(table, this.known(table).find((one) => pattern.test(one)) ?? name)
  }
  readonly #names = new Set<string>()
  known(table: Table) {
    return [...this.#names]
      .filter((name) => super.read(table, name) !== null)
      .sort()
      .reverse()
  }
  override async commit(changes: readonly Change[]) {
    for (const { name } of changes) this.#names.add(name)
    return super.commit(changes)
  }
}
class Like extends MemoryRows {
  override async names(table: Table, prefix = '') {
    const pattern = new RegExp(`^${prefix.replaceAll('_', '.')}`)
    return (await super.names(table)).filter((name) => pattern.test(name))
  }
}
class Beside extends MemoryRows {
  override async names(table: Table, prefix = '') {
    return super.names(table, prefix.replace(/\/$/, ''))
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
class NoStaging extends MemoryRows {
  override read(table: Table, name: string) {
    return table === 'staging' ? null : super.read(table, name)
  }
}
/** Reads all, changes it, writes all: as a file of JSON does without a queue. */
class LastWins extends MemoryRows {
  readonly #memory: Memory
  constructor(memory: Memory) {
    super(memory)
    this.#memory = memory
  }
  override async commit(changes: readonly Change[]) {
    const before = new Map(this.#memory.rows)
    await Promise.resolve()
    this.#memory.rows.clear()
    for (const [key, content] of before) this.#memory.rows.set(key, content)
    return super.commit(changes)
  }
}
class LostAtClose extends MemoryRows {
  #closed = false
  override async claim() {
    await super.claim()
    if (this.#closed)
      for (const name of await super.names('account')) await super.commit([{ table: 'account', name, content: null }])
    this.#closed = false
  }
  override async close() {
    this.#closed = true
    return super.close()
  }
}
class ClosesOnce extends MemoryRows {
  #open = false
  override async claim() {
    this.#open = true
    return super.claim()
  }
  override async close() {
    if (!this.#open) throw new Error('the pool has ended already')
    this.#open = false
    return super.close()
  }
}
class KeepsItsClaim extends MemoryRows {
  override async close() {
    // Nothing is given back.
  }
}
class OtherWords extends ClaimedRows {
  override async commit(changes: readonly Change[]) {
    if (!this.claimed) throw new Error('the database is closed')
    return super.commit(changes)
  }
}
/** Refused, and written all the same. */
class WritesUnclaimed extends ClaimedRows {
  readonly #memory: Memory
  constructor(memory: Memory) {
    super(memory)
    this.#memory = memory
  }
  override async commit(changes: readonly Change[]) {
    if (!this.claimed)
      for (const { table, name, content } of changes) if (content) this.#memory.rows.set(`${table}/${name}`, content)
    return super.commit(changes)
  }
}
class ReadsClaimed extends ClaimedRows {
  override read(table: Table, name: string) {
    if (!this.claimed) throw new Error('not claimed')
    return super.read(table, name)
  }
}
/** Knows of the other owner, and asks only where nothing is written. */
class FencesNothing extends ClaimedRows {
  readonly #memory: Memory
  constructor(memory: Memory) {
    super(memory)
    this.#memory = memory
  }
  override async commit(changes: readonly Change[]) {
    if (changes.length === 0 || !this.claimed) return super.commit(changes)
    for (const { table, name, content } of changes)
      if (content === null) this.#memory.rows.delete(`${table}/${name}`)
      else this.#memory.rows.set(`${table}/${name}`, Uint8Array.from(content))
  }
}
/** Looks for the other owner once the first row is written. */
class FencesLate extends ClaimedRows {
  readonly #memory: Memory
  constructor(memory: Memory) {
    super(memory)
    this.#memory = memory
  }
  override async commit(changes: readonly Change[]) {
    const [first] = changes
    if (this.claimed && first?.content)
      this.#memory.rows.set(`${first.table}/${first.name}`, Uint8Array.from(first.content))
    return super.commit(changes)
  }
}
class Lazy extends MemoryRows {
  override async commit(changes: readonly Change[]) {
    if (changes.length > 0) await super.commit(changes)
  }
}
class Cached extends MemoryRows {
  readonly #cache = new Map<string, Content>()
  override read(table: Table, name: string) {
    const key = `${table}/${name}`
    if (!this.#cache.has(key)) this.#cache.set(key, super.read(table, name))
    return this.#cache.get(key) ?? null
  }
  override async commit(changes: readonly Change[]) {
    await super.commit(changes)
    for (const { table, name } of changes) this.#cache.set(`${table}/${name}`, super.read(table, name))
  }
}

class ListsNothing extends MemoryRows {
  override async names() {
    return []
  }
}
class ThrowsWords extends MemoryRows {
  override read(): Content {
    throw 'no connection'
  }
}
class RefusesInWords extends ClaimedRows {
  override async commit(changes: readonly Change[]) {
    if (!this.claimed) throw 'closed'
    return super.commit(changes)
  }
}

const broken: readonly (readonly [
  title: string,
  kind: new (memory: Memory) => MemoryRows,
  rule: string,
  words: string,
])[] = [
  [
    'give nothing where there is no row',
    EmptyForAbsent,
    'a row that is not there reads as null',
    'none reads as 0 bytes, not as absent',
  ],
  ['store text', Latin, 'bytes come back', 'every reads as 512 bytes, not as 256 bytes'],
  ['read what is empty as absent', EmptyIsNull, 'bytes come back', 'empty reads as absent, not as 0 bytes'],
  ['cut what is long', Short, 'bytes come back', 'large reads as 65535 bytes, not as 1048576 bytes'],
  [
    'keep the buffer that they were given',
    ByReference,
    'part of a buffer',
    'part reads as other bytes than were written',
  ],
  [
    'write in another order',
    LastFirst,
    'changes of one commit happen in their order',
    'a reads as other bytes than were written',
  ],
  [
    'remove first and write then',
    RemovesFirst,
    'changes of one commit happen in their order',
    'names gives a d, not a',
  ],
  [
    'do not remove what is not there',
    AbsentThrows,
    'changes of one commit happen in their order',
    'it threw no such row',
  ],
  [
    'do not tell cases apart',
    AnyCase,
    'names differ by any character',
    'names gives session-%.json session-1.0.json session-1_1.0.json session-1a1.0.json, not Session-1.0.json session-%.json',
  ],
  [
    'list in the order of a language',
    ByLanguage,
    'names differ by any character',
    'names gives session-%.json session-1_1.0.json session-1.0.json Session-1.0.json session-1a1.0.json, not Session',
  ],
  [
    'take a name for a pattern',
    ReadsLike,
    'names differ by any character',
    'session-1_1.0.json reads as other bytes than were written',
  ],
  [
    'take a prefix for a pattern',
    Like,
    'a prefix lists what lies below it',
    'names gives a_b/1 a_b/2 axb/3, not a_b/1 a_b/2',
  ],
  [
    'list what lies beside a prefix',
    Beside,
    'a prefix lists what lies below it',
    'names gives a_b a_b/1 a_b/2 a_b0, not a_b/1 a_b/2',
  ],
  ['put all in one table', OneTable, 'tables are apart', 'a reads as other bytes than were written'],
  ['have no other table', NoStaging, 'tables are apart', 'staging does not read as it was written'],
  [
    'write all that they have read',
    LastWins,
    'commits that are under way at the same time',
    'names gives last many-49, not last many-00 many-01',
  ],
  [
    'forget what was closed',
    LostAtClose,
    'what was committed is there after close',
    'a reads as absent, not as 1 bytes',
  ],
  ['can be closed once', ClosesOnce, 'what was committed is there after close', 'it threw the pool has ended already'],
  ['do not give their claim back', KeepsItsClaim, 'without a claim nothing is written', 'the commit was taken'],
  [
    'refuse in words of their own',
    OtherWords,
    'without a claim nothing is written',
    'the commit was refused with Error, not with FencedError',
  ],
  [
    'write what they refuse',
    WritesUnclaimed,
    'without a claim nothing is written',
    'a reads as 1 bytes, not as absent',
  ],
  ['read only for their owner', ReadsClaimed, 'reading reads without a claim', 'it threw not claimed'],
  ['fence nobody who writes', FencesNothing, 'once another has claimed', 'the commit was taken'],
  ['fence after the first row', FencesLate, 'once another has claimed', 'b reads as 1 bytes, not as absent'],
  ['take a commit of nothing for nothing', Lazy, 'a commit of nothing is refused', 'the commit was taken'],
  [
    'remember what they have read',
    Cached,
    'the newest owner writes, and others read',
    'a reads as absent, not as 3 bytes',
  ],
]

describe('testRows', () => {
  test('names the rules that rows of two handles hold to', async () => {
    const memory = new Memory()
    expect(await testRows(new MemoryRows(memory), new MemoryRows(memory))).toEqual(rules)
    expect([...memory.rows]).toEqual([])
  })

  test('waits for each step of rows that take their time, and leaves nothing in them', async () => {
    const memory = new Memory()
    const [rows, another] = [new SlowRows(memory), new SlowRows(memory)]
    expect(await testRows(rows, another)).toEqual(rules)
    expect([...memory.rows]).toEqual([])
    // Both were let go of.
    for (const handle of [rows, another])
      await expect(handle.commit([])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  })

  test('says nothing of two owners where it was given one handle', async () => {
    const one = rowRules.filter(({ owners }) => owners === 1).map(({ rule }) => rule)
    expect(await testRows(new MemoryRows(new Memory()))).toEqual(one)
  })

  test.each(broken)('names what is wrong with rows that %s, and nothing else', async (_, Kind, rule, words) => {
    const memory = new Memory()
    const found = await testRows(new Kind(memory), new Kind(memory)).catch((error: unknown) => error)
    expect(found).toMatchObject({ code: 'ROWS_BROKEN', message: expect.stringContaining(rule) })
    expect(Object(found).broken).toEqual([expect.stringMatching(new RegExp(`^- ${rule}.*: ${words}`))])
  })

  test('has rows for each of its rules that keep all but that one', () => {
    expect(rules.filter((rule) => !broken.some(([, , words]) => rule.startsWith(words)))).toEqual([])
  })

  test('leaves rows alone in which something is', async () => {
    const memory = new Memory()
    memory.rows.set('account/creds.json', Buffer.from('{}'))
    await expect(testRows(new MemoryRows(memory))).rejects.toMatchObject({ code: 'ROWS_IN_USE' })
    expect(memory.rows.size).toBe(1)
    memory.rows.clear()
    memory.rows.set('own/facts', Buffer.from('{}'))
    const rows = new SlowRows(memory)
    await expect(testRows(rows)).rejects.toMatchObject({ code: 'ROWS_IN_USE' })
    await expect(rows.commit([])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    expect([...memory.rows.keys()]).toEqual(['own/facts'])
  })

  test('tells of rows that throw something else than an error, and of a list that is empty, in words too', async () => {
    const found = async (Kind: new (memory: Memory) => MemoryRows) =>
      testRows(new Kind(new Memory())).catch((error: unknown) => Object(error).broken as readonly string[])
    expect(await found(ThrowsWords)).toContain('- a row that is not there reads as null: it threw no connection')
    expect(await found(RefusesInWords)).toEqual([
      '- without a claim nothing is written: the commit was refused with string, not with FencedError',
    ])
    expect(await found(ListsNothing)).toContain(
      '- a prefix lists what lies below it under whole names, and nothing beside it: names gives none, not a_b/1 a_b/2',
    )
  })
})
