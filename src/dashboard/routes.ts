import { millisecondsOption } from '../errors/wrong-option.ts'
import { acceptedLanguage } from '../languages/language.ts'
import { health } from '../metrics/health.ts'
import type { AccountViews } from './account-views.ts'
import { act } from './actions.ts'
import type { Audience } from './audience.ts'
import type { Gate, Viewer } from './gate.ts'
import type { DashboardLine } from './lines.ts'
import { type Links, longestLinkMs } from './links.ts'
import type { MetricsPage } from './metrics-page.ts'
import type { CheckedDashboardOptions } from './options.ts'
import type { PageFiles } from './page-files.ts'
import { type Caller, isLoopback } from './peer.ts'
import { isNonce, proofOf } from './proof.ts'
import { Refusal } from './refusal.ts'
import { requestBody } from './request-body.ts'
import { reachableHost } from './serving.ts'
import type { Sessions } from './sessions.ts'
import { quarantineOf, timelineOf } from './timeline.ts'
import { isToken } from './token.ts'
import { versionsOf } from './versions.ts'
import type { LinkView, ProofView, SessionView } from './wire.ts'

export interface RouteParts {
  readonly options: CheckedDashboardOptions
  readonly accountViews: AccountViews
  readonly gate: Gate
  readonly audience: Audience
  readonly sessions: Sessions
  /** To the code of an account. */
  readonly links: Links
  /** To the page itself, as its owner. */
  readonly signIns: Links<'owner'>
  readonly pages: PageFiles
  readonly metrics: MetricsPage
  readonly token: () => string | undefined
  readonly now: () => number
  /** Where other machines reach it; undefined while it listens for this one alone. */
  readonly network: () => string | undefined
}

/** A request with what was found out about it. */
export interface Call {
  readonly request: Request
  readonly caller: Caller
  readonly viewer: Viewer
  /** A part of the path, decoded. */
  readonly param: (name: string) => string
}

/** Who may use a route: `page` is the same for all and holds no secret; a `viewer` is an owner or a guest. */
type Door = 'page' | 'anybody' | 'viewer' | 'owner'

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly door: Door
  readonly answer: (parts: RouteParts, call: Call) => Response | Promise<Response>
}

const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json', ...headers } })

const empty = (headers: Record<string, string> = {}): Response => new Response(null, { status: 204, headers })

const sessionPreload = '<api/session>; rel=preload; as=fetch; crossorigin'

function page({ pages, options }: RouteParts, { request }: Call): Response {
  const language = options.language ?? acceptedLanguage(request.headers.get('accept-language') ?? '')
  const answer = pages.answer(language === 'en' ? 'index.html' : `index.${language}.html`, request)
  if (answer) {
    answer.headers.set('content-language', language)
    answer.headers.append('vary', 'accept-language')
    // Who looks is asked for while the script still comes. Not where a link signs in first: it would be an old answer.
    if (new URL(request.url).pathname.endsWith('/')) answer.headers.set('link', sessionPreload)
    return answer
  }
  throw new Refusal(404, 'PAGE_MISSING', 'The page of the dashboard is not built.', 'Run npm run build.')
}

const asset = (parts: RouteParts, call: Call): Response => file(parts, call, call.param('name'))

function file({ pages }: RouteParts, { request }: Call, name: string): Response {
  const answer = pages.answer(name, request)
  if (answer) return answer
  throw new Refusal(404, 'NOT_FOUND', 'There is nothing at this address.', 'Open the dashboard at its root.')
}

function session(_: RouteParts, { viewer }: Call): Response {
  const { who, session: own } = viewer
  const account = own?.account
  const view: SessionView = {
    who,
    ...(account === undefined ? {} : { account }),
    ...(own === undefined ? {} : { expiresAt: own.expiresAt }),
  }
  return json(view)
}

async function signIn({ gate, sessions, token, options }: RouteParts, { request, caller }: Call): Promise<Response> {
  const given = (await requestBody(request)).token
  gate.tried(request, caller, () => typeof given === 'string' && isToken(given, token()))
  const value = sessions.begin({ who: 'owner' }, options.sessionMs)
  return empty({ 'set-cookie': gate.cookie(request, value, options.sessionMs) })
}

function signOut({ gate, sessions }: RouteParts, { request }: Call): Response {
  const value = gate.cookieOf(request)
  if (value !== undefined) sessions.end(value)
  return empty({ 'set-cookie': gate.cookie(request, undefined, 0) })
}

