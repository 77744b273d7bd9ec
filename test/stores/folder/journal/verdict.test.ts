import { expect, test } from 'vitest'
import { digestOf } from '../../../../src/stores/folder/journal/digest.ts'
import type { Outstanding } from '../../../../src/stores/folder/journal/outstanding.ts'
import { type Found, type Verdict, verdictOn } from '../../../../src/stores/folder/journal/verdict.ts'

const [old, first, newest, foreign] = ['old', 'first', 'newest', 'foreign'].map((mark) =>
  Buffer.from(JSON.stringify({ mark, fill: 'x'.repeat(50) })),
) as [Buffer, Buffer, Buffer, Buffer]

const wanted: Outstanding = {
  name: 'session-491.0.json',
  content: newest,
  earlier: [first],
  replaces: new Set([digestOf(old)]),
  at: 1_000,
}
const unknown = { replaces: undefined }
const fresh = { replaces: new Set([digestOf(null)]), earlier: [] }
const removal = { content: null }

const file = (content: Buffer, modifiedAt = 2_000): Found => ({ kind: 'file', content, modifiedAt })
const absent: Found = { kind: 'absent' }
const other: Found = { kind: 'other' }

const rows: readonly (readonly [what: string, verdict: Verdict, found: Found, over: Partial<Outstanding>])[] = [
  ['what the journal wants', 'stands', file(newest), {}],
  ['what it wanted before', 'apply', file(first), {}],
  ['what it replaced', 'apply', file(old), {}],
  ['what somebody else wrote, whatever the clock says', 'superseded', file(foreign, 0), {}],
  ['a beginning of what it wants', 'apply', file(newest.subarray(0, 9)), {}],
  ['nothing', 'apply', file(Buffer.alloc(0)), {}],
  ['zeros', 'apply', file(Buffer.alloc(newest.length)), {}],
  [
    'zeros behind a beginning of what it wanted before',
    'apply',
    file(Buffer.concat([first.subarray(0, 20), Buffer.alloc(9)])),
    {},
  ],
  ['what nothing can read', 'apply-and-keep', file(Buffer.from('{"torn')), {}],
  ['a folder', 'apply-and-keep', other, {}],
  ['no file, where there was none', 'apply', absent, fresh],
  ['no file, where nobody knows', 'apply', absent, unknown],
  ['no file, where it was to be removed for a moment', 'apply', absent, { earlier: [first, null] }],
  ['no file, where there was one: somebody removed it', 'superseded', absent, {}],
  ['no creds.json, where there was one', 'apply', absent, { name: 'creds.json' }],
  ['a file that is newer, where nobody knows what it replaced', 'superseded', file(foreign, 2_000), unknown],
  ['a file that is older, where nobody knows what it replaced', 'apply-and-keep', file(foreign, 500), unknown],
  ['no file, where it is to be removed', 'stands', absent, removal],
  ['what it wanted before, where it is to be removed', 'apply', file(first), removal],
  ['what somebody else wrote, where it is to be removed', 'superseded', file(foreign), removal],
]

test.each(rows)('where it finds %s, the verdict is: %s', (_, verdict, found, over) => {
  expect(verdictOn(found, { ...wanted, ...over })).toBe(verdict)
})
