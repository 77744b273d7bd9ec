import { BufferJSON, initAuthCreds, proto } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { codecOf } from '../../src/stores/codec.ts'
import { lookAtSessions } from '../../src/stores/session-look.ts'

const count = 10_000
const nameOf = (at: number) => `session-${at}.0.json`
/** Any order but that of time. */
const shuffled = Array.from({ length: count }, (_, at) => nameOf((at * 7_919) % count))

/** Ten thousand sessions of which two can be loaded by nobody; each read takes a millisecond. */
function manySessions(damaged: readonly number[]) {
  let now = 0
  let reads = 0
  const parts = {
    names: async () => ['creds.json', 'pre-key-1.json', ...shuffled],
    changedAt: async (name: string) => Number(name.slice('session-'.length, -'.0.json'.length)),
    read: async (name: string) => {
      now += 1
      reads += 1
      return Buffer.from(damaged.some((at) => name === nameOf(at)) ? '{"half' : '{"version":"v1","_sessions":{}}')
    },
    codec: codecOf({ BufferJSON, initAuthCreds, proto } as never),
  }
  return { parts, clock: () => now, reads: () => reads }
}

test('of ten thousand sessions the newest damaged ones are found within the time, and the others are left', async () => {
  const { parts, clock, reads } = manySessions([9_950, 9_850, 3])
  const { findings, left } = await lookAtSessions(parts, { withinMs: 200, now: clock })
  expect(findings.map(({ code, file }) => [code, file])).toEqual([
    ['file-unreadable', nameOf(9_950)],
    ['file-unreadable', nameOf(9_850)],
  ])
  expect(reads()).toBe(200)
  expect(left.length).toBe(count - 200)
  expect([left[0], left.at(-1)]).toEqual([nameOf(count - 201), nameOf(0)])
  const rest = await lookAtSessions(parts, { names: left, withinMs: Number.POSITIVE_INFINITY, now: clock })
  expect(rest).toMatchObject({ findings: [{ file: nameOf(3) }], left: [] })
})

test('some dozens are looked at however little time there is', async () => {
  const { parts, clock, reads } = manySessions([9_990])
  const { findings, left } = await lookAtSessions({ ...parts, changedAt: undefined }, { withinMs: 0, now: clock })
  expect([reads(), left.length]).toEqual([64, count - 64])
  expect(findings).toEqual([])
  expect(left).toEqual(shuffled.slice(64))
})

test('time that went by while it was asked when each was written is no more than half', async () => {
  const { parts } = manySessions([9_990])
  let asked = 0
  const changedAt = (name: string) => {
    asked += 1
    return parts.changedAt(name)
  }
  await lookAtSessions({ ...parts, changedAt }, { withinMs: 200, now: () => asked })
  expect(asked).toBeGreaterThanOrEqual(100)
  expect(asked).toBeLessThan(120)
})
