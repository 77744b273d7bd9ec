import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifyWebhook } from '../../src/index.ts'
import { webhookSignature } from '../../src/notices/webhook-signature.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const at = 1_614_265_330
const body = '{"test": 2432232314}'
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const headers = { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signature }
const now = () => at * 1_000

describe('a signature', () => {
  test('is the one of the Standard Webhooks specification, by its published example', () => {
    expect(webhookSignature(secret, id, String(at), body)).toBe(signature)
  })

  test('with a secret that is plain text is made with its bytes', () => {
    const hmac = createHmac('sha256', 'plain text secret').update(`${id}.${at}.${body}`).digest('base64')
    expect(webhookSignature('plain text secret', id, String(at), body)).toBe(`v1,${hmac}`)
  })
})

describe('verifyWebhook()', () => {
  const accepted = { id, sentAt: at * 1_000, payload: { test: 2432232314 } }

  test('accepts what was signed, whatever form its headers and body have', () => {
    expect(verifyWebhook(secret, headers, body, { now })).toEqual(accepted)
    expect(verifyWebhook(secret, new Headers(headers), Buffer.from(body), { now })).toEqual(accepted)
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]))
    expect(verifyWebhook(secret, upper, new TextEncoder().encode(body), { now })).toEqual(accepted)
  })

  test('accepts either secret while one replaces the other, on both sides', () => {
    expect(verifyWebhook(['another secret that is new', secret], headers, body, { now })).toEqual(accepted)
    const both = { ...headers, 'webhook-signature': `v1,AAAA ${signature}` }
    expect(verifyWebhook(secret, both, body, { now })).toEqual(accepted)
  })

  const unverified = expect.objectContaining({ code: 'WEBHOOK_UNVERIFIED' })
  test.each<readonly [string, () => unknown]>([
    ['another secret', () => verifyWebhook('another secret that is new', headers, body, { now })],
    ['another body', () => verifyWebhook(secret, headers, `${body} `, { now })],
    ['another id', () => verifyWebhook(secret, { ...headers, 'webhook-id': 'x' }, body, { now })],
    ['another time', () => verifyWebhook(secret, { ...headers, 'webhook-timestamp': String(at + 1) }, body, { now })],
    [
      'another version',
      () => verifyWebhook(secret, { ...headers, 'webhook-signature': signature.replace('v1', 'v2') }, body, { now }),
    ],
    ['no signature', () => verifyWebhook(secret, { 'webhook-id': id, 'webhook-timestamp': String(at) }, body, { now })],
    ['an empty signature', () => verifyWebhook(secret, { ...headers, 'webhook-signature': '' }, body, { now })],
    ['no secret at all', () => verifyWebhook([], headers, body, { now })],
    // Such a secret signs for everybody.
    ...['', 'whsec_', 'short', `whsec_${Buffer.alloc(15).toString('base64')}`].flatMap((weak) => {
      const forged = { ...headers, 'webhook-signature': webhookSignature(weak, id, String(at), body) }
      return [
        [`the secret ${JSON.stringify(weak)}, which is too short`, () => verifyWebhook(weak, forged, body, { now })],
        [
          `the secret ${JSON.stringify(weak)} beside a good one`,
          () => verifyWebhook([secret, weak], forged, body, { now }),
        ],
      ] as const
    }),
    ['an age of over five minutes', () => verifyWebhook(secret, headers, body, { now: () => now() + 300_001 })],
    ['a time in the future', () => verifyWebhook(secret, headers, body, { now: () => now() - 300_001 })],
    [
      'an age over the tolerance',
      () => verifyWebhook(secret, headers, body, { now: () => now() + 11, toleranceMs: 10 }),
    ],
  ])('refuses %s', (_, verify) => {
    expect(verify).toThrow(unverified)
  })
})
