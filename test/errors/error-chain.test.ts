import { Boom } from '@hapi/boom'
import { describe, expect, test } from 'vitest'
import { errorChain, list, read } from '../../src/errors/error-chain.ts'

const throwing = {
  get message(): string {
    throw new Error('not to be read')
  },
}

describe('a property of anything', () => {
  test('is read of objects and functions, and is undefined wherever there is none or it throws', () => {
    expect([read({ a: 1 }, 'a'), read([7], 0), read(() => undefined, 'length')]).toEqual([1, 7, 0])
    expect([undefined, null, 'text', 5, throwing].map((value) => read(value, 'message'))).toEqual(
      Array(5).fill(undefined),
    )
  })
})

describe('the items of an array', () => {
  test('are all of a few, and the first sixteen of many', () => {
    expect([list([]), list(['a']), list(['a', 'b'])]).toEqual([[], ['a'], ['a', 'b']])
    expect(list(Array.from({ length: 100 }, (_, at) => at))).toEqual(Array.from({ length: 16 }, (_, at) => at))
  })

  test.each([
    ['text'],
    [(_: unknown) => 1],
    [{ length: '2' }],
    [{ length: -1 }],
    [{ length: Number.NaN }],
    [null],
    [undefined],
  ])('of %j are none', (value) => {
    expect(list(value)).toEqual([])
  })
})

describe('an error and what it wraps', () => {
  test('is told outermost first: what it carries as error, cause, errors and data', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((message) => new Error(message))
    const outer = Object.assign(new Error('outer', { cause: a }), { error: b, errors: [c, 'text'], data: d })
    expect(errorChain(outer).map(({ message }) => message)).toEqual(['outer', 'b', 'a', 'c', 'text', 'd'])
    expect(errorChain(Object.assign(new Error('alone'), { data: { reason: 1 } }))).toMatchObject([
      { message: 'alone', data: { reason: 1 } },
    ])
  })

  test('has the status of a Boom and the code of Node', () => {
    expect(errorChain(new Boom('gone', { statusCode: 428 }))).toMatchObject([{ message: 'gone', status: 428 }])
    expect(errorChain(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))).toMatchObject([{ errno: 'ENOTFOUND' }])
    const coded = errorChain(Object.assign(new Error('no'), { code: 5 }))
    expect(coded[0]).not.toHaveProperty('errno')
  })

  test.each([
    [100, true],
    [999, true],
    [99, false],
    [1_000, false],
    [500.5, false],
    ['500', false],
    [undefined, false],
  ])('has a status of HTTP or none: %s', (statusCode, expected) => {
    const [link] = errorChain({ message: 'x', output: { statusCode } })
    expect(link && 'status' in link).toBe(expected)
  })

  test('comes to an end where it wraps itself, or more than is looked at, and never throws', () => {
    const round = new Error('round')
    round.cause = round
    expect(errorChain(round)).toHaveLength(1)
    const deep = Array.from({ length: 100 }).reduce<Error>((cause, _, at) => new Error(`${at}`, { cause }), new Error())
    expect(errorChain(deep)).toHaveLength(16)
    expect(errorChain(throwing)).toMatchObject([{ message: '', stack: '' }])
    expect([undefined, null, 5].map(errorChain)).toEqual([[], [], []])
    expect(errorChain('x'.repeat(5_000))[0]?.message).toHaveLength(4_000)
    expect(errorChain(new Error('x'.repeat(5_000)))[0]?.message).toHaveLength(4_000)
  })
})
