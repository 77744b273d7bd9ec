import { expect, test } from 'vitest'
import { defaultPolicy } from '../../machines/index.ts'
import { missingReverses, writeReverses } from '../../src/stores/mappings.ts'
import { sessionFault } from '../../src/stores/session-faults.ts'
import type { AuthStore, Finding } from '../../src/stores/store.ts'
import { trimStored } from '../../src/stores/trim-stored.ts'
import { chainsIn, grownSession, keptChains } from './grown-keys.ts'

test('a reverse mapping is missing where the forward one stands alone, and of what is no mapping none is', () => {
  const found = missingReverses(
    new Map<string, unknown>([
      ['lid-mapping-491.json', '99'],
      ['lid-mapping-492.json', '98'],
      ['lid-mapping-98_reverse.json', '492'],
      ['lid-mapping-493.json', 97],
      ['lid-mapping-494.json', 'x97'],
      ['session-495.0.json', '96'],
    ]),
  )
  expect(found).toEqual({ '99_reverse': '491' })
})

/** A store on which every step takes a while, and what was done, in order. */
function slowStore(kept: Readonly<Record<string, unknown>>) {
  const done: unknown[] = []
  let error: Error | undefined
  const does = async (...what: unknown[]) => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    done.push(what)
  }
  const keys = {
    get: async (_: string, ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, kept[id]])),
    set: async (data: object) => {
      await does('set', data)
      if (error) throw error
    },
  }
  const store = {
    open: async () => ({ state: { keys }, close: () => does('closed') }),
    copyAside: async (which: object, reason: string) => {
      await does('aside', which, reason)
      return { id: 'entry' }
    },
  } as unknown as AuthStore
  return {
    ...{ store, done },
    breaks: () => {
      error = new Error('EIO')
    },
  }
}
const finding = (code: string, file?: string) => ({ code, ...(file === undefined ? {} : { file }) }) as Finding

test('those that an inspection misses are written, the store is closed after it, also if they could not be', async () => {
  const { store, done, breaks } = slowStore({ '491': '99', '492': '98' })
  expect(await writeReverses(store, [])).toBe(0)
  const others = [finding('session-empty', 'lid-mapping-491.json'), finding('lid-mapping-one-way')]
  expect(await writeReverses(store, others)).toBe(0)
  expect(done).toEqual([])
  const missed = ['491', '492'].map((number) => finding('lid-mapping-one-way', `lid-mapping-${number}.json`))
  expect(await writeReverses(store, [...others, ...missed])).toBe(2)
  const set = ['set', { 'lid-mapping': { '99_reverse': '491', '98_reverse': '492' } }]
  expect(done).toEqual([set, ['closed']])
  breaks()
  await expect(writeReverses(store, missed)).rejects.toThrow('EIO')
  expect(done.slice(2)).toEqual([set, ['closed']])
})

test('what is trimmed is copied aside before it is written, once for all, and closed after it', async () => {
  const grown = () => slowStore({ 'a.0': grownSession(50), 'b.0': grownSession(50), 'c.0': grownSession(1) })
  const { store, done } = grown()
  const trim = (names: readonly string[], of = store) => trimStored(of, names, defaultPolicy.trim, 'why')
  expect(await trim([])).toBeUndefined()
  expect(done).toEqual([])
  expect(await trim(['session-c.0.json', 'notes.txt'])).toBeUndefined()
  expect(done).toEqual([['closed']])
  done.length = 0
  const names = ['session-a.0.json', 'session-b.0.json']
  expect(await trim([...names, 'session-c.0.json'])).toEqual({ id: 'entry' })
  expect(done.map((one) => (one as unknown[])[0])).toEqual(['aside', 'set', 'closed'])
  expect(done[0]).toEqual(['aside', { kind: 'files', names }, 'why'])
  const { session } = (done[1] as [string, { session: Record<string, unknown> }])[1]
  expect(Object.entries(session).map(([id, one]) => [id, chainsIn(one)])).toEqual([
    ['a.0', keptChains],
    ['b.0', keptChains],
  ])
  const other = grown()
  other.breaks()
  await expect(trim(names, other.store)).rejects.toThrow('EIO')
  expect(other.done.at(-1)).toEqual(['closed'])
})

const entry = (more: object = {}) => ({
  ...{ registrationId: 1, indexInfo: { closed: -1 }, currentRatchet: { rootKey: 'r' } },
  _chains: { a: { chainKey: { key: 'k' } } },
  ...more,
})
test.each<[string | undefined, 'reads' | 'nothing' | undefined, unknown]>([
  [undefined, undefined, { _sessions: { a: entry() } }],
  [undefined, undefined, { _sessions: {} }],
  [undefined, undefined, { _sessions: null }],
  [undefined, undefined, { _sessions: 'x' }],
  [undefined, undefined, { _sessions: { a: entry({ indexInfo: { closed: 5 } }), b: entry() } }],
  ['has no session that is open', 'reads', { _sessions: { a: entry({ indexInfo: { closed: 5 } }) } }],
  ['has lost its chains', 'nothing', { _sessions: { a: entry({ _chains: {} }) } }],
  ['has lost its chains', 'nothing', { _sessions: { a: entry({ _chains: null }) } }],
  ['has lost its chains', 'nothing', { _sessions: { a: entry({ _chains: 'x' }) } }],
  ['has lost the keys of its chains', 'nothing', { _sessions: { a: entry({ _chains: { a: { chainKey: {} } } }) } }],
  [
    'has lost the keys of its chains',
    'nothing',
    { _sessions: { a: entry({ _chains: { a: { chainKey: { key: '' } }, b: { chainKey: { key: 7 } } } }) } },
  ],
  ['has no root key', 'nothing', { _sessions: { a: entry({ currentRatchet: { rootKey: '' } }) } }],
  ['has no root key', 'nothing', { _sessions: { a: entry({ currentRatchet: undefined }) } }],
  ['has no registration id', 'reads', { _sessions: { a: entry({ registrationId: '1' }) } }],
])('of a session it is said that it %s, so that it still does: %s', (what, still, record) => {
  expect(sessionFault(record)).toEqual(what === undefined ? undefined : { what, still })
})
