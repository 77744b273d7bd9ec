import { expect, test } from 'vitest'
import { TamperWatch } from '../../../src/stores/postgres/tampering.ts'

const place = (name: string, kind = 'account') => ({ account: 'anna', kind, name })

test('what was tampered with is told once for each row and way, in words that name no contact', () => {
  const watch = new TamperWatch()
  const told: string[] = []
  const off = watch.on(({ message }) => told.push(message))
  for (let turn = 0; turn < 2; turn += 1) {
    watch.note(place('session-491.0.json'), 'unsealed')
    watch.note(place('session-491.0.json'), 'unopened')
    watch.note(place('session-492.0.json'), 'unopened')
    watch.note(place('creds.json'), 'older')
    watch.note(place('anna', 'status'), 'stale')
  }
  expect(told).toEqual([
    expect.stringMatching(/^a session row of anna was written into the database without the key.*; it is not used$/),
    ...Array(2).fill(expect.stringMatching(/^a session row of anna does not open with its key: /)),
    expect.stringMatching(/^a creds row of anna is older than what was written last: it was put back; /),
    'a row of kind status of anna is from another time than its row says: it was put back; it is not used',
  ])
  off()
  watch.note(place('pre-key-1.json'), 'unopened')
  expect(told).toHaveLength(5)
})

test('of more rows than anybody reads about the first ones are told again', () => {
  const watch = new TamperWatch()
  let told = 0
  watch.on(() => {
    told += 1
  })
  for (let at = 0; at < 10_000; at += 1) watch.note(place(`session-${at}`), 'older')
  watch.note(place('session-0'), 'older')
  expect(told).toBe(10_000)
  watch.note(place('session-10000'), 'older')
  watch.note(place('session-0'), 'older')
  expect(told).toBe(10_002)
})
