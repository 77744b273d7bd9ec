import { LifelineError } from '../errors/errors.ts'
import { wordsOf } from '../errors/thrown.ts'
import type { FailureView } from './wire.ts'

/** A request that is not answered as it was meant. */
export class Refusal extends LifelineError {
  override readonly name = 'Refusal'
  readonly status: number
  readonly retryAfterMs: number | undefined

  constructor(status: number, code: string, message: string, remediation: string, retryAfterMs?: number) {
    super(code, message, remediation)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** HTTP statuses of what a line or its store refuses; anything else that it refuses is a conflict with its state. */
const statuses: Readonly<Record<string, number>> = {
  AUTH_STORE_NOT_FOUND: 404,
  PHONE_INVALID: 400,
  OPTIONS_INVALID: 400,
  AUTH_STORE_DISK: 503,
}

/** Whatever was thrown, as a refusal. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof LifelineError)
    return new Refusal(statuses[error.code] ?? 409, error.code, error.message, error.remediation)
  return new Refusal(
    500,
    'INTERNAL',
    `The dashboard met an error of its own: ${wordsOf(error)}`,
    'Try again. If it happens again, report it.',
  )
}

export function failureResponse({ status, code, message, remediation, retryAfterMs }: Refusal): Response {
  const body: FailureView = {
    error: { code, message, remediation, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  }
  const headers = new Headers({ 'content-type': 'application/json' })
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))))
  if (status === 401) headers.set('www-authenticate', 'Bearer')
  return new Response(JSON.stringify(body), { status, headers })
}
