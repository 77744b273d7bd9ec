import { describe, expect, test } from 'vitest'
import { LifelineError, LockedError } from '../../src/errors/errors.ts'
import { knownOptions, millisecondsOption, shape, wrongOption } from '../../src/errors/wrong-option.ts'
import { diskError, onDisk } from '../../src/stores/disk/disk-error.ts'

describe('A wrong option', () => {
  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [7, '7'],
    [false, 'false'],
    ['a secret', 'a string'],
    [{ secret: 1 }, 'an object'],
    [['a', 'b'], 'an array of 2'],
    [() => 1, 'a function'],
    [Symbol('secret'), 'a symbol'],
  ])('is told by its shape, never by its content: %#', (value, words) => {
    expect(shape(value)).toBe(words)
    expect(wrongOption('a.b', value, 'a name')).toMatchObject({
      path: 'a.b',
      message: `The option a.b is ${words}; allowed is a name.`,
      remediation: 'Give a.b a name.',
    })
  })

  test('is one of an object that is none, of a name that is not known, or of a time that is out of bounds', () => {
    for (const none of [null, 7, undefined])
      expect(() => knownOptions('webhook', none, ['url', 'secret'])).toThrow(/webhook is .* an object with url, secret/)
    expect(() => knownOptions('webhook', { url: 1, uri: 1 }, ['url'])).toThrow(
      expect.objectContaining({ path: 'webhook.uri', message: 'There is no option webhook.uri.' }),
    )
    expect(knownOptions('webhook', { url: 1 }, ['url'])).toBeUndefined()
    for (const wrong of ['5', 1.5, 4, 11, Number.NaN])
      expect(() => millisecondsOption('t', wrong, 5, 10)).toThrow(/a whole number of milliseconds from 5 to 10/)
    expect([5, 10].map((ms) => millisecondsOption('t', ms, 5, 10))).toEqual([5, 10])
  })
})

describe('Trouble with the disk', () => {
  const failed = (code?: string) => Object.assign(new Error('no'), code === undefined ? {} : { code })

  test('is told with its errno and what to do about it, also where that is not known', () => {
    expect(diskError('/a', 'writing', failed('ENOSPC'))).toMatchObject({
      code: 'AUTH_STORE_DISK',
      message: 'The disk failed with ENOSPC while writing in /a. What was stored before is still there.',
      remediation: 'Free space on the disk.',
    })
    expect(diskError('/a', 'writing', failed('ENEW')).remediation).toMatch(/^Check the disk/)
    expect(diskError('/a', 'writing', failed()).message).toMatch(/failed with UNKNOWN while/)
  })

  test('that is an error of ours already passes as it is', async () => {
    const own = new LifelineError('X', 'x', 'y')
    await expect(onDisk('/a', 'reading', () => Promise.reject(own))).rejects.toBe(own)
    expect(await onDisk('/a', 'reading', async () => 1)).toBe(1)
  })
})

test('an error has the cause that it was given, and none otherwise', () => {
  expect(new LifelineError('X', 'x', 'y', 'why').cause).toBe('why')
  expect(new LifelineError('X', 'x', 'y')).not.toHaveProperty('cause')
})

test('the owner of a locked account is named as far as its lock says', () => {
  const messageOf = (pid?: number, host?: string) => new LockedError('/a', { pid, host }).message
  expect([messageOf(), messageOf(7), messageOf(7, 'h')]).toEqual([
    '/a is in use by another process.',
    '/a is in use by process 7 on host (unknown).',
    '/a is in use by process 7 on host h.',
  ])
})
