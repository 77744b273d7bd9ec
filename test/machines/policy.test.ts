import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultPolicy, resolvePolicy } from '../../machines/index.ts'
import { numberOf } from '../share.ts'

const longest = 2_147_483_647
type Range = readonly [min: number, max: number, whole?: boolean]
const ms: Range = [1, longest]
const msOrNone: Range = [0, longest]
const count: Range = [1, 1_000_000, true]
const countOrNone: Range = [0, 1_000_000, true]

const ranges: Readonly<Record<string, Range>> = {
  'reconnect.initialMs': ms,
  'reconnect.factor': [1, 10],
  'reconnect.maxMs': ms,
  'reconnect.fastAttempts': countOrNone,
  'reconnect.slowMinMs': ms,
  'reconnect.slowMaxMs': ms,
  'reconnect.networkLookMs': msOrNone,
  'reconnect.confirmMinMs': msOrNone,
  'reconnect.confirmMaxMs': ms,
  'reconnect.unstableCloses': [2, 1_000_000, true],
  'reconnect.resetAfterMs': ms,
  'reconnect.connectTimeoutMs': ms,
  'reconnect.closeTimeoutMs': ms,
  'decrypt.graceMs': msOrNone,
  'decrypt.graceAfterUncleanMs': msOrNone,
  'decrypt.failingIds': count,
  'decrypt.failingAddresses': count,
  'decrypt.windowMs': ms,
  'decrypt.escalateAfterMs': ms,
  'decrypt.stormAddresses': count,
  'decrypt.stormMs': ms,
  'outbound.graceMs': msOrNone,
  'outbound.failingIds': count,
  'outbound.failingAddresses': count,
  'outbound.windowMs': ms,
  'outbound.escalateAfterMs': ms,
  'resend.maxMessages': count,
  'resend.maxBytes': [1, Number.MAX_SAFE_INTEGER, true],
  'resend.maxAgeMs': ms,
  'trim.receiverChains': count,
  'trim.lateChains': countOrNone,
  'trim.skippedKeys': count,
  'trim.closedSessions': countOrNone,
  'prune.restartRequiredRun': count,
  'prune.addressCooldownMs': msOrNone,
  'prune.addressPerDay': countOrNone,
  'prune.allPerDay': countOrNone,
  'prune.verifyMs': ms,
  'prune.lookMs': msOrNone,
  'conflict.retryMinMs': ms,
  'conflict.retryMaxMs': ms,
  'conflict.windowMs': ms,
  'conflict.probeMs': ms,
  'outdated.firstMs': ms,
  'outdated.secondMs': ms,
  'outdated.thirdMs': ms,
  'pairing.windows': count,
  'liveness.silenceMs': ms,
  'liveness.probeTimeoutMs': ms,
  'liveness.stuckMs': ms,
  'liveness.expectTrafficEveryMs': msOrNone,
  'liveness.roundTripMs': msOrNone,
  'liveness.roundTripTimeoutMs': ms,
  'liveness.sleepJumpMs': ms,
  'notices.quietMs': msOrNone,
  'quarantine.keepDays': [0, 36_500],
  'quarantine.maxBytes': [0, Number.MAX_SAFE_INTEGER, true],
}

const choices: Readonly<Record<string, readonly string[]>> = {
  'prune.onConflict': ['with-evidence', 'always', 'never'],
  'resend.keep': ['memory', 'store', 'off'],
  'trim.keys': ['on', 'off'],
}

const flat = (policy: object): [string, unknown][] =>
  Object.entries(policy).flatMap(([group, fields]) =>
    Object.entries(fields as object).map(([key, value]): [string, unknown] => [`${group}.${key}`, value]),
  )
const option = (path: string, value: unknown): object => {
  const [group = '', key = ''] = path.split('.')
  return { [group]: { [key]: value } }
}
/** Issues with the value itself; pairs in the wrong order are another matter. */
const refused = (path: string, value: unknown): boolean =>
  resolvePolicy(option(path, value)).issues.some(
    (issue) => issue.path === path && !issue.allowed.startsWith('at most policy.'),
  )

test('without options the policy is the one that the contract lists', () => {
  expect(resolvePolicy()).toEqual({ policy: defaultPolicy, issues: [] })
  expect(resolvePolicy({ reconnect: undefined, prune: { verifyMs: undefined } })).toEqual({
    policy: defaultPolicy,
    issues: [],
  })
  expect(
    flat(defaultPolicy)
      .map(([path]) => path)
      .toSorted(),
  ).toEqual([...Object.keys(ranges), ...Object.keys(choices)].toSorted())
})

