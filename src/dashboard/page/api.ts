interface ErrorBody {
  readonly code: string
  readonly message: string
  readonly remediation?: string
}

/** The gateway said no, or did not answer: what broke, and what to do about it. */
export class Refusal extends Error {
  readonly code: string
  readonly remediation: string | undefined

  constructor({ code, message, remediation }: ErrorBody) {
    super(message)
    this.code = code
    this.remediation = remediation
  }
}

const unreachable: ErrorBody = {
  code: 'UNREACHABLE',
  message: 'The gateway does not answer.',
  remediation: 'See whether it runs and whether this device reaches it, then try again.',
}

const notDone: ErrorBody = {
  code: 'SIGNED_OUT',
  message: 'You are signed out: nothing was done.',
  remediation: 'Sign in, then press again.',
}

/** Nobody is signed in any more, or somebody has opened a one-time link in this browser since. */
const out: ReadonlySet<string> = new Set(['TOKEN_NEEDED', 'GUEST'])

let letInAgain: (() => Promise<void>) | undefined

/** `again` is called when the gateway does not know this viewer any more; it resolves when it does. */
export function whenSignedOut(again: (() => Promise<void>) | undefined): void {
  letInAgain = again
}

const isErrorBody = (value: unknown): value is { error: ErrorBody } => {
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : undefined
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
}

/**
 * Asks the gateway; addresses are relative to the page, which may be mounted anywhere. Rejects with a `Refusal`. What
 * is only read waits until a viewer who is signed out is let in again; what does something is never done later.
 */
export async function ask<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer> {
  const asked: RequestInit = { method, credentials: 'same-origin', redirect: 'error' }
  if (body !== undefined) {
    asked.headers = { 'content-type': 'application/json' }
    asked.body = JSON.stringify(body)
  }
  const response = await fetch(path, asked).catch(() => undefined)
  if (response === undefined) throw new Refusal(unreachable)
  const answer: unknown = response.status === 204 ? {} : await response.json().catch(() => undefined)
  if (response.ok && answer !== undefined) return answer as Answer
  if (letInAgain && isErrorBody(answer) && out.has(answer.error.code)) {
    const again = letInAgain()
    if (method !== 'GET') throw new Refusal(notDone)
    await again
    return ask(method, path, body)
  }
  throw new Refusal(
    isErrorBody(answer)
      ? answer.error
      : { code: 'HTTP', message: `The gateway answered ${response.status}.`, remediation: 'See its log.' },
  )
}

/** The address of something that belongs to one account. */
export const accountPath = (account: string, rest: string): string =>
  `api/accounts/${encodeURIComponent(account)}/${rest}`