async function redeem({ gate, sessions, links, options }: RouteParts, { request, caller }: Call): Promise<Response> {
  const { secret } = await requestBody(request)
  const account = gate.tried(request, caller, () => redeemed(links, secret), 'link')
  const value = sessions.begin({ who: 'guest', account }, options.linkMs)
  return empty({ 'set-cookie': gate.cookie(request, value, options.linkMs) })
}

const redeemed = <Target>(links: Links<Target>, secret: unknown): Target | undefined =>
  typeof secret === 'string' && secret.length <= 100 ? links.redeem(secret) : undefined

/** The link that its owner's terminal was shown, exchanged for a cookie. */
async function signInByLink(parts: RouteParts, { request, caller }: Call): Promise<Response> {
  const { gate, sessions, signIns, options } = parts
  const { secret } = await requestBody(request)
  const who = gate.tried(request, caller, () => redeemed(signIns, secret), 'sign-in')
  const value = sessions.begin({ who }, options.sessionMs)
  return empty({ 'set-cookie': gate.cookie(request, value, options.sessionMs) })
}

/**
 * A guest for whom every code was used up asks for new ones, once for each link. Never where that would unlink an
 * account, and not while codes come by themselves.
 */
async function codesForGuest({ accountViews }: RouteParts, { viewer }: Call): Promise<Response> {
  const { session } = viewer
  const line = session?.account === undefined ? undefined : accountViews.line(session.account)
  const over = line?.status.state === 'awaitingQr' && line.status.remedies?.includes('show-code') === true
  if (session?.who !== 'guest' || session.spent || session.renewed || !over)
    throw new Refusal(
      409,
      'CODES_REFUSED',
      session?.renewed ? 'This link has asked for new codes already.' : 'No new codes can be asked for now.',
      'Ask whoever sent you the link.',
    )
  session.renewed = true
  await line.relink()
  return empty()
}

/** A guest whose phone is the device on which the link was opened: it cannot scan itself, and types characters. */
async function charactersForGuest({ accountViews }: RouteParts, { request, viewer }: Call): Promise<Response> {
  const { session } = viewer
  const line = session?.account === undefined ? undefined : accountViews.line(session.account)
  if (session?.who !== 'guest' || session.spent || line?.status.state !== 'awaitingQr')
    throw new Refusal(
      409,
      'CODES_REFUSED',
      'No characters to type can be asked for now.',
      'Ask whoever sent you the link.',
    )
  session.sawCode = true
  return json(await act(line, 'pairing-code', await requestBody(request)))
}

/** Answers programs of this machine alone that they speak with the holder of the token, before they send it. */
function proof({ gate, token }: RouteParts, { request, caller }: Call): Response {
  const nonce = new URL(request.url).searchParams.get('nonce') ?? ''
  const key = token()
  const { address, own } = caller
  const here = address !== undefined && (isLoopback(address) || address === own?.address) && !gate.isForwarded(request)
  if (isNonce(nonce) && key !== undefined && own !== undefined && here) {
    const view: ProofView = { proof: proofOf(key, nonce, own.port) }
    return json(view)
  }
  throw new Refusal(404, 'NOT_FOUND', 'There is nothing at this address.', 'Open the dashboard at its root.')
}

function stream({ audience }: RouteParts, { request, caller, viewer }: Call): Response {
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }
  if (request.method !== 'GET') return new Response(null, { headers })
  const since = request.headers.get('last-event-id') ?? new URL(request.url).searchParams.get('since') ?? undefined
  return new Response(audience.admit(viewer, since, caller.drop).body, { headers })
}

function lineOf({ accountViews }: RouteParts, { param }: Call): DashboardLine {
  const line = accountViews.line(param('account'))
  if (line) return line
  throw new Refusal(404, 'ACCOUNT_UNKNOWN', 'There is no such account here.', 'See the list of accounts.')
}

/** What came and went since the viewer's midnight, and which versions speak. */
async function traffic(parts: RouteParts, call: Call): Promise<Response> {
  const line = lineOf(parts, call)
  const from = Number(new URL(call.request.url).searchParams.get('from'))
  const counted = parts.accountViews.traffic(line.account)?.view(Number.isFinite(from) ? from : 0)
  return json({ ...counted, ...(await versionsOf(line.socket)) })
}

const action = async (parts: RouteParts, call: Call): Promise<Response> =>
  json(await act(lineOf(parts, call), call.param('action'), await requestBody(call.request)))