describe.for(Object.entries(ranges))('%s', ([path, [min, max, whole]]) => {
  test.for([min, max])('may be %d', (value) => {
    expect(refused(path, value)).toBe(false)
  })
  const wrong = [
    min - 1,
    max === Number.MAX_SAFE_INTEGER ? 2 ** 54 : max + 1,
    Number.NaN,
    Infinity,
    -Infinity,
    '5',
    null,
    true,
    [5],
    {},
  ]
  test.for(whole ? [...wrong, min + 0.5] : wrong)('may not be %s', (value) => {
    expect(refused(path, value)).toBe(true)
  })
})

test.for(Object.entries(choices))('%s is one of three words', ([path, words]) => {
  for (const word of words) expect(refused(path, word)).toBe(false)
  for (const word of ['', 'sometimes', 1, null, true]) expect(refused(path, word)).toBe(true)
})

test.for([
  ['reconnect.initialMs', 'reconnect.maxMs'],
  ['reconnect.slowMinMs', 'reconnect.slowMaxMs'],
  ['reconnect.maxMs', 'reconnect.slowMaxMs'],
  ['conflict.retryMinMs', 'conflict.retryMaxMs'],
  ['conflict.retryMaxMs', 'conflict.windowMs'],
  ['decrypt.graceAfterUncleanMs', 'decrypt.graceMs'],
  ['decrypt.stormMs', 'decrypt.windowMs'],
  ['outbound.graceMs', 'outbound.windowMs'],
  ['outbound.escalateAfterMs', 'outbound.windowMs'],
] as const)('%s may not exceed %s', ([low, high]) => {
  const limit = Number(flat(defaultPolicy).find(([path]) => path === high)?.[1])
  const about = (value: number) =>
    resolvePolicy(option(low, value)).issues.filter(({ allowed }) => allowed.includes(`policy.${high},`))
  expect(about(limit)).toEqual([])
  expect(about(limit + 1)).toEqual([
    { path: low, received: limit + 1, allowed: `at most policy.${high}, which is ${limit}` },
  ])
})

test.for<[unknown, string]>([
  [{ reconect: {} }, 'reconect'],
  [{ reconnect: { initial: 5 } }, 'reconnect.initial'],
  [{ reconnect: 5 }, 'reconnect'],
  [{ reconnect: null }, 'reconnect'],
  [{ reconnect: [] }, 'reconnect'],
  [null, ''],
  ['fast', ''],
  [[], ''],
  [JSON.parse('{"__proto__": {"a": 1}}'), '__proto__'],
  [{ constructor: {} }, 'constructor'],
  [JSON.parse('{"reconnect": {"__proto__": 1}}'), 'reconnect.__proto__'],
])('%j is refused with the path %s and with what is allowed', ([options, path]) => {
  const { issues } = resolvePolicy(options)
  expect(issues).toHaveLength(1)
  expect(issues[0]).toMatchObject({ path, allowed: expect.stringMatching(/reconnect|initialMs/) })
})

test('every issue is listed, not just the first', () => {
  expect(
    resolvePolicy({ a: 1, reconnect: { factor: 0 }, prune: { onConflict: 'x' } }).issues.map(({ path }) => path),
  ).toEqual(['a', 'reconnect.factor', 'prune.onConflict'])
})

const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 1, 2, 1_000, longest, longest + 1))
const paths = [...Object.keys(ranges), ...Object.keys(choices)]
const shaped = fc
  .array(fc.tuple(fc.constantFrom(...paths), fc.oneof(numbers, fc.anything())), { maxLength: 6 })
  .map((entries) => {
    const options: Record<string, Record<string, unknown>> = {}
    for (const [path, value] of entries) {
      const [group = '', key = ''] = path.split('.')
      options[group] = { ...options[group], [key]: value }
    }
    return options
  })

test('whatever is given: it never throws, and it gives either issues or a policy whose every number is in bounds', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.jsonValue(), shaped), (options) => {
      const { policy, issues } = resolvePolicy(options)
      if (issues.length > 0) return
      for (const [path, value] of flat(policy)) {
        const [min, max, whole] = ranges[path] ?? [0, 0]
        if (path in choices) expect(choices[path]).toContain(value)
        else {
          expect(value, path).toBeGreaterThanOrEqual(min)
          expect(value, path).toBeLessThanOrEqual(max)
          if (whole) expect(Number.isInteger(value), path).toBe(true)
        }
      }
    }),
    { numRuns: numberOf(3_000, 200) },
  )
  expect(Object.getPrototypeOf({})).not.toHaveProperty('a')
})
