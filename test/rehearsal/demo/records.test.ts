import { expect, test } from 'vitest'
import { muteConsole } from '../../../src/baileys/muted-console.ts'
import { Claims } from '../../../src/rehearsal/demo/claims.ts'
import { LineRecord, tally } from '../../../src/rehearsal/demo/line-record.ts'
import { until } from '../../../src/rehearsal/demo/until.ts'

test('a message that cannot be read counts once, by what Signal said of it first', () => {
  const record = new LineRecord()
  const said = (id: unknown, err: unknown, text = 'failed to decrypt message') =>
    record.logger.error({ key: { id }, err }, text)
  said('a', { message: 'No matching sessions found for message' })
  said('a', { message: 'No session record' })
  said('b', { message: 'No session record' })
  said('c', { message: 'Something of tomorrow' })
  said('d', 'no error')
  said('e', { message: 'Bad MAC' }, 'something else')
  for (const fields of [undefined, null, 'x', {}, { key: {} }, { key: null, err: {} }, { key: { id: 1 }, err: {} }])
    record.logger.error(fields, 'failed to decrypt message')
  for (const method of ['trace', 'debug', 'info', 'warn'] as const) record.logger[method]({}, 'x')
  expect(record.unreadable).toEqual({ 'Bad MAC': 1, 'No session record': 1, 'Something of tomorrow': 1, '': 1 })
})

test('a demo is well only if every check of the whole story was made and held', () => {
  const claims = new Claims()
  expect(claims.hold('one', true, '')).toBe(true)
  expect([claims.allOf(1), claims.allOf(2)]).toEqual([true, false])
  expect(claims.hold('two', false, '')).toBe(false)
  expect(claims.allOf(2)).toBe(false)
  claims.took('it', 1.6)
  expect(claims.spans).toEqual([{ what: 'it', ms: 2 }])
  expect(tally(['a', 'b', 'a'])).toEqual({ a: 2, b: 1 })
})

test('what does not come true in its time is given up', async () => {
  let looks = 0
  expect(await until(() => ++looks > 1, 1_000)).toBe(true)
  expect(await until(async () => false, -1)).toBe(false)
})

test('a console that somebody else has wrapped meanwhile is left to him', () => {
  const { log, info } = console
  const unmute = muteConsole()
  const theirs = () => undefined
  console.log = theirs
  unmute()
  try {
    expect([console.log, console.info]).toEqual([theirs, info])
  } finally {
    console.log = log
  }
})
