import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { guardedLookup, ifMeant, type Resolve } from './guarded-lookup.ts'
import { addressIn, isPrivateAddress, namesOwnNetwork } from './private-address.ts'

export interface Post {
  readonly url: URL
  readonly body: string
  /** Go along to redirects. */
  readonly headers: Readonly<Record<string, string>>
  /** Stay with the first origin: they may hold credentials. */
  readonly ownHeaders: Readonly<Record<string, string>>
  /** For all redirects together. */
  readonly timeoutMs: number
  readonly allowPrivate: boolean
  readonly signal: AbortSignal
  readonly resolve?: Resolve | undefined
}

export interface Answer {
  readonly status: number
  /** What the receiver asked for with `Retry-After`, at most an hour. */
  readonly retryAfterMs?: number
}

const mostRedirects = 3
/** Those that are repeated with the same method and body; 303 asks for a GET, which would deliver nothing. */
const redirects: ReadonlySet<number> = new Set([301, 302, 307, 308])
/** More of an answer is not read: its status says everything. */
const mostAnswerBytes = 64 * 1024
const mostRetryAfterMs = 3_600_000

/**
 * Posts, following up to three redirects, none of them to plain HTTP from HTTPS, nor to a private address unless
 * allowed.
 */
export async function post(parts: Post): Promise<Answer> {
  const { signal, timeoutMs } = parts
  signal.throwIfAborted()
  const end = new AbortController()
  const timer = setTimeout(() => end.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  const stop = () => {
    clearTimeout(timer)
    end.abort(signal.reason)
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await follow(parts, end.signal)
  } catch (error) {
    throw end.signal.aborted ? end.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

async function follow(parts: Post, signal: AbortSignal): Promise<Answer> {
  let url = parts.url
  for (let hops = 0; ; hops += 1) {
    const sameOrigin = url.origin === parts.url.origin
    // The owner's own URL may well name the own network. Where others send us may not.
    const free = parts.allowPrivate || (sameOrigin && namesOwnNetwork(url))
    const response = await send(parts, url, sameOrigin, free, signal)
    const status = Number(response.statusCode)
    const { location } = response.headers
    await drain(response)
    if (!redirects.has(status) || location === undefined) return answer(status, response.headers['retry-after'])
    if (hops === mostRedirects) throw new Error(`more than ${mostRedirects} redirects`)
    url = target(location, url)
  }
}

/** Where a redirect leads; throws if it is not followed. */
export function target(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href)) throw new Error(`${from.host} redirects to something that is no URL`)
  const url = new URL(location, from)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new Error(`${from.host} redirects to ${url.protocol}, which is not followed`)
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw new Error(`${from.host} redirects from HTTPS to plain HTTP, which is not followed`)
  url.username = ''
  url.password = ''
  return url
}

function send(parts: Post, url: URL, own: boolean, free: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  const address = addressIn(url)
  if (!free && address !== undefined && isPrivateAddress(address))
    throw new Error(`${address} is a private address, where no redirect is followed; ${ifMeant}`)
  const { body, headers, ownHeaders, resolve } = parts
  const request = url.protocol === 'https:' ? secureRequest : plainRequest
  return new Promise((settle, reject) => {
    const sent: ClientRequest = request(url, {
      method: 'POST',
      // A connection kept alive would outlive the line.
      agent: false,
      headers: { ...(own ? ownHeaders : {}), ...headers, 'content-length': Buffer.byteLength(body) },
      signal,
      lookup: guardedLookup(free, resolve),
    })
    sent.on('response', settle)
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Reads the rest of an answer, up to the bound, so that the receiver is not cut off in the middle of a usual one. */
function drain(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    const done = () => {
      response.destroy()
      resolve()
    }
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > mostAnswerBytes) done()
    })
    // An answer that breaks off, or does not end in time, has told its status all the same.
    response.on('end', done).on('error', done).on('close', done)
  })
}

function answer(status: number, retryAfter: string | undefined): Answer {
  if (retryAfter === undefined) return { status }
  const seconds = Number(retryAfter)
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(retryAfter) - Date.now()
  return Number.isFinite(ms) && ms > 0 ? { status, retryAfterMs: Math.min(ms, mostRetryAfterMs) } : { status }
}