async function link(parts: RouteParts, call: Call): Promise<Response> {
  const { account } = lineOf(parts, call)
  return linked(parts, call, (lastsMs) => parts.links.make(account, lastsMs), 'link')
}

const signInLink = (parts: RouteParts, call: Call): Promise<Response> =>
  linked(parts, call, (lastsMs) => parts.signIns.make('owner', lastsMs), 'sign-in')

async function linked(
  { options, network }: RouteParts,
  { request }: Call,
  make: (lastsMs: number) => { readonly secret: string; readonly expiresAt: number },
  page: string,
): Promise<Response> {
  const { expiresMs = options.linkMs } = await requestBody(request)
  const { secret, expiresAt } = make(millisecondsOption('expiresMs', expiresMs, 1_000, longestLinkMs))
  const asked = options.publicUrl?.href ?? new URL(`${options.basePath}/`, request.url).href
  // The owner may sit at the gateway's own machine; who has the phone does not.
  const here = isLoopback(new URL(asked).hostname)
  const base = (here && page === 'link' ? network() : undefined) ?? asked
  const outer = reachableHost('0.0.0.0')
  const view: LinkView = {
    url: `${base}${page}#${secret}`,
    expiresAt,
    ...(isLoopback(new URL(base).hostname) ? { onlyHere: isLoopback(outer) ? {} : { network: outer } } : {}),
  }
  return json(view)
}

/** Probes need no token, so nobody but an owner is told names. */
const probe =
  (name: 'healthz' | 'readyz') =>
  ({ accountViews }: RouteParts, { viewer }: Call): Response => {
    const { ok, status, failing } = health(accountViews.lines())[name]
    return json(viewer.who === 'owner' ? { ok, failing } : { ok }, status)
  }

/** Everything that the dashboard answers to. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/', door: 'page', answer: page },
  { method: 'GET', path: '/link', door: 'page', answer: page },
  { method: 'GET', path: '/sign-in', door: 'page', answer: page },
  { method: 'GET', path: '/worker.js', door: 'page', answer: (parts, call) => file(parts, call, 'worker.js') },
  { method: 'GET', path: '/assets/:name', door: 'page', answer: asset },
  { method: 'GET', path: '/api/session', door: 'anybody', answer: session },
  { method: 'POST', path: '/api/session', door: 'anybody', answer: signIn },
  { method: 'DELETE', path: '/api/session', door: 'anybody', answer: signOut },
  { method: 'POST', path: '/api/links/redeem', door: 'anybody', answer: redeem },
  { method: 'POST', path: '/api/links/code', door: 'viewer', answer: codesForGuest },
  { method: 'POST', path: '/api/links/characters', door: 'viewer', answer: charactersForGuest },
  { method: 'POST', path: '/api/sign-in', door: 'anybody', answer: signInByLink },
  { method: 'POST', path: '/api/sign-in/links', door: 'owner', answer: signInLink },
  { method: 'GET', path: '/api/proof', door: 'page', answer: proof },
  { method: 'GET', path: '/api/stream', door: 'viewer', answer: stream },
  {
    method: 'GET',
    path: '/api/accounts/:account/timeline',
    door: 'owner',
    answer: (parts, call) => {
      const zone = new URL(call.request.url).searchParams.get('zone') ?? ''
      return json(timelineOf(lineOf(parts, call).history(), parts.now(), zone))
    },
  },
  { method: 'GET', path: '/api/accounts/:account/traffic', door: 'owner', answer: traffic },
  {
    method: 'GET',
    path: '/api/accounts/:account/quarantine',
    door: 'owner',
    answer: async (parts, call) => json(quarantineOf(await lineOf(parts, call).quarantined())),
  },
  { method: 'POST', path: '/api/accounts/:account/actions/:action', door: 'owner', answer: action },
  { method: 'POST', path: '/api/accounts/:account/links', door: 'owner', answer: link },
  { method: 'GET', path: '/healthz', door: 'page', answer: probe('healthz') },
  { method: 'GET', path: '/readyz', door: 'page', answer: probe('readyz') },
  {
    method: 'GET',
    path: '/status.json',
    door: 'owner',
    answer: ({ accountViews }) => json(health(accountViews.lines()).status),
  },
  { method: 'GET', path: '/metrics', door: 'owner', answer: ({ metrics }) => metrics.answer() },
]
