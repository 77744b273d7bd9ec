import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { causeKinds } from '../../machines/cause.ts'
import { classifyClose } from '../../src/baileys/close-cause.ts'

describe('anything that is no close of Baileys', () => {
  test('is told by the errors that it wraps', () => {
    const refused = Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:443')], ''), {
      code: 'ECONNREFUSED',
    })
    expect(classifyClose(new Error('fetch failed', { cause: refused }))).toMatchObject({
      kind: 'network',
      message: 'fetch failed',
      detail: 'ECONNREFUSED',
    })
    expect(classifyClose({ error: { message: 'Connection was lost', output: { statusCode: 408 } } })).toMatchObject({
      kind: 'link-lost',
      code: 408,
    })
  })

  test.each([[null], [undefined], [''], [515], ['Stream Errored'.slice(0, 3)], [{}], [[]], [Symbol('x')], [() => 1]])(
    '%s is unknown',
    (value) => expect(classifyClose(value).kind).toBe('unknown'),
  )

  test.each([
    ['Stream Errored', 'unknown'],
    ['Stream Errored ()', 'unknown'],
    ['Stream Errored (of tomorrow)', 'of tomorrow'],
  ])('%s is an error of the stream without a reason that is known', (message, detail) => {
    expect(classifyClose(new Error(message))).toMatchObject({ kind: 'protocol', detail })
  })

  const closed = (message: string, statusCode?: number, data?: unknown) =>
    classifyClose({ message, output: { statusCode }, data })
  const conflict = (type: unknown) => ({ tag: 'conflict', attrs: { type } })

  test.each<[string, number, unknown, string, string | undefined]>([
    ['conflict', 440, undefined, 'replaced', undefined],
    ['conflict', 440, conflict('other'), 'replaced', 'other'],
    ['conflict', 440, conflict(7), 'replaced', undefined],
    ['conflict', 409, conflict('other'), 'protocol', 'conflict'],
    ['ack', 440, undefined, 'protocol', 'ack'],
    ['conflict', 409, conflict('replaced'), 'replaced', 'replaced'],
    ['conflict', 440, { content: [conflict('device_removed')] }, 'logged-out', 'device_removed'],
    ['ack', 515, undefined, 'restart-required', undefined],
    ['ack', 516, undefined, 'refused', 'ack'],
    ['ack', 401, undefined, 'refused', 'ack'],
    ['ack', 503, undefined, 'server', undefined],
  ])('of an error of the stream %s with %i and %j is %s (%s)', (stream, code, data, kind, detail) => {
    const cause = closed(`Stream Errored (${stream})`, code, data)
    expect(cause).toEqual({ kind, code, message: `Stream Errored (${stream})`, ...(detail ? { detail } : {}) })
  })

  test.each<[number, unknown, string, number | undefined]>([
    [402, '60', 'temporary-ban', 60_000],
    [402, 0.5, 'temporary-ban', 500],
    [402, '0', 'temporary-ban', undefined],
    [402, '-5', 'temporary-ban', undefined],
    [402, 'Infinity', 'temporary-ban', undefined],
    [402, 'tomorrow', 'temporary-ban', undefined],
    [402, 1e300, 'temporary-ban', Number.MAX_SAFE_INTEGER],
    [403, '60', 'locked', undefined],
    [499, '60', 'unknown', undefined],
    [500, '60', 'server', undefined],
  ])('by a failure %i that expires in %j is %s, of so many milliseconds: %j', (code, expire, kind, expiresInMs) => {
    const cause = closed('Connection Failure', code, { expire })
    const expected = { kind, code, message: 'Connection Failure', ...(expiresInMs ? { expiresInMs } : {}) }
    expect(cause).toEqual(expected)
  })

  const answered = (status: number) => `WebSocket Error (Unexpected server response: ${status})`

  test.each<[string, string | undefined, string, string | undefined]>([
    ...[200, 302, 401, 403, 404, 405, 407, 499, 511].map((status): [string, undefined, string, string] => [
      answered(status),
      undefined,
      'portal',
      `HTTP ${status}`,
    ]),
    ...[408, 429, 500, 503, 512].map((status): [string, undefined, string, string] => [
      answered(status),
      undefined,
      'network',
      `HTTP ${status}`,
    ]),
    ['WebSocket Error (Opening handshake has timed out)', undefined, 'timed-out', undefined],
    ['WebSocket Error (Invalid WebSocket frame)', 'WS_ERR_INVALID_OPCODE', 'protocol', 'WS_ERR_INVALID_OPCODE'],
    ['WebSocket Error (connect ECONNREFUSED)', 'ECONNREFUSED', 'network', 'ECONNREFUSED'],
    ['WebSocket Error (certificate has expired)', 'CERT_HAS_EXPIRED', 'clock', 'CERT_HAS_EXPIRED'],
    ['WebSocket Error ()', undefined, 'network', undefined],
    ['Unexpected server response: 403', undefined, 'unknown', undefined],
    ['It has timed out', undefined, 'unknown', undefined],
    ['It has timed out', 'ECONNRESET', 'network', 'ECONNRESET'],
  ])('of the transport, %s (%s), is %s (%s)', (message, code, kind, detail) => {
    const cause = classifyClose({ message, ...(code ? { code } : {}) })
    expect(cause).toEqual({ kind, message, ...(detail ? { detail } : {}) })
  })

  test('a status code alone means nothing', () => {
    for (const statusCode of [401, 403, 405, 408, 428, 440, 500, 503, 515]) {
      const cause = classifyClose({ message: 'Something of the future', output: { statusCode }, data: {} })
      expect(cause).toMatchObject({ kind: 'unknown', code: statusCode })
    }
  })

  test.each([
    [undefined, 'intentional'],
    [null, 'intentional'],
    [{}, 'unknown'],
    ['', 'unknown'],
  ])('with 401 and the data %j is %s: the one of the server always carries some', (data, kind) => {
    const ended = { message: 'a word of its own', output: { statusCode: 401 } }
    expect(classifyClose({ ...ended, data })).toMatchObject({ kind, code: 401 })
    expect(classifyClose({ ...ended, cause: { message: '', data } }).kind).toBe(kind)
  })

  test('that is cyclic, hostile or endless ends as unknown', () => {
    const cyclic: Record<string, unknown> = { message: '' }
    cyclic.cause = cyclic
    cyclic.errors = [cyclic, cyclic]
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
        has() {
          throw new Error('no')
        },
        getPrototypeOf() {
          throw new Error('no')
        },
        ownKeys() {
          throw new Error('no')
        },
      },
    )
    const endless: object = new Proxy({}, { get: () => endless })
    const throwing = Object.defineProperty({}, 'message', {
      get() {
        throw new Error('no')
      },
    })
    for (const value of [cyclic, hostile, endless, throwing, { cause: hostile, errors: hostile }]) {
      expect(classifyClose(value).kind).toBe('unknown')
    }
  })

  test('keeps its message short, on one line, without keys and without places of files', () => {
    const secret = Buffer.alloc(32, 0x5a).toString('base64')
    const error = new Error(`ENOENT: no such file, open '/home/bob/auth/creds.json'\nkey ${secret} ${'x '.repeat(500)}`)
    const { message } = classifyClose(error)
    expect(message).toContain("open '<file>' key [redacted]")
    expect(message.length).toBeLessThanOrEqual(200)
    expect(message).not.toContain('\n')
  })

  const value = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true }),
    fc.record(
      {
        message: fc.oneof(
          fc.string(),
          fc.constantFrom('Connection Failure', 'Stream Errored (ack)', 'WebSocket Error (x)'),
        ),
        output: fc.oneof(fc.record({ statusCode: fc.oneof(fc.integer(), fc.double(), fc.string()) }), fc.anything()),
        data: fc.oneof(fc.anything(), fc.record({ reason: fc.string(), expire: fc.anything() })),
        errors: fc.anything(),
        cause: fc.anything(),
      },
      { requiredKeys: [] },
    ),
  )
  test('always gives a cause that the machine knows, as plain data', () => {
    fc.assert(
      fc.property(value, (anything) => {
        const cause = classifyClose(anything)
        expect(causeKinds).toContain(cause.kind)
        expect(cause.message.length).toBeLessThanOrEqual(200)
        expect(cause.code === undefined || Number.isFinite(cause.code)).toBe(true)
        expect(cause.expiresInMs === undefined || cause.expiresInMs > 0).toBe(true)
        expect(JSON.parse(JSON.stringify(cause))).toEqual(cause)
      }),
    )
  })
})
