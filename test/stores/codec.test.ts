import { fc, test as property } from '@fast-check/vitest'
import * as seven from '@whiskeysockets/baileys'
import * as six from 'baileys-6'
import { describe, expect, test } from 'vitest'
import { type BaileysParts, codecOf, isOlderForm } from '../../src/stores/codec.ts'
import { inTurn, numberOf } from '../share.ts'

const lines = [
  { line: '7', baileys: seven as unknown as BaileysParts },
  { line: '6', baileys: six as unknown as BaileysParts },
]
const today = inTurn(lines, import.meta.url)

/**
 * JSON with what Baileys' revivers look for in it: buffers in their several spellings, and objects with numbers for
 * keys.
 */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.jsonValue({ maxDepth: 1 }),
    fc.uint8Array().map((bytes) => ({ type: 'Buffer', data: Buffer.from(bytes).toString('base64') })),
    fc.record({ type: fc.constant('Buffer'), data: fc.jsonValue({ maxDepth: 1 }) }),
    fc.record({ type: fc.constant('Buffer'), data: fc.array(fc.integer({ min: -1, max: 256 }), { maxLength: 3 }) }),
    fc.record({ buffer: fc.boolean(), data: fc.array(fc.nat(255)) }),
    fc.dictionary(fc.oneof(fc.nat(20).map(String), fc.constant('1x')), fc.nat(255)),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'type', 'data')), tie('any')),
    fc.array(tie('any')),
  ),
})).any

/** The same, as it is before it is stored: bytes, holes, objects that say themselves what they are as JSON. */
const unstored = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    value,
    fc.uint8Array(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(undefined, Number.NaN, Symbol('none'), new Map([[1, 2]]), new Date(0), Object.create(null)),
    fc.nat(9).map((toJSON) => ({ toJSON })),
    fc.uint8Array().map((bytes) => ({ toJSON: () => ({ bytes }) })),
    fc.sparseArray(fc.nat(9), { maxNumElements: 3 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'type', 'data')), tie('any')),
    fc.array(tie('any')),
  ),
})).any

/** Bytes as JSON columns spell them, which not every Baileys reads. */
const spelt = (value: unknown): Buffer | undefined => {
  const { type, data } = Object(value) as { readonly type?: unknown; readonly data?: unknown }
  const numbers = Array.isArray(data) && data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)
  return type === 'Buffer' && numbers ? Buffer.from(data) : undefined
}

/** Baileys 6's reviver throws on some of what looks like a buffer. */
const outcome = (read: () => unknown): unknown => {
  try {
    return { read: read() }
  } catch {
    return 'threw'
  }
}

describe.each(today)('the codec with Baileys $line', ({ baileys }) => {
  property.prop([value], { numRuns: numberOf(500, 100) })(
    'reads what JSON.parse with its reviver reads, and bytes that are spelt number by number',
    (stored) => {
      const text = JSON.stringify(stored)
      const read = outcome(() => codecOf(baileys).decode(Buffer.from(text)))
      const reviver = (key: string, inner: unknown) => spelt(inner) ?? baileys.BufferJSON.reviver(key, inner)
      expect(read).toStrictEqual(outcome(() => JSON.parse(text, reviver)))
    },
  )

  test('reads what an editor, a JSON column or an export has left of a file', () => {
    const codec = codecOf(baileys)
    const today = JSON.stringify(
      { key: Buffer.from([1, 2, 255]), text: 'a,]"\\,}', list: [1] },
      baileys.BufferJSON.replacer,
    )
    const value = codec.decode(Buffer.from(today))
    const older = [
      `\uFEFF${today}`,
      `${today}\r\n`,
      `${today},\n`,
      today.replace('[1]', '[1,\n]').replace(/}$/, ',}'),
      today.replace(/{"type":"Buffer","data":"[^"]*"}/, '{"type":"Buffer","data":[1,2,255]}'),
      today.replace(/{"type":"Buffer","data":"[^"]*"}/, '{"$binary":{"base64":"AQL/","subType":"00"}}'),
    ]
    for (const text of older) expect(codec.decode(Buffer.from(text))).toStrictEqual(value)
    expect(older.map((text) => isOlderForm(Buffer.from(text)))).toEqual([true, false, true, true, true, true])
    expect(isOlderForm(Buffer.from(today))).toBe(false)
    for (const torn of ['', '{', '{"a":1', today.slice(0, -1), '{,}x'])
      expect(() => codec.decode(Buffer.from(torn))).toThrow()
  })

  property.prop([fc.dictionary(fc.string(), unstored)], { numRuns: numberOf(500, 100) })(
    'writes what JSON.stringify with its replacer writes',
    (given) => {
      const written = outcome(() => codecOf(baileys).encode(given).toString('utf8'))
      expect(written).toStrictEqual(outcome(() => JSON.stringify(given, baileys.BufferJSON.replacer)))
    },
  )
})

test('Baileys is asked about objects alone, of which there are few, when it is written and read', () => {
  const asked: unknown[] = []
  const noted = (ask: (key: string, value: unknown) => unknown) => (key: string, value: unknown) => {
    asked.push(value)
    return ask(key, value)
  }
  const BufferJSON = { replacer: noted(seven.BufferJSON.replacer), reviver: noted(seven.BufferJSON.reviver) }
  const codec = codecOf({ ...seven, BufferJSON })
  const value = { text: 'a', number: 1, none: null, list: [1, 2], key: Buffer.from([1]) }
  expect(codec.decode(codec.encode(value))).toEqual(value)
  expect(asked.length).toBeGreaterThan(4)
  expect(asked.filter((one) => typeof one !== 'object' || one === null)).toEqual([])
})

test.each([
  [[0, 1, 255], true],
  [[-1], false],
  [[256], false],
  [[1.5], false],
])('%j are bytes, or what looks like them and stays as it is', (data, are) => {
  const stored = { type: 'Buffer', data }
  const none = {
    BufferJSON: { replacer: (_: string, value: unknown) => value, reviver: (_: string, value: unknown) => value },
  }
  const read = codecOf({ ...seven, ...none } as unknown as BaileysParts).decode(Buffer.from(JSON.stringify({ stored })))
  expect(read).toEqual({ stored: are ? Buffer.from(data) : stored })
})

test('a text alone is read as one, also from bytes that are no Buffer', () => {
  const bytes = new TextEncoder().encode('"\\u0061"')
  expect(codecOf(seven).decode(bytes)).toBe('a')
  expect(codecOf(seven).decode(bytes.subarray(0))).toBe(JSON.parse('"\\u0061"', seven.BufferJSON.reviver))
})
