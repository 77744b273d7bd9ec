/** One error in a chain, read once and without trust: a getter may throw, a message may be no string. */
export interface ErrorLink {
  readonly message: string
  /** Boom's `output.statusCode`. */
  readonly status?: number
  /** Node's and OpenSSL's code: `ENOTFOUND`, `CERT_NOT_YET_VALID`. */
  readonly errno?: string
  readonly stack: string
  /** What Boom carries beside the message. */
  readonly data: unknown
}

const maxLinks = 16
const maxText = 4_000

/**
 * An error and everything that it wraps (`error`, `cause`, `errors[]`, an error as Boom's `data`), outermost first. At
 * most 16 links; cycles end; anything may be passed, nothing throws.
 */
export function errorChain(error: unknown): ErrorLink[] {
  const links: ErrorLink[] = []
  const seen = new Set<unknown>()
  const queue: unknown[] = [error]
  while (queue.length > 0 && links.length < maxLinks && seen.size < 4 * maxLinks) {
    const next = queue.shift()
    if (typeof next === 'string') links.push({ message: next.slice(0, maxText), stack: '', data: undefined })
    if (!isReadable(next) || seen.has(next)) continue
    seen.add(next)
    links.push(linkOf(next))
    const data = read(next, 'data')
    queue.push(read(next, 'error'), read(next, 'cause'), ...list(read(next, 'errors')))
    if (typeof read(data, 'message') === 'string') queue.push(data)
  }
  return links
}

function linkOf(error: object): ErrorLink {
  const status = read(read(error, 'output'), 'statusCode')
  const errno = read(error, 'code')
  return {
    message: text(read(error, 'message')),
    ...(isStatus(status) ? { status } : {}),
    ...(typeof errno === 'string' ? { errno: errno.slice(0, 64) } : {}),
    stack: text(read(error, 'stack')),
    data: read(error, 'data'),
  }
}

/** A property of anything, or undefined: a Proxy or a getter that throws has none. */
export function read(value: unknown, name: string | number): unknown {
  if (!isReadable(value)) return undefined
  try {
    return Reflect.get(value, name)
  } catch {
    return undefined
  }
}

/** The items of an array, or nothing; at most 16. */
export function list(value: unknown): unknown[] {
  const length = read(value, 'length')
  if (typeof value !== 'object' || typeof length !== 'number') return []
  return Array.from({ length: Math.min(length, maxLinks) }, (_, i) => read(value, i))
}

function isReadable(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, maxText) : ''
}

/** HTTP's range; Baileys' own codes stay within it. */
function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 999
}
