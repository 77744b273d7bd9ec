import { describe, expect, test } from 'vitest'
import { defaultPolicy, resolvePolicy } from '../../machines/index.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

test('the numbers that hold when nobody chooses are those that are promised', () => {
  expect(defaultPolicy).toEqual({
    reconnect: {
      initialMs: 2 * second,
      factor: 1.8,
      maxMs: 30 * second,
      fastAttempts: 12,
      slowMinMs: 5 * minute,
      unstableCloses: 6,
      slowMaxMs: 15 * minute,
      resetAfterMs: minute,
      connectTimeoutMs: minute,
      closeTimeoutMs: 5 * second,
      networkLookMs: 2 * second,
      confirmMinMs: 2 * second,
      confirmMaxMs: 5 * second,
    },
    decrypt: {
      graceMs: 2 * minute,
      graceAfterUncleanMs: 15 * second,
      failingIds: 3,
      failingAddresses: 5,
      windowMs: 10 * minute,
      escalateAfterMs: 10 * minute,
      stormAddresses: 5,
      stormMs: 30 * second,
    },
    outbound: {
      graceMs: 30 * second,
      failingIds: 3,
      failingAddresses: 3,
      windowMs: 10 * minute,
      escalateAfterMs: 5 * minute,
    },
    resend: { maxMessages: 1_000, maxBytes: 1_048_576, maxAgeMs: 24 * hour, keep: 'memory' },
    trim: { keys: 'on', receiverChains: 5, lateChains: 40, skippedKeys: 2_000, closedSessions: 40 },
    prune: {
      onConflict: 'with-evidence',
      restartRequiredRun: 3,
      addressCooldownMs: hour,
      addressPerDay: 3,
      allPerDay: 1,
      verifyMs: 5 * minute,
      lookMs: 200,
    },
    conflict: { retryMinMs: 30 * second, retryMaxMs: minute, windowMs: 10 * minute, probeMs: hour },
    outdated: { firstMs: minute, secondMs: 5 * minute, thirdMs: 15 * minute },
    pairing: { windows: 5 },
    liveness: {
      silenceMs: minute,
      probeTimeoutMs: 10 * second,
      stuckMs: 90 * second,
      expectTrafficEveryMs: 0,
      roundTripMs: 0,
      roundTripTimeoutMs: minute,
      sleepJumpMs: minute,
    },
    notices: { quietMs: 3 * minute },
    quarantine: { keepDays: 30, maxBytes: 268_435_456 },
  })
})

describe('what is wrong with an option', () => {
  test.for<[string, unknown, string, unknown, RegExp]>([
    ['milliseconds', { reconnect: { maxMs: 0 } }, 'reconnect.maxMs', 0, /^milliseconds, 1 to 2147483647$/],
    ['a count', { pairing: { windows: 1.5 } }, 'pairing.windows', 1.5, /^a whole number, 1 to 1000000$/],
    ['a number', { reconnect: { factor: 11 } }, 'reconnect.factor', 11, /^a number, 1 to 10$/],
    ['days', { quarantine: { keepDays: -1 } }, 'quarantine.keepDays', -1, /^a number, 0 to 36500$/],
    ['a choice', { prune: { onConflict: 'no' } }, 'prune.onConflict', 'no', /^one of with-evidence, always, never$/],
    ['another choice', { resend: { keep: 'disk' } }, 'resend.keep', 'disk', /^one of memory, store, off$/],
    ['a name that is none', { pairing: { window: 1 } }, 'pairing.window', 1, /^one of windows$/],
    ['a group that is none', { pair: {} }, 'pair', {}, /^an object with reconnect, decrypt, outbound/],
    ['a group that is no object', { pairing: 3 }, 'pairing', 3, /^an object with windows$/],
    ['no object', [], '', [], /^an object with reconnect, decrypt, outbound/],
    [
      'one that exceeds another',
      { reconnect: { initialMs: 30_001 } },
      'reconnect.initialMs',
      30_001,
      /^at most policy\.reconnect\.maxMs, which is 30000$/,
    ],
  ])('is told with its place, what came and what is allowed: %s', ([, options, path, received, allowed]) => {
    expect(resolvePolicy(options).issues).toEqual([{ path, received, allowed: expect.stringMatching(allowed) }])
  })
})
