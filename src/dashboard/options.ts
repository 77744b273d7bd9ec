import { knownOptions, millisecondsOption, wrongOption } from '../errors/wrong-option.ts'
import type { Language } from '../languages/language.ts'
import { languageOption } from '../languages/language-option.ts'
import { longestLinkMs } from './links.ts'
import { shortestToken } from './token.ts'

/** Options of `createDashboard`. */
export interface DashboardOptions {
  /**
   * What lets an owner in: 22 characters or more, best 32 random bytes in base64url. Default: the content of
   * `tokenFile`.
   */
  readonly token?: string
  /**
   * Where the token is kept, made on first use with 256 bits and rights for its owner alone. Default:
   * `.lifeline/dashboard-token` beside the credentials of the first line.
   */
  readonly tokenFile?: string
  /**
   * Whether whoever calls from the gateway's own machine is let in without the token: every user of that machine, and
   * whoever comes through a forwarder on it. Default false; never so with `publicUrl` or `trustProxy`, since a proxy's
   * visitors look local.
   */
  readonly trustLoopback?: boolean
  /** The path that the dashboard is mounted at, e.g. `/ops/whatsapp`. Default: the root. */
  readonly basePath?: string
  /**
   * Where browsers reach it from outside, path included, e.g. `https://bot.example.org/ops/whatsapp/`. Needed behind a
   * proxy.
   */
  readonly publicUrl?: string
  /**
   * Further host names that it may be called by. Names that are not known are refused, so that no web site can rebind
   * its own name to the gateway. IP addresses and `localhost` need no entry.
   */
  readonly trustedHosts?: readonly string[]
  /** Whether `X-Forwarded-For` says who is there: set it only behind a proxy that overwrites it. Default false. */
  readonly trustProxy?: boolean
  /** How long an owner stays signed in, in milliseconds. Default 12 hours. */
  readonly sessionMs?: number
  /** How long a one-time link holds, and its guest afterwards, in milliseconds. Default 15 minutes. */
  readonly linkMs?: number
  /**
   * The language of the page: `en`, `de`, `es`, `pt-BR`, `id` or `hi`. Default: the one of these that the viewer's
   * browser asks for first, else English.
   */
  readonly language?: Language
  /** Viewers at once. Default 256. */
  readonly maxViewers?: number
  /** A viewer that takes nothing for so long is dropped, in milliseconds. Default 15 s. */
  readonly stalledMs?: number
}

export interface CheckedDashboardOptions {
  readonly token: string | undefined
  readonly tokenFile: string | undefined
  readonly trustLoopback: boolean
  /** Without the slash at its end; empty for the root. */
  readonly basePath: string
  readonly publicUrl: URL | undefined
  readonly trustedHosts: ReadonlySet<string>
  readonly trustProxy: boolean
  readonly sessionMs: number
  readonly linkMs: number
  readonly language: Language | undefined
  readonly maxViewers: number
  readonly stalledMs: number
}

const minuteMs = 60_000
const dayMs = 86_400_000

const known = [
  ...['token', 'tokenFile', 'trustLoopback', 'basePath', 'publicUrl', 'trustedHosts', 'trustProxy'],
  ...['sessionMs', 'linkMs', 'language', 'maxViewers', 'stalledMs'],
]

/** Throws `OptionsError` on the first wrong one. */
export function checkDashboardOptions(options: DashboardOptions): CheckedDashboardOptions {
  knownOptions('createDashboard', options, known)
  const { token, tokenFile, trustLoopback = false, basePath = '', publicUrl, trustedHosts = [] } = options
  const { trustProxy = false, sessionMs = dayMs / 2, linkMs = 15 * minuteMs, maxViewers = 256 } = options
  const { stalledMs = 15_000, language } = options
  if (token !== undefined && (typeof token !== 'string' || token.length < shortestToken || /\s/.test(token)))
    throw wrongOption('createDashboard.token', token, `a text of ${shortestToken} characters or more, without spaces`)
  if (tokenFile !== undefined && (typeof tokenFile !== 'string' || tokenFile === ''))
    throw wrongOption('createDashboard.tokenFile', tokenFile, 'the path of a file')
  for (const [name, value] of Object.entries({ trustLoopback, trustProxy }))
    if (typeof value !== 'boolean') throw wrongOption(`createDashboard.${name}`, value, 'true or false')
  if (typeof basePath !== 'string' || !/^(\/[\w.~-]+)*\/?$/.test(basePath))
    throw wrongOption('createDashboard.basePath', basePath, 'a path such as /ops/whatsapp')
  if (!Array.isArray(trustedHosts) || trustedHosts.some((one) => typeof one !== 'string' || !/^[\w.-]+$/.test(one)))
    throw wrongOption('createDashboard.trustedHosts', trustedHosts, 'an array of host names without ports')
  if (!Number.isInteger(maxViewers) || maxViewers < 1 || maxViewers > 100_000)
    throw wrongOption('createDashboard.maxViewers', maxViewers, 'a whole number from 1 to 100000')
  const url = publicUrl === undefined ? undefined : checkUrl(publicUrl)
  const path = basePath === '' && url ? url.pathname : basePath
  return {
    token,
    tokenFile,
    trustLoopback: trustLoopback && url === undefined && !trustProxy,
    basePath: path.replace(/\/$/, ''),
    publicUrl: url,
    trustedHosts: new Set(trustedHosts.map((name) => name.toLowerCase())),
    trustProxy,
    sessionMs: millisecondsOption('createDashboard.sessionMs', sessionMs, minuteMs, 365 * dayMs),
    language: language === undefined ? undefined : languageOption('createDashboard.language', language),
    linkMs: millisecondsOption('createDashboard.linkMs', linkMs, 1_000, longestLinkMs),
    maxViewers,
    stalledMs: millisecondsOption('createDashboard.stalledMs', stalledMs, 100, dayMs),
  }
}

function checkUrl(given: unknown): URL {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '')
    throw wrongOption('createDashboard.publicUrl', given, 'an address such as https://bot.example.org/whatsapp/')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
