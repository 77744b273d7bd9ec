import { createHmac, timingSafeEqual } from 'node:crypto'
import { LifelineError } from '../errors/errors.ts'
import type { Notice } from './notice.ts'

/**
 * The headers of a delivery, those of the Standard Webhooks specification (standardwebhooks.com), so that its libraries
 * verify it in any language.
 */
export const webhookHeaders = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const

const prefix = 'whsec_'

/** The bytes of a secret: after `whsec_` they are base64, any other text is taken as it is. */
export const secretBytes = (secret: string): Buffer =>
  secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret)

/** Fewer can be guessed, and none at all signs nothing: everybody has those. */
export const leastSecretBytes = 16

/** `v1,` and base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`, with the timestamp in seconds. */
export const webhookSignature = (secret: string, id: string, timestamp: string, body: string | Uint8Array): string =>
  `v1,${createHmac('sha256', secretBytes(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64')}`

/** Headers as `node:http`, a web `Request`, or a plain object has them. */
export type ReceivedHeaders =
  /** As the headers of a web `Request`. */
  { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>

/** A delivery that is known to come from the holder of the secret. */
export interface VerifiedWebhook<Payload> {
  /** Id of the notice: a delivery may come twice, with the same id. */
  readonly id: string
  /** When it was sent, epoch milliseconds. */
  readonly sentAt: number
  /** What was posted: the notice, or what `format` made of it. */
  readonly payload: Payload
}

/**
 * How far the sender's clock may be off, and how long a recorded delivery can be replayed: the specification's five
 * minutes.
 */
const usualToleranceMs = 300_000

/**
 * For receivers: checks the signature and the age of a delivery and gives its content. `body` is the body as it came,
 * before any parsing. With several secrets any may have signed, so that a secret can be replaced without a gap. Throws
 * `LifelineError` with code `WEBHOOK_UNVERIFIED`; then nothing of the delivery is to be trusted. `toleranceMs` defaults
 * to five minutes.
 */
export function verifyWebhook<Payload = Notice>(
  secret: string | readonly string[],
  headers: ReceivedHeaders,
  body: string | Uint8Array,
  {
    toleranceMs = usualToleranceMs,
    now = Date.now,
  }: { readonly toleranceMs?: number; readonly now?: () => number } = {},
): VerifiedWebhook<Payload> {
  const secrets = [secret].flat()
  if (secrets.some((one) => typeof one !== 'string' || secretBytes(one).length < leastSecretBytes))
    throw unverified(
      `the secret that it was checked with has fewer than ${leastSecretBytes} bytes`,
      'Give the secret of the sender; look whether the variable that holds it is set.',
    )
  const id = headerOf(headers, webhookHeaders.id)
  const timestamp = headerOf(headers, webhookHeaders.timestamp)
  const signatures = headerOf(headers, webhookHeaders.signature)
  if (!id || !timestamp || !signatures)
    throw unverified('it has no signature', `Pass the headers ${Object.values(webhookHeaders).join(', ')} along.`)
  const expected = secrets.map((one) => Buffer.from(webhookSignature(one, id, timestamp, body)))
  const received = signatures.split(' ').map((one) => Buffer.from(one))
  const matches = expected.some((one) => received.some((other) => sameBytes(one, other)))
  if (!matches)
    throw unverified('its signature does not fit', 'Compare the secrets, and pass the body exactly as it was received.')
  const sentAt = Number(timestamp) * 1_000
  if (!(Math.abs(now() - sentAt) <= toleranceMs))
    throw unverified('it is too old or from the future', 'Set the clocks of both hosts, or raise toleranceMs.')
  return { id, sentAt, payload: JSON.parse(Buffer.from(body).toString()) as Payload }
}

const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

function unverified(why: string, remediation: string): LifelineError {
  return new LifelineError('WEBHOOK_UNVERIFIED', `This delivery cannot be trusted: ${why}.`, remediation)
}

function headerOf(headers: ReceivedHeaders, name: string): string | undefined {
  if ('get' in headers && typeof headers.get === 'function') return headers.get(name) ?? undefined
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return typeof found === 'string' ? found : found?.[0]
}
