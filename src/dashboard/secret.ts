import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits in letters that a URL and a header can hold. */
export const freshSecret = (): string => randomBytes(32).toString('base64url')

/** What is kept in place of a secret: looking it up by its hash tells nothing by the time that it takes. */
export const digestOf = (secret: string): string => hash('sha256', secret)

/** Whether two secrets are the same, in a time that depends on neither. */
export const sameSecret = (one: string, other: string): boolean =>
  timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
