import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { causeKinds, type Facts } from '../../machines/index.ts'
import { parseFacts } from '../../src/line/saved-facts.ts'

const whole: Facts = {
  version: 1,
  savedAt: 9,
  attempt: 2,
  restartRun: 1,
  budget: { addresses: { 'a.0': [1, 2] }, all: [3] },
  conflicts: [4],
  heldUntil: 5,
  closes: [{ at: 6, cause: { kind: 'temporary-ban', message: 'no', code: 402, detail: 'd', expiresInMs: 7 } }],
  drops: [{ at: 8, kind: 'network' }],
  unstable: { since: 9, kind: 'server', closes: 10 },
  clean: true,
}

test('facts come back as they were kept', () => {
  expect(parseFacts(JSON.parse(JSON.stringify(whole)))).toEqual(whole)
})

test.each([
  [undefined],
  [null],
  [[]],
  ['x'],
  [{ ...whole, version: 2 }],
  [{ ...whole, savedAt: -1 }],
  [{ ...whole, savedAt: -0 }],
  [{ ...whole, savedAt: 'x' }],
])('what is none of ours is none: %j', (value) => {
  expect(parseFacts(value)).toBeUndefined()
})

const { heldUntil: _, ...unheld } = whole
const none = { addresses: {}, all: [] }
test.each<[string, object, object]>([
  ['attempt', { attempt: 1.5, restartRun: -1 }, { attempt: 0, restartRun: 0 }],
  ['budget', { budget: 7 }, { budget: none }],
  ['budget', { budget: { addresses: [], all: 'x' } }, { budget: none }],
  [
    'budget',
    { budget: { addresses: { a: [1, 'x', -1], b: 2 }, all: [] } },
    { budget: { addresses: { a: [1], b: [] }, all: [] } },
  ],
  ['conflicts', { conflicts: 1 }, { conflicts: [] }],
  ['closes', { closes: {} }, { closes: [] }],
  ['closes', { closes: [7, { at: 'x', cause: {} }, { at: 1 }, { at: 1, cause: { kind: 'odd' } }] }, { closes: [] }],
  [
    'closes',
    { closes: [{ at: 1, cause: { kind: 'deaf', message: 7, code: 'x', expiresInMs: -1 } }] },
    { closes: [{ at: 1, cause: { kind: 'deaf', message: '' } }] },
  ],
  [
    'closes',
    { closes: [{ at: 1, cause: { kind: 'deaf', message: 'x'.repeat(201), code: -0, detail: 7, expiresInMs: 0 } }] },
    { closes: [{ at: 1, cause: { kind: 'deaf', message: 'x'.repeat(200), expiresInMs: 0 } }] },
  ],
  [
    'closes',
    { closes: [null, { at: 1, cause: null }, { at: 1, cause: [] }, { at: -1, cause: { kind: 'deaf' } }] },
    { closes: [] },
  ],
  [
    'drops',
    { drops: [7, null, { at: 'x', kind: 'deaf' }, { at: 1, kind: 'odd' }, { at: 1, kind: 'deaf', x: 1 }] },
    {
      drops: [{ at: 1, kind: 'deaf' }],
    },
  ],
  ['clean', { clean: 'yes' }, { clean: false }],
])('a broken %s costs itself alone', (_, broken, left) => {
  expect(parseFacts({ ...whole, ...broken })).toEqual({ ...whole, ...left })
})

test('drops and an instability that are none are left out', () => {
  const { drops: _drops, unstable, ...rest } = whole
  expect(parseFacts({ ...rest, drops: 7, unstable: 7 })).toEqual(rest)
  for (const broken of [{ since: -1 }, { closes: 1.5 }, { kind: 'odd' }])
    expect(parseFacts({ ...rest, unstable: { ...unstable, ...broken } })).toEqual(rest)
})

test('a hold that is none is none', () => {
  expect(parseFacts({ ...whole, heldUntil: 'x' })).toEqual(unheld)
})

const number = fc.oneof(fc.double(), fc.nat())
const times = fc.array(fc.oneof(number, fc.anything()))
const cause = fc.record(
  {
    kind: fc.constantFrom(...causeKinds),
    message: fc.anything(),
    code: number,
    detail: fc.anything(),
    expiresInMs: number,
  },
  { requiredKeys: ['kind'] },
)
/** What comes near to facts, since chance alone never makes a close or a budget. */
const nearly: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  savedAt: number,
  budget: fc.record({ addresses: fc.dictionary(fc.string(), times), all: times }),
  conflicts: times,
  heldUntil: number,
  closes: fc.array(fc.record({ at: number, cause })),
}
const fieldOf = (key: string) => fc.oneof(fc.anything(), nearly[key] ?? fc.anything())
const fields = fc.record(
  Object.fromEntries(Object.keys(whole).map((key) => [key, key === 'version' ? fc.constant(1) : fieldOf(key)])),
  { requiredKeys: ['version'] },
)
property.prop([fields])('whatever is kept, what comes out is well-formed and comes out the same again', (value) => {
  const facts = parseFacts(value)
  expect(parseFacts(JSON.parse(JSON.stringify(facts ?? null)))).toEqual(facts)
})
