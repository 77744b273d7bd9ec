import { createHash } from 'node:crypto'
import type { NoticeKind } from '../../machines/index.ts'
import { knownOptions, millisecondsOption, wrongOption } from '../errors/wrong-option.ts'
import type { Resolve } from './guarded-lookup.ts'
import { kindsOption } from './kinds-option.ts'
import type { Notice } from './notice.ts'
import type { ChannelContext, NoticeChannel, OpenChannel } from './notifier.ts'
import { type Delivery, Outbox } from './outbox.ts'
import { post } from './post.ts'
import { leastSecretBytes, secretBytes, webhookHeaders, webhookSignature } from './webhook-signature.ts'

/** Options of `webhook`. */
export interface WebhookOptions {
  /**
   * Where notices are posted, `https:` or `http:`. A URL of the own network (an IP address, `localhost`, `name`,
   * `name.local`, …) is taken as meant; any other must have public addresses only, see `allowPrivate`.
   */
  readonly url: string | URL
  /**
   * Signs each delivery; at least 16 bytes, as text, or base64 after `whsec_`. Several, and each signs, while receivers
   * change from one to the next.
   */
  readonly secret: string | readonly string[]
  /**
   * Place on disk of what is not delivered yet. Default: made from the URL, so a changed URL does not get what was
   * meant for the old one.
   */
  readonly name?: string
  /** Deadline of each try. Default 10 s. */
  readonly timeoutMs?: number
  /** Only these kinds of notices. Default all. */
  readonly kinds?: readonly NoticeKind[]
  /** Further headers, such as `authorization`. They do not go along to another origin. */
  readonly headers?: Readonly<Record<string, string>>
  /** What is posted, as JSON. Default: the notice. For receivers with a format of their own, such as chat rooms. */
  readonly format?: (notice: Notice) => unknown
  /**
   * Also posts to private addresses that a public name turns out to have, or that a redirect leads to. Default false.
   */
  readonly allowPrivate?: boolean
}

const known = ['url', 'secret', 'name', 'timeoutMs', 'kinds', 'headers', 'format', 'allowPrivate']
const usualTimeoutMs = 10_000
/** Answers that speak of this very notice. Every other failure may be cured at the receiver, so the notice waits. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422])

/**
 * Posts each notice as JSON, signed after the Standard Webhooks specification: the headers `webhook-id` (the notice's
 * id), `webhook-timestamp` (seconds) and `webhook-signature` (`v1,` and base64 of HMAC-SHA256 over
 * `<id>.<timestamp>.<body>`); {@link verifyWebhook} checks them.
 *
 * Any 2xx is a delivery. Everything else is tried again after 2 s, doubling to 64 s, with jitter, without end, or when
 * the receiver says (`Retry-After`); notices keep their order and lie in `<auth>/.lifeline/notices/` until they are
 * delivered, also over restarts. A notice that the receiver itself refuses (400, 413, 422) seven times is set aside
 * there. A delivery may come twice, with the same id. Throws `OptionsError` on a wrong option.
 */
export function webhook(options: WebhookOptions): NoticeChannel {
  return createWebhook(options)
}

/** {@link webhook} with its name resolution replaced; not part of the package's entry point. */
export function createWebhook(
  options: WebhookOptions,
  { resolve }: { readonly resolve?: Resolve } = {},
): NoticeChannel {
  const { url, secrets, timeoutMs, kinds, headers, allowPrivate, name } = check(options)
  const { format } = options
  const deliver = async (notice: Notice, signal: AbortSignal): Promise<Delivery> => {
    const body = bodyOf(notice, format)
    if (body === undefined) return { kind: 'refused', error: new Error('webhook.format gave nothing that is JSON') }
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const answer = await post({
      url,
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'baileys-lifeline',
        [webhookHeaders.id]: notice.id,
        [webhookHeaders.timestamp]: timestamp,
        [webhookHeaders.signature]: secrets.map((one) => webhookSignature(one, notice.id, timestamp, body)).join(' '),
      },
      ownHeaders: headers,
      timeoutMs,
      allowPrivate,
      signal,
      resolve,
    })
    if (answer.status < 300) return { kind: 'delivered' }
    const error = new Error(`the receiver answered ${answer.status}`)
    return { kind: refusals.has(answer.status) ? 'refused' : 'failed', error, ...answer }
  }
  return {
    name,
    open({ keep, report }: ChannelContext): OpenChannel {
      const outbox = new Outbox({
        keep,
        report,
        // The path of the URL may be as secret as a password.
        doing: `posting a notice to ${url.host}`,
        deliver: async ([notice], signal) => (notice ? deliver(notice, signal) : { kind: 'delivered' }),
      })
      return {
        tell: (notice) => {
          if (kinds.has(notice.kind)) outbox.tell(notice)
        },
        close: () => outbox.close(),
      }
    },
  }
}

