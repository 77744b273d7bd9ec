import { createHmac } from 'node:crypto'
import { sameSecret } from './secret.ts'

/** What a challenge is made of: 32 random bytes in base64url. */
export const isNonce = (given: string): boolean => /^[\w-]{43}$/.test(given)

/**
 * What only the holder of the token can say about a nonce, and only of the port that it listens on: one who has taken
 * over the port of a dashboard can neither answer, nor have another dashboard answer for it. It tells nothing of the
 * token.
 */
export const proofOf = (token: string, nonce: string, port: number): string =>
  createHmac('sha256', token).update(`baileys-lifeline dashboard\n${port}\n${nonce}`).digest('base64url')

export const isProof = (given: unknown, token: string, nonce: string, port: number): boolean =>
  typeof given === 'string' && given.length <= 100 && sameSecret(given, proofOf(token, nonce, port))
