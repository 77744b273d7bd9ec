import type { Content } from '../write-ahead.ts'
import type { Rows } from './rows.ts'

/** One thing that rows have to do. `look` gives what does not hold, in words. */
export interface RowRule {
  readonly rule: string
  /** How many handles it takes. */
  readonly owners: 1 | 2
  readonly look: (rows: Rows, another: Rows) => Promise<string | undefined>
}

const bytes = (text: string): Uint8Array => Buffer.from(text)
const account = (name: string, content: Content) => ({ table: 'account', name, content }) as const
const text = (content: Content): string | null => (content === null ? null : Buffer.from(content).toString('latin1'))

async function differs(rows: Rows, name: string, expected: Content): Promise<string | undefined> {
  const found = await rows.read('account', name)
  if (text(found) === text(expected)) return undefined
  const [is, ought] = [found, expected].map(sizeOf)
  return `${name} reads as ${is === ought ? 'other bytes than were written' : `${is}, not as ${ought}`}`
}
const sizeOf = (content: Content): string => (content === null ? 'absent' : `${content.length} bytes`)

async function namesDiffer(rows: Rows, prefix: string | undefined, expected: readonly string[]) {
  const found = await rows.names('account', prefix)
  const [is, ought] = [found, expected].map((names) => names.join(' '))
  return is === ought ? undefined : `names gives ${is || 'none'}, not ${ought}`
}

async function first(...looks: readonly (() => Promise<string | undefined>)[]): Promise<string | undefined> {
  for (const look of looks) {
    const found = await look()
    if (found !== undefined) return found
  }
  return undefined
}

/** What was refused, and why; or that it was not. */
async function notFenced(commit: Promise<void>): Promise<string | undefined> {
  try {
    await commit
    return 'the commit was taken'
  } catch (error) {
    return isFenced(error)
      ? undefined
      : `the commit was refused with ${error instanceof Error ? error.name : typeof error}, not with FencedError`
  }
}

/** By its code: the rows may have the error from another copy of this package. */
export const isFenced = (error: unknown): boolean => Object(error).code === 'AUTH_STORE_FENCED'

const names = ['Session-1.0.json', 'session-1.0.json', 'session-1_1.0.json', 'session-1a1.0.json', 'session-%.json']
const everyByte = Uint8Array.from({ length: 256 }, (_, at) => at)

/** What rows are held to by `testRows`, one rule each. */
export const rowRules: readonly RowRule[] = [
  {
    rule: 'a row that is not there reads as null',
    owners: 1,
    look: (rows) => differs(rows, 'none', null),
  },
  {
    rule: 'bytes come back as they were: every value, none at all, and a megabyte',
    owners: 1,
    look: async (rows) => {
      const large = Buffer.alloc(2 ** 20, 7)
      await rows.commit([account('every', everyByte), account('empty', new Uint8Array()), account('large', large)])
      return first(
        () => differs(rows, 'every', everyByte),
        () => differs(rows, 'empty', new Uint8Array()),
        () => differs(rows, 'large', large),
      )
    },
  },
  {
    rule: 'part of a buffer is written as that part, and as it was when it was given',
    owners: 1,
    look: async (rows) => {
      const whole = Buffer.from('abcdef')
      const done = rows.commit([account('part', whole.subarray(2, 4))])
      await done
      whole.fill(0)
      return differs(rows, 'part', bytes('cd'))
    },
  },
  {
    rule: 'changes of one commit happen in their order, and null removes, what is absent too',
    owners: 1,
    look: async (rows) => {
      await rows.commit([account('a', bytes('1')), account('a', bytes('2')), account('b', bytes('1'))])
      await rows.commit([account('b', null), account('c', null), account('d', bytes('1')), account('d', null)])
      return first(
        () => differs(rows, 'a', bytes('2')),
        () => differs(rows, 'b', null),
        () => namesDiffer(rows, undefined, ['a']),
      )
    },
  },
  {
    rule: 'names differ by any character, by its case too, and are listed in the order of their characters',
    owners: 1,
    look: async (rows) => {
      await rows.commit([...names].reverse().map((name) => account(name, bytes(name))))
      return first(
        () => namesDiffer(rows, undefined, [...names].sort()),
        ...names.map((name) => () => differs(rows, name, bytes(name))),
      )
    },
  },
  {
    rule: 'a prefix lists what lies below it under whole names, and nothing beside it',
    owners: 1,
    look: async (rows) => {
      await rows.commit(['a_b/1', 'a_b/2', 'a_b', 'a_b0', 'axb/3'].map((name) => account(name, bytes('1'))))
      return namesDiffer(rows, 'a_b/', ['a_b/1', 'a_b/2'])
    },
  },
  {
    rule: 'tables are apart from each other',
    owners: 1,
    look: async (rows) => {
      await rows.commit([account('a', bytes('1')), { table: 'staging', name: 'a', content: bytes('2') }])
      const staged = await rows.read('staging', 'a')
      return text(staged) === '2' ? differs(rows, 'a', bytes('1')) : 'staging does not read as it was written'
    },
  },
  {
    rule: 'commits that are under way at the same time all count',
    owners: 1,
    look: async (rows) => {
      const many = Array.from({ length: 50 }, (_, at) => `many-${String(at).padStart(2, '0')}`)
      await Promise.all(many.map((name) => rows.commit([account(name, bytes(name)), account('last', bytes(name))])))
      return namesDiffer(rows, undefined, ['last', ...many])
    },
  },
  {
    rule: 'what was committed is there after close and claim, and close may come twice',
    owners: 1,
    look: async (rows) => {
      await rows.commit([account('a', bytes('1'))])
      await rows.close()
      await rows.close()
      await rows.claim()
      return differs(rows, 'a', bytes('1'))
    },
  },
  {
    rule: 'without a claim nothing is written',
    owners: 1,
    look: async (rows) => {
      await rows.close()
      const refused = await notFenced(rows.commit([account('a', bytes('1'))]))
      await rows.claim()
      return refused ?? differs(rows, 'a', null)
    },
  },
  {
    rule: 'reading reads without a claim',
    owners: 1,
    look: async (rows) => {
      await rows.commit([account('a', bytes('1'))])
      await rows.close()
      return rows.reading(() => differs(rows, 'a', bytes('1')))
    },
  },
  {
    rule: 'once another has claimed the rows, an older owner writes nothing, and is told FencedError',
    owners: 2,
    look: async (rows, another) => {
      await rows.commit([account('a', bytes('old'))])
      await another.claim()
      const refused = await notFenced(rows.commit([account('b', bytes('1')), account('a', bytes('late'))]))
      const found = await first(
        () => differs(another, 'a', bytes('old')),
        () => differs(another, 'b', null),
      )
      return refused ?? found
    },
  },
  {
    rule: 'a commit of nothing is refused, too, once another has claimed the rows',
    owners: 2,
    look: async (rows, another) => {
      await another.claim()
      return notFenced(rows.commit([]))
    },
  },
  {
    rule: 'the newest owner writes, and others read what it wrote',
    owners: 2,
    look: async (rows, another) => {
      await another.claim()
      await another.commit([account('a', bytes('new'))])
      return rows.reading(() => differs(rows, 'a', bytes('new')))
    },
  },
]
