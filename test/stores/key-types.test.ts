import { expect, test } from 'vitest'
import { KeyTypes } from '../../src/stores/key-types.ts'

/** The types of an account in whose note this stands, and what is written there. */
function types(stored: unknown = []) {
  const written: (readonly string[])[] = []
  let isBroken = false
  const note = {
    read: async () => {
      if (stored instanceof Error) throw stored
      return stored
    },
    write: async (all: readonly string[]) => {
      if (isBroken) throw new Error('ENOSPC')
      written.push(all)
    },
  }
  return {
    made: new KeyTypes(note),
    written,
    breaks: (how: boolean) => {
      isBroken = how
    },
  }
}

test('types that are new are written beside those that are known, once, and no type that has a class', async () => {
  const { made, written } = types(['old-type', 7])
  await made.learn(['session', 'pre-key'])
  expect(written).toEqual([])
  await made.learn(['new-type', 'session'])
  await made.learn(['new-type', 'old-type'])
  await made.learn(['third-type', 'new-type'])
  expect(written).toEqual([
    ['old-type', 'new-type'],
    ['old-type', 'new-type', 'third-type'],
  ])
  expect([...(await made.learned())]).toEqual(['old-type', 'new-type', 'third-type'])
})

test.each([[new Error('ENOENT')], [{}], [null]])('nothing is known of a note that is %s', async (stored) => {
  const { made, written } = types(stored)
  expect([...(await made.learned())]).toEqual([])
  await made.learn(['new-type'])
  expect(written).toEqual([['new-type']])
})

test('a type that could not be written is written with the next', async () => {
  const { made, written, breaks } = types()
  breaks(true)
  await expect(made.learn(['new-type'])).rejects.toThrow('ENOSPC')
  breaks(false)
  await made.learn(['new-type'])
  expect(written).toEqual([['new-type']])
})