function bodyOf(notice: Notice, format: WebhookOptions['format']): string | undefined {
  try {
    return JSON.stringify(format ? format(notice) : notice)
  } catch {
    return undefined
  }
}

function check(options: WebhookOptions) {
  knownOptions('webhook', options, known)
  const { timeoutMs = usualTimeoutMs, kinds, headers = {}, format, allowPrivate = false } = options
  const url = checkUrl(options.url)
  if (format !== undefined && typeof format !== 'function') throw wrongOption('webhook.format', format, 'a function')
  if (typeof allowPrivate !== 'boolean') throw wrongOption('webhook.allowPrivate', allowPrivate, 'true or false')
  const name = options.name ?? `webhook-${createHash('sha256').update(url.href).digest('hex').slice(0, 8)}`
  if (typeof name !== 'string' || !/^[\w-]{1,60}$/.test(name))
    throw wrongOption('webhook.name', name, '1 to 60 letters, digits, - or _')
  return {
    url,
    secrets: checkSecrets(options.secret),
    timeoutMs: millisecondsOption('webhook.timeoutMs', timeoutMs, 100, 120_000),
    kinds: kindsOption('webhook', kinds),
    headers: checkHeaders(headers),
    allowPrivate,
    name,
  }
}

/** The text of a URL is shown nowhere: it may hold a secret. */
function checkUrl(given: unknown): URL {
  const allowed = 'a URL that begins with https:// or http://'
  const text = given instanceof URL ? given.href : given
  if (typeof text !== 'string') throw wrongOption('webhook.url', given, allowed)
  if (!URL.canParse(text)) throw wrongOption('webhook.url', given, allowed, 'a text that is no URL')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw wrongOption('webhook.url', given, allowed, `a URL that begins with ${url.protocol}`)
  return url
}

function checkSecrets(given: unknown): readonly string[] {
  const allowed = `a text of at least ${leastSecretBytes} bytes, or an array of such texts`
  const secrets: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (secrets.length === 0) throw wrongOption('webhook.secret', given, allowed)
  return secrets.map((secret) => {
    if (typeof secret !== 'string') throw wrongOption('webhook.secret', secret, allowed)
    const { length } = secretBytes(secret)
    if (length < leastSecretBytes) throw wrongOption('webhook.secret', secret, allowed, `a text of ${length} bytes`)
    return secret
  })
}

function checkHeaders(given: unknown): Readonly<Record<string, string>> {
  const allowed = 'an object of header names and texts'
  if (typeof given !== 'object' || given === null) throw wrongOption('webhook.headers', given, allowed)
  for (const [name, value] of Object.entries(given)) {
    const path = /^[\w-]+$/.test(name) ? `webhook.headers.${name}` : 'webhook.headers'
    if (path === 'webhook.headers') throw wrongOption(path, name, allowed, 'an object with a name that is no header')
    if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw wrongOption(path, value, 'a text of one line')
    if (reserved.test(name)) throw wrongOption(path, value, 'left to webhook()', 'set')
  }
  return { ...given }
}

const reserved = /^(?:webhook-.*|content-length|content-type|host|transfer-encoding|connection|expect)$/i
